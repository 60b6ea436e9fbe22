//! What `lyceum check` finds out about a database, without changing it.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use rustix::fs::{Access, access, statvfs};

use super::connect;
use super::directory::groups::KnownGroups;
use super::directory::{category_lists, groups};
use super::error::{Attempt, Error, ErrorCause, explain};
use super::lock::{self, beside};
use super::migrate::{MIGRATIONS, Origin, origin};
use crate::directory::Category;
use crate::finding::Finding;

/// Looks at the database from all sides. The service may be running.
///
/// It reads every page, so on a large archive it takes a while: some seconds for each GiB.
pub fn check(path: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => findings.push(Finding::error(format!(
            "the database {} is a directory; name a file in it",
            path.display()
        ))),
        Ok(metadata) => check_file(path, metadata.len(), &mut findings),
        Err(reason) if reason.kind() == ErrorKind::NotFound => check_absent(path, &mut findings),
        Err(reason) => {
            let failure = Error::CannotOpen {
                path: path.to_owned(),
                source: ErrorCause::new(reason),
            };
            findings.push(Finding::error(explain(&failure)));
        }
    }
    findings
}

/// The categories and the groups that the database of a path has, whether a service has it open or
/// not.
///
/// # Errors
/// It can't be read.
pub fn kept_lists(path: &Path) -> Result<(Vec<Category>, KnownGroups), Error> {
    let connection = connect::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let read = || {
        Ok((
            category_lists::all(&connection)?,
            groups::load(&connection)?,
        ))
    };
    read().map_err(|error| Error::from_sqlite(path, Attempt::Read("read the lists"), error))
}

/// Whether a process has the database open, the service most likely. Makes no file.
pub fn is_in_use(path: &Path) -> bool {
    lock::is_taken(path)
}

fn check_absent(path: &Path, findings: &mut Vec<Finding>) {
    let directory = directory_of(path);
    if !directory.is_dir() {
        findings.push(Finding::error(format!(
            "the database {} can't be made, for the directory {} doesn't exist",
            path.display(),
            directory.display()
        )));
        return;
    }
    findings.push(Finding::ok(format!(
        "the database {} doesn't exist yet; it is made at the first start",
        path.display()
    )));
    check_writable(path, findings);
    check_space(path, findings);
}

fn check_file(path: &Path, size: u64, findings: &mut Vec<Finding>) {
    check_writable(path, findings);
    check_space(path, findings);
    let log = fs::metadata(beside(path, "-wal")).map_or(0, |metadata| metadata.len());
    if log > LOG_BYTES_LARGE {
        findings.push(Finding::warning(format!(
            "the log of the database {} has grown to {} MiB; some other program keeps it from being \
             written back, such as a backup that hangs",
            path.display(),
            log / MIB
        )));
    }
    match check_content(path) {
        Ok(version) => findings.push(Finding::ok(format!(
            "the database {} is sound: version {version}, {} MiB and {} MiB of log",
            path.display(),
            size.div_ceil(MIB),
            log.div_ceil(MIB)
        ))),
        Err(failure) => findings.push(Finding::error(explain(&failure))),
    }
}

/// Reads all of it; tells the version.
fn check_content(path: &Path) -> Result<u32, Error> {
    let connection = connect::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let version = match origin(&connection, path, MIGRATIONS.len())? {
        Origin::Empty => 0,
        Origin::Ours(version) => version,
    };
    let finding = quick_check(&connection)
        .map_err(|failure| Error::from_sqlite(path, Attempt::Read("check itself"), failure))?;
    match finding {
        None => Ok(version),
        Some(finding) => Err(Error::Damaged {
            path: path.to_owned(),
            source: ErrorCause::new(finding),
        }),
    }
}

/// The first few contradictions, if there are any.
fn quick_check(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let mut statement = connection.prepare("PRAGMA quick_check(3)")?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    let lines = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok((lines != ["ok"]).then(|| lines.join("; ")))
}

fn check_writable(path: &Path, findings: &mut Vec<Finding>) {
    let directory = directory_of(path);
    let may_write = |path: &Path| access(path, Access::WRITE_OK).is_ok();
    if !may_write(directory) || (path.exists() && !may_write(path)) {
        findings.push(Finding::error(
            Error::ReadOnly {
                path: path.to_owned(),
                source: None,
            }
            .to_string(),
        ));
    }
}

fn check_space(path: &Path, findings: &mut Vec<Finding>) {
    // A file system that doesn't tell is not the operator's fault.
    let Ok(status) = statvfs(directory_of(path)) else {
        return;
    };
    let free = status.f_bavail.saturating_mul(status.f_frsize);
    if free < SPACE_BYTES_SCARCE {
        findings.push(Finding::warning(format!(
            "only {} MiB are free on the disk of the database {}; when it is full, nothing can be \
             said or changed until there is space again",
            free / MIB,
            path.display()
        )));
    }
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

const MIB: u64 = 1024 * 1024;

const LOG_BYTES_LARGE: u64 = 256 * MIB;

const SPACE_BYTES_SCARCE: u64 = 512 * MIB;
