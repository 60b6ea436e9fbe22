//! One database, which meets one end of the program after another.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use super::archive::Archive;
use super::crowd::Crowd;
use super::disk::Disk;
use super::notes::{NoteTaker, in_the_midst_of_a_checkpoint, read_notes};
use super::run::{Home, Life};
use super::sight::Sight;

/// A database, and those who use it.
pub struct Trial<'a> {
    random: StdRng,
    home: Home<'a>,
    crowd: Crowd,
    disk: Disk,
    archive: Archive,
    /// What was seen in the last life of the program, as far as it counts.
    seen: Vec<Sight>,
    durability: Durability,
}

/// What the configuration promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    Full,
    /// A loss of power may take what was seen last.
    Relaxed,
}

/// What has happened in trials.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// How often the program was ended.
    pub ends: u64,
    /// How many disks were compared with what had been seen.
    pub disks: u64,
    /// Those of a machine that lost its power in the midst of a checkpoint.
    pub torn_checkpoints: u64,
    pub seen: u64,
    pub archived: u64,
    /// Messages that somebody had sent and not seen again when the end came.
    pub under_way: u64,
}

/// What is left after an end.
struct Left {
    disk: Disk,
    /// Number of the sights that count: those that came before it.
    seen: usize,
    in_a_checkpoint: bool,
}

/// Number of losses of power that are looked at after each life; with the last of them the next
/// life begins.
const LOSSES: usize = 4;

impl<'a> Trial<'a> {
    /// Begins without a database. With a note taker the ends are losses of power, else kills.
    pub fn begin(
        seed: u64,
        durability: Durability,
        note_taker: Option<&'a NoteTaker>,
    ) -> Result<Self, String> {
        Ok(Self {
            random: StdRng::seed_from_u64(seed),
            home: Home::new(durability, note_taker)?,
            crowd: Crowd::new(),
            disk: Disk::default(),
            archive: Archive::default(),
            seen: Vec::new(),
            durability,
        })
    }

    /// Puts a database there to begin with.
    pub fn with(mut self, disk: Disk) -> Result<Self, String> {
        self.archive = Archive::on(&disk)?;
        self.home.replace(&disk)?;
        self.disk = disk;
        Ok(self)
    }

    /// One life of the program, and its end. Tells how many messages were seen and are lost.
    ///
    /// # Errors
    /// What is wrong with what is left, or was before the end. Everything stays to be looked at.
    pub fn end_once(&mut self, tally: &mut Tally) -> Result<usize, String> {
        self.crowd.begin_round(&self.seen);
        let life = self.home.live(&mut self.crowd, &mut self.random);
        let lost = life.and_then(|life| self.compare(life, tally));
        lost.map_err(|reason| self.failed(&reason))
    }

    /// As [`Self::end_once`]; the program only gets so far that it could serve.
    ///
    /// # Errors
    /// As [`Self::end_once`].
    pub fn end_when_open(&mut self, tally: &mut Tally) -> Result<usize, String> {
        self.crowd.begin_round(&self.seen);
        let life = self.home.only_open();
        let lost = life.and_then(|life| self.compare(life, tally));
        lost.map_err(|reason| self.failed(&reason))
    }

    fn failed(&mut self, reason: &str) -> String {
        let folder = self.home.keep(&self.disk).display();
        format!(
            "{reason}\nend {}; everything is in {folder}",
            self.crowd.round
        )
    }

    /// Compares a life with what is left of it.
    fn compare(&mut self, life: Life, tally: &mut Tally) -> Result<usize, String> {
        tally.ends += 1;
        tally.under_way += life.under_way as u64;
        self.seen = life.seen;
        let mut lost = 0;
        let mut latest = None;
        for left in self.left()? {
            let archive = Archive::on(&left.disk)?;
            lost += archive.compare(&self.archive, &self.crowd, &self.seen[..left.seen])?;
            if lost > 0 && self.durability == Durability::Full {
                return Err(format!("{lost} messages that were seen are lost"));
            }
            tally.disks += 1;
            tally.torn_checkpoints += u64::from(left.in_a_checkpoint);
            tally.seen += left.seen as u64;
            tally.archived += (archive.len() - self.archive.len()) as u64;
            latest = Some((left, archive));
        }
        if let Some((left, archive)) = latest {
            self.home.replace(&left.disk)?;
            self.seen.truncate(left.seen);
            (self.disk, self.archive) = (left.disk, archive);
        }
        Ok(lost)
    }

    /// What is there after a kill, or what may be there after a loss of power.
    fn left(&mut self) -> Result<Vec<Left>, String> {
        let found = self.home.disk()?;
        let Some(text) = self.home.notes()? else {
            return Ok(vec![Left {
                disk: found,
                seen: self.seen.len(),
                in_a_checkpoint: false,
            }]);
        };
        let notes = read_notes(&text);
        // The last may not have been done any more.
        let last = &notes[notes.len().saturating_sub(1)..];
        if found.after(last) != self.disk.after(&notes) {
            return Err("the disk was told something that was not noted".to_owned());
        }
        let checkpoints = in_the_midst_of_a_checkpoint(&notes);
        let lost = (0..LOSSES).map(|_| {
            let place = self.moment(notes.len(), &checkpoints);
            let noted = notes[..place].last().map_or(0, |note| note.end);
            Left {
                disk: self.disk.after_loss(&notes[..place], &mut self.random),
                seen: self.seen.partition_point(|sight| sight.noted <= noted),
                in_a_checkpoint: checkpoints.contains(&place),
            }
        });
        Ok(lost.collect())
    }

    /// A moment to lose the power at, as a number of notes.
    fn moment(&mut self, notes: usize, checkpoints: &[usize]) -> usize {
        let random = &mut self.random;
        match (random.random_range(0..3), checkpoints.choose(random)) {
            (0, Some(moment)) => *moment,
            (0 | 1, _) => random.random_range(0..=notes),
            (_, _) => notes,
        }
    }
}

impl Tally {
    pub fn add(&mut self, other: Self) {
        self.ends += other.ends;
        self.disks += other.disks;
        self.torn_checkpoints += other.torn_checkpoints;
        self.seen += other.seen;
        self.archived += other.archived;
        self.under_way += other.under_way;
    }
}
