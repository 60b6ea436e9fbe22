//! Finding a time in an archive.
//!
//! Within a room, `at` never goes back as `id` grows. So no index of times is needed: the place of
//! a time is found by halving the distance between two ids.

use rusqlite::{Connection, OptionalExtension, Result, params};

use crate::room::Timestamp;
use crate::store::column;
use crate::store::room::rooms::RoomId;

/// The first message of a room that is not from before `at`; `None` when there is none.
pub(in crate::store) fn first_since(
    connection: &Connection,
    room: RoomId,
    at: Timestamp,
) -> Result<Option<i64>> {
    let mut probe = connection.prepare_cached(
        "SELECT id, at FROM message INDEXED BY message_of_room
         WHERE room = ?1 AND id >= ?2 ORDER BY id LIMIT 1",
    )?;
    let newest: Option<(i64, i64)> = connection
        .prepare_cached(
            "SELECT id, at FROM message INDEXED BY message_of_room
             WHERE room = ?1 ORDER BY id DESC LIMIT 1",
        )?
        .query_row([room], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((mut high, _)) = newest.filter(|(_, newest_at)| *newest_at >= at.0) else {
        return Ok(None);
    };
    // All messages below `low` are too early, `high` is late enough.
    let mut low = 0;
    while low < high {
        let middle = low + (high - low) / 2;
        let (found, found_at): (i64, i64) =
            probe.query_row(params![room, middle], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if found_at >= at.0 {
            // Nothing of this room lies between the middle and what was found there.
            high = middle;
        } else {
            low = found + 1;
        }
    }
    probe
        .query_row(params![room, high], |row| row.get(0))
        .optional()
}

/// The time of the message that was added last to a room.
pub(in crate::store) fn newest_in(
    connection: &Connection,
    room: RoomId,
) -> Result<Option<Timestamp>> {
    connection
        .prepare_cached(
            "SELECT at FROM message INDEXED BY message_of_room
             WHERE room = ?1 ORDER BY id DESC LIMIT 1",
        )?
        .query_row([room], |row| column::timestamp(row, 0))
        .optional()
}

/// A row before which none of these rooms has a message that is not from before `at`; the first
/// such row, as a rule.
pub(in crate::store) fn first_since_in_any(
    connection: &Connection,
    rooms: &[RoomId],
    at: Timestamp,
) -> Result<i64> {
    let mut first = about(connection, at)?;
    let mut probe = connection.prepare_cached(LAST_BEFORE_ROW)?;
    for room in rooms {
        let before: Option<i64> = probe
            .query_row(params![room, first], |row| row.get(0))
            .optional()?;
        if before.is_some_and(|before| before >= at.0) {
            first = first_since(connection, *room, at)?.map_or(first, |found| found.min(first));
        }
    }
    Ok(first)
}

/// A row from which on none of these rooms has a message from before `at`; the first such row, as a
/// rule.
pub(in crate::store) fn behind_all_before(
    connection: &Connection,
    rooms: &[RoomId],
    at: Timestamp,
) -> Result<i64> {
    let mut behind = about(connection, at)?;
    let mut probe = connection.prepare_cached(FIRST_FROM_ROW)?;
    for room in rooms {
        let from: Option<i64> = probe
            .query_row(params![room, behind], |row| row.get(0))
            .optional()?;
        if from.is_some_and(|from| from < at.0) {
            behind = first_since(connection, *room, at)?.unwrap_or(i64::MAX);
        }
    }
    Ok(behind)
}

/// The first row that is not from before `at`, if time never went back in all rooms together. It
/// does where messages were brought from elsewhere, so this is where to begin to look.
fn about(connection: &Connection, at: Timestamp) -> Result<i64> {
    let mut probe = connection.prepare_cached(FROM_ROW)?;
    let newest: Option<i64> = connection
        .prepare_cached("SELECT id FROM message ORDER BY id DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let (mut low, mut high) = (0, newest.map_or(0, |newest| newest + 1));
    while low < high {
        let middle = low + (high - low) / 2;
        let (found, found_at): (i64, i64) =
            probe.query_row([middle], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if found_at >= at.0 {
            high = middle;
        } else {
            low = found + 1;
        }
    }
    Ok(high)
}

const FROM_ROW: &str = "SELECT id, at FROM message WHERE id >= ?1 ORDER BY id LIMIT 1";

const LAST_BEFORE_ROW: &str = "SELECT at FROM message INDEXED BY message_of_room
     WHERE room = ?1 AND id < ?2 ORDER BY id DESC LIMIT 1";

const FIRST_FROM_ROW: &str = "SELECT at FROM message INDEXED BY message_of_room
     WHERE room = ?1 AND id >= ?2 ORDER BY id LIMIT 1";
