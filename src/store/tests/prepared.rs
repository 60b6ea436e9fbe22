//! Statements are prepared once, whatever values they are given.

use std::ffi::CStr;
use std::sync::mpsc::channel;

use rusqlite::ffi;

use super::*;
use crate::room::request::Named;
use crate::room::{Affiliated, Affiliation};

/// The statements that a connection keeps and that it had to prepare again. Of these there is one
/// for each text.
fn prepared_again(connection: &Connection) -> Vec<String> {
    let mut again = Vec::new();
    // SAFETY: the connection is open, nothing else uses it meanwhile, and none of its statements is
    // finalized here.
    unsafe {
        let mut statement = ffi::sqlite3_next_stmt(connection.handle(), std::ptr::null_mut());
        while !statement.is_null() {
            let count = ffi::sqlite3_stmt_status(statement, ffi::SQLITE_STMTSTATUS_REPREPARE, 0);
            let sql = CStr::from_ptr(ffi::sqlite3_sql(statement)).to_string_lossy();
            // The index of words prepares statements of its own, before and after it makes its
            // tables.
            if count > 0 && !sql.contains("%_") && !sql.contains("'main'") {
                again.push(format!("{count} times: {sql}"));
            }
            statement = ffi::sqlite3_next_stmt(connection.handle(), statement);
        }
    }
    again
}

/// Something of everything that is often written, with other values for every number.
fn write(store: &mut Store, number: u32) {
    let here = room(&format!("room{}", number % 3));
    let jid = BareJid::new(&format!("p{number}@example.org")).unwrap();
    let entry = Some(Affiliated {
        affiliation: Affiliation::Member,
        reason: None,
        given_by: None,
        given_at: Timestamp(1),
    });
    let (jid_again, entry_again) = (jid.clone(), entry.clone());
    store.save(&here, Change::Affiliated { jid, entry });
    store.save(
        &here,
        Change::Affiliated {
            jid: jid_again,
            entry: entry_again,
        },
    );
    store.archive(&here, message(10 * number), "hello".into());
    let correction = Archived {
        kind: ArchivedKind::Correction,
        original: Some(message(10 * number).id),
        ..message(10 * number + 1)
    };
    store.archive(&here, correction, "hello again".into());
    commit(store);
    if number.is_multiple_of(2) {
        store.retract(&here, &message(10 * number).id, Payload::new(b"<gone/>"));
        commit(store);
    }
}

/// The same for what is read.
fn read(store: &mut Store, number: u32) {
    let here = room(&format!("room{}", number % 3));
    let asker = BareJid::new("ann@example.org").unwrap();
    store.recent_messages(&here, &at_most(number)).unwrap();
    let named = Named::ByArchiveId(message(10 * number).id);
    store.original(&here, &named, &asker).unwrap();
    page(store, &here, PageQuestion::default());
}

#[test]
fn no_statement_is_prepared_again_because_of_its_values() {
    let mut store = Store::in_memory().unwrap();
    for number in 0..3 {
        store.create(&room(&format!("room{number}")), [7; 32], Timestamp(1));
    }
    commit(&mut store);
    for number in 0..12 {
        write(&mut store, number);
        read(&mut store, number);
    }
    let (sender, again) = channel();
    let (of_lane, of_reader) = (sender.clone(), sender.clone());
    store.on_writer(move |connection| sender.send(prepared_again(connection)).unwrap());
    let lane = move |connection: &Connection| of_lane.send(prepared_again(connection)).unwrap();
    store.lanes.run(lane);
    let reader = |connection: &Connection| of_reader.send(prepared_again(connection)).unwrap();
    store.reader.run(reader);
    for _ in 0..3 {
        assert_eq!(again.recv().unwrap(), Vec::<String>::new());
    }
}
