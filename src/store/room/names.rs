//! The names of rooms, of which a pool has no two.

use jid::BareJid;
use rusqlite::{Connection, Result, params};

use super::rooms::RoomId;
use crate::room::NameKey;
use crate::store::error::Error;
use crate::store::{Store, Survey, column};

impl Store {
    /// Whether another room than this one has a name, or one that looks the same.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn is_name_taken(
        &self,
        room: &BareJid,
        name: &NameKey,
    ) -> std::result::Result<bool, Error> {
        if self.overlay.is_named(room, name) {
            return Ok(true);
        }
        let holders = self
            .reader
            .read("look for a name", |connection| holders(connection, name))?;
        let mut others = holders.iter().filter(|holder| *holder != room);
        Ok(others.any(|holder| !self.overlay.names(holder)))
    }
}

impl Survey {
    /// Whether a room has a name, or one that looks the same.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn has_name(&self, name: &NameKey) -> std::result::Result<bool, Error> {
        let holders = self.read("look for a name", |connection| holders(connection, name))?;
        Ok(!holders.is_empty())
    }
}

/// Writes what the name is compared by.
pub(in crate::store) fn set(connection: &Connection, room: RoomId, name: &str) -> Result<()> {
    let key = NameKey::of(name);
    connection
        .prepare_cached(SET)?
        .execute(params![room, key.as_ref().map(NameKey::as_str)])?;
    Ok(())
}

/// The rooms that have a name: one, or several from before names were compared.
fn holders(connection: &Connection, name: &NameKey) -> Result<Vec<BareJid>> {
    connection
        .prepare_cached(HOLDERS)?
        .query_map([name.as_str()], |row| column::bare_jid(row, 0))?
        .collect()
}

const SET: &str = "UPDATE room SET name_key = ?2 WHERE id = ?1 AND name_key IS NOT ?2";

pub(in crate::store) const HOLDERS: &str =
    "SELECT jid FROM room INDEXED BY room_of_name WHERE name_key = ?1 AND jid IS NOT NULL";
