//! Searches in a room. XEP-0431.

use super::*;
use crate::room::occupying::archive::{Filter, Order, PageStart, With};
use crate::search::Search;

fn searched(typed: &str) -> PageQuestion {
    PageQuestion {
        filter: Filter {
            search: Some(Search::parse(typed).unwrap()),
            ..Filter::default()
        },
        ..PageQuestion::default()
    }
}

/// The numbers of the messages that are found.
fn numbers(store: &mut Store, question: PageQuestion) -> Vec<String> {
    let found = page(store, &room("lobby"), question).messages;
    let number = |found: &Archived| found.id.0.trim_start_matches("archive-").to_owned();
    found.iter().map(number).collect()
}

fn find(store: &mut Store, typed: &str) -> Vec<String> {
    numbers(store, searched(typed))
}

/// The lobby, where these were said one after the other.
fn lobby_with(texts: &[&str]) -> Store {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    for (number, text) in (0..).zip(texts) {
        store.archive(&lobby, message(number), (*text).into());
    }
    commit(&mut store);
    store
}

#[test]
fn words_are_found_in_the_room_where_they_were_said() {
    let mut store = lobby_with(&["A black cat", "a dog", "The cat sat"]);
    let hall = room("hall");
    store.create(&hall, [8; 32], Timestamp(1));
    store.archive(&hall, message(9), "another cat".into());
    commit(&mut store);
    assert_eq!(find(&mut store, "CAT"), ["0", "2"]);
    assert_eq!(find(&mut store, "cat -black"), ["2"]);
    assert_eq!(find(&mut store, "black or dog"), ["0", "1"]);
    assert_eq!(find(&mut store, "\"black cat\""), ["0"]);
    assert_eq!(find(&mut store, "do*"), ["1"]);
    assert_eq!(find(&mut store, "another"), [""; 0]);
}

#[test]
fn what_names_rooms_and_persons_in_the_index_is_no_word() {
    let mut store = lobby_with(&["hello", "r1 p1 n"]);
    assert_eq!(find(&mut store, "r1"), ["1"]);
    assert!(Search::parse("\u{e000}").is_err());
    assert_eq!(find(&mut store, "\u{e000}r1"), ["1"]);
}

#[test]
fn a_message_that_was_taken_back_is_not_found() {
    // XEP-0424 §4 (#tombstones): nothing of it is left.
    let mut store = lobby_with(&["cat one", "cat two"]);
    store.retract(&room("lobby"), &message(0).id, Payload::new(b""));
    commit(&mut store);
    assert_eq!(find(&mut store, "cat"), ["1"]);
    assert_eq!(find(&mut store, "one"), [""; 0]);
}

#[test]
fn a_message_is_found_by_the_words_of_its_last_correction() {
    let lobby = room("lobby");
    let mut store = lobby_with(&["a cat", "a mouse"]);
    let corrected = |number| Archived {
        kind: ArchivedKind::Correction,
        original: Some(message(0).id),
        ..message(number)
    };
    store.archive(&lobby, corrected(2), "a dog".into());
    commit(&mut store);
    assert_eq!(find(&mut store, "cat"), [""; 0]);
    assert_eq!(find(&mut store, "dog"), ["2"]);
    store.archive(&lobby, corrected(3), "a horse".into());
    commit(&mut store);
    assert_eq!(find(&mut store, "dog"), [""; 0]);
    assert_eq!(find(&mut store, "horse"), ["3"]);
    store.retract(&lobby, &message(0).id, Payload::new(b""));
    commit(&mut store);
    assert_eq!(find(&mut store, "horse or dog or cat"), [""; 0]);
    assert_eq!(find(&mut store, "mouse"), ["1"]);
}

#[test]
fn a_search_by_rank_has_what_fits_best_first_and_is_paged_in_that_order() {
    let mut store = lobby_with(&[
        "cat and many other words about nothing in particular",
        "cat",
        "no such animal",
        "cat",
        "cat cat cat",
    ]);
    let ranked = |start, size_max| PageQuestion {
        order: Order::Rank,
        start,
        size_max,
        ..searched("cat")
    };
    let best_first = ["4", "3", "1", "0"];
    let mut read = |start, size_max| numbers(&mut store, ranked(start, size_max));
    assert_eq!(read(PageStart::First, None), best_first);
    assert_eq!(read(PageStart::First, Some(3)), best_first[..3]);
    let at = |number| message(number).id;
    assert_eq!(read(PageStart::After(at(3)), Some(1)), best_first[2..3]);
    assert_eq!(read(PageStart::After(at(0)), None), [""; 0]);
    assert_eq!(read(PageStart::Last, Some(2)), best_first[2..]);
    assert_eq!(read(PageStart::Before(at(1)), Some(1)), best_first[1..2]);
    // It is in the archive, but has no place in this order.
    let told = ask(
        &mut store,
        page_of(&room("lobby"), ranked(PageStart::After(at(2)), None)),
    );
    assert_eq!(told, ArchiveAnswer::NoSuchMessage);
}

#[test]
fn only_the_newest_are_ranked() {
    let texts = vec!["cat"; RANKED_MAX + 10];
    let mut store = lobby_with(&texts);
    let ranked = |start| PageQuestion {
        order: Order::Rank,
        start,
        size_max: Some(1),
        ..searched("cat")
    };
    assert_eq!(numbers(&mut store, ranked(PageStart::Last)), ["10"]);
    let newest = (RANKED_MAX + 9).to_string();
    assert_eq!(numbers(&mut store, ranked(PageStart::First)), [newest]);
}

#[test]
fn an_order_by_rank_without_search_is_that_of_the_archive() {
    let mut store = lobby_with(&["cat", "cat cat", "dog"]);
    let question = PageQuestion {
        order: Order::Rank,
        filter: Filter {
            with: Some(With::Nick(Nick::new("ann").unwrap())),
            ..Filter::default()
        },
        ..PageQuestion::default()
    };
    assert_eq!(numbers(&mut store, question), ["0", "1", "2"]);
}
