//! What is left in the file of words that were taken back: nothing.

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use memchr::memmem;

use super::originals::words;
use super::*;

/// A word that is only in this message, and shares no beginning with others: the index keeps those
/// only once.
fn secret(number: u32) -> String {
    format!("{:08x}secret{number}kept", number.wrapping_mul(0x9e37_79b1))
}

/// A message of a length of its own, now and then of several pages.
fn telling(number: u32) -> Archived {
    let rest = "and so on ".repeat(match number % 50 {
        0 => 1500,
        _ => (number % 37) as usize,
    });
    let mut telling = message(number);
    let body = format!("<body>{} {rest}</body>", secret(number));
    telling.content.payload = Payload::new(body.as_bytes());
    telling
}

fn tell(store: &mut Store, messages: impl Iterator<Item = u32>) {
    for number in messages {
        store.archive(&room("lobby"), telling(number), secret(number).into());
        if number % 20 == 19 {
            commit(store);
        }
    }
    commit(store);
}

/// How many of these secrets can be found in any of the database's files.
fn found(directory: &TempDir, numbers: impl Iterator<Item = u32>) -> usize {
    let mut there = BTreeSet::new();
    for file in fs::read_dir(directory.path()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        // Without the first letters, which the index may share with a neighbour.
        for place in memmem::find_iter(&bytes, b"secret") {
            let digits = bytes[place + 6..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit());
            let digits: String = digits.map(|byte| char::from(*byte)).collect();
            there.extend(digits.parse::<u32>());
        }
    }
    numbers.filter(|number| there.contains(number)).count()
}

fn take_back(store: &mut Store, number: u32) {
    let id = message(number).id;
    store.retract(&room("lobby"), &id, Payload::new(b"<retracted/>"));
}

/// Waits until nothing is left to be wiped.
fn settle(store: &mut Store) {
    let started = Instant::now();
    while store.meta("words taken back").unwrap().is_some() {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "it takes too long"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    commit(store);
}

const MESSAGES: u32 = 1000;

fn taken_back() -> impl Iterator<Item = u32> {
    (0..MESSAGES).filter(|number| number % 3 == 0)
}

fn others() -> impl Iterator<Item = u32> {
    (0..MESSAGES).filter(|number| number % 3 != 0)
}

#[test]
fn words_that_were_taken_back_leave_the_file() {
    let directory = TempDir::new().unwrap();
    let settings = in_file(&directory);
    let mut store = Store::open(&settings).unwrap();
    store.create(&room("lobby"), [7; 32], Timestamp(1));
    tell(&mut store, 0..MESSAGES);
    assert_eq!(found(&directory, 0..MESSAGES), MESSAGES as usize);
    for number in taken_back() {
        take_back(&mut store, number);
    }
    commit(&mut store);
    assert_eq!(words(&store, &secret(3)), [0; 0]);
    assert_eq!(words(&store, &secret(4)), [4]);
    settle(&mut store);
    assert_eq!(words(&store, &secret(4)), [4]);
    assert_eq!(found(&directory, taken_back()), 0);
    assert_eq!(found(&directory, others()), others().count());
}

#[test]
fn what_a_shorter_life_left_is_wiped_in_the_next() {
    let directory = TempDir::new().unwrap();
    let settings = in_file(&directory);
    let mut store = Store::open(&settings).unwrap();
    store.create(&room("lobby"), [7; 32], Timestamp(1));
    tell(&mut store, 0..MESSAGES);
    take_back(&mut store, 0);
    store.submit();
    drop(store);
    let mut store = Store::open(&settings).unwrap();
    settle(&mut store);
    assert_eq!(found(&directory, 0..1), 0);
    assert_eq!(found(&directory, 1..MESSAGES), MESSAGES as usize - 1);
}

#[test]
fn words_leave_a_large_index_while_more_is_said() {
    let directory = TempDir::new().unwrap();
    let mut store = Store::open(&in_file(&directory)).unwrap();
    let lobby = room("lobby");
    store.create(&lobby, [7; 32], Timestamp(1));
    let said = |number| {
        let mut words = secret(number);
        for word in 0..100_u32 {
            let other = number
                .wrapping_mul(101)
                .wrapping_add(word)
                .wrapping_mul(0x9e37_79b1);
            words.push_str(&format!(" {other:08x}"));
        }
        words
    };
    for number in 0..MESSAGES {
        store.archive(&lobby, message(number), said(number).into());
    }
    commit(&mut store);
    take_back(&mut store, 7);
    commit(&mut store);
    for number in MESSAGES..MESSAGES + 100 {
        store.archive(&lobby, message(number), said(number).into());
        commit(&mut store);
    }
    settle(&mut store);
    assert_eq!(found(&directory, 7..8), 0);
    assert_eq!(words(&store, &secret(8)), [8]);
}

#[test]
fn the_words_of_a_room_that_ended_leave_the_file() {
    let directory = TempDir::new().unwrap();
    let mut store = Store::open(&in_file(&directory)).unwrap();
    store.create(&room("lobby"), [7; 32], Timestamp(1));
    tell(&mut store, 0..MESSAGES);
    store.save(&room("lobby"), Change::Vanished);
    commit(&mut store);
    settle(&mut store);
    assert_eq!(found(&directory, 0..MESSAGES), 0);
}
