//! Who is inside, so that a restart is not noticed; and who is to be asked after one of the server.

use std::sync::Arc;

use jid::{BareJid, FullJid};
use rusqlite::{Connection, Result, params};

use super::rooms::RoomId;
use crate::room::OccupantId;
use crate::room::occupant::SessionRecord;
use crate::store::{PersonSession, column};

/// Writes a session as it is from now on.
pub(in crate::store) fn set(
    connection: &Connection,
    room: RoomId,
    record: &SessionRecord,
) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO session (room, real_jid, nick, role, occupant_id, presence, entered_at, shown,
             language, arrival, seen_below)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT (room, real_jid) DO UPDATE SET nick = excluded.nick, role = excluded.role,
             occupant_id = excluded.occupant_id, presence = excluded.presence,
             entered_at = excluded.entered_at, shown = excluded.shown,
             language = excluded.language, arrival = excluded.arrival,
             seen_below = excluded.seen_below",
    )?;
    statement.execute(params![
        room,
        record.real_jid.as_str(),
        record.nick.as_str(),
        record.role.name(),
        record.occupant_id.0,
        record.presence.as_bytes(),
        record.entered_at.0,
        // SQLite's integers have a sign; the bits come back as they were.
        record.shown.cast_signed(),
        record.presence.language(),
        record.arrival.cast_signed(),
        record.seen_below.map(u64::cast_signed),
    ])?;
    Ok(())
}

/// Removes a session that has left.
pub(in crate::store) fn remove(
    connection: &Connection,
    room: RoomId,
    real_jid: &FullJid,
) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM session WHERE room = ?1 AND real_jid = ?2")?
        .execute(params![room, real_jid.as_str()])?;
    Ok(())
}

/// Reads everybody in a room, in the order of their addresses.
pub(in crate::store) fn of_room(
    connection: &Connection,
    room: RoomId,
) -> Result<Vec<SessionRecord>> {
    connection
        .prepare_cached(OF_ROOM)?
        .query_map([room], |row| {
            Ok(SessionRecord {
                real_jid: Arc::new(column::full_jid(row, 0)?),
                nick: column::nick(row, 1)?,
                role: column::role(row, 2)?,
                occupant_id: OccupantId(column::text(row, 3)?),
                presence: column::payload(row, 4)?.in_language(column::text_or_null(row, 7)?),
                entered_at: column::timestamp(row, 5)?,
                shown: row.get::<_, i64>(6)?.cast_unsigned(),
                arrival: row.get::<_, i64>(8)?.cast_unsigned(),
                seen_below: row.get::<_, Option<i64>>(9)?.map(i64::cast_unsigned),
            })
        })?
        .collect()
}

/// Whether a session is in a room.
pub(in crate::store) fn is_inside(
    connection: &Connection,
    room: &BareJid,
    real_jid: &FullJid,
) -> Result<bool> {
    connection
        .prepare_cached(IS_INSIDE)?
        .query_row([real_jid.as_str(), room.as_str()], |row| row.get(0))
}

/// Reads which rooms a session is in, in the order of their addresses.
pub(in crate::store) fn rooms_of(
    connection: &Connection,
    real_jid: &FullJid,
) -> Result<Vec<BareJid>> {
    connection
        .prepare_cached(
            "SELECT room.jid FROM session JOIN room ON room.id = session.room
             WHERE session.real_jid = ?1 AND room.jid IS NOT NULL ORDER BY room.jid",
        )?
        .query_map([real_jid.as_str()], |row| column::bare_jid(row, 0))?
        .collect()
}

/// Reads the next sessions after an address, each once, with the rooms it is in.
pub(in crate::store) fn page(
    connection: &Connection,
    after: Option<&FullJid>,
    sessions_max: u32,
) -> Result<Vec<PersonSession>> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT real_jid FROM session
         WHERE real_jid > ?1 AND room NOT IN (SELECT id FROM room WHERE jid IS NULL)
         ORDER BY real_jid LIMIT ?2",
    )?;
    let after = after.map_or("", |jid| jid.as_str());
    let found = statement
        .query_map(params![after, sessions_max], |row| column::full_jid(row, 0))?
        .collect::<Result<Vec<_>>>()?;
    found
        .into_iter()
        .map(|real_jid| {
            Ok(PersonSession {
                rooms: rooms_of(connection, &real_jid)?,
                real_jid,
            })
        })
        .collect()
}

/// Reads the next rooms after an address that somebody is in.
pub(in crate::store) fn rooms_with_any(
    connection: &Connection,
    after: Option<&BareJid>,
    rooms_max: u32,
) -> Result<Vec<BareJid>> {
    connection
        .prepare_cached(
            "SELECT jid FROM room
             WHERE jid > ?1 AND EXISTS (SELECT 1 FROM session WHERE session.room = room.id)
             ORDER BY jid LIMIT ?2",
        )?
        .query_map(
            params![after.map_or("", |jid| jid.as_str()), rooms_max],
            |row| column::bare_jid(row, 0),
        )?
        .collect()
}

pub(in crate::store) const IS_INSIDE: &str =
    "SELECT EXISTS (SELECT 1 FROM session INDEXED BY session_of_person
     WHERE real_jid = ?1 AND room = (SELECT id FROM room WHERE jid = ?2))";

pub(in crate::store) const OF_ROOM: &str =
    "SELECT real_jid, nick, role, occupant_id, presence, entered_at, shown, language, arrival,
         seen_below
     FROM session WHERE room = ?1 ORDER BY real_jid";
