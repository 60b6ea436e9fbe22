//! Connections to a database, with the settings that need not be written to the file.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::error::{Attempt, Error, ErrorCause};
use super::migrate::{MIGRATIONS, Origin, origin};

/// Opens a database to read what is committed, also while the service uses it. Changes nothing.
///
/// # Errors
/// - [`Error::CannotOpen`], [`Error::Foreign`], [`Error::Newer`], [`Error::Older`]
pub(super) fn read_only(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = connect(path, flags)?;
    match origin(&connection, path, MIGRATIONS.len())? {
        Origin::Ours(version) if version as usize == MIGRATIONS.len() => Ok(connection),
        Origin::Ours(_) | Origin::Empty => Err(Error::Older {
            path: path.to_owned(),
        }),
    }
}

/// Opens a connection and gives it the settings that need not be written to the file.
pub(super) fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, Error> {
    let failed = |error| Error::from_sqlite(path, Attempt::Read("open"), error);
    let connection = match Connection::open_with_flags(path, flags) {
        Ok(connection) => connection,
        Err(error) => {
            return Err(Error::CannotOpen {
                path: path.to_owned(),
                source: ErrorCause::new(error),
            });
        }
    };
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    // Without this SQLite prepares a statement anew whenever it is given other values, if these
    // could make another way the better one (a value that is compared with that of a partial index,
    // a `LIMIT`); this takes longer than most statements. Which way is the best is decided by who
    // writes them: see the tests of their plans.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(failed)?;
    connection
        .pragma_update(None, "cache_size", -CACHE_KIB)
        .map_err(failed)?;
    // What was taken back is overwritten, wherever it lay in the file. That has its price: the
    // index frees pages whenever it merges, and a message costs a third more to be written.
    connection
        .pragma_update_and_check(None, "secure_delete", "on", |_| Ok(()))
        .map_err(failed)?;
    // A file that shrinks under a memory map ends the process with a signal; reading doesn't.
    connection
        .execute_batch("PRAGMA mmap_size = 0")
        .map_err(failed)?;
    connection
        .pragma_update(None, "temp_store", "memory")
        .map_err(failed)?;
    Ok(connection)
}

/// Opens a connection for a thread that answers questions: its pages come from all over the
/// database.
pub(super) fn connect_to_answer(path: &Path, flags: OpenFlags) -> Result<Connection, Error> {
    let connection = connect(path, flags)?;
    connection
        .pragma_update(None, "cache_size", -ANSWERING_CACHE_KIB)
        .map_err(|error| Error::from_sqlite(path, Attempt::Read("open"), error))?;
    Ok(connection)
}

/// How long another program's transaction is waited for.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Maximum number of prepared statements that a connection keeps; more than there are.
const STATEMENTS_MAX: usize = 256;

/// The page cache of each connection, but those that answer questions.
const CACHE_KIB: i64 = 8 * 1024;

/// The page cache of those; as large as the inner pages of an archive of tens of millions of
/// messages.
const ANSWERING_CACHE_KIB: i64 = 16 * 1024;
