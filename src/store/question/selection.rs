//! Messages that meet an operator's conditions, in the order of the archive.

use std::ops::Range;
use std::sync::Arc;

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use super::survey::Survey;
use crate::room::{ArchiveId, Nick, Payload, Timestamp};
use crate::search::Search;
use crate::store::message::expired::first_from;
use crate::store::message::identifier;
use crate::store::message::identifier::Identifier;
use crate::store::message::index::{person_token, quoted, room_token};
use crate::store::message::senders;
use crate::store::room::rooms;
use crate::store::room::rooms::RoomId;
use crate::store::{Error, column};

/// The conditions, all of which must be met; `None` is no condition.
#[derive(Clone, Debug, Default)]
pub struct MessageSelection {
    /// Said in this room.
    pub room: Option<BareJid>,
    /// Said by this person.
    pub author: Option<BareJid>,
    /// Said at this time or later.
    pub after: Option<Timestamp>,
    /// Said at this time or before.
    pub before: Option<Timestamp>,
    /// With such words.
    pub search: Option<Search>,
    /// Whether messages without words of their own are meant as well: reactions, markers.
    pub signals: bool,
}

/// A message that was selected.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectedMessage {
    /// Its row; in the order of the archive.
    pub row: i64,
    /// Where it was said.
    pub room: BareJid,
    /// When it was said.
    pub at: Timestamp,
    /// By whom, if that is known.
    pub author: Option<BareJid>,
    /// As whom; `None`: the room itself.
    pub nick: Option<Nick>,
    /// Its stanza id.
    pub id: ArchiveId,
    /// What it says.
    pub payload: Payload,
    /// The row of what it corrects, if it corrects anything, else its own.
    pub root: i64,
}

impl Survey {
    /// The next messages of a selection behind a row, oldest first. Of a message and its
    /// corrections there is only one: the message itself if it meets the conditions, for what it
    /// corrects goes with it.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn select(
        &self,
        selection: &MessageSelection,
        behind: i64,
        rows_max: u32,
    ) -> std::result::Result<Vec<SelectedMessage>, Error> {
        self.read("select messages", |connection| {
            let Some(plan) = Plan::of(connection, selection)? else {
                return Ok(Vec::new());
            };
            let rows = plan.rows.start.max(behind.saturating_add(1))..plan.rows.end;
            plan.read(connection, selection, (rows, rows_max))
        })
    }

    /// One message by its stanza id, if it meets the conditions.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn select_one(
        &self,
        selection: &MessageSelection,
        id: &ArchiveId,
    ) -> std::result::Result<Option<SelectedMessage>, Error> {
        self.read("select a message", |connection| {
            let row: Option<i64> = connection
                .prepare_cached("SELECT id FROM message WHERE archive_id = ?1")?
                .query_row([Identifier(&id.0)], |row| row.get(0))
                .optional()?;
            let (Some(row), Some(plan)) = (row, Plan::of(connection, selection)?) else {
                return Ok(None);
            };
            let found = plan.read(connection, selection, (row..row + 1, 1))?;
            Ok(found.into_iter().next())
        })
    }
}

/// How a selection is read.
struct Plan {
    room: Option<RoomId>,
    /// The rows that the times leave.
    rows: Range<i64>,
    /// An FTS5 expression, if the index of words is of use.
    matching: Option<String>,
}

impl Plan {
    /// `None`: there can't be such a message.
    fn of(connection: &Connection, selection: &MessageSelection) -> Result<Option<Self>> {
        let mut rows = 0..i64::MAX;
        let mut wanted = Vec::new();
        let mut room_id = None;
        if let Some(room) = &selection.room {
            let Some(room) = rooms::id_of(connection, room)? else {
                return Ok(None);
            };
            if let Some(after) = selection.after {
                rows.start = first_from(connection, room, after)?;
            }
            if let Some(before) = selection.before {
                let behind = Timestamp(before.0.saturating_add(1));
                rows.end = first_from(connection, room, behind)?;
            }
            room_id = Some(room);
        }
        if let Some(search) = &selection.search {
            wanted.push(format!("({})", search.to_match()));
        }
        if let Some(author) = &selection.author {
            let Some(person) = senders::person(connection, author.as_str())? else {
                return Ok(None);
            };
            wanted.push(quoted(&person_token(person)));
        }
        if let (Some(room), false) = (room_id, wanted.is_empty()) {
            wanted.push(quoted(&room_token(room)));
        }
        Ok(Some(Self {
            room: room_id,
            rows,
            matching: (!wanted.is_empty()).then(|| wanted.join(" AND ")),
        }))
    }

    fn read(
        &self,
        connection: &Connection,
        selection: &MessageSelection,
        (rows, rows_max): (Range<i64>, u32),
    ) -> Result<Vec<SelectedMessage>> {
        let sql = match (&self.matching, self.room) {
            (Some(_), _) => MATCHING,
            (None, Some(_)) => OF_ROOM,
            (None, None) => OF_ALL,
        };
        let after = selection.after.map_or(i64::MIN, |after| after.0);
        let before = selection.before.map_or(i64::MAX, |before| before.0);
        connection
            .prepare_cached(sql)?
            .query_map(
                params![
                    self.matching,
                    self.room,
                    rows.start,
                    rows.end,
                    after,
                    before,
                    selection.signals,
                    selection.search.is_some(),
                    rows_max,
                ],
                read,
            )?
            .collect()
    }
}

fn read(row: &Row<'_>) -> Result<SelectedMessage> {
    let nick: Option<Arc<str>> = column::text_or_null(row, 4)?;
    Ok(SelectedMessage {
        row: row.get(0)?,
        room: column::bare_jid(row, 1)?,
        at: column::timestamp(row, 2)?,
        author: column::bare_jid_or_null(row, 3)?,
        nick: nick.map(|_| column::nick(row, 4)).transpose()?,
        id: ArchiveId(identifier::read(row, 5)?),
        payload: column::payload(row, 6)?,
        root: row.get(7)?,
    })
}

/// The parts are: where it is read, which of it, and in what order. All have the same parameters,
/// be they of use or not.
macro_rules! selection {
    ($from:literal, $which:literal, $order:literal) => {
        concat!(
            "SELECT message.id, room.jid, message.at, person.jid, sender.nick, message.archive_id, message.payload,
                 CASE WHEN message.kind = 3 AND message.original IS NOT NULL
                     THEN message.original ELSE message.id END
             FROM ",
            $from,
            " CROSS JOIN room ON room.id = message.room
             LEFT JOIN sender ON sender.id = message.sender LEFT JOIN person ON person.id = sender.person
             WHERE ",
            $which,
            " AND room.jid IS NOT NULL AND message.at >= ?5 AND message.at <= ?6
                 AND (message.kind IN (0, 1, 3) OR (message.kind = 2 AND ?7))
                 AND (?8 OR message.kind <> 3 OR NOT EXISTS (
                     SELECT 1 FROM message AS about WHERE about.id = message.original
                         AND about.kind = 0 AND about.at >= ?5 AND about.at <= ?6))
             ORDER BY ",
            $order,
            " LIMIT ?9"
        )
    };
}

const MATCHING: &str = selection!(
    "word CROSS JOIN message ON message.id = word.rowid",
    "word MATCH ?1 AND word.rowid >= ?3 AND word.rowid < ?4",
    "word.rowid"
);

const OF_ROOM: &str = selection!(
    "message INDEXED BY message_of_room",
    "message.room = ?2 AND message.id >= ?3 AND message.id < ?4",
    "message.id"
);

const OF_ALL: &str = selection!(
    "message NOT INDEXED",
    "message.id >= ?3 AND message.id < ?4",
    "message.id"
);

#[cfg(test)]
impl Survey {
    /// How SQLite reads each kind of selection.
    pub(in crate::store) fn plans_of_selections(&self) -> Vec<String> {
        let plan = |connection: &Connection, sql: &str| -> Result<String> {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let matching = "\"word\"";
            let rows = statement
                .query_map(params![matching, 1, 0, 9, 0, 9, true, true, 5], |row| {
                    row.get::<_, String>(3)
                })?;
            rows.collect::<Result<Vec<_>>>()
                .map(|lines| lines.join("\n"))
        };
        let all = [MATCHING, OF_ROOM, OF_ALL];
        let plans = all.map(|sql| self.read("explain", |connection| plan(connection, sql)));
        plans.into_iter().map(|plan| plan.unwrap()).collect()
    }
}
