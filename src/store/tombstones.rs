//! What is left of destroyed rooms. XEP-0045 §10.9 (#destroyroom).

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension, Result, params};

use super::column;
use crate::room::Timestamp;
use crate::room::destroy::Destruction;

/// Puts up a tombstone, in place of an older one if there is one.
pub(super) fn set(connection: &Connection, jid: &BareJid, destruction: &Destruction) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "REPLACE INTO tombstone (jid, alternate, password, reason, at, secret, reason_language)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
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
    ])?;
    Ok(())
}

/// Takes down the tombstone of one address, if there is one.
pub(super) fn remove(connection: &Connection, jid: &BareJid) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM tombstone WHERE jid = ?1")?
        .execute([jid.as_str()])?;
    Ok(())
}

/// Takes down what was put up before that time, or at an unknown one.
pub(super) fn remove_before(connection: &Connection, time: Timestamp) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM tombstone WHERE at < ?1 OR at IS NULL")?
        .execute([time.0])?;
    Ok(())
}

/// Reads a tombstone.
pub(super) fn load(connection: &Connection, jid: &BareJid) -> Result<Option<Destruction>> {
    connection
        .prepare_cached(
            "SELECT alternate, password, reason, at, secret, reason_language FROM tombstone
             WHERE jid = ?1",
        )?
        .query_row([jid.as_str()], |row| {
            Ok(Destruction {
                alternate: column::jid_or_null(row, 0)?,
                password: column::text_or_null(row, 1)?,
                reason: column::words(row, 2, 5)?,
                at: column::timestamp_or_null(row, 3)?,
                secret: row.get(4)?,
            })
        })
        .optional()
}
