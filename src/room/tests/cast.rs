//! Who and what appears in the tests: persons, their clients, nicks, and short ways to say things.

use std::sync::Arc;

use jid::{BareJid, DomainPart, FullJid};

use crate::room::effect::ArchivedKind;
use crate::room::owning::create::Founding;
use crate::room::request::{
    Entry, HistoryRequest, Keep, MessageModeration, Original, Purpose, Speech,
};
use crate::room::setting::configuration::Configuration;
use crate::room::{ArchiveId, Content, Elapsed, Nick, Now, Payload, Salt, Terms, Timestamp};

/// The last of them is an operator.
pub const PERSONS: [&str; 6] = [
    "ann@a.example",
    "bea@a.example",
    "cid@b.example",
    "dan@b.example",
    "eve@c.example",
    "root@c.example",
];

/// Three pairs of them differ only in case.
pub const NICKS: [&str; 9] = [
    "Ann", "ann", "Bea", "BEA", "Cid", "cid", "Dan", "Eve", "Root",
];

pub fn bare(person: usize) -> BareJid {
    BareJid::new(PERSONS[person % PERSONS.len()]).unwrap()
}

pub fn full(person: usize, client: usize) -> Arc<FullJid> {
    Arc::new(FullJid::new(&format!("{}/{client}", PERSONS[person % PERSONS.len()])).unwrap())
}

pub fn nick(text: &str) -> Nick {
    Nick::new(text).unwrap()
}

/// The secret of every room.
pub const SALT: Salt = [7; 32];

/// Terms with bounds that a short conversation can reach.
pub fn terms() -> Arc<Terms> {
    terms_with(&[5])
}

/// The same with these persons as operators.
pub fn terms_with(operators: &[usize]) -> Arc<Terms> {
    Arc::new(Terms {
        operators: Arc::new(operators.iter().copied().map(bare).collect()),
        served: Arc::new([DomainPart::new("a.example").unwrap().into_owned()].into()),
        history_ceiling: 50,
        sessions_per_person_max: 4,
        reserve_for_admins: 1,
        unlock_after_s: 300,
        voice_request_interval_s: 60,
        items_max: 6,
        corrections_max: 3,
        ..Terms::default()
    })
}

/// What a new room is made of.
pub fn founding(terms: Arc<Terms>) -> Founding {
    Founding {
        terms,
        salt: SALT,
        configuration: configuration(),
    }
}

/// What Lyceum sets for a new room.
pub fn configuration() -> Configuration {
    Configuration::default()
}

pub fn at(seconds: i64) -> Timestamp {
    Timestamp(0).plus_seconds(seconds)
}

/// The same moment, by both clocks.
pub fn now(seconds: i64) -> Now {
    Now::in_step(at(seconds))
}

pub fn elapsed(seconds: i64) -> Elapsed {
    Elapsed::BEGINNING.plus_seconds(seconds)
}

pub fn entry(wanted: &str) -> Entry {
    Entry {
        nick: nick(wanted),
        password: None,
        history: HistoryRequest::default(),
        id: Some("enter".into()),
        payload: Payload::empty(),
    }
}

pub fn speech(id: &str, keep: Keep) -> Speech {
    Speech {
        content: Content {
            id: id.into(),
            language: None,
            payload: Payload::new(format!("<body>{id}</body>").as_bytes()),
        },
        keep,
        archive_id: ArchiveId(format!("archived {id}").into()),
        text: id.into(),
        purpose: Purpose::Speech,
        original: None,
    }
}

/// A message that others are about, as the archive knows it.
pub fn original(author: Option<usize>, kind: ArchivedKind) -> Original {
    let id = ArchiveId("archived original".into());
    let root = match kind {
        ArchivedKind::Correction => ArchiveId("archived root".into()),
        _ => id.clone(),
    };
    Original {
        corrections: 0,
        id,
        root,
        kind,
        author: author.map(bare),
    }
}

pub fn moderation(original: Option<Original>) -> MessageModeration {
    MessageModeration {
        message: ArchiveId("archived original".into()),
        original,
        reason: Some("so be it".into()),
        archive_id: ArchiveId("archived notice".into()),
        id: "notice".into(),
    }
}
