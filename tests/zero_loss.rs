//! Zero loss: whatever somebody has seen is in the archive, once and in the order in which all have seen it, whenever
//! the process is killed or the machine loses its power.
//!
//! A crowd talks in several rooms, with many messages under way, until the end comes at a random moment; then what is
//! on the disk is compared with what every session had seen, and the next life begins with it. What is in the archive
//! though nobody saw it does no harm. Newcomers see the same archive from outside: their history is compared, too.
//!
//! # What is assumed of a disk that loses its power
//!
//! - What was synced before is there: `fsync` and `fdatasync` do what they say.
//! - Of what was not synced anything may be there: of each sector of 512 bytes the state it had at any moment since
//!   the file was synced, independently of all others. A sector is never torn, and one that isn't written to does
//!   not change. A length, too, may be any that the file has had since.
//! - A name that was made or removed is certain only when its directory was synced, whether the file was or not.
//!   (Most file systems promise more.)
//! - Shared memory is gone.
//!
//! # Longer runs, and the same run again
//!
//! `LYCEUM_TEST_KILLS` and `LYCEUM_TEST_POWER_LOSSES` say how many, `LYCEUM_TEST_SEED` which: a failure tells the
//! seed of its database. The seed decides what is said and when the end is to come, but not how far the program
//! gets until then; so a failure that is a matter of microseconds may take some tries.

mod archive;
mod crowd;
mod disk;
mod run;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use tempfile::TempDir;

use archive::Archive;
use crowd::{Crowd, Sight};
use disk::Disk;
use run::Home;

#[test]
fn whatever_was_seen_outlives_the_kill_of_the_process() {
    let kills = from_environment("LYCEUM_TEST_KILLS").unwrap_or(240);
    let tally = on_many_databases(kills, |seed, tally| {
        outlives_everything(seed, tally, "full", None)
    });
    println!("{tally:?}");
    assert!(tally.seen > kills && tally.under_way > kills, "{tally:?}");
}

#[test]
fn whatever_was_seen_outlives_a_loss_of_power() {
    let losses = from_environment("LYCEUM_TEST_POWER_LOSSES").unwrap_or(160);
    let layer = Layer::build();
    let tally = on_many_databases(losses, |seed, tally| {
        outlives_everything(seed, tally, "full", Some(&layer.library))
    });
    println!("{tally:?}");
    assert!(tally.seen > losses && tally.checkpoints > 0, "{tally:?}");
}

/// So the layer is real: what isn't synced is lost.
#[test]
fn with_relaxed_durability_a_loss_of_power_takes_what_was_seen_last() {
    let layer = Layer::build();
    let seed = first_seed();
    let lost = (seed..seed + 20).find(|seed| {
        let mut trial = Trial::begin(*seed, "relaxed", Some(&layer.library)).unwrap();
        let lost = trial.end_once(&mut Tally::default());
        lost.unwrap_or_else(|reason| panic!("seed {seed}: {reason}")) > 0
    });
    assert!(lost.is_some(), "from seed {seed} on nothing was lost");
}

/// What has happened on all databases.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    ends: u64,
    seen: u64,
    archived: u64,
    /// Messages that somebody had sent and not seen again when the end came.
    under_way: u64,
    /// Losses of power in the midst of a checkpoint.
    checkpoints: u64,
}

/// The program meets so many ends on one database, which is then large enough.
const ENDS_PER_DATABASE: u64 = 10;

/// Databases that are worked on at the same time.
const AT_ONCE: usize = 3;

fn on_many_databases(
    ends: u64,
    survive: impl Fn(u64, &mut Tally) -> Result<(), String> + Sync,
) -> Tally {
    let first = first_seed();
    println!("LYCEUM_TEST_SEED={first}");
    let next = AtomicU64::new(first);
    let last = first + ends.div_ceil(ENDS_PER_DATABASE);
    let tallies = Mutex::new(Tally::default());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let mut tally = Tally::default();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= last {
                        break;
                    }
                    if let Err(reason) = survive(seed, &mut tally) {
                        next.store(last, Ordering::Relaxed);
                        panic!("LYCEUM_TEST_SEED={seed}: {reason}");
                    }
                }
                tallies
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .add(tally);
            });
        }
    });
    *tallies.lock().unwrap()
}

fn outlives_everything(
    seed: u64,
    tally: &mut Tally,
    durability: &'static str,
    layer: Option<&Path>,
) -> Result<(), String> {
    let mut trial = Trial::begin(seed, durability, layer)?;
    for round in 1..=ENDS_PER_DATABASE {
        match trial.end_once(tally) {
            Ok(0) => {}
            Ok(lost) => return Err(trial.failed(&format!("{lost} messages are lost"), round)),
            Err(reason) => return Err(trial.failed(&reason, round)),
        }
    }
    Ok(())
}

/// A database, and those who use it.
struct Trial {
    random: StdRng,
    home: Home,
    crowd: Crowd,
    disk: Disk,
    archive: Archive,
    seen: Vec<Sight>,
    loses_power: bool,
}

impl Trial {
    fn begin(seed: u64, durability: &'static str, layer: Option<&Path>) -> Result<Self, String> {
        Ok(Self {
            random: StdRng::seed_from_u64(seed),
            home: Home::new(durability, layer)?,
            crowd: Crowd::new(),
            disk: Disk::default(),
            archive: Archive::default(),
            seen: Vec::new(),
            loses_power: layer.is_some(),
        })
    }

    /// One life of the program and its end. Tells how many messages were seen and are lost.
    fn end_once(&mut self, tally: &mut Tally) -> Result<usize, String> {
        self.crowd.begin_round(&self.seen);
        let life = self.home.live(&mut self.crowd, &mut self.random)?;
        self.seen = life.seen;
        let found = Disk::read(self.home.folder()).map_err(|error| error.to_string())?;
        self.disk = match self.loses_power {
            true => self.lose_power(&found, tally)?,
            false => found,
        };
        let archive = Archive::on(&self.disk)?;
        let lost = archive.compare(&self.archive, &self.crowd, &self.seen)?;
        tally.ends += 1;
        tally.seen += self.seen.len() as u64;
        tally.archived += (archive.len() - self.archive.len()) as u64;
        tally.under_way += life.under_way as u64;
        self.archive = archive;
        Ok(lost.len())
    }

    /// Puts back the disk to some moment, as it may be after a loss of power. What was seen later is not seen.
    fn lose_power(&mut self, found: &Disk, tally: &mut Tally) -> Result<Disk, String> {
        let text = self.home.notes()?;
        let notes = disk::read_notes(&text);
        // The last may not have been done any more.
        let last = &notes[notes.len().saturating_sub(1)..];
        if found.after(last) != self.disk.after(&notes) {
            return Err("the disk was told something that was not noted".to_owned());
        }
        let checkpoints = disk::in_the_midst_of_a_checkpoint(&notes);
        let place = match (
            self.random.random_range(0..3),
            checkpoints.choose(&mut self.random),
        ) {
            (0, Some(place)) => *place,
            (0 | 1, _) => self.random.random_range(0..=notes.len()),
            _ => notes.len(),
        };
        tally.checkpoints += u64::from(checkpoints.contains(&place));
        let noted = notes[..place].last().map_or(0, |note| note.end);
        self.seen.retain(|sight| sight.noted <= noted);
        let disk = self.disk.after_loss(&notes[..place], &mut self.random);
        disk.write(self.home.folder())
            .map_err(|error| error.to_string())?;
        Ok(disk)
    }

    fn failed(self, reason: &str, round: u64) -> String {
        let folder = self.home.keep();
        format!(
            "end {round}: {reason}\neverything is in {}",
            folder.display()
        )
    }
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.ends += other.ends;
        self.seen += other.seen;
        self.archived += other.archived;
        self.under_way += other.under_way;
        self.checkpoints += other.checkpoints;
    }
}

/// What stands between the program and the system, see `zero_loss/disk.c`.
struct Layer {
    library: PathBuf,
    _folder: TempDir,
}

impl Layer {
    fn build() -> Self {
        let folder = TempDir::new().expect("a temporary directory can be made");
        let library = folder.path().join("disk.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zero_loss/disk.c");
        let built = Command::new("cc")
            .args([
                "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o",
            ])
            .args([&library, &source])
            .status();
        assert!(
            built.is_ok_and(|status| status.success()),
            "disk.c can't be compiled"
        );
        Self {
            library,
            _folder: folder,
        }
    }
}

fn first_seed() -> u64 {
    from_environment("LYCEUM_TEST_SEED").unwrap_or_else(|| u64::from(rand::random::<u32>()))
}

fn from_environment(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name}={text} is no number")),
    )
}
