//! Finding a time in an archive.
//!
//! Within a room, `at` never goes back as `id` grows. So no index of times is needed: the place of a time is found by
//! halving the distance between two ids.

use rusqlite::{Connection, OptionalExtension, Result, params};

use super::rooms::RoomId;
use crate::room::Timestamp;

/// The first message of a room that is not from before `at`; `None` when there is none.
pub(super) fn first_since(
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
