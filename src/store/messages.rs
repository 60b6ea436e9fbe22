//! The archive: messages in the order that all have seen.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use super::column;
use super::rooms::RoomId;
use crate::room::effect::Archived;
use crate::room::{ArchiveId, Content, HistoryLimits, OccupantId};

/// Adds a message after all others.
pub(super) fn add(connection: &Connection, room: RoomId, message: &Archived) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO message
             (room, archive_id, at, kind, nick, occupant_id, author, content_id, language, payload)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    statement.execute(params![
        room,
        message.id.0,
        message.at.0,
        column::archived_kind_name(message.kind),
        message.nick.as_str(),
        message.occupant_id.0,
        message.author.as_str(),
        message.content.id,
        message.content.language,
        message.content.payload.as_bytes(),
    ])?;
    Ok(())
}

/// Reads the newest messages of a room that were said to all, within the limits, oldest first. Their length in
/// characters is not looked at: it is known only when they are written out as stanzas.
pub(super) fn recent(
    connection: &Connection,
    room: RoomId,
    limits: &HistoryLimits,
) -> Result<Vec<Archived>> {
    // With a time, the index of times ends the search; without, the index of the room does, and both know the
    // order already.
    let mut messages: Vec<(i64, Archived)> = match limits.since {
        Some(since) => connection
            .prepare_cached(RECENT_SINCE)?
            .query_map(params![room, limits.messages_max, since.0], read_numbered)?
            .collect::<Result<_>>()?,
        None => connection
            .prepare_cached(RECENT)?
            .query_map(params![room, limits.messages_max], read_numbered)?
            .collect::<Result<_>>()?,
    };
    messages.sort_unstable_by_key(|(number, _)| *number);
    Ok(messages.into_iter().map(|(_, message)| message).collect())
}

/// The id of the message that was added last.
pub(super) fn newest(connection: &Connection, room: RoomId) -> Result<Option<ArchiveId>> {
    connection
        .prepare_cached("SELECT archive_id FROM message WHERE room = ?1 ORDER BY id DESC LIMIT 1")?
        .query_row([room], |row| column::text(row, 0).map(ArchiveId))
        .optional()
}

fn read_numbered(row: &Row<'_>) -> Result<(i64, Archived)> {
    let message = Archived {
        id: ArchiveId(column::text(row, 1)?),
        at: column::timestamp(row, 2)?,
        kind: column::archived_kind(row, 3)?,
        nick: column::nick(row, 4)?,
        occupant_id: OccupantId(column::text(row, 5)?),
        author: Arc::new(column::full_jid(row, 6)?),
        content: Content {
            id: column::text(row, 7)?,
            language: column::text_or_null(row, 8)?,
            payload: column::payload(row, 9)?,
        },
    };
    Ok((row.get(0)?, message))
}

const RECENT: &str = "SELECT id, archive_id, at, kind, nick, occupant_id, author, content_id,
         language, payload
     FROM message INDEXED BY message_of_room
     WHERE room = ?1 AND kind = 'speech'
     ORDER BY id DESC LIMIT ?2";

const RECENT_SINCE: &str = "SELECT id, archive_id, at, kind, nick, occupant_id, author, content_id,
         language, payload
     FROM message INDEXED BY message_of_time
     WHERE room = ?1 AND kind = 'speech' AND at >= ?3
     ORDER BY at DESC, id DESC LIMIT ?2";
