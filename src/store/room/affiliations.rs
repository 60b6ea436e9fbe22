//! What binds persons to rooms: affiliations, reserved nicks, and the voice they are to have again.
//!
//! Triggers count the entries of each list. `REPLACE` would not set off the one for what it replaces, so it is not
//! used.

use jid::BareJid;
use rusqlite::{Connection, Result, params};

use super::rooms::RoomId;
use crate::room::{Affiliated, Nick, Role};
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

/// Writes a reserved nick, or gives it back.
pub(in crate::store) fn set_registration(
    connection: &Connection,
    room: RoomId,
    jid: &BareJid,
    nick: Option<&Nick>,
) -> Result<()> {
    match nick {
        Some(nick) => connection
            .prepare_cached(
                "INSERT INTO registration (room, jid, nick, nick_key) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (room, jid) DO UPDATE SET nick = excluded.nick, nick_key = excluded.nick_key",
            )?
            .execute(params![
                room,
                jid.as_str(),
                nick.as_str(),
                nick.key().as_str()
            ])?,
        None => connection
            .prepare_cached("DELETE FROM registration WHERE room = ?1 AND jid = ?2")?
            .execute(params![room, jid.as_str()])?,
    };
    Ok(())
}

/// Writes who waits to be registered, and under which nick, or that it is so no longer.
pub(in crate::store) fn set_registration_request(
    connection: &Connection,
    room: RoomId,
    jid: &BareJid,
    nick: Option<&Nick>,
) -> Result<()> {
    let (jid, nick) = (jid.as_str(), nick.map(Nick::as_str));
    match nick {
        Some(nick) => connection
            .prepare_cached(
                "REPLACE INTO registration_request (room, jid, nick) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![room, jid, nick])?,
        None => connection
            .prepare_cached("DELETE FROM registration_request WHERE room = ?1 AND jid = ?2")?
            .execute(params![room, jid])?,
    };
    Ok(())
}

/// Writes the role that somebody is to have again, or forgets it.
pub(in crate::store) fn set_voice(
    connection: &Connection,
    room: RoomId,
    jid: &BareJid,
    role: Option<Role>,
) -> Result<()> {
    match role {
        Some(role) => connection
            .prepare_cached(
                "INSERT INTO voice (room, jid, role) VALUES (?1, ?2, ?3)
                 ON CONFLICT (room, jid) DO UPDATE SET role = excluded.role",
            )?
            .execute(params![room, jid.as_str(), role.name()])?,
        None => connection
            .prepare_cached("DELETE FROM voice WHERE room = ?1 AND jid = ?2")?
            .execute(params![room, jid.as_str()])?,
    };
    Ok(())
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

/// Reads the reserved nicks of a room, in the order of their owners' JIDs.
pub(in crate::store) fn registrations(
    connection: &Connection,
    room: RoomId,
) -> Result<Vec<(BareJid, Nick)>> {
    connection
        .prepare_cached("SELECT jid, nick FROM registration WHERE room = ?1 ORDER BY jid")?
        .query_map([room], |row| {
            Ok((column::bare_jid(row, 0)?, column::nick(row, 1)?))
        })?
        .collect()
}

/// Reads who waits to be registered, in the order of their JIDs.
pub(in crate::store) fn registration_requests(
    connection: &Connection,
    room: RoomId,
) -> Result<Vec<(BareJid, Nick)>> {
    connection
        .prepare_cached("SELECT jid, nick FROM registration_request WHERE room = ?1 ORDER BY jid")?
        .query_map([room], |row| {
            Ok((column::bare_jid(row, 0)?, column::nick(row, 1)?))
        })?
        .collect()
}

/// Reads the roles that are to be given again, in the order of their JIDs.
pub(in crate::store) fn voices(
    connection: &Connection,
    room: RoomId,
) -> Result<Vec<(BareJid, Role)>> {
    connection
        .prepare_cached("SELECT jid, role FROM voice WHERE room = ?1 ORDER BY jid")?
        .query_map([room], |row| {
            Ok((column::bare_jid(row, 0)?, column::role(row, 1)?))
        })?
        .collect()
}
