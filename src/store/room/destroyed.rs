//! What is left of destroyed rooms. XEP-0045 §10.9 (#destroyroom).

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension, Result, params};

use super::rooms::RoomId;
use crate::room::Timestamp;
use crate::room::owning::destroy::Destruction;
use crate::room::scope::CategoryId;
use crate::store::column;

/// Puts up a tombstone for a room that is still there, in place of an older one if there is one.
pub(in crate::store) fn set(
    connection: &Connection,
    (room, jid): (RoomId, &BareJid),
    destruction: &Destruction,
) -> Result<()> {
    remove(connection, jid)?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO tombstone (jid, alternate, password, reason, at, secret, reason_language, category, creator)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, (SELECT creator FROM room WHERE id = ?9))",
    )?;
    statement.execute(params![
        jid.as_str(),
        destruction.alternate.as_ref().map(|jid| jid.as_str()),
        destruction.password,
        destruction.reason.as_deref(),
        destruction.at.map(|at| at.0),
        destruction.secret,
        destruction
            .reason
            .as_ref()
            .and_then(|reason| reason.language()),
        destruction.category.map(|category| category.0),
        room,
    ])?;
    let mut statement =
        connection.prepare_cached("INSERT INTO tombstone_owner (jid, owner) VALUES (?1, ?2)")?;
    for owner in &destruction.owners {
        statement.execute([jid.as_str(), owner.as_str()])?;
    }
    Ok(())
}

/// Takes down the tombstone of one address, if there is one.
pub(in crate::store) fn remove(connection: &Connection, jid: &BareJid) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM tombstone WHERE jid = ?1")?
        .execute([jid.as_str()])?;
    Ok(())
}

/// Takes down some of those that were put up before that time, or at an unknown one. Tells whether
/// there may be more.
pub(in crate::store) fn remove_some_before(
    connection: &Connection,
    time: Timestamp,
) -> Result<bool> {
    let removed = connection
        .prepare_cached(
            "DELETE FROM tombstone WHERE jid IN
                 (SELECT jid FROM tombstone WHERE at < ?1 OR at IS NULL LIMIT ?2)",
        )?
        .execute(params![time.0, SLICE])?;
    Ok(removed == SLICE as usize)
}

/// Reads a tombstone.
pub(in crate::store) fn load(
    connection: &Connection,
    jid: &BareJid,
) -> Result<Option<Destruction>> {
    let found = connection
        .prepare_cached(
            "SELECT alternate, password, reason, at, secret, reason_language, category FROM tombstone
             WHERE jid = ?1",
        )?
        .query_row([jid.as_str()], |row| {
            Ok(Destruction {
                alternate: column::jid_or_null(row, 0)?,
                password: column::text_or_null(row, 1)?,
                reason: column::words(row, 2, 5)?,
                at: column::timestamp_or_null(row, 3)?,
                secret: row.get(4)?,
                category: row.get::<_, Option<i64>>(6)?.map(CategoryId),
                ..Destruction::default()
            })
        })
        .optional()?;
    let Some(found) = found else { return Ok(None) };
    let owners = connection
        .prepare_cached("SELECT owner FROM tombstone_owner WHERE jid = ?1")?
        .query_map([jid.as_str()], |row| column::bare_jid(row, 0))?
        .collect::<Result<_>>()?;
    Ok(Some(Destruction { owners, ..found }))
}

/// Reads who had created the room that was destroyed under an address.
pub(in crate::store) fn creator(connection: &Connection, jid: &BareJid) -> Result<Option<BareJid>> {
    let found: Option<Option<BareJid>> = connection
        .prepare_cached("SELECT creator FROM tombstone WHERE jid = ?1")?
        .query_row([jid.as_str()], |row| column::bare_jid_or_null(row, 0))
        .optional()?;
    Ok(found.flatten())
}

/// Counts the destroyed rooms that somebody has created, of those that were not destroyed before
/// that time.
pub(in crate::store) fn count_created(
    connection: &Connection,
    creator: &BareJid,
    since: Timestamp,
) -> Result<u64> {
    connection
        .prepare_cached("SELECT count(*) FROM tombstone WHERE creator = ?1 AND at >= ?2")?
        .query_row(params![creator.as_str(), since.0], |row| {
            row.get(0).map(i64::cast_unsigned)
        })
}

/// Tombstones that are taken down in one transaction.
const SLICE: u32 = 500;
