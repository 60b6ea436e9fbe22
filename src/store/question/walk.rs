//! Walking through the rows that a question can be about, in the order of the archive, from either
//! end.
//!
//! Every walk follows an index that has this order already. Nothing is sorted, and who has seen
//! enough stops.

use std::ops::{ControlFlow, Range};

use rusqlite::{Connection, Params, Result, params};

use crate::store::room::rooms::RoomId;

/// What is walked along.
pub(in crate::store) enum Path {
    /// All messages of a room.
    Room(RoomId),
    /// What an FTS5 expression matches.
    Words(String),
    /// All messages of all rooms.
    Everything,
}

/// The direction of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Direction {
    /// From the oldest to the newest.
    Forward,
    /// From the newest to the oldest.
    Backward,
}

impl Path {
    /// Visits the rows within a range until a visit says that it is enough.
    pub fn walk(
        &self,
        connection: &Connection,
        rows: &Range<i64>,
        direction: Direction,
        visit: &mut dyn FnMut(i64) -> Result<ControlFlow<()>>,
    ) -> Result<ControlFlow<()>> {
        let (forward, backward) = match self {
            Self::Room(_) => (ROOM_FORWARD, ROOM_BACKWARD),
            Self::Words(_) => (WORDS_FORWARD, WORDS_BACKWARD),
            Self::Everything => (EVERYTHING_FORWARD, EVERYTHING_BACKWARD),
        };
        let sql = match direction {
            Direction::Forward => forward,
            Direction::Backward => backward,
        };
        match self {
            Self::Room(room) => {
                visit_each(connection, sql, params![rows.start, rows.end, room], visit)
            }
            Self::Words(words) => {
                visit_each(connection, sql, params![rows.start, rows.end, words], visit)
            }
            Self::Everything => visit_each(connection, sql, params![rows.start, rows.end], visit),
        }
    }

    /// How many rows lie within a range. It looks at each of them, but at nothing else.
    pub fn count(&self, connection: &Connection, rows: &Range<i64>) -> Result<u64> {
        let count: i64 = match self {
            Self::Room(room) => connection
                .prepare_cached(ROOM_COUNT)?
                .query_row(params![rows.start, rows.end, room], |row| row.get(0))?,
            Self::Words(words) => connection
                .prepare_cached(WORDS_COUNT)?
                .query_row(params![rows.start, rows.end, words], |row| row.get(0))?,
            Self::Everything => connection
                .prepare_cached(EVERYTHING_COUNT)?
                .query_row(params![rows.start, rows.end], |row| row.get(0))?,
        };
        Ok(count.cast_unsigned())
    }
}

fn visit_each(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    visit: &mut dyn FnMut(i64) -> Result<ControlFlow<()>>,
) -> Result<ControlFlow<()>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        if visit(row.get(0)?)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

macro_rules! room {
    () => {
        "FROM message INDEXED BY message_of_room WHERE id >= ?1 AND id < ?2 AND room = ?3"
    };
}

macro_rules! words {
    () => {
        "FROM word WHERE rowid >= ?1 AND rowid < ?2 AND word MATCH ?3"
    };
}

macro_rules! everything {
    () => {
        "FROM message NOT INDEXED WHERE id >= ?1 AND id < ?2"
    };
}

pub(in crate::store) const ROOM_FORWARD: &str = concat!("SELECT id ", room!(), " ORDER BY id");
pub(in crate::store) const ROOM_BACKWARD: &str =
    concat!("SELECT id ", room!(), " ORDER BY id DESC");
pub(in crate::store) const ROOM_COUNT: &str = concat!("SELECT count(*) ", room!());

pub(in crate::store) const WORDS_FORWARD: &str =
    concat!("SELECT rowid ", words!(), " ORDER BY rowid");
pub(in crate::store) const WORDS_BACKWARD: &str =
    concat!("SELECT rowid ", words!(), " ORDER BY rowid DESC");
pub(in crate::store) const WORDS_COUNT: &str = concat!("SELECT count(*) ", words!());

pub(in crate::store) const EVERYTHING_FORWARD: &str =
    concat!("SELECT id ", everything!(), " ORDER BY id");
pub(in crate::store) const EVERYTHING_BACKWARD: &str =
    concat!("SELECT id ", everything!(), " ORDER BY id DESC");
pub(in crate::store) const EVERYTHING_COUNT: &str = concat!("SELECT count(*) ", everything!());
