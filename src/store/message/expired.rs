//! Taking the oldest messages away: a room is cleared, or has more than it keeps.
//!
//! Only from its old end may an archive lose messages (XEP-0313 §3.2, #archives_deletion), so what
//! goes is always all that lies below a row. It goes in slices, for others wait while one is
//! written.

use rusqlite::{Connection, Result, params};

use super::{times, wipe};
use crate::directory::Retention;
use crate::room::Timestamp;
use crate::store::room::rooms::RoomId;

/// Maximum number of messages that are removed in one transaction.
pub const SLICE: u64 = 500;

/// The row below which all is to go by what a room keeps; 0: nothing. Nothing goes by its age when
/// it is not known what time it is.
pub(in crate::store) fn boundary(
    connection: &Connection,
    room: RoomId,
    keep: Retention,
    now: Option<Timestamp>,
) -> Result<i64> {
    let mut boundary = 0;
    if let Some(now) = now.filter(|_| keep.days > 0) {
        let since = now.minus_seconds(i64::from(keep.days) * SECONDS_A_DAY);
        boundary = first_from(connection, room, since)?;
    }
    if keep.messages > 0 {
        let newest: Option<i64> = connection
            .prepare_cached(
                "SELECT min(id) FROM (SELECT id FROM message INDEXED BY message_of_room
                     WHERE room = ?1 ORDER BY id DESC LIMIT ?2)",
            )?
            .query_row(params![room, keep.messages], |row| row.get(0))?;
        boundary = boundary.max(newest.unwrap_or(0));
    }
    Ok(boundary)
}

/// The row of the first message that is not from before a time, or one above all that are.
pub(in crate::store) fn first_from(
    connection: &Connection,
    room: RoomId,
    at: Timestamp,
) -> Result<i64> {
    if let Some(first) = times::first_since(connection, room, at)? {
        return Ok(first);
    }
    let newest: Option<i64> = connection
        .prepare_cached("SELECT max(id) FROM message INDEXED BY message_of_room WHERE room = ?1")?
        .query_row([room], |row| row.get(0))?;
    Ok(newest.map_or(0, |newest| newest + 1))
}

/// How many messages of a room lie below a row.
pub(in crate::store) fn count_below(
    connection: &Connection,
    room: RoomId,
    boundary: i64,
) -> Result<u64> {
    connection
        .prepare_cached(
            "SELECT count(*) FROM message INDEXED BY message_of_room WHERE room = ?1 AND id < ?2",
        )?
        .query_row([room, boundary], |row| row.get::<_, i64>(0))
        .map(i64::unsigned_abs)
}

/// Removes a slice of the messages below a row, the oldest first, with their words. Tells how many.
pub(in crate::store) fn remove_below(
    connection: &Connection,
    room: RoomId,
    boundary: i64,
) -> Result<u64> {
    let slice = i64::try_from(SLICE).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "DELETE FROM word WHERE rowid IN (SELECT id FROM message INDEXED BY message_of_room
                 WHERE room = ?1 AND id < ?2 ORDER BY id LIMIT ?3)",
        )?
        .execute([room, boundary, slice])?;
    let removed = connection
        .prepare_cached(
            "DELETE FROM message WHERE id IN (SELECT id FROM message INDEXED BY message_of_room
                 WHERE room = ?1 AND id < ?2 ORDER BY id LIMIT ?3)",
        )?
        .execute([room, boundary, slice])?;
    if removed > 0 {
        wipe::note(connection)?;
    }
    Ok(removed as u64)
}

const SECONDS_A_DAY: i64 = 24 * 60 * 60;
