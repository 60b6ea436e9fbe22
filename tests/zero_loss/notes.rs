//! What the disk was told while the program ran, in order: the notes that `notes.c` takes, which is
//! loaded into the program and stands between it and the system.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The files that are noted, as `notes.c` numbers them.
pub const FILES: [&str; 3] = ["lyceum.db", "lyceum.db-wal", "lyceum.db-journal"];

const DATABASE: usize = 0;

/// The library that is made of `notes.c`.
pub struct NoteTaker {
    library: PathBuf,
    _folder: TempDir,
}

impl NoteTaker {
    /// # Panics
    /// When it can't be compiled. SQLite needs the same compiler.
    pub fn build() -> Self {
        let folder = TempDir::new().expect("a temporary directory can be made");
        let library = folder.path().join("notes.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zero_loss/notes.c");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror"])
            .args([Path::new("-o"), &library, &source])
            .status();
        let built = built.is_ok_and(|status| status.success());
        assert!(built, "{} can't be compiled", source.display());
        Self {
            library,
            _folder: folder,
        }
    }

    /// The environment of a program whose notes are to go to a file.
    pub fn environment(&self, notes: &Path) -> Vec<(&'static str, OsString)> {
        vec![
            ("LD_PRELOAD", self.library.as_os_str().to_owned()),
            ("LYCEUM_TEST_NOTES", notes.as_os_str().to_owned()),
        ]
    }
}

/// One thing that a disk was told.
#[derive(Clone, Copy, Debug)]
pub struct Note<'a> {
    pub action: Action,
    /// The number of the file.
    pub file: usize,
    pub offset: usize,
    pub bytes: &'a [u8],
    /// Where the notes go on behind it.
    pub end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Create,
    Remove,
    Write,
    /// To the length that stands for the offset.
    Resize,
    Sync,
    SyncNames,
}

/// The length of a note without the bytes that are written.
const HEAD: usize = 24;

/// Reads notes. The last is left out when it is not whole.
pub fn read_notes(text: &[u8]) -> Vec<Note<'_>> {
    let mut notes = Vec::new();
    let mut start = 0;
    while let Some((note, end)) = text.get(start..).and_then(|rest| read_note(rest, start)) {
        notes.push(note);
        start = end;
    }
    notes
}

fn read_note(text: &[u8], start: usize) -> Option<(Note<'_>, usize)> {
    let head = text.get(..HEAD)?;
    let number = |at: usize| {
        let bytes = head[at..at + 8].try_into().expect("it has eight bytes");
        usize::try_from(u64::from_ne_bytes(bytes)).expect("a usize has 64 bits")
    };
    let length = match head[0] {
        b'w' => number(16),
        _ => 0,
    };
    let action = match head[0] {
        b'c' => Action::Create,
        b'r' => Action::Remove,
        b'w' => Action::Write,
        b't' => Action::Resize,
        b's' => Action::Sync,
        b'n' => Action::SyncNames,
        other => panic!("{other} is no action"),
    };
    let end = start + HEAD + length;
    let note = Note {
        action,
        file: head[1].into(),
        offset: number(8),
        bytes: text.get(HEAD..HEAD + length)?,
        end,
    };
    Some((note, end))
}

/// Places in the notes at which the database itself, not only its log, has unsynced changes.
pub fn in_the_midst_of_a_checkpoint(notes: &[Note<'_>]) -> Vec<usize> {
    let mut unsynced = false;
    let mut places = Vec::new();
    for (index, note) in notes.iter().enumerate() {
        match note.action {
            Action::Write | Action::Resize if note.file == DATABASE => unsynced = true,
            Action::Sync if note.file == DATABASE => unsynced = false,
            _ => {}
        }
        if unsynced {
            places.push(index + 1);
        }
    }
    places
}
