//! Words that are put into the index after their message is stored.

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use super::*;
use crate::room::occupying::archive::Filter;
use crate::search::Search;

/// In a file, where what can be searched is the content as it is.
fn open(directory: &TempDir) -> Store {
    let settings = DatabaseSettings {
        searchable: |payload| String::from_utf8_lossy(payload.as_bytes()).into(),
        ..in_file(directory)
    };
    Store::open(&settings).unwrap()
}

fn long(number: u32) -> (Archived, Arc<str>) {
    let text = format!("needle{number} {}", "hay ".repeat(3000));
    let mut said = message(number);
    said.content.payload = Payload::new(text.as_bytes());
    (said, text.into())
}

fn say_long(store: &mut Store, number: u32) {
    let (said, text) = long(number);
    store.archive(&room("lobby"), said, text);
}

/// How many messages wait for their words, when all that was submitted is written and nothing else
/// was done.
fn waiting(store: &mut Store) -> i64 {
    store.submit();
    let (sender, receiver) = channel();
    store.writer.run(move |connection| {
        let sql = "SELECT count(*) FROM unindexed";
        let count = connection.query_row(sql, [], |row| row.get(0)).unwrap();
        sender.send(count).unwrap();
    });
    receiver.recv().unwrap()
}

/// Waits until nothing waits for its words.
fn settle(store: &mut Store) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while waiting(store) > 0 {
        assert!(Instant::now() < deadline, "they are never indexed");
    }
    commit(store);
}

fn finds(store: &mut Store, word: &str) -> Vec<String> {
    let question = PageQuestion {
        filter: Filter {
            search: Some(Search::parse(word).unwrap()),
            ..Filter::default()
        },
        ..PageQuestion::default()
    };
    let found = page(store, &room("lobby"), question).messages;
    found.iter().map(|found| found.id.0.to_string()).collect()
}

#[test]
fn long_messages_are_stored_before_they_are_indexed_and_found_soon() {
    let directory = TempDir::new().unwrap();
    let mut store = open(&directory);
    store.create(&room("lobby"), [7; 32], Timestamp(1));
    for number in 0..50 {
        say_long(&mut store, number);
    }
    let mut short = message(50);
    short.content.payload = Payload::new(b"short");
    store.archive(&room("lobby"), short, "short".into());
    assert_eq!(
        waiting(&mut store),
        50,
        "the commit indexed only the short one"
    );
    let recent = store.recent_messages(&room("lobby"), &at_most(99)).unwrap();
    assert_eq!(recent.len(), 51);
    commit(&mut store);
    assert_eq!(finds(&mut store, "short"), ["archive-50"]);
    settle(&mut store);
    assert_eq!(finds(&mut store, "needle7"), ["archive-7"]);
    assert_eq!(finds(&mut store, "hay").len(), 50);
}

#[test]
fn what_a_stop_leaves_unindexed_is_indexed_after_the_next_start() {
    let directory = TempDir::new().unwrap();
    let mut store = open(&directory);
    store.create(&room("lobby"), [7; 32], Timestamp(1));
    commit(&mut store);
    say_long(&mut store, 1);
    settle(&mut store);
    store.writer.run(|connection| {
        // As if the process had ended between the two.
        connection
            .execute_batch(
                "INSERT INTO unindexed SELECT id FROM message;
                 DELETE FROM word WHERE rowid IN (SELECT id FROM message);
                 INSERT INTO word (rowid, words) SELECT id, 'x' FROM message;",
            )
            .unwrap();
    });
    drop(store);
    let mut store = open(&directory);
    settle(&mut store);
    assert_eq!(finds(&mut store, "needle1"), ["archive-1"]);
}

#[test]
fn what_is_taken_back_or_corrected_meanwhile_is_not_indexed() {
    let directory = TempDir::new().unwrap();
    let mut store = open(&directory);
    let lobby = room("lobby");
    store.create(&lobby, [7; 32], Timestamp(1));
    for number in 0..2 {
        say_long(&mut store, number);
    }
    assert_eq!(waiting(&mut store), 2);
    store.retract(&lobby, &message(0).id, Payload::new(b"<retracted/>"));
    let (mut corrected, text) = long(2);
    corrected.kind = ArchivedKind::Correction;
    corrected.original = Some(message(1).id);
    store.archive(&lobby, corrected, text);
    settle(&mut store);
    assert_eq!(finds(&mut store, "needle0"), [""; 0]);
    assert_eq!(finds(&mut store, "needle1"), [""; 0]);
    assert_eq!(finds(&mut store, "needle2"), ["archive-2"]);
}

#[test]
fn long_messages_are_named_by_others_before_they_are_indexed() {
    use crate::room::request::Named;
    let directory = TempDir::new().unwrap();
    let mut store = open(&directory);
    let lobby = room("lobby");
    store.create(&lobby, [7; 32], Timestamp(1));
    say_long(&mut store, 0);
    assert_eq!(waiting(&mut store), 1);
    let named = Named::ByContentId("message-0".into());
    let ann = BareJid::new("ann@example.org").unwrap();
    let original = store.original(&lobby, &named, &ann).unwrap().unwrap();
    assert_eq!(original.id, message(0).id);
}
