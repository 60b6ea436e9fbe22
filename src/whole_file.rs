//! Files that are there as a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// Writes a file that appears when it is whole. Secrets are in it, so it is nobody else's.
pub(super) fn write_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    let part = PathBuf::from(name);
    let cannot = || format!("{} can't be written", part.display());
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&part)
        .with_context(cannot)?;
    let written = write(&mut file)
        .and_then(|()| file.sync_all().with_context(cannot))
        .and_then(|()| {
            fs::rename(&part, path).with_context(|| format!("{} can't be replaced", path.display()))
        });
    if written.is_err() {
        // What is left of it is of no use; that it can't be removed is less than what went wrong before.
        let _ = fs::remove_file(&part);
        return written;
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.with_context(|| format!("{} can't be written", folder.display()))
}
