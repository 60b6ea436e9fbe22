//! A copy of the database, as it was at one moment, while it is in use.

use std::fs;
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::connect;
use super::error::{Attempt, Error, ErrorCause};
use super::lock::beside;
use super::migrate::{MIGRATIONS, Origin, origin};
use crate::whole_file::{Existing, WholeFile};

/// Copies a database to a file, as it is when this begins; the service goes on meanwhile.
/// `progress` is told how many pages there are, and how many are copied. Tells how many bytes the
/// copy has.
///
/// The copy has another name until it is whole and on the disk.
///
/// # Errors
/// - [`Error::CannotCopy`]: the copy can't be written.
/// - Whatever is wrong with the database.
pub fn backup(
    database: &Path,
    copy: &Path,
    existing: Existing,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<u64, Error> {
    let failed = |error: io::Error| Error::cannot_copy(copy, error);
    let source = open_source(database)?;
    if existing == Existing::Kept && fs::symlink_metadata(copy).is_ok() {
        return Err(failed(io::ErrorKind::AlreadyExists.into()));
    }
    if fs::canonicalize(copy).is_ok_and(|copy| belongs_to(database, &copy)) {
        return Err(failed(io::Error::other("it is the database itself")));
    }
    // What is in a database is nobody else's business, and so it is with the copy.
    let whole = WholeFile::begin(copy).map_err(failed)?;
    let copied = copy_pages(&source, database, (copy, whole.partial()), progress);
    if copied.is_err() {
        // SQLite may have left it, and it is of no use.
        let _ = fs::remove_file(beside(whole.partial(), "-journal"));
    }
    let bytes = copied?;
    whole.finish(existing).map_err(failed)?;
    Ok(bytes)
}

/// A connection that sees the database as it is now, for as long as it is open.
fn open_source(database: &Path) -> Result<Connection, Error> {
    let failed = |error| Error::from_sqlite(database, Attempt::Read("be copied"), error);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = connect::connect(database, flags)?;
    if origin(&source, database, MIGRATIONS.len())? == Origin::Empty {
        return Err(Error::Foreign {
            path: database.to_owned(),
            application_id: 0,
        });
    }
    source.execute_batch("BEGIN").map_err(failed)?;
    // The transaction sees what there is when it first reads.
    source
        .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        .map_err(failed)?;
    Ok(source)
}

/// Whether a file is the database, or one of those beside it.
fn belongs_to(database: &Path, file: &Path) -> bool {
    let Ok(database) = fs::canonicalize(database) else {
        return false;
    };
    let besides = ["-wal", "-shm", "-lock", "-sock"].map(|ending| beside(&database, ending));
    file == database || besides.iter().any(|beside| file == beside)
}

fn copy_pages(
    source: &Connection,
    database: &Path,
    (copy, partial): (&Path, &Path),
    progress: &mut dyn FnMut(u64, u64),
) -> Result<u64, Error> {
    let failed = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
            Error::from_sqlite(database, Attempt::Read("be copied"), error)
        }
        _ => Error::cannot_copy(copy, error),
    };
    let mut target = Connection::open(partial).map_err(failed)?;
    let pages = {
        let backup = Backup::new(source, &mut target).map_err(failed)?;
        loop {
            let step = backup.step(PAGES_AT_ONCE).map_err(failed)?;
            let told = backup.progress();
            let of = u64::from(told.pagecount.unsigned_abs());
            progress(of - u64::from(told.remaining.unsigned_abs()), of);
            match step {
                StepResult::Done => break of,
                StepResult::More => {}
                // SQLite may have more words for it one day.
                _ => thread::sleep(PAUSE),
            }
        }
    };
    let page_size: i64 = target
        .query_row("PRAGMA page_size", [], |row| row.get(0))
        .map_err(failed)?;
    target.close().map_err(|(_, error)| failed(error))?;
    Ok(pages * page_size.unsigned_abs())
}

impl Error {
    fn cannot_copy(
        copy: &Path,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::CannotCopy {
            path: copy.to_owned(),
            source: ErrorCause::new(source),
        }
    }
}

/// Pages that are copied in one step: 4 MiB, while which a writer waits.
const PAGES_AT_ONCE: i32 = 1024;

const PAUSE: Duration = Duration::from_millis(10);
