//! Every command does the same, whether the running service carries it out or the program itself.

use std::process::Command;

use serde_json::Value;

use super::lounge::{Lounge, ROOM};

/// Each as it is typed; what is printed is compared.
const STORY: &[&[&str]] = &[
    &["room", "list"],
    &["room", "show", "lounge"],
    &["message", "remove", ROOM, "--words", "bad", "--dry-run"],
    &[
        "message",
        "remove",
        "--all-rooms",
        "--author",
        "bob@example.org",
        "--words",
        "BAD",
        "--reason",
        "Rude",
        "--yes",
    ],
    &[
        "message", "remove", ROOM, "--words", "two four", "--match", "any", "--limit", "1", "--yes",
    ],
    &[
        "message",
        "replace",
        ROOM,
        "--words",
        "Grüner apfel",
        "--match",
        "exact",
        "--text",
        "Gone.",
        "--yes",
    ],
    &[
        "message",
        "remove",
        ROOM,
        "--author",
        "nobody@example.org",
        "--yes",
    ],
    &["message", "acts", "lounge"],
    &["room", "clear", ROOM, "--before", "2100-01-01", "--dry-run"],
    &["room", "clear", ROOM, "--before", "2000-01-01", "--yes"],
    &["room", "keep", ROOM, "--messages", "3", "--dry-run"],
    &["room", "keep", ROOM, "--days", "30", "--messages", "1000"],
    &["room", "show", ROOM],
    &[
        "room",
        "keep",
        ROOM,
        "--days",
        "forever",
        "--messages",
        "default",
    ],
    &["room", "list"],
];

#[test]
fn every_command_has_the_same_outcome_with_the_service_and_without() {
    let running = outcomes(false);
    let stopped = outcomes(true);
    assert_eq!(running.0, stopped.0);
    assert_eq!(running.1, stopped.1, "what a newcomer reads");
    assert_eq!(running.1, ["one", "Gone.", "three", "four", "five"]);
    let removed = &running.0[3];
    assert_eq!(removed["messages"], 2);
    assert_eq!(running.0[7].as_array().unwrap().len(), 4);
}

/// What each command printed, ids and times aside, and what is left to be read.
fn outcomes(stopped: bool) -> (Vec<Value>, Vec<String>) {
    let mut lounge = Lounge::open();
    let (alice, bob) = (lounge.alice.clone(), lounge.bob.clone());
    lounge.say(&alice, "one");
    lounge.say(&bob, "a bad one");
    lounge.say(&alice, "two");
    lounge.say(&alice, "ein grüner Apfel");
    lounge.say(&bob, "three");
    lounge.say(&bob, "another Bad one");
    lounge.say(&alice, "four");
    lounge.say(&bob, "five");
    if stopped {
        lounge.socket.stop().unwrap();
    }
    let printed = STORY.iter().map(|arguments| masked(lounge.json(arguments)));
    let printed = printed.collect();
    if stopped {
        lounge.socket.start_again().unwrap();
    }
    (printed, lounge.history())
}

/// The same without what differs by the minute.
fn masked(mut value: Value) -> Value {
    match &mut value {
        Value::Object(object) => {
            for key in ["at", "id", "message", "first", "last"] {
                if let Some(found) = object.get_mut(key).filter(|found| found.is_string()) {
                    *found = "…".into();
                }
            }
        }
        Value::Array(array) => {
            for element in array {
                *element = masked(element.take());
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    value
}

#[test]
fn a_dry_run_changes_nothing() {
    let mut lounge = Lounge::open();
    let (alice, bob) = (lounge.alice.clone(), lounge.bob.clone());
    for text in ["one", "two", "three"] {
        lounge.say(&bob, text);
    }
    let before = archive(&lounge);
    let dry = [
        &[
            "message",
            "remove",
            ROOM,
            "--author",
            "bob@example.org",
            "--dry-run",
        ][..],
        &[
            "message",
            "replace",
            ROOM,
            "--after",
            "2020-01-01",
            "--dry-run",
        ],
        &["room", "clear", ROOM, "--before", "2100-01-01", "--dry-run"],
        &["room", "keep", ROOM, "--messages", "1", "--dry-run"],
    ];
    for arguments in dry {
        let printed = lounge.done(arguments);
        assert!(printed.contains('3') || printed.contains('2'), "{printed}");
    }
    assert_eq!(archive(&lounge), before);
    assert_eq!(lounge.json(&["message", "acts"]), serde_json::json!([]));
    assert!(lounge.deliveries().is_empty(), "nobody is told");
    lounge.say(&alice, "four");
    assert_eq!(lounge.history(), ["one", "two", "three", "four"]);
}

#[test]
fn a_dry_run_shows_room_time_author_id_and_words() {
    let mut lounge = Lounge::open();
    let bob = lounge.bob.clone();
    lounge.say(&bob, "Hello\nyou");
    let printed = lounge.done(&["message", "remove", ROOM, "--words", "hello", "--dry-run"]);
    let mut lines = printed.lines();
    let heading: Vec<_> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(heading, ["ROOM", "TIME", "AUTHOR", "ID", "WORDS"]);
    let parts: Vec<_> = lines.next().unwrap().split_whitespace().collect();
    let [room, date, time, zone, author, id, ref words @ ..] = parts[..] else {
        panic!("{printed}");
    };
    assert_eq!((room, author), (ROOM, "bob@example.org"));
    assert_eq!(words, ["Hello", "you"]);
    let lengths = [date.len(), time.len(), zone.len()];
    assert_eq!(
        lengths,
        ["2026-11-21".len(), "14:30:00".len(), "+01:00".len()],
        "to the second, with the zone: {printed}"
    );
    assert_eq!(
        lines.next(),
        Some("1 message in 1 room; nothing was changed")
    );
    let removed = lounge.json(&["message", "remove", ROOM, "--id", id, "--yes"]);
    assert_eq!(removed["messages"], 1);
    let again = lounge.lyceum(&["message", "remove", ROOM, "--id", id, "--yes"]);
    assert_eq!(again.status.code(), Some(1), "it is gone already");
}

#[test]
fn a_list_is_a_table_in_the_time_of_the_place() {
    let mut lounge = Lounge::open();
    let bob = lounge.bob.clone();
    lounge.say(&bob, "Hello");
    let rooms = lounge.json(&["room", "list"]);
    let utc = rooms[0]["last"].as_str().unwrap();
    let utc = chrono::DateTime::parse_from_rfc3339(utc).unwrap();
    let place = chrono::FixedOffset::east_opt(5 * 3600 + 1800).unwrap();
    let there = utc.with_timezone(&place).format("%Y-%m-%d %H:%M:%S +05:30");
    let output = Command::new(env!("CARGO_BIN_EXE_lyceum"))
        .args(["room", "list"])
        .current_dir(lounge.socket.folder())
        // A zone without a name: its distance stands behind the sign of POSIX.
        .env("TZ", "IST-5:30")
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let [heading, row] = printed.lines().collect::<Vec<_>>()[..] else {
        panic!("{printed}");
    };
    let column = |name: &str| {
        heading
            .find(name)
            .unwrap_or_else(|| panic!("{name}: {heading}"))
    };
    assert!(row[column("ROOM")..].starts_with(ROOM), "{printed}");
    assert!(
        row[column("LAST")..].starts_with(&there.to_string()),
        "{printed}"
    );
    let end = column("INSIDE") + "INSIDE".len();
    assert!(row[..end].ends_with(" 2"), "{printed}");
}

/// All rows of the archive, as text.
fn archive(lounge: &Lounge) -> Vec<String> {
    let database = lounge.database();
    let mut statement = database
        .prepare("SELECT id || ' ' || kind || ' ' || hex(payload) FROM message ORDER BY id")
        .unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}
