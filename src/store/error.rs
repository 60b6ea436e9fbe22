//! What can go wrong with the database, and what the operator can do about it.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use jid::BareJid;
use rusqlite::ErrorCode;
use thiserror::Error;

use crate::cause;

/// Something that the store could not do.
#[derive(Debug, Error)]
pub enum Error {
    /// Another process serves this database.
    #[error(
        "the database {} is in use by another process{}; stop that one first, or give this one a \
         database of its own",
        path.display(), Holder(*holder)
    )]
    InUse {
        /// Where the database lies.
        path: PathBuf,
        /// The number of that process, when it has left it.
        holder: Option<u32>,
    },
    /// Another program keeps a transaction open for longer than we wait.
    #[error(
        "the database {} is locked by another program; end what else has it open, such as an \
         sqlite3 shell",
        path.display()
    )]
    Busy {
        /// Where the database lies.
        path: PathBuf,
        /// SQLite's word for it.
        source: ErrorCause,
    },
    /// The file can't be opened or made.
    #[error(
        "the database {} can't be opened; its directory must exist, and the user that the service \
         runs as must be allowed to read and write there",
        path.display()
    )]
    CannotOpen {
        /// Where the file lies.
        path: PathBuf,
        /// The system's or SQLite's word for it.
        source: ErrorCause,
    },
    /// The file, its directory or the whole file system can't be written to.
    #[error(
        "the database {} is read-only; let the user that the service runs as write to the file and \
         to its directory, where SQLite keeps a log beside it",
        path.display()
    )]
    ReadOnly {
        /// Where the file lies.
        path: PathBuf,
        /// The system's or SQLite's word for it, if it had one.
        source: Option<ErrorCause>,
    },
    /// A SQLite file that something else made.
    #[error(
        "the file {} is a SQLite database of another program (application id {application_id}); \
         name another file",
        path.display()
    )]
    Foreign {
        /// Where the file lies.
        path: PathBuf,
        /// What it says it is; 0 when it says nothing.
        application_id: i32,
    },
    /// A later release of this program has had it.
    #[error(
        "the database {} has version {version}, made by a newer lyceum; this one knows versions up \
         to {known}. Run the newer lyceum, or restore the backup made before the update",
        path.display()
    )]
    Newer {
        /// Where the file lies.
        path: PathBuf,
        /// The version that the file has.
        version: u32,
        /// The newest version that this program knows.
        known: u32,
    },
    /// The file is of an earlier version of this program, or empty, and is only to be read.
    #[error(
        "the database {} is of an earlier version; start the service, which brings it up to date, and try again",
        path.display()
    )]
    Older {
        /// Where the file lies.
        path: PathBuf,
    },
    /// The file is no database, or its pages contradict each other.
    #[error(
        "the database {} is damaged; stop the service and keep a copy of the file with those \
         ending in -wal and -shm beside it. Then restore a backup, or save what can be read with \
         `sqlite3 {} .recover | sqlite3 recovered.db`",
        path.display(), path.display()
    )]
    Damaged {
        /// Where the file lies.
        path: PathBuf,
        /// What was found.
        source: ErrorCause,
    },
    /// There is no space for a commit.
    #[error(
        "the disk of the database {} is full; free some space. Nothing that was confirmed is lost, \
         and the service goes on by itself as soon as it can write again",
        path.display()
    )]
    DiskFull {
        /// Where the file lies.
        path: PathBuf,
        /// SQLite's word for it.
        source: ErrorCause,
    },
    /// The disk, or what stands for it, refuses to read or write.
    #[error(
        "the disk of the database {} fails; look into the system's log for what it says of the disk",
        path.display()
    )]
    DiskFails {
        /// Where the file lies.
        path: PathBuf,
        /// SQLite's word for it.
        source: ErrorCause,
    },
    /// The file system lacks what a write-ahead log needs.
    #[error(
        "the database {} can't keep a write-ahead log (its journal mode stays `{mode}`); put it on \
         a local disk, not on a network file system",
        path.display()
    )]
    NoWriteAheadLog {
        /// Where the file lies.
        path: PathBuf,
        /// What SQLite uses instead.
        mode: String,
    },
    /// A step from one version to the next failed; the database is as it was before the step.
    #[error(
        "the database {} can't be brought from version {} to {version}; it is as it was before",
        path.display(), version - 1
    )]
    CannotMigrate {
        /// Where the file lies.
        path: PathBuf,
        /// The version that was to be reached.
        version: u32,
        /// SQLite's word for it.
        source: ErrorCause,
    },
    /// Something else went wrong in reading.
    #[error("the database {} failed to {attempted}", path.display())]
    CannotRead {
        /// Where the file lies.
        path: PathBuf,
        /// What was to be read.
        attempted: &'static str,
        /// SQLite's word for it.
        source: ErrorCause,
    },
    /// Something else went wrong in writing.
    #[error("the database {} failed to {attempted}", path.display())]
    CannotWrite {
        /// Where the file lies.
        path: PathBuf,
        /// What was to be written.
        attempted: &'static str,
        /// SQLite's word for it.
        source: ErrorCause,
    },
    /// A copy of the database can't be written.
    #[error(
        "the copy {} can't be written; nothing is left of it, and the database is as it was",
        path.display()
    )]
    CannotCopy {
        /// Where the copy was to lie.
        path: PathBuf,
        /// The system's or SQLite's word for it.
        source: ErrorCause,
    },
    /// A change of a room that the database doesn't know: a mistake in this program.
    #[error("the room {room} was to be changed, but the database doesn't know it")]
    NoSuchRoom {
        /// The room's address.
        room: BareJid,
    },
    /// An earlier batch failed, and the caller hasn't said [`resume`](super::Store::resume) since.
    #[error("nothing is written since an earlier change could not be")]
    Suspended,
    /// A thread that works with the database can't be started.
    #[error("a thread that works with the database can't be started")]
    CannotStart {
        /// The system's word for it.
        source: ErrorCause,
    },
    /// The thread that writes met a mistake in this program.
    #[error("the thread that writes the database failed: {message}")]
    Panicked {
        /// What it said.
        message: String,
    },
    /// The answer to a question took longer than it may.
    #[error("the answer to a question took longer than it may")]
    OutOfTime,
    /// A thread that reads met a mistake in this program.
    #[error("a thread that reads the database failed: {message}")]
    ReaderPanicked {
        /// What it said.
        message: String,
    },
}

/// An error with everything behind it, in one line.
pub fn explain(error: &Error) -> String {
    cause::told(error)
}

/// What lies behind an error: the system's or SQLite's own, told but not to be matched on.
#[derive(Debug)]
pub struct ErrorCause(Box<dyn std::error::Error + Send + Sync>);

impl ErrorCause {
    /// Wraps an error, or a finding in words.
    pub(super) fn new(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for ErrorCause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// It is the last in a row: what SQLite names as its source says the same again, with a number.
impl std::error::Error for ErrorCause {}

/// Whether something was read or written when it failed, and what.
#[derive(Clone, Copy, Debug)]
pub(super) enum Attempt {
    /// Completes "failed to …".
    Read(&'static str),
    /// Completes "failed to …".
    Write(&'static str),
}

impl Error {
    /// The system gives no thread to work on.
    pub fn no_thread(error: io::Error) -> Self {
        Self::CannotStart {
            source: ErrorCause::new(error),
        }
    }

    /// Tells from the system's error in making a file what the operator is up against.
    pub(super) fn from_system(path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::ReadOnly {
                path,
                source: Some(ErrorCause::new(error)),
            },
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::DiskFull {
                path,
                source: ErrorCause::new(error),
            },
            _ => Self::CannotOpen {
                path,
                source: ErrorCause::new(error),
            },
        }
    }

    /// Tells from SQLite's code what the operator is up against.
    pub(super) fn from_sqlite(path: &Path, attempt: Attempt, error: rusqlite::Error) -> Self {
        let code = error.sqlite_error_code();
        let path = path.to_owned();
        let source = ErrorCause::new(error);
        match code {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { path, source }
            }
            Some(ErrorCode::DiskFull) => Self::DiskFull { path, source },
            Some(ErrorCode::SystemIoFailure) => Self::DiskFails { path, source },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly {
                path,
                source: Some(source),
            },
            Some(ErrorCode::CannotOpen) => Self::CannotOpen { path, source },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Busy { path, source }
            }
            _ => match attempt {
                Attempt::Read(attempted) => Self::CannotRead {
                    path,
                    attempted,
                    source,
                },
                Attempt::Write(attempted) => Self::CannotWrite {
                    path,
                    attempted,
                    source,
                },
            },
        }
    }
}

/// Writes the number of the process that has the database, when it is known.
struct Holder(Option<u32>);

impl fmt::Display for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(process) => write!(formatter, " (number {process})"),
            None => Ok(()),
        }
    }
}
