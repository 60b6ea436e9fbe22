//! Pages of an archive. XEP-0313 §4 (#query), XEP-0059.

use super::*;
use crate::room::occupying::archive::{Filter, PageStart, With};

/// The lobby with messages 0 to 9, at one second each.
fn ten() -> (Store, BareJid) {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    for number in 0..10 {
        store.archive(&lobby, message(number), "hello".into());
    }
    commit(&mut store);
    (store, lobby)
}

fn id(number: u32) -> ArchiveId {
    message(number).id
}

/// Those of [`ten`] that the filter leaves, in one page.
fn filtered(filter: Filter) -> Vec<Archived> {
    let (mut store, lobby) = ten();
    let question = PageQuestion {
        filter,
        ..PageQuestion::default()
    };
    let found = page(&mut store, &lobby, question);
    assert!(found.complete);
    found.messages
}

fn messages(numbers: impl IntoIterator<Item = u32>) -> Vec<Archived> {
    numbers.into_iter().map(message).collect()
}

#[test]
fn a_result_is_read_page_by_page_in_both_directions() {
    let (mut store, lobby) = ten();
    let mut read = |start, expected: std::ops::Range<u32>, complete| {
        let question = PageQuestion {
            start,
            size_max: Some(4),
            ..PageQuestion::default()
        };
        let found = page(&mut store, &lobby, question);
        assert_eq!(found.messages, messages(expected));
        assert_eq!((found.complete, found.count), (complete, None));
    };
    read(PageStart::First, 0..4, false);
    read(PageStart::After(id(3)), 4..8, false);
    read(PageStart::After(id(5)), 6..10, true);
    read(PageStart::After(id(9)), 10..10, true);
    read(PageStart::Last, 6..10, false);
    read(PageStart::Before(id(6)), 2..6, false);
    read(PageStart::Before(id(4)), 0..4, true);
    read(PageStart::Before(id(0)), 0..0, true);
}

#[test]
fn both_ends_of_a_timespan_belong_to_it() {
    // XEP-0313 §4.1.2 (#filter-time): "equal to or later than", "equal to or earlier than".
    let between = |start: Option<i64>, end: Option<i64>| {
        filtered(Filter {
            start: start.map(Timestamp),
            end: end.map(Timestamp),
            ..Filter::default()
        })
    };
    assert_eq!(between(Some(3_000_000), Some(5_000_000)), messages(3..6));
    assert_eq!(between(Some(2_000_001), Some(5_999_999)), messages(3..6));
    assert_eq!(between(Some(8_000_000), None), messages(8..10));
    assert_eq!(between(None, Some(0)), messages(0..1));
    assert_eq!(between(Some(9_000_001), None), []);
    assert_eq!(between(None, Some(-1)), []);
    assert_eq!(between(Some(6_000_000), Some(5_000_000)), []);
    assert_eq!(between(Some(i64::MIN), Some(i64::MAX)), messages(0..10));
}

#[test]
fn ids_limit_a_result_and_are_not_part_of_it() {
    // XEP-0313 §4.1.3 (#query-limit-id): "messages between two known messages".
    let between = |after: Option<u32>, before: Option<u32>| {
        filtered(Filter {
            after_id: after.map(id),
            before_id: before.map(id),
            ..Filter::default()
        })
    };
    assert_eq!(between(Some(2), Some(6)), messages(3..6));
    assert_eq!(between(Some(7), None), messages(8..10));
    assert_eq!(between(None, Some(2)), messages(0..2));
    assert_eq!(between(Some(6), Some(2)), []);
}

#[test]
fn messages_are_fetched_by_their_ids_in_the_order_of_the_archive() {
    let filter = Filter {
        ids: [7, 2, 5, 2].map(id).to_vec(),
        ..Filter::default()
    };
    assert_eq!(filtered(filter.clone()), messages([2, 5, 7]));
    let limited = Filter {
        before_id: Some(id(7)),
        start: Some(Timestamp(3_000_000)),
        ..filter
    };
    assert_eq!(filtered(limited), messages([5]));
}

#[test]
fn an_id_that_is_not_in_the_archive_is_told_wherever_it_stands() {
    // XEP-0313 §4.1.3 (#query-limit-id) and §4.3.2 (#query-paging-request): "the server MUST return
    // an item-not-found error".
    let (mut store, lobby) = ten();
    let hall = room("hall");
    store.create(&hall, [8; 32], Timestamp(1));
    store.archive(&hall, message(20), "hello".into());
    commit(&mut store);
    for missing in [id(20), ArchiveId("nonsense".into()), ArchiveId("".into())] {
        let filter = |filter| PageQuestion {
            filter,
            ..PageQuestion::default()
        };
        let start = |start| PageQuestion {
            start,
            size_max: Some(0),
            ..PageQuestion::default()
        };
        let questions = [
            filter(Filter {
                after_id: Some(missing.clone()),
                ..Filter::default()
            }),
            filter(Filter {
                before_id: Some(missing.clone()),
                ..Filter::default()
            }),
            filter(Filter {
                ids: vec![id(1), missing.clone()],
                ..Filter::default()
            }),
            start(PageStart::After(missing.clone())),
            start(PageStart::Before(missing.clone())),
        ];
        for question in questions {
            let told = ask(&mut store, page_of(&lobby, question.clone()));
            assert_eq!(told, ArchiveAnswer::NoSuchMessage, "{question:?}");
        }
    }
}

#[test]
fn a_page_has_fifty_messages_unless_said_otherwise_and_never_more_than_its_ceiling() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    for number in 0..300 {
        store.archive(&lobby, message(number), "hello".into());
    }
    commit(&mut store);
    for (size_max, size) in [
        (None, PAGE_SIZE),
        (Some(7), 7),
        (Some(9_999), PAGE_SIZE_MAX),
    ] {
        let question = PageQuestion {
            size_max,
            ..PageQuestion::default()
        };
        let found = page(&mut store, &lobby, question);
        assert_eq!(found.messages, messages(0..size));
        assert!(!found.complete);
    }
}

#[test]
fn the_whole_result_is_counted_when_no_message_is_wanted() {
    // XEP-0059 §2.7 (#count): "all items", whatever page would be next.
    let (mut store, lobby) = ten();
    let mut count = |filter, start| {
        let question = PageQuestion {
            filter,
            start,
            size_max: Some(0),
            ..PageQuestion::default()
        };
        let found = page(&mut store, &lobby, question);
        assert_eq!(found.messages, []);
        found.count
    };
    assert_eq!(count(Filter::default(), PageStart::First), Some(10));
    assert_eq!(count(Filter::default(), PageStart::After(id(8))), Some(10));
    let from_three = || Filter {
        start: Some(Timestamp(3_000_000)),
        ..Filter::default()
    };
    assert_eq!(count(from_three(), PageStart::Last), Some(7));
    let by = |with| Filter {
        with: Some(with),
        ..from_three()
    };
    let nick = |nick| With::Nick(Nick::new(nick).unwrap());
    assert_eq!(count(by(nick("ann")), PageStart::First), Some(7));
    assert_eq!(count(by(nick("eve")), PageStart::First), Some(0));
    let address = |text| With::Address(jid::Jid::new(text).unwrap());
    let mut by_address = |text| count(by(address(text)), PageStart::First);
    assert_eq!(by_address("ann@example.org"), Some(7));
    assert_eq!(by_address("ann@example.org/phone"), Some(7));
    assert_eq!(by_address("ann@example.org/desk"), Some(0));
    assert_eq!(by_address("eve@example.org"), Some(0));
}

#[test]
fn a_page_is_cut_by_bytes_where_it_goes_on_and_has_one_message_at_least() {
    let (mut store, lobby) = ten();
    let bytes = message(0).content.payload.as_bytes().len();
    let mut read = |start, bytes_max| {
        let question = PageQuestion {
            start,
            ..PageQuestion::default()
        };
        let ask_page = Ask::Page {
            room: lobby.clone(),
            question,
            bytes_max,
        };
        match ask(&mut store, ask_page) {
            ArchiveAnswer::Page(page) => (page.messages, page.complete),
            told => panic!("{told:?}"),
        }
    };
    assert_eq!(read(PageStart::First, 3 * bytes), (messages(0..3), false));
    assert_eq!(
        read(PageStart::First, 4 * bytes - 1),
        (messages(0..3), false)
    );
    assert_eq!(read(PageStart::Last, 3 * bytes), (messages(7..10), false));
    assert_eq!(read(PageStart::Before(id(5)), 0), (messages(4..5), false));
    assert_eq!(read(PageStart::After(id(8)), 0), (messages(9..10), true));
    assert_eq!(read(PageStart::First, 10 * bytes), (messages(0..10), true));
}

#[test]
fn a_room_that_is_not_there_has_no_messages() {
    let (mut store, lobby) = ten();
    store.save(&lobby, Change::Vanished);
    commit(&mut store);
    let found = page(&mut store, &lobby, PageQuestion::default());
    assert_eq!((found.messages.len(), found.complete), (0, true));
    let after = PageQuestion {
        start: PageStart::After(id(3)),
        ..PageQuestion::default()
    };
    assert_eq!(
        ask(&mut store, page_of(&lobby, after)),
        ArchiveAnswer::NoSuchMessage
    );
    assert_eq!(
        ask(&mut store, Ask::Ends { room: lobby }),
        ArchiveAnswer::Ends(None)
    );
}

#[test]
fn the_ends_of_an_archive_are_its_first_and_its_last_message() {
    // XEP-0313 §5 (#archive-metadata).
    let (mut store, lobby) = ten();
    let end = |number| ArchiveEnd {
        id: id(number),
        at: message(number).at,
    };
    let ends = ArchiveAnswer::Ends(Some([end(0), end(9)]));
    assert_eq!(ask(&mut store, Ask::Ends { room: lobby }), ends);
    let hall = room("hall");
    store.create(&hall, [8; 32], Timestamp(1));
    commit(&mut store);
    assert_eq!(
        ask(&mut store, Ask::Ends { room: hall }),
        ArchiveAnswer::Ends(None)
    );
}

#[test]
fn what_is_left_of_a_message_and_what_the_room_says_are_in_pages() {
    let (mut store, lobby) = ten();
    let remains = Payload::new(b"<retracted/>");
    store.retract(&lobby, &id(4), remains.clone());
    let told = Archived {
        sender: None,
        kind: ArchivedKind::Moderation,
        original: Some(id(4)),
        ..message(10)
    };
    store.archive(&lobby, told.clone(), "".into());
    commit(&mut store);
    let question = PageQuestion {
        start: PageStart::After(id(3)),
        ..PageQuestion::default()
    };
    let found = page(&mut store, &lobby, question).messages;
    let before = message(4);
    let left = Archived {
        kind: ArchivedKind::Tombstone,
        content: Content {
            payload: remains,
            ..before.content
        },
        ..before
    };
    assert_eq!(found.first(), Some(&left));
    assert_eq!(found.last(), Some(&told));
}
