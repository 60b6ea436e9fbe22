//! What binds people to rooms beside affiliations: a table for each kind of bond, all read and
//! written in one way.
//!
//! Triggers count the entries of each list. `REPLACE` would not set off the one for what it
//! replaces, so it is not used.

use std::sync::LazyLock;

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use super::rooms::RoomId;
use crate::room::{Bond, BondKind, Bonds, NickKey};
use crate::store::column;

/// The statements for one kind of bond.
pub(in crate::store) struct BondStatements {
    /// Writes a bond.
    set: String,
    /// Takes a bond away.
    remove: String,
    /// Reads the bond of one person.
    pub of_person: String,
    /// Reads the bonds that have a key, if the kind has keys.
    pub of_key: Option<String>,
    /// Reads all bonds of a room.
    all: String,
}

/// The statements for a kind.
pub(in crate::store) fn statements(kind: BondKind) -> &'static BondStatements {
    static ALL: LazyLock<[BondStatements; BondKind::ALL.len()]> =
        LazyLock::new(|| BondKind::ALL.map(BondStatements::new));
    &ALL[kind as usize]
}

impl BondStatements {
    fn new(kind: BondKind) -> Self {
        let row = kind.row();
        let table = row.table;
        // A kind without a value has no column for it, and an empty text stands for it.
        let value = row.value.unwrap_or("''");
        let columns: Vec<_> = row.value.into_iter().chain(row.key).collect();
        let names: String = columns.iter().map(|name| format!(", {name}")).collect();
        let places = &[", ?3", ", ?4"][..columns.len()].concat();
        let set = columns
            .iter()
            .map(|name| format!("{name} = excluded.{name}"));
        let conflict = match set.collect::<Vec<_>>().join(", ") {
            nothing if nothing.is_empty() => "NOTHING".to_owned(),
            set => format!("UPDATE SET {set}"),
        };
        Self {
            set: format!(
                "INSERT INTO {table} (room, jid{names}) VALUES (?1, ?2{places})
                 ON CONFLICT (room, jid) DO {conflict}"
            ),
            remove: format!("DELETE FROM {table} WHERE room = ?1 AND jid = ?2"),
            of_person: format!("SELECT jid, {value} FROM {table} WHERE room = ?1 AND jid = ?2"),
            // Those who come first are the owners of a nick that looks like that of several; some
            // are enough, for of the first ones some may have given it back a moment ago.
            of_key: row.key.map(|key| {
                format!(
                    "SELECT jid, {value} FROM {table} INDEXED BY {table}_of_{value}
                     WHERE room = ?1 AND {key} = ?2 ORDER BY jid LIMIT 8"
                )
            }),
            all: format!("SELECT jid, {value} FROM {table} WHERE room = ?1 ORDER BY jid"),
        }
    }
}

/// Writes a bond of somebody, or takes it away.
pub(in crate::store) fn set(
    connection: &Connection,
    room: RoomId,
    jid: &BareJid,
    bond: &Bond,
) -> Result<()> {
    let statements = statements(bond.kind());
    let Some(value) = bond.value() else {
        connection
            .prepare_cached(&statements.remove)?
            .execute(params![room, jid.as_str()])?;
        return Ok(());
    };
    let key = bond.key();
    let texts = [
        Some(jid.as_str()),
        bond.kind().row().value.map(|_| value),
        key.as_ref().map(NickKey::as_str),
    ];
    let mut statement = connection.prepare_cached(&statements.set)?;
    statement.raw_bind_parameter(1, room)?;
    for (number, text) in (2..).zip(texts.into_iter().flatten()) {
        statement.raw_bind_parameter(number, text)?;
    }
    statement.raw_execute()?;
    Ok(())
}

/// Reads all bonds of a room.
pub(in crate::store) fn all(connection: &Connection, room: RoomId) -> Result<Bonds> {
    let mut bonds = Bonds::default();
    for kind in BondKind::ALL {
        bonds.extend(of_kind(connection, room, kind)?);
    }
    Ok(bonds)
}

/// Reads the bonds of one kind of a room.
pub(in crate::store) fn of_kind(
    connection: &Connection,
    room: RoomId,
    kind: BondKind,
) -> Result<Vec<(BareJid, Bond)>> {
    connection
        .prepare_cached(&statements(kind).all)?
        .query_map([room], |row| read(row, kind))?
        .collect()
}

/// Reads the bond that somebody has, if they have one of this kind.
pub(in crate::store) fn of_person(
    connection: &Connection,
    room: RoomId,
    jid: &BareJid,
    kind: BondKind,
) -> Result<Option<(BareJid, Bond)>> {
    connection
        .prepare_cached(&statements(kind).of_person)?
        .query_row(params![room, jid.as_str()], |row| read(row, kind))
        .optional()
}

/// Reads the bonds that have a key, of every kind that has keys.
pub(in crate::store) fn of_key(
    connection: &Connection,
    room: RoomId,
    key: &NickKey,
) -> Result<Vec<(BareJid, Bond)>> {
    let mut bonds = Vec::new();
    for kind in BondKind::ALL {
        let Some(sql) = &statements(kind).of_key else {
            continue;
        };
        let mut statement = connection.prepare_cached(sql)?;
        let found = statement.query_map(params![room, key.as_str()], |row| read(row, kind))?;
        for bond in found {
            bonds.push(bond?);
        }
    }
    Ok(bonds)
}

fn read(row: &Row<'_>, kind: BondKind) -> Result<(BareJid, Bond)> {
    let bond = column::word(row, 1, kind.row().exported, |text| kind.read(text))?;
    Ok((column::bare_jid(row, 0)?, bond))
}
