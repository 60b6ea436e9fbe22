//! A long command that is cut short leaves an archive that is whole and shorter.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;

use super::lounge::{Lounge, ROOM};

/// So many messages take several slices.
const MANY: usize = 2600;

#[test]
fn a_clear_that_is_killed_leaves_the_newest_and_can_be_finished() {
    let mut lounge = filled();
    let mut service = UnixStream::connect(lounge.socket.folder().join("lyceum.db-sock")).unwrap();
    // Up to the year 2100.
    let command = format!(
        "{{\"clear-room\":{{\"room\":\"{ROOM}\",\"before\":4102444800000000,\"dry_run\":false}}}}\n"
    );
    service.write_all(command.as_bytes()).unwrap();
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

/// Whoever is not there any more gets nothing done.
#[test]
fn a_clear_stops_when_whoever_asked_is_gone() {
    let lounge = filled();
    let folder = lounge.socket.folder().to_owned();
    let mut service = UnixStream::connect(folder.join("lyceum.db-sock")).unwrap();
    let command = format!(
        "{{\"clear-room\":{{\"room\":\"{ROOM}\",\"before\":4102444800000000,\"dry_run\":false}}}}\n"
    );
    service.write_all(command.as_bytes()).unwrap();
    drop(service);
    // It may have been done to the end, if it was quick; in either case no slice is half done.
    let shown = lounge.json(&["room", "show", ROOM]);
    assert_eq!(
        MANY as u64 - shown["messages"].as_u64().unwrap() % 500,
        MANY as u64 - 100
    );
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
