//! The lock that keeps a database to one process.
//!
//! SQLite's own locks let many processes share a file, but the service keeps rooms in memory and would not
//! see what another process changed. So it holds a lock of its own, on a file beside the database. The
//! system drops it when the process ends, however it ends; the file stays, for removing it would let two
//! processes lock two files of one name.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};

use super::error::Error;

/// The sole use of a database, for as long as this lives.
#[derive(Debug)]
pub(super) struct DatabaseLock {
    _file: File,
}

impl DatabaseLock {
    /// Takes the lock of the database at `path`.
    ///
    /// # Errors
    /// - [`Error::InUse`]: another process has it.
    /// - [`Error::ReadOnly`], [`Error::CannotOpen`]: the lock's file can't be made.
    pub(super) fn take(path: &Path) -> Result<Self, Error> {
        let mut file =
            open(&beside(path, "-lock")).map_err(|error| Error::from_system(path, error))?;
        match wait_for(&file) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                return Err(Error::InUse {
                    path: path.to_owned(),
                    holder: holder(&mut file),
                });
            }
            Err(error) => return Err(Error::from_system(path, error.into())),
        }
        // The number only makes another process's message clearer: a full disk must not stop the service here.
        let _ = note_holder(&mut file);
        Ok(Self { _file: file })
    }
}

/// Opens the lock's file, or makes it. One that another user left can still be locked when it can be read.
fn open(path: &Path) -> io::Result<File> {
    File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .or_else(|error| File::open(path).map_err(|_| error))
}

/// Takes the lock, waiting a moment for a process that is just ending.
fn wait_for(file: &File) -> rustix::io::Result<()> {
    let since = Instant::now();
    loop {
        match flock(file, FlockOperation::NonBlockingLockExclusive) {
            Err(rustix::io::Errno::WOULDBLOCK) if since.elapsed() < WAIT_MAX => {
                thread::sleep(WAIT_STEP);
            }
            outcome => return outcome,
        }
    }
}

/// A service that was told to stop has given its database back well within this.
const WAIT_MAX: Duration = Duration::from_secs(2);
const WAIT_STEP: Duration = Duration::from_millis(20);

/// Whether another process, or this one, has the lock of the database at `path`. Where there is no lock's file
/// nobody has, and where it can't be read nobody knows.
pub(super) fn is_taken(path: &Path) -> bool {
    // A shared lock lets others look at the same time; it is given back at once, for a service may be starting.
    File::open(beside(path, "-lock")).is_ok_and(|file| {
        let taken = flock(&file, FlockOperation::NonBlockingLockShared);
        taken == Err(rustix::io::Errno::WOULDBLOCK)
    })
}

/// The file of that ending beside the database.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

fn note_holder(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
