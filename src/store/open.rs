//! Opening a database for the service: the lock, the checks, what is brought up to date, the
//! connections.
//!
//! **How much is checked.** A start must not cost minutes on a large archive, and a page that went
//! bad is found anyway when it is read. So a file of up to 64 MiB is checked whole (a fraction of a
//! second), of a larger one only the tables that every start depends on; `lyceum check` looks at
//! all of it, however large.

use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OpenFlags};

use super::connect::{connect, connect_to_answer};
use super::error::{Attempt, Error, ErrorCause};
use super::lanes::LANES;
use super::lock::DatabaseLock;
use super::message::indexable::Searchable;
use super::message::reindex;
use super::migrate::{MIGRATIONS, migrate, origin};
use super::room::rekey;
use super::transfer::arrival;
use crate::room::Payload;

/// What the store must be told.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// The database. Its directory exists, the file need not.
    pub path: PathBuf,
    /// What a commit guarantees.
    pub durability: Synchronous,
    /// What of an archived message can be searched, as plain text; asked when words are put into
    /// the index later than the message is stored.
    pub searchable: fn(&Payload) -> Arc<str>,
}

/// What is certain once a commit is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronous {
    /// It has reached the disk, and outlives a power failure.
    Full,
    /// It has reached the system, and outlives the end of the process; a power failure may take the
    /// last commits, never more.
    Normal,
}

/// A database that is ready for use.
pub(super) struct OpenedDatabase {
    /// The file's true name.
    pub path: PathBuf,
    /// For the thread that writes.
    pub writing: Connection,
    /// For whoever reads.
    pub reading: Connection,
    /// For the threads that answer questions.
    pub answering: [Connection; LANES],
    /// What of an archived message can be searched; `None` for a database in memory.
    pub searchable: Option<Searchable>,
    /// `None` for a database in memory.
    pub lock: Option<DatabaseLock>,
}

/// Opens a file, or makes it.
pub(super) fn open_file(settings: &DatabaseSettings) -> Result<OpenedDatabase, Error> {
    let path = find_or_make(&settings.path)?;
    let lock = DatabaseLock::take(&path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut writing = connect(&path, flags)?;
    prepare(&mut writing, &path, settings.durability)?;
    check_briefly(&writing, &path)?;
    arrival::abandon_all(&writing)
        .map_err(|error| Error::from_sqlite(&path, Attempt::Write("tidy up"), error))?;
    rekey::bring_up_to_date(&mut writing)
        .map_err(|error| Error::from_sqlite(&path, Attempt::Write("compare nicks"), error))?;
    reindex::bring_up_to_date(&mut writing, settings.searchable)
        .map_err(|error| Error::from_sqlite(&path, Attempt::Write("index its words"), error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let reading = connect(&path, flags)?;
    let answering = [
        connect_to_answer(&path, flags)?,
        connect_to_answer(&path, flags)?,
        connect_to_answer(&path, flags)?,
    ];
    Ok(OpenedDatabase {
        path,
        writing,
        reading,
        answering,
        searchable: Some(settings.searchable),
        lock: Some(lock),
    })
}

/// The file's one true name, for two names of one file must not be two locks. It is made if it
/// isn't there, so that it has one.
fn find_or_make(path: &Path) -> Result<PathBuf, Error> {
    let found = match fs::canonicalize(path) {
        // An existing file must not be opened here: closing it again would drop the locks that
        // SQLite may hold on it in this process.
        Err(error) if error.kind() == ErrorKind::NotFound => {
            // Rooms' passwords and secrets are nobody else's business. SQLite gives its log the
            // same mode.
            let made = OpenOptions::new()
                .append(true)
                .create(true)
                .mode(0o600)
                .open(path);
            made.and_then(|_| fs::canonicalize(path))
        }
        found => found,
    };
    found.map_err(|error| Error::from_system(path, error))
}

/// Makes a database in memory, with the same connections.
pub(super) fn open_in_memory() -> Result<OpenedDatabase, Error> {
    // A name that begins with a slash is shared between the connections of one process, and of no
    // other.
    let name = uuid::Uuid::now_v7();
    let path = PathBuf::from(format!("file:/{name}?vfs=memdb"));
    let flags = OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let reach = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut writing = connect(&path, flags | reach)?;
    migrate(&mut writing, &path, MIGRATIONS)?;
    let flags = flags | OpenFlags::SQLITE_OPEN_READ_ONLY;
    let reading = connect(&path, flags)?;
    let answering = [
        connect_to_answer(&path, flags)?,
        connect_to_answer(&path, flags)?,
        connect_to_answer(&path, flags)?,
    ];
    Ok(OpenedDatabase {
        path,
        writing,
        reading,
        answering,
        searchable: None,
        lock: None,
    })
}

/// Sees that the file is ours and can be written to, and brings it to the version of this program.
fn prepare(connection: &mut Connection, path: &Path, durability: Synchronous) -> Result<(), Error> {
    let failed = |error| Error::from_sqlite(path, Attempt::Write("prepare for use"), error);
    // Nothing may be written to another program's file, so this comes first.
    origin(connection, path, MIGRATIONS.len())?;
    if connection.is_readonly("main").map_err(failed)? {
        return Err(Error::ReadOnly {
            path: path.to_owned(),
            source: None,
        });
    }
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))
        .map_err(failed)?;
    if mode != "wal" {
        return Err(Error::NoWriteAheadLog {
            path: path.to_owned(),
            mode,
        });
    }
    let synchronous = match durability {
        Synchronous::Full => "full",
        Synchronous::Normal => "normal",
    };
    connection
        .pragma_update(None, "synchronous", synchronous)
        .map_err(failed)?;
    // After a burst the log shrinks to this again.
    connection
        .pragma_update_and_check(None, "journal_size_limit", LOG_BYTES_MAX, |_| Ok(()))
        .map_err(failed)?;
    migrate(connection, path, MIGRATIONS)
}

/// Looks for damage, as far as that is quick.
fn check_briefly(connection: &Connection, path: &Path) -> Result<(), Error> {
    let size = fs::metadata(path).map_or(0, |metadata| metadata.len());
    let checks: &[&str] = match size <= CHECKED_WHOLE_BYTES {
        true => &["PRAGMA quick_check(1)"],
        false => &["PRAGMA quick_check('room')", "PRAGMA quick_check('meta')"],
    };
    for check in checks {
        let finding: String = connection
            .query_row(check, [], |row| row.get(0))
            .map_err(|error| Error::from_sqlite(path, Attempt::Read("check itself"), error))?;
        if finding != "ok" {
            return Err(Error::Damaged {
                path: path.to_owned(),
                source: ErrorCause::new(finding),
            });
        }
    }
    Ok(())
}

const LOG_BYTES_MAX: i64 = 16 * 1024 * 1024;

const CHECKED_WHOLE_BYTES: u64 = 64 * 1024 * 1024;
