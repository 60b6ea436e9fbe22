//! What is on record stays there.

use super::*;
use crate::room::effect::Deed;

fn act(number: u32) -> Act {
    Act {
        at: Timestamp(i64::from(number)),
        actor: Some(BareJid::new("ann@example.org").unwrap()),
        deed: Deed::Moderated,
        message: Some(message(number).id),
        author: Some(BareJid::new("bea@example.org").unwrap()),
        reason: Some("spam".into()),
    }
}

/// A column of all acts, as text.
fn recorded(store: &Store, column: &'static str) -> Vec<String> {
    let (sender, receiver) = std::sync::mpsc::channel();
    store.on_writer(move |connection| {
        let sql = format!("SELECT CAST({column} AS TEXT) FROM act ORDER BY id");
        let mut statement = connection.prepare(&sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        let rows: Result<_, _> = rows.collect();
        sender.send(rows.unwrap()).unwrap();
    });
    receiver.recv().unwrap()
}

#[test]
fn who_took_what_back_when_and_why_outlives_the_room() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    store.record(&lobby, act(1));
    store.record(&lobby, act(2));
    commit(&mut store);
    store.save(&lobby, vanished());
    commit(&mut store);
    for (column, expected) in [
        ("at", ["1", "2"]),
        ("room", ["lobby@rooms.example.org"; 2]),
        ("actor", ["ann@example.org"; 2]),
        ("deed", ["moderated"; 2]),
        ("message", ["archive-1", "archive-2"]),
        ("author", ["bea@example.org"; 2]),
        ("reason", ["spam"; 2]),
    ] {
        assert_eq!(recorded(&store, column), expected, "{column}");
    }
}

#[test]
fn nothing_on_record_is_changed_or_removed() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    store.record(&lobby, act(1));
    commit(&mut store);
    let (sender, receiver) = std::sync::mpsc::channel();
    store.on_writer(move |connection| {
        for sql in ["UPDATE act SET reason = 'none'", "DELETE FROM act"] {
            sender
                .send(connection.execute_batch(sql).unwrap_err().to_string())
                .unwrap();
        }
    });
    assert!(
        receiver
            .recv()
            .unwrap()
            .contains("what is on record is not changed")
    );
    assert!(
        receiver
            .recv()
            .unwrap()
            .contains("what is on record is not removed")
    );
    assert_eq!(recorded(&store, "reason"), ["spam"]);
}
