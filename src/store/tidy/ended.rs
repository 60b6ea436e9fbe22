//! Rooms that have ended, and the removal of what they leave.
//!
//! A room ends in one transaction, but neither a large archive nor long lists can be deleted in
//! one: every other room would wait for it, for seconds. So the row of such a room loses its
//! address and stays until the writer, whenever it has nothing else to do, has removed the rest
//! slice by slice. Nobody finds the rest meanwhile: a room is looked for by its address, and what
//! looks for a person or a session in all rooms passes over those without one.

use std::sync::LazyLock;

use rusqlite::{Connection, OptionalExtension, Result, TransactionBehavior, params};

use crate::room::BondKind;
use crate::store::message::expired;
use crate::store::message::wipe;
use crate::store::rest::Rest;
use crate::store::room::rooms::RoomId;

/// Ends a room: from now on nothing finds it.
pub(in crate::store) fn end(connection: &Connection, room: RoomId) -> Result<()> {
    wipe::note(connection)?;
    if remove_if_small(connection, room)? {
        return Ok(());
    }
    for sql in [
        "UPDATE room SET jid = NULL, public = 0, locked_since = NULL WHERE id = ?1",
        "DELETE FROM avatar WHERE room = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([room])?;
    }
    Ok(())
}

/// Removes one slice of what ended rooms have left, and a room of which nothing else is left, in a
/// transaction.
pub(in crate::store) fn clear(connection: &mut Connection) -> Result<Rest> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let room: Option<RoomId> = transaction
        .prepare_cached(NEXT)?
        .query_row([], |row| row.get(0))
        .optional()?;
    let Some(room) = room else {
        return Ok(Rest::None);
    };
    expired::remove_below(&transaction, room, i64::MAX)?;
    remove_if_small(&transaction, room)?;
    transaction.commit()?;
    Ok(Rest::Some)
}

/// Removes a slice of a room's lists, and the room, if no more is left of it than a slice of
/// messages. Tells whether it did.
fn remove_if_small(connection: &Connection, room: RoomId) -> Result<bool> {
    if remove_entries(connection, room)? == Rest::Some || !has_few_messages(connection, room)? {
        return Ok(false);
    }
    forget_words(connection, room, SLICE + 1)?;
    // The references take the messages along.
    connection
        .prepare_cached("DELETE FROM room WHERE id = ?1")?
        .execute([room])?;
    Ok(true)
}

/// Removes the first entries of a room's lists.
fn remove_entries(connection: &Connection, room: RoomId) -> Result<Rest> {
    let mut left = ENTRIES;
    for sql in LISTS.iter() {
        let removed = connection
            .prepare_cached(sql)?
            .execute(params![room, left.cast_signed()])?;
        left = left.saturating_sub(removed as u64);
        if left == 0 {
            return Ok(Rest::Some);
        }
    }
    Ok(Rest::None)
}

/// Whether there is something left of ended rooms, whose ids are not free again yet.
pub(in crate::store) fn is_something_left(connection: &Connection) -> Result<bool> {
    let found: Option<RoomId> = connection
        .prepare_cached(NEXT)?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(found.is_some())
}

/// Takes the first messages out of the index.
fn forget_words(connection: &Connection, room: RoomId, messages_max: i64) -> Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM word WHERE rowid IN
                 (SELECT id FROM message INDEXED BY message_of_room WHERE room = ?1 ORDER BY id LIMIT ?2)",
        )?
        .execute(params![room, messages_max])?;
    Ok(())
}

/// Whether what is left of the archive is no more than a slice.
fn has_few_messages(connection: &Connection, room: RoomId) -> Result<bool> {
    connection
        .prepare_cached(
            "SELECT NOT EXISTS
                 (SELECT 1 FROM message INDEXED BY message_of_room WHERE room = ?1 LIMIT 1 OFFSET ?2)",
        )?
        .query_row(params![room, SLICE], |row| row.get(0))
}

/// A room that has ended; one that arrives has no address either.
pub(in crate::store) const NEXT: &str =
    "SELECT id FROM room WHERE jid IS NULL AND id NOT IN (SELECT room FROM arriving) LIMIT 1";

/// For each list of people of a room: removes the first entries, at most a number.
static LISTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let bonds = BondKind::ALL.map(|kind| (kind.row().table, "jid"));
    let others = [("affiliation", "jid"), ("session", "real_jid")];
    let tables = others.into_iter().chain(bonds);
    tables
        .map(|(table, key)| {
            format!(
                "DELETE FROM {table} WHERE room = ?1 AND {key} IN
                     (SELECT {key} FROM {table} WHERE room = ?1 ORDER BY {key} LIMIT ?2)"
            )
        })
        .collect()
});

/// Entries of lists that are deleted in one transaction: a hundredth of a second of work.
const ENTRIES: u64 = 200;

/// Messages that are deleted in one transaction: some hundredths of a second of work.
const SLICE: i64 = 1000;
