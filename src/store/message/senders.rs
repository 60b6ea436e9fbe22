//! As whom things are said, each kept once.

use std::collections::HashMap;

use jid::Jid;
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

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

/// The rows of those who have spoken of late; bounded.
#[derive(Debug, Default)]
pub(in crate::store) struct Senders(HashMap<RoomId, HashMap<Sender, SenderId>>);

impl Senders {
    /// Forgets all, after a rollback.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Forgets those of a room that ends.
    pub fn forget(&mut self, room: RoomId) {
        self.0.remove(&room);
    }

    /// The row of a sender, made if there is none.
    pub fn of(
        &mut self,
        connection: &Connection,
        room: RoomId,
        sender: &Sender,
    ) -> Result<SenderId> {
        if let Some(id) = self.0.get(&room).and_then(|known| known.get(sender)) {
            return Ok(*id);
        }
        let id = find_or_add(connection, room, sender)?;
        if self.0.values().map(HashMap::len).sum::<usize>() >= SENDERS_MAX {
            self.0.clear();
        }
        self.0.entry(room).or_default().insert(sender.clone(), id);
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

/// Number of senders that are remembered before all are forgotten again; some MiB.
const SENDERS_MAX: usize = 16_384;
