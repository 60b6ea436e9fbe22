//! Taking back a message that was corrected very often.

use super::originals::words;
use super::*;
use crate::room::effect::ArchivedKind;
use crate::room::request::Named;
use crate::store::message::messages;
use crate::store::room::rooms;

const CORRECTIONS: u32 = 1000;

fn corrected() -> Store {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    store.archive(&lobby, message(0), "first".into());
    for number in 1..=CORRECTIONS {
        let correction = Archived {
            kind: ArchivedKind::Correction,
            original: Some(message(0).id),
            ..message(number)
        };
        store.archive(&lobby, correction, format!("word{number}").into());
    }
    store.archive(&lobby, message(CORRECTIONS + 1), "last".into());
    commit(&mut store);
    store
}

/// How many corrections are still as they were, and how many retractions are under way.
fn left(store: &Store) -> (i64, i64) {
    let (sender, left) = std::sync::mpsc::channel();
    store.on_writer(move |connection| {
        let count = "SELECT (SELECT count(*) FROM message WHERE kind = 3), (SELECT count(*) FROM retracting)";
        let left = connection.query_row(count, [], |row| Ok((row.get(0)?, row.get(1)?)));
        sender.send(left.unwrap()).unwrap();
    });
    left.recv().unwrap()
}

/// Nothing that was taken back is read, whichever way.
fn assert_nothing_is_read(store: &Store) {
    let lobby = room("lobby");
    let history = store.recent_messages(&lobby, &at_most(9)).unwrap();
    let ids: Vec<_> = history.into_iter().map(|message| message.id).collect();
    assert_eq!(ids, [message(CORRECTIONS + 1).id]);
    for number in [0, 1, CORRECTIONS / 2, CORRECTIONS] {
        let named = Named::ByArchiveId(message(number).id);
        let asker = BareJid::new("ann@example.org").unwrap();
        let found = store.original(&lobby, &named, &asker).unwrap().unwrap();
        assert_eq!(found.kind, ArchivedKind::Tombstone, "{number}");
    }
    let all = store.reader.read("read an archive", |connection| {
        let id = rooms::id_of(connection, &lobby)?.unwrap();
        messages::after(connection, id, 0, 2 * CORRECTIONS)
    });
    for (row, message) in all.unwrap() {
        let is_other = row == i64::from(CORRECTIONS) + 2;
        assert_eq!(message.kind != ArchivedKind::Tombstone, is_other, "{row}");
        assert_eq!(message.content.payload.as_bytes() != b"<gone/>", is_other);
    }
    assert_eq!(
        words(store, &format!("first word1 word{CORRECTIONS}")),
        [0; 0]
    );
}

#[test]
fn one_transaction_takes_a_slice_and_nobody_reads_the_rest() {
    let mut store = corrected();
    store.on_writer(|connection| {
        let id = rooms::id_of(connection, &room("lobby")).unwrap().unwrap();
        let remains = Payload::new(b"<gone/>");
        messages::retract(connection, id, &message(7).id, &remains).unwrap();
    });
    let (corrections, under_way) = left(&store);
    assert!(
        (1..i64::from(CORRECTIONS)).contains(&corrections),
        "{corrections}"
    );
    assert_eq!(under_way, 1);
    assert_nothing_is_read(&store);
    // Any retraction has the writer go on with all.
    store.retract(&room("lobby"), &message(7).id, Payload::new(b"<gone/>"));
    commit(&mut store);
    for _ in 0..1000 {
        if left(&store) == (0, 0) {
            assert_nothing_is_read(&store);
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    panic!("corrections are left");
}

#[test]
fn corrections_are_counted_up_to_what_matters() {
    let mut store = corrected();
    let lobby = room("lobby");
    let original = message(0).id;
    assert_eq!(store.corrections(&lobby, &original, 10).unwrap(), 10);
    assert_eq!(
        store.corrections(&lobby, &original, 9999).unwrap(),
        CORRECTIONS
    );
    assert_eq!(store.corrections(&lobby, &message(1).id, 10).unwrap(), 0);
    let correction = Archived {
        kind: ArchivedKind::Correction,
        original: Some(original.clone()),
        ..message(CORRECTIONS + 2)
    };
    store.archive(&lobby, correction, "".into());
    let counted = store.corrections(&lobby, &original, 9999).unwrap();
    assert_eq!(counted, CORRECTIONS + 1, "also before it is committed");
}
