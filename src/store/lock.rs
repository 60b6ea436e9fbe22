//! The lock that keeps a database to one process.
//!
//! SQLite's own locks let many processes share a file, but the service keeps rooms in memory and
//! would not see what another process changed. So it holds a lock of its own, on a file beside the
//! database. The system drops it when the process ends, however it ends; the file stays, for
//! removing it would let two processes lock two files of one name.
//!
//! Whoever can open the file can take the lock, and so keep the service from starting. So it is
//! open to the database's own user and root alone: made with mode 0600, given to the database's
//! user where root makes it, and set right where an older version left it open to all. One that
//! another user has put there is refused by name.

use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::process::geteuid;

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
        let mut file = open(path).map_err(|error| Error::from_system(path, error))?;
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
        // The number only makes another process's message clearer: a full disk must not stop the
        // service here.
        let _ = note_holder(&mut file);
        Ok(Self { _file: file })
    }
}

/// Opens the lock's file of a database, or makes it. One that root left can still be locked when it
/// can be read.
fn open(database: &Path) -> io::Result<File> {
    let path = beside(database, "-lock");
    // A link would lead to a file that others may open.
    let no_link = OFlags::NOFOLLOW.bits().cast_signed();
    let file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(OWN_ALONE)
        .custom_flags(no_link)
        .open(&path)
        .or_else(|error| {
            let read = File::options().read(true).custom_flags(no_link).open(&path);
            read.map_err(|_| error)
        })?;
    keep_others_out(&file, &path, database)?;
    Ok(file)
}

/// Sees that nobody can take the lock but the database's user and root.
fn keep_others_out(file: &File, path: &Path, database: &Path) -> io::Result<()> {
    let found = file.metadata()?;
    let (own, owner) = (geteuid().as_raw(), found.uid());
    let of_database = fs::metadata(database).ok();
    let database_user = of_database.as_ref().map_or(own, MetadataExt::uid);
    if ![0, own, database_user].contains(&owner) {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            format!(
                "{} belongs to user {owner}, who has nothing to do with the database; remove it",
                path.display()
            ),
        ));
    }
    let may_change = own == 0 || own == owner;
    if found.mode() & 0o077 != 0 && may_change {
        file.set_permissions(Permissions::from_mode(OWN_ALONE))?;
    }
    if let Some(database) = of_database
        && own == 0
        && owner != database_user
    {
        // The service must be able to open it, too.
        fchown(file, Some(database.uid()), Some(database.gid()))?;
    }
    Ok(())
}

/// For the owner to read and write.
const OWN_ALONE: u32 = 0o600;

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

/// Whether another process, or this one, has the lock of the database at `path`. Where there is no
/// lock's file nobody has; where it may not be opened nobody knows, and somebody may have.
pub(super) fn is_taken(path: &Path) -> bool {
    match File::open(beside(path, "-lock")) {
        // A shared lock lets others look at the same time; it is given back at once, for a service
        // may be starting.
        Ok(file) => {
            let taken = flock(&file, FlockOperation::NonBlockingLockShared);
            taken == Err(rustix::io::Errno::WOULDBLOCK)
        }
        Err(error) => error.kind() == io::ErrorKind::PermissionDenied,
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    /// A folder that everybody may look into, with a database.
    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let database = folder.path().join("lyceum.db");
        fs::write(&database, "").unwrap();
        (folder, database)
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn the_file_is_its_users_alone_also_where_it_was_open_to_all() {
        let (_folder, database) = folder();
        let file = beside(&database, "-lock");
        drop(DatabaseLock::take(&database).unwrap());
        assert_eq!(mode(&file), 0o600);
        fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
        drop(DatabaseLock::take(&database).unwrap());
        assert_eq!(mode(&file), 0o600);
    }

    #[test]
    fn a_link_is_not_followed() {
        let (folder, database) = folder();
        let other = folder.path().join("other");
        fs::write(&other, "").unwrap();
        std::os::unix::fs::symlink(&other, beside(&database, "-lock")).unwrap();
        assert!(DatabaseLock::take(&database).is_err());
    }

    /// Only root can play another user.
    #[test]
    fn another_user_can_neither_take_the_lock_nor_put_one_there() {
        if !geteuid().is_root() {
            return;
        }
        let (_folder, database) = folder();
        let file = beside(&database, "-lock");
        drop(DatabaseLock::take(&database).unwrap());
        let by_nobody = |command: &str| {
            let mut shell = Command::new("sh");
            let status = shell.args(["-c", command]).uid(NOBODY).gid(NOBODY).status();
            status.unwrap().success()
        };
        let read = format!("exec 3<'{}'", file.display());
        assert!(!by_nobody(&read), "whoever can read it can lock it");
        fchown(File::open(&file).unwrap(), Some(NOBODY), Some(NOBODY)).unwrap();
        assert!(by_nobody(&read));
        let refused = DatabaseLock::take(&database).unwrap_err();
        let told = super::super::explain(&refused);
        assert!(told.contains("belongs to user 65534"), "{told}");
    }

    #[test]
    fn what_root_makes_the_databases_user_can_open() {
        if !geteuid().is_root() {
            return;
        }
        let (_folder, database) = folder();
        fchown(File::open(&database).unwrap(), Some(NOBODY), Some(NOBODY)).unwrap();
        drop(DatabaseLock::take(&database).unwrap());
        let made = fs::metadata(beside(&database, "-lock")).unwrap();
        assert_eq!((made.uid(), made.gid()), (NOBODY, NOBODY));
    }

    const NOBODY: u32 = 65_534;
}
