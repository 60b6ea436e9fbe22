//! As whom things are said, each kept once; and what is remembered of rooms in which something was
//! said of late.

use std::collections::HashMap;

use jid::Jid;
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use super::times;
use crate::room::Timestamp;
use crate::room::effect::Sender;
use crate::room::setting::Word;
use crate::store::room::rooms::RoomId;

/// The row of a sender, and of the person behind it, if that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct SenderId {
    pub sender: i64,
    pub person: Option<i64>,
}

impl SenderId {
    /// Reads the columns `message.sender` and `sender.person`, which follow each other.
    pub fn read_or_null(row: &Row<'_>, index: usize) -> Result<Option<Self>> {
        let sender: Option<i64> = row.get(index)?;
        let person = row.get(index + 1)?;
        Ok(sender.map(|sender| Self { sender, person }))
    }
}

/// The rows of those who have spoken of late, and when it was; bounded.
#[derive(Debug, Default)]
pub(in crate::store) struct Senders {
    rows: HashMap<RoomId, HashMap<Sender, SenderId>>,
    /// The time of the message that was added last, or a later one that has been removed since.
    newest: HashMap<RoomId, Timestamp>,
}

impl Senders {
    /// Forgets all, after a rollback.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.newest.clear();
    }

    /// Forgets those of a room that ends.
    pub fn forget(&mut self, room: RoomId) {
        self.rows.remove(&room);
        self.newest.remove(&room);
    }

    /// The time of a message that is to be added to a room: never before that of the one before it.
    pub fn in_order(
        &mut self,
        connection: &Connection,
        room: RoomId,
        at: Timestamp,
    ) -> Result<Timestamp> {
        let newest = match self.newest.get(&room) {
            Some(newest) => Some(*newest),
            None => times::newest_in(connection, room)?,
        };
        let at = newest.map_or(at, |newest| newest.max(at));
        if self.newest.len() >= SENDERS_MAX {
            self.newest.clear();
        }
        self.newest.insert(room, at);
        Ok(at)
    }

    /// The row of a sender, made if there is none.
    pub fn of(
        &mut self,
        connection: &Connection,
        room: RoomId,
        sender: &Sender,
    ) -> Result<SenderId> {
        if let Some(id) = self.rows.get(&room).and_then(|known| known.get(sender)) {
            return Ok(*id);
        }
        let id = find_or_add(connection, room, sender)?;
        if self.rows.values().map(HashMap::len).sum::<usize>() >= SENDERS_MAX {
            self.rows.clear();
        }
        self.rows
            .entry(room)
            .or_default()
            .insert(sender.clone(), id);
        Ok(id)
    }
}

/// As whom those spoke in a room who had this nick.
pub(in crate::store) fn of_nick(
    connection: &Connection,
    room: RoomId,
    nick: &str,
) -> Result<Vec<SenderId>> {
    connection
        .prepare_cached(
            "SELECT id, person FROM sender INDEXED BY sender_known WHERE room = ?1 AND nick = ?2",
        )?
        .query_map(params![room, nick], |row| {
            Ok(SenderId {
                sender: row.get(0)?,
                person: row.get(1)?,
            })
        })?
        .collect()
}

/// The row of a person, if they ever said anything.
pub(in crate::store) fn person(connection: &Connection, jid: &str) -> Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM person WHERE jid = ?1")?
        .query_row([jid], |row| row.get(0))
        .optional()
}

fn find_or_add(connection: &Connection, room: RoomId, sender: &Sender) -> Result<SenderId> {
    let author = sender.author.as_ref().map(Jid::as_str);
    let occupant_id = sender.occupant_id.as_ref().map(|id| &*id.0);
    let whois = sender.whois.name();
    let found = connection
        .prepare_cached(
            "SELECT id, person FROM sender INDEXED BY sender_known
             WHERE room = ?1 AND nick = ?2 AND author IS ?3 AND occupant_id IS ?4 AND whois = ?5",
        )?
        .query_row(
            params![room, sender.nick.as_str(), author, occupant_id, whois],
            |row| {
                Ok(SenderId {
                    sender: row.get(0)?,
                    person: row.get(1)?,
                })
            },
        )
        .optional()?;
    if let Some(found) = found {
        return Ok(found);
    }
    let bare = sender.author.as_ref().map(Jid::to_bare);
    let person = match bare {
        Some(jid) => Some(person_or_new(connection, jid.as_str())?),
        None => None,
    };
    connection
        .prepare_cached(
            "INSERT INTO sender (room, nick, occupant_id, author, person, whois)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            room,
            sender.nick.as_str(),
            occupant_id,
            author,
            person,
            whois,
        ])?;
    Ok(SenderId {
        sender: connection.last_insert_rowid(),
        person,
    })
}

fn person_or_new(connection: &Connection, jid: &str) -> Result<i64> {
    if let Some(found) = person(connection, jid)? {
        return Ok(found);
    }
    connection
        .prepare_cached("INSERT INTO person (jid) VALUES (?1)")?
        .execute([jid])?;
    Ok(connection.last_insert_rowid())
}

/// Maximum number of senders, and of rooms, that are remembered; before one more is, all are
/// forgotten. Some MiB.
const SENDERS_MAX: usize = 16_384;
