//! Pages of an archive. XEP-0313 §4 (#query), XEP-0059.

use super::*;
use crate::room::archive::PageStart;

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
        assert_eq!(found.messages, expected.map(message).collect::<Vec<_>>());
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
fn who_asks_is_told_that_nobody_answers_any_more() {
    let (mut store, lobby) = ten();
    store.lanes.run(|_| panic!("for a test"));
    store.lanes.flush().unwrap_err();
    store.ask(Ask::Page {
        room: lobby,
        question: PageQuestion::default(),
        bytes_max: usize::MAX,
    });
    let reports = store.flush();
    assert!(
        matches!(
            reports[..],
            [Report::Told(_, Err(Error::ReaderPanicked { .. }))]
        ),
        "{reports:?}"
    );
    assert_eq!(store.questions_outstanding(), 0);
}
