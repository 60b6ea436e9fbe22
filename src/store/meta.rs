//! Single facts about the service itself, such as when the server was last seen to start.

use rusqlite::{Connection, OptionalExtension, Result};

/// Writes a fact, in place of the former one.
pub(super) fn set(connection: &Connection, key: &str, value: &str) -> Result<()> {
    connection
        .prepare_cached("REPLACE INTO meta (key, value) VALUES (?1, ?2)")?
        .execute([key, value])?;
    Ok(())
}

/// Reads a fact.
pub(super) fn load(connection: &Connection, key: &str) -> Result<Option<String>> {
    connection
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()
}
