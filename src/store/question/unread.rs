//! What is unread, room by room.

use std::ops::{ControlFlow, Range};

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension, Result, params};

use super::ask::{ArchiveAnswer, Reader};
use super::readable::Rights;
use super::walk::{Direction, Path};
use crate::room::ArchiveId;
use crate::room::effect::ArchivedKind;
use crate::room::occupying::archive::UnreadRoom;
use crate::store::column;
use crate::store::message::index::{person_token, quoted, room_token};
use crate::store::message::{messages, senders};
use crate::store::room::rooms;
use crate::store::room::rooms::RoomId;

/// The first messages of a room since then are looked at, at most this many; that there are more is
/// all that is told.
pub const UNREAD_MAX: u64 = 1_000;

/// Maximum number of rooms that are looked at if they are not named, the first by address.
pub const UNREAD_ROOMS_MAX: usize = 1_000;

/// Counts in the rooms that are named, or else in all that the reader belongs to.
pub(in crate::store) fn unread(
    connection: &Connection,
    reader: &Reader,
    named: &[(BareJid, Option<ArchiveId>)],
) -> Result<ArchiveAnswer> {
    let rights = Rights::of(connection, reader)?;
    let rooms = match named.is_empty() {
        true => own_rooms(connection, &rights)?,
        false => readable(connection, &rights, named)?,
    };
    let person = senders::person(connection, reader.person.as_str())?;
    let mut unread = Vec::with_capacity(rooms.len());
    for (room, id, since) in rooms {
        let read = match &since {
            Some(since) => messages::number(connection, id, since)?,
            None => Some(read_by(connection, id, person)?),
        };
        let (count, more) = match read {
            Some(read) => {
                let (count, more) = count_behind(connection, id, read)?;
                (Some(count), more)
            }
            None => (None, false),
        };
        unread.push(UnreadRoom { room, count, more });
    }
    Ok(ArchiveAnswer::Unread(unread))
}

/// A room, and the message since when it is wanted.
type Since = (BareJid, RoomId, Option<ArchiveId>);

fn own_rooms(connection: &Connection, rights: &Rights<'_>) -> Result<Vec<Since>> {
    let mut jid = connection.prepare_cached("SELECT jid FROM room WHERE id = ?1")?;
    let mut rooms = Vec::new();
    for room in rights.own_rooms(connection)? {
        let found = jid.query_row([room], |row| column::bare_jid_or_null(row, 0));
        if let Some(jid) = found.optional()?.flatten() {
            rooms.push((jid, room, None));
        }
    }
    rooms.sort();
    rooms.truncate(UNREAD_ROOMS_MAX);
    Ok(rooms)
}

/// Without those that the reader may not read: they shall not tell them from those that are not
/// there.
fn readable(
    connection: &Connection,
    rights: &Rights<'_>,
    named: &[(BareJid, Option<ArchiveId>)],
) -> Result<Vec<Since>> {
    let mut rooms = Vec::with_capacity(named.len());
    for (jid, since) in named {
        let Some(room) = rooms::id_of(connection, jid)? else {
            continue;
        };
        if rights.in_room(connection, room)?.is_some() {
            rooms.push((jid.clone(), room, since.clone()));
        }
    }
    Ok(rooms)
}

/// The row up to which somebody has read, as far as their own messages show it: the last that they
/// said, or what one of their later signals is about; 0: none shows it.
fn read_by(connection: &Connection, room: RoomId, person: Option<i64>) -> Result<i64> {
    let Some(person) = person else { return Ok(0) };
    let tokens = [person_token(person), room_token(room)];
    let own = Path::Words(tokens.map(|token| quoted(&token)).join(" AND "));
    let mut statement = connection.prepare_cached(OWN)?;
    let (mut read, mut looked_at) = (0, 0);
    let mut visit = |row: i64| {
        let found = statement
            .query_row([row], |row| {
                Ok((
                    column::archived_kind(row, 0)?,
                    row.get::<_, Option<i64>>(1)?,
                ))
            })
            .optional()?;
        looked_at += 1;
        match found {
            Some((ArchivedKind::Signal, about)) => read = read.max(about.unwrap_or(0)),
            Some((
                ArchivedKind::Speech
                | ArchivedKind::Subject
                | ArchivedKind::Correction
                | ArchivedKind::Retraction
                | ArchivedKind::Moderation
                | ArchivedKind::Tombstone,
                _,
            )) => {
                read = read.max(row);
                return Ok(ControlFlow::Break(()));
            }
            None => {}
        }
        Ok(match looked_at < OWN_MAX {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        })
    };
    let everything = 0..i64::MAX;
    // Where the walk ended is nothing to know.
    let _ = own.walk(connection, &everything, Direction::Backward, &mut visit)?;
    Ok(read)
}

/// How many messages that are there to be read lie behind a row, and whether there are more than
/// were counted.
fn count_behind(connection: &Connection, room: RoomId, read: i64) -> Result<(u64, bool)> {
    let mut last = None;
    let mut all = 0;
    let mut visit = |row: i64| {
        if all == UNREAD_MAX {
            return Ok(ControlFlow::Break(()));
        }
        all += 1;
        last = Some(row);
        Ok(ControlFlow::Continue(()))
    };
    let behind = read.saturating_add(1)..i64::MAX;
    let walked = Path::Room(room).walk(connection, &behind, Direction::Forward, &mut visit)?;
    let Some(last) = last else {
        return Ok((0, false));
    };
    let counted = Range {
        end: last + 1,
        ..behind
    };
    let uncounted: i64 = connection
        .prepare_cached(UNCOUNTED)?
        .query_row(params![room, counted.start, counted.end], |row| row.get(0))?;
    Ok((all - uncounted.cast_unsigned(), walked.is_break()))
}

/// Maximum number of somebody's own messages that are looked at for what they show.
const OWN_MAX: u32 = 100;

const OWN: &str = "SELECT kind, original FROM message WHERE id = ?1";

pub(in crate::store) const UNCOUNTED: &str =
    "SELECT count(*) FROM message INDEXED BY message_uncounted
     WHERE kind <> 0 AND room = ?1 AND id >= ?2 AND id < ?3";
