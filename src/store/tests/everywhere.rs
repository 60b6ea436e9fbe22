//! Searches in all rooms that somebody may read.

use super::*;
use crate::room::occupying::archive::{Filter, PageStart};
use crate::room::setting::configuration::Configuration;
use crate::search::Search;
use crate::store::question::found::PASSED_BY_MAX;

/// This number of rooms, room `i` with the messages `i`, `i + rooms`, … All say "hello", and
/// message 7 in addition "rare".
fn rooms_with_messages(rooms: u32, messages: u32) -> Store {
    let mut store = Store::in_memory().unwrap();
    for number in 0..rooms {
        store.create(&numbered(number), [7; 32], Timestamp(1));
        let created = Change::Created {
            configuration: Box::new(Configuration {
                public: true,
                ..Configuration::default()
            }),
            locked_since: None,
            category: CategoryId::GENERAL,
        };
        store.save(&numbered(number), created);
    }
    for number in 0..messages {
        let text = if number == 7 { "hello rare" } else { "hello" };
        store.archive(&numbered(number % rooms), message(number), text.into());
    }
    commit(&mut store);
    store
}

fn numbered(number: u32) -> BareJid {
    room(&format!("room-{number:04}"))
}

fn searched(typed: &str) -> Filter {
    Filter {
        search: Some(Search::parse(typed).unwrap()),
        ..Filter::default()
    }
}

fn last(filter: Filter, size_max: u32) -> PageQuestion {
    PageQuestion {
        filter,
        start: PageStart::Last,
        size_max: Some(size_max),
        ..PageQuestion::default()
    }
}

fn found(store: &mut Store, question: PageQuestion) -> Vec<(BareJid, ArchiveId)> {
    let page = everywhere(store, &reader("eve@example.org"), question);
    let found = page.messages.into_iter();
    found.map(|found| (found.room, found.message.id)).collect()
}

fn messages(rooms: u32, numbers: impl IntoIterator<Item = u32>) -> Vec<(BareJid, ArchiveId)> {
    let in_its_room = |number| (numbered(number % rooms), message(number).id);
    numbers.into_iter().map(in_its_room).collect()
}

#[test]
fn results_name_their_rooms_and_come_in_the_order_in_which_all_was_said() {
    // Few rooms, some, and more than are named to the index.
    for rooms in [2, 20, 300] {
        let mut store = rooms_with_messages(rooms, 600);
        let hello = || searched("hello");
        assert_eq!(
            found(&mut store, last(hello(), 5)),
            messages(rooms, 595..600)
        );
        assert_eq!(
            found(&mut store, last(searched("rare"), 5)),
            messages(rooms, [7])
        );
        assert_eq!(
            found(&mut store, last(Filter::default(), 5)),
            messages(rooms, 595..600)
        );
        let after = PageQuestion {
            filter: hello(),
            start: PageStart::After(message(30).id),
            size_max: Some(3),
            ..PageQuestion::default()
        };
        assert_eq!(found(&mut store, after), messages(rooms, 31..34));
    }
}

#[test]
fn what_lies_in_rooms_that_are_not_readable_is_passed_by_however_much_it_is() {
    let rooms = 20;
    let mut store = rooms_with_messages(rooms, 100);
    let secret = room("secret");
    store.create(&secret, [8; 32], Timestamp(1));
    store.save(
        &secret,
        configured(Configuration {
            public: false,
            members_only: true,
            ..Configuration::default()
        }),
    );
    // As many as are passed by before the way is changed, with one that is found just where it is,
    // from either side.
    let readable = 100 + PASSED_BY_MAX;
    for number in 100..=readable + PASSED_BY_MAX {
        let room = match number == readable {
            true => &numbered(0),
            false => &secret,
        };
        store.archive(room, message(number), "hello".into());
    }
    commit(&mut store);
    let mut expected = messages(rooms, 96..100);
    expected.push((numbered(0), message(readable).id));
    for filter in [searched("hello"), Filter::default()] {
        assert_eq!(found(&mut store, last(filter.clone(), 5)), expected);
        let after = PageQuestion {
            filter,
            start: PageStart::After(message(98).id),
            ..PageQuestion::default()
        };
        assert_eq!(found(&mut store, after), expected[3..]);
    }
}

#[test]
fn a_message_in_a_room_that_is_not_readable_is_not_there() {
    let mut store = rooms_with_messages(2, 4);
    let secret = room("secret");
    store.create(&secret, [8; 32], Timestamp(1));
    store.save(
        &secret,
        configured(Configuration {
            members_only: true,
            ..Configuration::default()
        }),
    );
    store.archive(&secret, message(9), "hello".into());
    commit(&mut store);
    let named = |filter| PageQuestion {
        filter,
        ..PageQuestion::default()
    };
    for missing in [message(9).id, message(10).id] {
        let questions = [
            PageQuestion {
                start: PageStart::After(missing.clone()),
                ..PageQuestion::default()
            },
            named(Filter {
                ids: vec![missing.clone()],
                ..Filter::default()
            }),
            named(Filter {
                before_id: Some(missing),
                ..Filter::default()
            }),
        ];
        for question in questions {
            let question = Ask::Everywhere {
                reader: reader("eve@example.org"),
                question,
                bytes_max: usize::MAX,
            };
            assert_eq!(ask(&mut store, question), ArchiveAnswer::NoSuchMessage);
        }
    }
}

#[test]
fn times_hold_also_where_messages_were_brought_from_elsewhere() {
    let rooms = 2;
    let mut store = rooms_with_messages(rooms, 20);
    let brought = room("brought");
    store.create(&brought, [8; 32], Timestamp(1));
    for number in 100..110 {
        let early = Archived {
            at: Timestamp(i64::from(number - 100) * 2_000_000),
            ..message(number)
        };
        store.archive(&brought, early, "hello".into());
    }
    store.archive(&numbered(0), message(30), "hello".into());
    commit(&mut store);
    let between = |start: i64, end: i64| Filter {
        start: Some(Timestamp(start * 1_000_000)),
        end: Some(Timestamp(end * 1_000_000)),
        ..Filter::default()
    };
    let brought =
        |numbers: std::ops::Range<u32>| numbers.map(|number| (room("brought"), message(number).id));
    let mut expected = messages(rooms, 4..7);
    expected.extend(brought(102..104));
    assert_eq!(found(&mut store, last(between(4, 6), 50)), expected);
    assert_eq!(
        found(&mut store, last(between(21, 30), 50)),
        messages(rooms, [30])
    );
    let mut expected = messages(rooms, 18..20);
    expected.extend(brought(109..110));
    expected.extend(messages(rooms, [30]));
    assert_eq!(found(&mut store, last(between(18, 99), 50)), expected);
    assert_eq!(found(&mut store, last(between(31, 99), 50)), []);
    assert_eq!(found(&mut store, last(between(-9, -1), 50)), []);
}

#[test]
fn results_are_counted_up_to_a_bound() {
    let mut store = rooms_with_messages(3, 30);
    let mut count = |filter| {
        let question = last(filter, 0);
        everywhere(&mut store, &reader("eve@example.org"), question).count
    };
    assert_eq!(count(searched("hello")), Some(30));
    assert_eq!(count(searched("rare")), Some(1));
    assert_eq!(count(searched("nothing")), Some(0));
    assert_eq!(count(Filter::default()), Some(30));
}

#[test]
fn who_may_read_nothing_finds_nothing() {
    let mut store = Store::in_memory().unwrap();
    let page = everywhere(
        &mut store,
        &reader("eve@example.org"),
        PageQuestion::default(),
    );
    assert_eq!((page.messages.len(), page.complete), (0, true));
}
