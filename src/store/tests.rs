//! The store as its owner uses it.

use super::*;
use crate::room::effect::ArchivedKind;
use crate::room::{ArchiveId, Content, HistoryLimits, Nick, OccupantId, Payload};

pub(super) fn room(name: &str) -> BareJid {
    BareJid::new(&format!("{name}@rooms.example.org")).unwrap()
}

pub(super) fn message(number: u32) -> Archived {
    Archived {
        id: ArchiveId(format!("archive-{number}").into()),
        at: Timestamp(i64::from(number) * 1_000_000),
        nick: Nick::new("ann").unwrap(),
        occupant_id: OccupantId("occupant".into()),
        author: Arc::new(FullJid::new("ann@example.org/phone").unwrap()),
        kind: ArchivedKind::Speech,
        content: Content {
            id: format!("message-{number}").into(),
            language: None,
            payload: Payload::new(b"<body>hello</body>"),
        },
    }
}

pub(super) fn at_most(messages_max: u32) -> HistoryLimits {
    HistoryLimits {
        messages_max,
        characters_max: None,
        since: None,
    }
}

#[test]
fn a_room_comes_back_as_it_was_created() {
    let mut store = Store::in_memory().unwrap();
    store.create(&room("lobby"), [7; 32], Timestamp(1));
    let numbers = [store.submit(), store.submit()];
    assert_eq!(numbers, [Some(BatchNumber(1)), None]);
    assert!(matches!(
        store.flush()[..],
        [Report::Committed(BatchNumber(1))]
    ));
    let stored = store.load(&room("lobby")).unwrap().unwrap();
    assert_eq!(stored.salt, [7; 32]);
    assert_eq!(stored.snapshot, Snapshot::new(Default::default()));
    assert_eq!(store.load(&room("other")).unwrap(), None);
}

#[test]
fn history_has_what_is_committed_and_what_is_not() {
    let mut store = Store::in_memory().unwrap();
    store.create(&room("lobby"), [7; 32], Timestamp(1));
    for number in 0..5 {
        store.archive(&room("lobby"), message(number));
    }
    store.flush();
    for number in 5..8 {
        store.archive(&room("lobby"), message(number));
    }
    let recent = store.recent_messages(&room("lobby"), &at_most(4)).unwrap();
    assert_eq!(recent, [message(4), message(5), message(6), message(7)]);
}
