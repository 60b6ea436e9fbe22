//! The store as its owner uses it.

mod access;
mod answers;
mod arriving;
mod changes;
mod commits;
mod damage;
mod ending;
mod everywhere;
mod history;
mod killed;
mod lists;
mod long_lists;
mod migrated;
mod on_record;
mod operated;
mod originals;
mod pages;
mod paging;
mod plans;
mod prepared;
mod retracting;
mod search;
mod unindexed;
mod unread;
mod wiped;

use tempfile::TempDir;

use std::sync::Arc;

use super::*;
use crate::directory::RoomRetention;
use crate::room::effect::{Act, Archived, ArchivedKind, Leaver, Sender};
use crate::room::occupying::archive::PageQuestion;
use crate::room::owning::destroy::Destruction;
use crate::room::scope::CategoryId;
use crate::room::setting::configuration::{Configuration, Whois};
use crate::room::{
    ArchiveId, Change, Content, HistoryLimits, Nick, OccupantId, Payload, Timestamp,
};

fn room(name: &str) -> BareJid {
    BareJid::new(&format!("{name}@rooms.example.org")).unwrap()
}

fn full_jid(text: &str) -> FullJid {
    FullJid::new(text).unwrap()
}

/// What is stored asks for no more than the whole; what has changed is for the log.
fn configured(configuration: Configuration) -> Change {
    Change::Configured {
        configuration: Box::new(configuration),
        changed: Vec::new(),
    }
}

fn left(real_jid: FullJid) -> Change {
    Change::Left(Leaver {
        real_jid: Arc::new(real_jid),
        nick: Nick::new("ann").unwrap(),
    })
}

fn destroyed(destruction: Destruction) -> Change {
    Change::Destroyed {
        destruction: Arc::new(destruction),
        shown_out: Vec::new(),
    }
}

fn vanished() -> Change {
    Change::Vanished {
        shown_out: Vec::new(),
    }
}

fn message(number: u32) -> Archived {
    Archived {
        id: ArchiveId(format!("archive-{number}").into()),
        at: Timestamp(i64::from(number) * 1_000_000),
        sender: Some(Sender {
            nick: Nick::new("ann").unwrap(),
            occupant_id: Some(OccupantId("occupant".into())),
            author: Some(full_jid("ann@example.org/phone").into()),
            whois: Whois::Anyone,
        }),
        kind: ArchivedKind::Speech,
        original: None,
        content: Content {
            id: format!("message-{number}").into(),
            language: None,
            payload: Payload::new(b"<body>hello</body>"),
        },
    }
}

fn at_most(messages_max: u32) -> HistoryLimits {
    HistoryLimits {
        messages_max,
        characters_max: None,
        since: None,
    }
}

/// A store in memory with one open room.
fn store_with(room: &BareJid) -> Store {
    let mut store = Store::in_memory().unwrap();
    store.create(room, [7; 32], Timestamp(1));
    commit(&mut store);
    store
}

/// Flushes, and sees that nothing failed.
fn commit(store: &mut Store) {
    for report in store.flush() {
        assert!(matches!(report, StoreReport::Committed(_)), "{report:?}");
    }
}

/// Asks, and returns the one answer.
fn ask(store: &mut Store, ask: Ask) -> ArchiveAnswer {
    let number = store.ask_slowly(ask);
    match <[StoreReport; 1]>::try_from(store.flush()).unwrap() {
        [StoreReport::Told(answered, Ok(told))] if answered == number => told,
        [report] => panic!("{report:?}"),
    }
}

/// Asks for a page, and returns it.
fn page(store: &mut Store, room: &BareJid, question: PageQuestion) -> FoundPage<Archived> {
    match ask(store, page_of(room, question)) {
        ArchiveAnswer::Page(page) => page,
        told => panic!("{told:?}"),
    }
}

/// Asks for a page of all rooms that a reader may read, and returns it.
fn everywhere(
    store: &mut Store,
    reader: &Reader,
    question: PageQuestion,
) -> FoundPage<FoundSomewhere> {
    let question = Ask::Everywhere {
        reader: reader.clone(),
        question,
        bytes_max: usize::MAX,
    };
    match ask(store, question) {
        ArchiveAnswer::Everywhere(page) => page,
        told => panic!("{told:?}"),
    }
}

fn reader(person: &str) -> Reader {
    Reader {
        person: BareJid::new(person).unwrap(),
        is_operator: false,
        categories: Arc::new([Arc::default()].into_iter().collect()),
    }
}

/// A question that is not limited by bytes.
fn page_of(room: &BareJid, question: PageQuestion) -> Ask {
    Ask::Page {
        room: room.clone(),
        question,
        bytes_max: usize::MAX,
    }
}

/// Flushes, and returns the one failure.
fn failure(store: &mut Store) -> Error {
    match <[StoreReport; 1]>::try_from(store.flush()).unwrap() {
        [StoreReport::Failed(_, error)] => error,
        [report] => panic!("{report:?}"),
    }
}

fn in_file(directory: &TempDir) -> DatabaseSettings {
    DatabaseSettings {
        path: directory.path().join("lyceum.db"),
        durability: Synchronous::Full,
        searchable: |_| "hello".into(),
    }
}
