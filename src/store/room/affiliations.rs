//! Affiliations: the lasting standing of people in rooms.
//!
//! Triggers count the entries of each list. `REPLACE` would not set off the one for what it
//! replaces, so it is not used.

use jid::BareJid;
use rusqlite::{Connection, Result, params};

use super::rooms::RoomId;
use crate::room::Affiliated;
use crate::store::column;

/// Writes an affiliation, or takes it away.
pub(in crate::store) fn set_affiliation(
    connection: &Connection,
    room: RoomId,
    jid: &BareJid,
    entry: Option<&Affiliated>,
) -> Result<()> {
    let Some(entry) = entry else {
        let sql = "DELETE FROM affiliation WHERE room = ?1 AND jid = ?2";
        connection
            .prepare_cached(sql)?
            .execute(params![room, jid.as_str()])?;
        return Ok(());
    };
    let mut statement = connection.prepare_cached(
        "INSERT INTO affiliation (room, jid, affiliation, reason, given_by, given_at,
             reason_language)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (room, jid) DO UPDATE SET affiliation = excluded.affiliation,
             reason = excluded.reason, given_by = excluded.given_by, given_at = excluded.given_at,
             reason_language = excluded.reason_language",
    )?;
    statement.execute(params![
        room,
        jid.as_str(),
        entry.affiliation.name(),
        entry.reason.as_deref(),
        entry.given_by.as_ref().map(|jid| jid.as_str()),
        entry.given_at.0,
        entry.reason.as_ref().and_then(|reason| reason.language()),
    ])?;
    Ok(())
}

/// Whether somebody owns a room, or any if none is named. A domain owns nothing.
pub(in crate::store) fn is_owner(
    connection: &Connection,
    room: Option<&BareJid>,
    person: &BareJid,
) -> Result<bool> {
    if person.node().is_none() {
        return Ok(false);
    }
    match room {
        Some(room) => connection
            .prepare_cached(
                "SELECT 1 FROM affiliation
                 WHERE room = (SELECT id FROM room WHERE jid = ?1)
                     AND jid = ?2 AND affiliation = 'owner'",
            )?
            .exists(params![room.as_str(), person.as_str()]),
        None => connection
            .prepare_cached("SELECT 1 FROM affiliation WHERE jid = ?1 AND affiliation = 'owner'")?
            .exists([person.as_str()]),
    }
}

/// Reads the affiliations of a room, in the order of their JIDs.
pub(in crate::store) fn affiliations(
    connection: &Connection,
    room: RoomId,
) -> Result<Vec<(BareJid, Affiliated)>> {
    connection
        .prepare_cached(
            "SELECT jid, affiliation, reason, given_by, given_at, reason_language
             FROM affiliation WHERE room = ?1 ORDER BY jid",
        )?
        .query_map([room], |row| {
            let entry = Affiliated {
                affiliation: column::affiliation(row, 1)?,
                reason: column::words(row, 2, 5)?,
                given_by: column::bare_jid_or_null(row, 3)?,
                given_at: column::timestamp(row, 4)?,
            };
            Ok((column::bare_jid(row, 0)?, entry))
        })?
        .collect()
}
