//! A long command that is cut short leaves an archive that is whole and shorter.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

use rusqlite::Connection;

use super::lounge::{Lounge, ROOM};

/// A number of messages that takes several slices.
const MANY: usize = 2600;
/// What goes in one commit.
const SLICE: u64 = lyceum::store::SLICE;
/// All messages up to the year 2100.
const CLEAR: &str = concat!(
    r#"{"room":{"clear":{"room":"lounge","before":4102444800000000,"dry_run":false}}}"#,
    "\n"
);

#[test]
fn a_clear_that_is_killed_leaves_the_newest_and_can_be_finished() {
    let mut lounge = filled();
    let mut service = UnixStream::connect(lounge.socket.folder().join("lyceum.db-sock")).unwrap();
    service.write_all(CLEAR.as_bytes()).unwrap();
    let mut replies = BufReader::new(service).lines();
    let first = replies.next().unwrap().unwrap();
    assert!(first.contains("progress"), "{first}");
    lounge.socket.kill().unwrap();

    let sound: String = lounge
        .database()
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(sound, "ok");
    let left = numbers(&lounge);
    assert!(
        !left.is_empty() && left.len() < MANY,
        "{} are left",
        left.len()
    );
    let expected: Vec<_> = (MANY - left.len()..MANY).collect();
    assert_eq!(left, expected, "the oldest went, without a gap");
    lounge.socket.start_again().unwrap();
    let acts = lounge.json(&["message", "acts", ROOM]);
    assert_eq!(acts[0]["deed"], "cleared", "on record before anything went");

    let cleared = lounge.json(&["room", "clear", ROOM, "--before", "2100-01-01", "--yes"]);
    assert_eq!(cleared["messages"], left.len());
    let bob = lounge.bob.clone();
    lounge.say(&bob, "again");
    assert_eq!(lounge.history(), ["again"]);
    assert_eq!(words(&lounge), 1);
}

/// The work stops with the slice in hand, unless it was at its end already.
#[test]
fn a_clear_whose_operator_is_gone_leaves_no_slice_half_done() {
    let lounge = filled();
    let mut service = UnixStream::connect(lounge.socket.folder().join("lyceum.db-sock")).unwrap();
    service.write_all(CLEAR.as_bytes()).unwrap();
    drop(service);
    let left = |database: &Connection| -> (u64, u64) {
        let sql = "SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM word_docsize)";
        let counts: (i64, i64) = database
            .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        (counts.0.unsigned_abs(), counts.1.unsigned_abs())
    };
    let database = lounge.database();
    for _ in 0..20 {
        let (messages, words) = left(&database);
        assert!(
            messages == 0 || messages % SLICE == MANY as u64 % SLICE,
            "{messages} are left"
        );
        assert_eq!(words, messages);
        thread::sleep(Duration::from_millis(10));
    }
}

fn filled() -> Lounge {
    let mut lounge = Lounge::open();
    let bob = lounge.bob.clone();
    for number in 0..MANY {
        lounge.send(&bob, &format!("<body>{number}</body>"));
        if number % 200 == 0 {
            lounge.deliveries();
        }
    }
    lounge.deliveries();
    lounge
}

/// What is left, in order.
fn numbers(lounge: &Lounge) -> Vec<usize> {
    let database = lounge.database();
    let mut statement = database
        .prepare("SELECT CAST(payload AS TEXT) FROM message ORDER BY id")
        .unwrap();
    let rows = statement
        .query_map([], |row| row.get::<_, String>(0))
        .unwrap();
    rows.map(|row| {
        let text = row.unwrap();
        let text = text
            .split(['<', '>'])
            .find(|part| part.parse::<usize>().is_ok());
        text.unwrap().parse().unwrap()
    })
    .collect()
}

/// How many messages the index knows.
fn words(lounge: &Lounge) -> i64 {
    lounge
        .database()
        .query_row("SELECT count(*) FROM word_docsize", [], |row| row.get(0))
        .unwrap()
}
