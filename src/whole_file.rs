//! Files that are there as a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags};

/// What becomes of a file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and the new one is not made.
    Kept,
    /// The new one takes its place.
    Overwritten,
}

/// A file while it is written, under another name beside its own; removed if it isn't
/// [finished](Self::finish).
#[derive(Debug)]
pub struct WholeFile {
    path: PathBuf,
    partial: PathBuf,
    finished: bool,
}

impl WholeFile {
    /// Makes the empty file. Secrets may come into it, so it is nobody else's.
    ///
    /// # Errors
    /// The system's.
    pub fn begin(path: &Path) -> io::Result<Self> {
        let mut partial = path.as_os_str().to_owned();
        partial.push(format!(".partial-{}", std::process::id()));
        let partial = PathBuf::from(partial);
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&partial)?;
        Ok(Self {
            path: path.to_owned(),
            partial,
            finished: false,
        })
    }

    /// Where it is written.
    pub fn partial(&self) -> &Path {
        &self.partial
    }

    /// Gives it its name, when it is on the disk.
    ///
    /// # Errors
    /// The system's, or that there is a file of that name which is to be kept.
    pub fn finish(mut self, existing: Existing) -> io::Result<()> {
        File::open(&self.partial)?.sync_all()?;
        let flags = match existing {
            Existing::Kept => RenameFlags::NOREPLACE,
            Existing::Overwritten => RenameFlags::empty(),
        };
        match rustix::fs::renameat_with(CWD, &self.partial, CWD, &self.path, flags) {
            // Not every file system knows the flag.
            Err(rustix::io::Errno::INVAL) => {
                if existing == Existing::Kept && fs::symlink_metadata(&self.path).is_ok() {
                    return Err(io::ErrorKind::AlreadyExists.into());
                }
                fs::rename(&self.partial, &self.path)?;
            }
            renamed => renamed?,
        }
        self.finished = true;
        let folder = self.path.parent();
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if !self.finished {
            // The reason why it isn't finished is told already.
            let _ = fs::remove_file(&self.partial);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let files = fs::read_dir(folder).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    #[test]
    fn a_file_has_its_name_when_it_is_whole_and_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let file = WholeFile::begin(&path).unwrap();
        fs::write(file.partial(), "all").unwrap();
        assert!(!path.exists());
        file.finish(Existing::Kept).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "all");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(names(folder.path()), ["file"]);
    }

    #[test]
    fn nothing_is_left_of_a_file_that_is_not_finished() {
        let folder = tempfile::tempdir().unwrap();
        drop(WholeFile::begin(&folder.path().join("file")).unwrap());
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn a_file_that_is_there_is_overwritten_only_when_that_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "precious").unwrap();
        let file = WholeFile::begin(&path).unwrap();
        assert!(file.finish(Existing::Kept).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
        assert_eq!(names(folder.path()), ["file"]);
        let file = WholeFile::begin(&path).unwrap();
        file.finish(Existing::Overwritten).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
    }
}
