//! What rooms keep no longer: the writer looks for it whenever it has nothing else to do, in a walk
//! through all rooms.

use rusqlite::{Connection, Result, TransactionBehavior, params};

use crate::directory::{Retention, RoomRetention, tombstones_due_before};
use crate::room::Timestamp;
use crate::store::message::expired::{self, SLICE};
use crate::store::rest::Rest;
use crate::store::room::destroyed;
use crate::store::room::rooms::RoomId;

/// A walk through all tombstones that are due, and then through all rooms, which removes what they
/// do not keep.
#[derive(Debug)]
pub(in crate::store) struct RetentionSweep {
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

impl RetentionSweep {
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

    /// Takes some tombstones down, or looks at some rooms, up to the first that has too much, or
    /// removes one slice of that.
    pub fn proceed(&mut self, connection: &mut Connection) -> Result<Rest> {
        if let Some(now) = self.now.filter(|_| self.has_tombstones) {
            let due = tombstones_due_before(now);
            self.has_tombstones = destroyed::remove_some_before(connection, due)?;
            return Ok(Rest::Some);
        }
        if let Some((room, boundary)) = self.current {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let removed = expired::remove_below(&transaction, room, boundary)?;
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
            let boundary = expired::boundary(connection, *room, keep, self.now)?;
            if expired::count_below(connection, *room, boundary)? > 0 {
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

/// Number of rooms that are looked at before somebody who waits may go first.
const ROOMS: u32 = 32;
