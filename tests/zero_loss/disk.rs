//! What may be on a disk after a loss of power.
//!
//! From what it held before and what it was told since follows what it may hold; what is assumed is
//! written in `zero_loss.rs`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use super::notes::{Action, FILES, Note};

/// What isn't noted, and lost with the power.
const SHARED_MEMORY: &str = "lyceum.db-shm";

/// What is written whole or not at all, in bytes.
const SECTOR: usize = 512;

/// What is in each of the files; `None` where there is no such file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disk([Option<Vec<u8>>; FILES.len()]);

impl Disk {
    /// Reads the files of a folder.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut disk = Self::default();
        for (content, name) in disk.0.iter_mut().zip(FILES) {
            *content = match fs::read(folder.join(name)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                found => Some(found?),
            };
        }
        Ok(disk)
    }

    /// Makes the files of a folder what they are here.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let names = FILES.into_iter().zip(self.0.iter().map(Option::as_deref));
        for (name, content) in names.chain([(SHARED_MEMORY, None)]) {
            let path = folder.join(name);
            match content {
                Some(content) => fs::write(path, content)?,
                None if path.exists() => fs::remove_file(path)?,
                None => {}
            }
        }
        Ok(())
    }

    /// What is there when all that was noted is done.
    pub fn after(&self, notes: &[Note<'_>]) -> Self {
        let mut told = Told::by(self, notes);
        let mut newest = |file: usize| told.current(file).map(|content| content.sync().clone());
        Self([newest(0), newest(1), newest(2)])
    }

    /// What may be there when the power is lost after these notes.
    pub fn after_loss(&self, notes: &[Note<'_>], random: &mut StdRng) -> Self {
        let told = Told::by(self, notes);
        Self(told.names.each_ref().map(|states| {
            let survival = Survival::choose(random);
            let content = (*survival.pick(states, random))?;
            Some(told.contents[content].after_loss(survival, random))
        }))
    }
}

/// A disk, and what it was told but need not have done yet.
struct Told<'a> {
    /// For each name the contents that it has had since names were synced, by their number.
    names: [Vec<Option<usize>>; FILES.len()],
    contents: Vec<Content<'a>>,
}

impl<'a> Told<'a> {
    fn by(disk: &Disk, notes: &[Note<'a>]) -> Self {
        let mut told = Self {
            names: Default::default(),
            contents: Vec::new(),
        };
        for (file, content) in disk.0.iter().enumerate() {
            let number = content.as_ref().map(|bytes| told.add(bytes.clone()));
            told.names[file].push(number);
        }
        for note in notes {
            told.take(note);
        }
        told
    }

    fn add(&mut self, synced: Vec<u8>) -> usize {
        self.contents.push(Content {
            synced,
            changes: Vec::new(),
        });
        self.contents.len() - 1
    }

    fn current(&mut self, file: usize) -> Option<&mut Content<'a>> {
        let number = self.names[file].last().copied().flatten()?;
        Some(&mut self.contents[number])
    }

    fn take(&mut self, note: &Note<'a>) {
        let content = self.current(note.file);
        match (note.action, content) {
            (Action::Create, _) => {
                let number = self.add(Vec::new());
                self.names[note.file].push(Some(number));
            }
            (Action::Remove, _) => self.names[note.file].push(None),
            (Action::SyncNames, _) => {
                for states in &mut self.names {
                    states.drain(..states.len() - 1);
                }
            }
            (Action::Write, Some(content)) => {
                content.changes.push(Change::Write(note.offset, note.bytes));
            }
            (Action::Resize, Some(content)) => content.changes.push(Change::Resize(note.offset)),
            (Action::Sync, Some(content)) => drop(content.sync()),
            (Action::Write | Action::Resize | Action::Sync, None) => {
                panic!("{} was changed, and does not exist", FILES[note.file])
            }
        }
    }
}

/// What is in a file, whatever its name is and whether it has one.
struct Content<'a> {
    /// What is there for certain, unless it was changed since.
    synced: Vec<u8>,
    changes: Vec<Change<'a>>,
}

#[derive(Clone, Copy)]
enum Change<'a> {
    Write(usize, &'a [u8]),
    Resize(usize),
}

impl Content<'_> {
    fn sync(&mut self) -> &Vec<u8> {
        for change in self.changes.drain(..) {
            match change {
                Change::Write(offset, bytes) => {
                    let end = offset + bytes.len();
                    self.synced.resize(end.max(self.synced.len()), 0);
                    self.synced[offset..end].copy_from_slice(bytes);
                }
                Change::Resize(length) => self.synced.resize(length, 0),
            }
        }
        &self.synced
    }

    /// Every sector, and the length, is what it was at some moment since the last sync.
    fn after_loss(&self, survival: Survival, random: &mut StdRng) -> Vec<u8> {
        let mut sectors = Sectors::of(&self.synced);
        for change in &self.changes {
            sectors.change(*change);
        }
        let length = *survival.pick(&sectors.lengths, random);
        let mut content = self.synced.clone();
        content.resize(length.next_multiple_of(SECTOR), 0);
        for (start, states) in sectors.states {
            if let Some(sector) = content.get_mut(start..start + SECTOR) {
                let state: &[u8; SECTOR] = survival.pick(&states, random);
                sector.copy_from_slice(state);
            }
        }
        content.truncate(length);
        content
    }
}

/// What a file's sectors, by the offsets at which they begin, and its length have been since it was
/// synced.
struct Sectors<'a> {
    synced: &'a [u8],
    states: BTreeMap<usize, Vec<[u8; SECTOR]>>,
    lengths: Vec<usize>,
}

impl<'a> Sectors<'a> {
    fn of(synced: &'a [u8]) -> Self {
        Self {
            synced,
            states: BTreeMap::new(),
            lengths: vec![synced.len()],
        }
    }

    fn change(&mut self, change: Change<'_>) {
        let length = *self.lengths.last().expect("it has always had a length");
        match change {
            Change::Write(offset, bytes) => {
                self.overwrite(offset, bytes);
                self.lengths.push(length.max(offset + bytes.len()));
            }
            Change::Resize(to) => {
                self.overwrite(to, &vec![0; length.saturating_sub(to)]);
                self.lengths.push(to);
            }
        }
    }

    fn overwrite(&mut self, offset: usize, bytes: &[u8]) {
        let end = offset + bytes.len();
        for start in (offset / SECTOR * SECTOR..end).step_by(SECTOR) {
            let (from, to) = (start.max(offset), end.min(start + SECTOR));
            let states = self.states.entry(start);
            let states = states.or_insert_with(|| vec![sector(self.synced, start)]);
            let mut state = *states.last().expect("it has always had a state");
            state[from - start..to - start].copy_from_slice(&bytes[from - offset..to - offset]);
            states.push(state);
        }
    }
}

/// The sector that begins at an offset; what lies behind the end is zero.
fn sector(bytes: &[u8], start: usize) -> [u8; SECTOR] {
    let mut sector = [0; SECTOR];
    let rest = bytes.get(start..).unwrap_or_default();
    let length = rest.len().min(SECTOR);
    sector[..length].copy_from_slice(&rest[..length]);
    sector
}

/// How much of what was not synced has reached the disk.
#[derive(Clone, Copy, Debug)]
enum Survival {
    Nothing,
    Something,
    Everything,
}

impl Survival {
    fn choose(random: &mut StdRng) -> Self {
        let choices = [
            Self::Nothing,
            Self::Something,
            Self::Something,
            Self::Everything,
        ];
        *choices.choose(random).expect("there are some")
    }

    /// One of the states that something has been in, oldest first.
    fn pick<'a, State>(self, states: &'a [State], random: &mut StdRng) -> &'a State {
        let picked = match self {
            Self::Nothing => states.first(),
            Self::Something => states.choose(random),
            Self::Everything => states.last(),
        };
        picked.expect("it has always been in a state")
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn what_is_synced_stays_and_what_is_not_may() {
        let note = |action, offset, bytes, file| Note {
            action,
            file,
            offset,
            bytes,
            end: 0,
        };
        let old = [1; 2 * SECTOR];
        let new = [2; 2 * SECTOR];
        let notes = [
            note(Action::Create, 0, &[][..], 1),
            note(Action::Write, 0, &old, 1),
            note(Action::Sync, 0, &[], 1),
            note(Action::SyncNames, 0, &[], 0),
            note(Action::Write, 0, &new, 1),
            note(Action::Write, 2 * SECTOR, &new[..3], 1),
        ];
        let disk = Disk::default();
        let random = &mut StdRng::seed_from_u64(1);
        let mut found: BTreeMap<_, u32> = BTreeMap::new();
        for _ in 0..1000 {
            let Disk([None, Some(log), None]) = disk.after_loss(&notes, random) else {
                panic!("only the log is there, and it is");
            };
            let marks = (log[0], log[SECTOR], log.get(2 * SECTOR).copied());
            *found.entry(marks).or_default() += 1;
            assert!(log.len() == 2 * SECTOR || log.len() == 2 * SECTOR + 3);
            assert!(log[..SECTOR].iter().all(|byte| *byte == log[0]));
        }
        let torn = found.keys().filter(|(one, other, _)| one != other).count();
        assert!(found[&(1, 1, None)] > 200 && found[&(2, 2, Some(2))] > 200 && torn > 2);

        let gone = (0..50).any(|_| disk.after_loss(&notes[..3], random) == Disk::default());
        assert!(gone, "its name was not synced");
        let whole = disk.after(&notes).0[1].clone().unwrap();
        assert_eq!(whole, [&new[..], &new[..3]].concat());
    }
}
