//! The compliance log: who was where, said, read and changed what. It is only added to.

use jid::{BareJid, Jid};
use rusqlite::{Connection, Result, Row, params};

use crate::room::{ArchiveId, Nick, Payload, Timestamp};
use crate::store::error::{Attempt, Error};
use crate::store::{column, connect};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When it happened.
    pub at: Timestamp,
    /// What it was.
    pub kind: EventKind,
    /// In which room; `None`: in the service as a whole.
    pub room: Option<BareJid>,
    /// Who did it, by full JID where that is known; `None`: the operator, or the service itself.
    pub person: Option<Jid>,
    /// Under which nick.
    pub nick: Option<Nick>,
    /// The stanza id of what was said, if it was archived.
    pub message: Option<ArchiveId>,
    /// What was said.
    pub content: Option<Payload>,
    /// More about it, as a JSON object.
    pub detail: Option<String>,
}

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A session entered.
    Join,
    /// A session left, or was removed.
    Part,
    /// Something was said to all, a change of the subject included.
    Chat,
    /// Something was said to one occupant.
    Whisper,
    /// History was read.
    Backchat,
    /// A room, or somebody's standing in it, was changed.
    Administration,
}

impl EventKind {
    /// The word in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Part => "part",
            Self::Chat => "chat",
            Self::Whisper => "whisper",
            Self::Backchat => "backchat",
            Self::Administration => "administration",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        const ALL: [EventKind; 6] = [
            EventKind::Join,
            EventKind::Part,
            EventKind::Chat,
            EventKind::Whisper,
            EventKind::Backchat,
            EventKind::Administration,
        ];
        ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Reads the log of a database that the service may be using, oldest first, within these times:
/// `from` and later, before `to`. Stops when `each` fails.
///
/// # Errors
/// The database can't be read, or what `each` says.
pub fn read<E: From<Error>>(
    path: &std::path::Path,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    mut each: impl FnMut(Event) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let failed = |error| Error::from_sqlite(path, Attempt::Read("read the compliance log"), error);
    let connection = connect::read_only(path)?;
    let mut statement = connection.prepare(EVENTS).map_err(failed)?;
    let from = from.map_or(i64::MIN, |from| from.0);
    let to = to.map_or(i64::MAX, |to| to.0);
    let mut rows = statement.query(params![from, to]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        each(event(row).map_err(failed)?)?;
    }
    Ok(())
}

/// Adds an event.
pub(in crate::store) fn add(connection: &Connection, event: &Event) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO compliance (at, event, room, person, nick, message, content, detail)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            event.at.0,
            event.kind.name(),
            event.room.as_ref().map(|jid| jid.as_str()),
            event.person.as_ref().map(Jid::as_str),
            event.nick.as_ref().map(Nick::as_str),
            event.message.as_ref().map(|id| &*id.0),
            event.content.as_ref().map(Payload::as_bytes),
            event.detail,
        ])?;
    Ok(())
}

fn event(row: &Row<'_>) -> Result<Event> {
    let nick = column::text_or_null(row, 4)?;
    let content = column::text_or_null(row, 7)?.is_some();
    Ok(Event {
        at: column::timestamp(row, 0)?,
        kind: column::word(row, 1, "compliance event", EventKind::from_name)?,
        room: column::bare_jid_or_null(row, 2)?,
        person: column::jid_or_null(row, 3)?,
        nick: nick.map(|_| column::nick(row, 4)).transpose()?,
        message: column::text_or_null(row, 5)?.map(ArchiveId),
        content: content.then(|| column::payload(row, 6)).transpose()?,
        detail: row.get(8)?,
    })
}

const EVENTS: &str = "SELECT at, event, room, person, nick, message, content,
        CASE WHEN content IS NULL THEN NULL ELSE '' END, detail
    FROM compliance WHERE at >= ?1 AND at < ?2 ORDER BY at, id";
