//! What rooms keep, and for how long.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use super::lounge::{Lounge, ROOM};

#[test]
fn the_newest_of_a_room_stay_by_number_and_the_oldest_go() {
    let mut lounge = Lounge::open_with(&["rooms.keep_messages = 4"]);
    talk(&mut lounge, 7);
    assert_eq!(lounge.json(&["room", "show", ROOM])["keep_messages"], 4);
    // It is looked at the start, and then from time to time.
    lounge.socket.stop().unwrap();
    lounge.socket.start_again().unwrap();
    wait_for(&lounge, 4);
    assert_eq!(lounge.history(), ["3", "4", "5", "6"]);
}

#[test]
fn what_is_said_for_one_room_counts_there() {
    let mut lounge = Lounge::open_with(&["rooms.keep_messages = 2"]);
    talk(&mut lounge, 6);
    let kept = lounge.json(&["room", "keep", ROOM, "--messages", "unlimited"]);
    assert_eq!(
        (&kept["keep_messages"], &kept["messages"]),
        (&0.into(), &0.into())
    );
    lounge.socket.stop().unwrap();
    lounge.socket.start_again().unwrap();
    let dry = lounge.json(&["room", "keep", ROOM, "--messages", "default", "--dry-run"]);
    assert_eq!(dry["messages"], 4);
    assert_eq!(lounge.json(&["room", "show", ROOM])["messages"], 6);

    let refused = lounge.lyceum(&["room", "keep", ROOM, "--messages", "5"]);
    assert_eq!(refused.status.code(), Some(2), "nobody can be asked");
    assert_eq!(lounge.json(&["room", "show", ROOM])["keep_messages"], 0);
    lounge.done(&["room", "keep", ROOM, "--messages", "5", "--yes"]);
    wait_for(&lounge, 5);
    lounge.done(&["room", "keep", ROOM, "--messages", "default", "--yes"]);
    wait_for(&lounge, 2);
    assert_eq!(lounge.history(), ["4", "5"]);
}

#[test]
fn what_is_older_than_so_many_days_goes() {
    let mut lounge = Lounge::open();
    talk(&mut lounge, 5);
    lounge.socket.stop().unwrap();
    // The first three were said ten days ago.
    let ten_days: i64 = 10 * 24 * 60 * 60 * 1_000_000;
    lounge
        .database()
        .execute(
            "UPDATE message SET at = at - ?1 WHERE id IN (SELECT id FROM message ORDER BY id LIMIT 3)",
            [ten_days],
        )
        .unwrap();
    lounge.socket.start_again().unwrap();
    for (days, messages) in [("11", 0), ("9", 3), ("forever", 0)] {
        let dry = lounge.json(&["room", "keep", ROOM, "--days", days, "--dry-run"]);
        assert_eq!(dry["messages"], messages, "{days}");
    }
    lounge.done(&["room", "keep", ROOM, "--days", "9", "--yes"]);
    wait_for(&lounge, 2);
    assert_eq!(lounge.history(), ["3", "4"]);
}

#[test]
fn check_tells_that_the_clock_is_not_believed_and_nothing_goes_by_its_age_meanwhile() {
    let mut lounge = Lounge::open();
    talk(&mut lounge, 3);
    lounge.socket.stop().unwrap();
    // The service ran last ten years ago, and the messages are of that time.
    let ten_years: i64 = 10 * 365 * 24 * 60 * 60 * 1_000_000;
    let database = lounge.database();
    for change in [
        "UPDATE message SET at = at - ?1",
        "UPDATE meta SET value = CAST(value AS INTEGER) - ?1 WHERE key = 'calendar'",
    ] {
        assert!(
            database.execute(change, [ten_years]).unwrap() > 0,
            "{change}"
        );
    }
    drop(database);
    lounge.socket.start_again().unwrap();
    lounge.done(&["room", "keep", ROOM, "--days", "9", "--yes"]);
    thread::sleep(Duration::from_millis(200));
    assert_eq!(lounge.json(&["room", "show", ROOM])["messages"], 3);
    let told = lounge.done(&["check"]);
    let warning = "warning: rooms.example.org: the clock of this machine says";
    assert!(
        told.contains(warning) && told.contains("evenly for a week"),
        "{told}"
    );
    let log = fs::read_to_string(lounge.socket.folder().join("log")).unwrap();
    assert!(
        log.contains("nothing is removed because of its age"),
        "{log}"
    );
}

fn talk(lounge: &mut Lounge, count: usize) {
    let bob = lounge.bob.clone();
    for number in 0..count {
        lounge.say(&bob, &number.to_string());
    }
}

/// Waits until the room has that number of messages.
fn wait_for(lounge: &Lounge, messages: u64) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let found = lounge.json(&["room", "show", ROOM])["messages"].as_u64();
        if found == Some(messages) {
            return;
        }
        assert!(Instant::now() < deadline, "there are {found:?}");
        thread::sleep(Duration::from_millis(20));
    }
}
