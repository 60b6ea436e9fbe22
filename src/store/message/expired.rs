//! Taking the oldest messages away: a room is cleared, or has more than it keeps.
//!
//! Only from its old end may an archive lose messages (XEP-0313 §3.2, #archives_deletion), so what goes is always all
//! that lies below a row. It goes in slices, for others wait while one is written. What a room keeps is looked at by
//! the writer whenever it has nothing else to do, in a walk through all rooms, a [`Sweep`].

use rusqlite::{Connection, Result, TransactionBehavior, params};

use super::{times, wipe};
use crate::directory::{Retention, RoomRetention, tombstones_due_before};
use crate::room::Timestamp;
use crate::store::room::destroyed;
use crate::store::room::ended::Rest;
use crate::store::room::rooms::RoomId;

/// So many messages are removed in one transaction, at most.
pub const SLICE: u64 = 500;

/// The row below which all is to go by what a room keeps; 0: nothing. Nothing goes by its age when it is not known what
/// time it is.
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

/// A walk through all tombstones that are due, and then through all rooms, which removes what they do not keep.
#[derive(Debug)]
pub(in crate::store) struct Sweep {
    retention: Retention,
    /// `None`: nobody knows.
    now: Option<Timestamp>,
    /// Whether there may be tombstones that are due.
    has_tombstones: bool,
    /// How far it is.
    after: RoomId,
    /// Where messages are being removed, and below which row.
    current: Option<(RoomId, i64)>,
}

impl Sweep {
    /// A walk from the first room, with what holds where a room says nothing else.
    pub fn new(retention: Retention, now: Option<Timestamp>) -> Self {
        Self {
            retention,
            now,
            has_tombstones: now.is_some(),
            after: 0,
            current: None,
        }
    }

    /// Takes some tombstones down, or looks at some rooms, up to the first that has too much, or removes one slice of that.
    pub fn proceed(&mut self, connection: &mut Connection) -> Result<Rest> {
        if let Some(now) = self.now.filter(|_| self.has_tombstones) {
            let due = tombstones_due_before(now);
            self.has_tombstones = destroyed::remove_some_before(connection, due)?;
            return Ok(Rest::Some);
        }
        if let Some((room, boundary)) = self.current {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let removed = remove_below(&transaction, room, boundary)?;
            transaction.commit()?;
            if removed < SLICE {
                tracing::info!(row = room, "removed what a room keeps no longer");
                self.current = None;
            }
            return Ok(Rest::Some);
        }
        let rooms = next_rooms(connection, self.after)?;
        for (room, keep) in &rooms {
            self.after = *room;
            let keep = self.retention.unless(*keep);
            if keep.is_endless() {
                continue;
            }
            let boundary = boundary(connection, *room, keep, self.now)?;
            if count_below(connection, *room, boundary)? > 0 {
                self.current = Some((*room, boundary));
                return Ok(Rest::Some);
            }
        }
        Ok(match rooms.is_empty() {
            true => Rest::None,
            false => Rest::Some,
        })
    }
}

fn next_rooms(connection: &Connection, after: RoomId) -> Result<Vec<(RoomId, RoomRetention)>> {
    connection
        .prepare_cached(
            "SELECT id, keep_days, keep_messages FROM room
             WHERE id > ?1 AND jid IS NOT NULL ORDER BY id LIMIT ?2",
        )?
        .query_map(params![after, ROOMS], |row| {
            let keep = RoomRetention {
                days: row.get(1)?,
                messages: row.get(2)?,
            };
            Ok((row.get(0)?, keep))
        })?
        .collect()
}

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// So many rooms are looked at before somebody who waits may go first.
const ROOMS: u32 = 32;
