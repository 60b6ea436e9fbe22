//! Zero loss: whatever somebody has seen is in the archive, once and in the order in which all have
//! seen it, whenever the process is killed or the machine loses its power.
//!
//! A crowd talks in several rooms, with many messages under way, until the end comes at a random
//! moment, now and then while the program is still starting. Then what is on the disk is compared
//! with what every session had seen, and the next life begins with it. A message may be in the
//! archive though nobody saw it; never the reverse. The crowd looks at the archive as clients do,
//! too: newcomers are sent their history, and the owner asks for everything missed since the last
//! message they saw.
//!
//! # What is assumed of a disk that loses its power
//!
//! - What was synced is there: `fsync` and `fdatasync` do what they say, and so does the disk.
//! - Of what was not synced anything may be there. Each sector of 512 bytes has the content that it
//!   had at any one moment since the file was synced, whatever its neighbours have; so pages of the
//!   database are torn, but no sector is, and one that isn't written to stays as it was. The length
//!   of the file is any that it has had since.
//! - A name that was made or removed is certain when its directory was synced, and not before. To
//!   sync the file itself doesn't help, though on ext4 and XFS it would.
//! - The shared memory beside the database is gone.
//!
//! # Longer runs, and the same run again
//!
//! `LYCEUM_TEST_KILLS` and `LYCEUM_TEST_POWER_LOSSES` say how often the program ends, and
//! `LYCEUM_TEST_SEED` is where chance begins: a failure tells the seed of its database. What is
//! said and when the end is to come follow from the seed, but not how far the program gets until
//! then, so what fails by microseconds may need several tries. The folder of a failure stays.

mod archive;
mod crowd;
mod disk;
mod notes;
mod old;
mod run;
mod sight;
mod trial;
mod view;

use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use notes::NoteTaker;
use trial::{Durability, Tally, Trial};

#[test]
fn whatever_was_seen_outlives_the_kill_of_the_process() {
    let kills = from_environment("LYCEUM_TEST_KILLS").unwrap_or(240);
    let tally = end_often(kills, None);
    println!("{tally:?}");
    assert!(tally.seen > kills && tally.under_way > kills, "{tally:?}");
}

#[test]
fn whatever_was_seen_outlives_a_loss_of_power() {
    let losses = from_environment("LYCEUM_TEST_POWER_LOSSES").unwrap_or(100);
    let tally = end_often(losses, Some(&NoteTaker::build()));
    println!("{tally:?}");
    assert!(tally.seen > losses, "{tally:?}");
    // The log is copied into the database after a thousand pages, so a few losses may miss that.
    assert!(tally.torn_checkpoints > 0 || losses < 50, "{tally:?}");
}

#[test]
fn an_old_database_outlives_a_loss_of_power_while_it_is_brought_up_to_date() {
    let note_taker = NoteTaker::build();
    let old = old::database(500);
    on_databases(24, |seed, tally| {
        let trial = Trial::begin(seed, Durability::Full, Some(&note_taker))?;
        let mut trial = trial.with(old.clone())?;
        trial.end_when_open(tally)?;
        trial.end_when_open(tally)?;
        trial.end_once(tally).map(drop)
    });
}

/// So what was not synced is really lost above. Here, too, the database stays whole, and nothing is
/// lost but what was seen last.
#[test]
fn with_relaxed_durability_a_loss_of_power_takes_what_was_seen_last() {
    let note_taker = NoteTaker::build();
    let first = first_seed();
    let lost = |seed| {
        let trial = Trial::begin(seed, Durability::Relaxed, Some(&note_taker));
        let lost = trial.and_then(|mut trial| trial.end_once(&mut Tally::default()));
        lost.unwrap_or_else(|reason| panic!("{SEED}={seed}: {reason}"))
    };
    let lost: usize = (first..first + 10).map(lost).sum();
    assert!(lost > 0, "{SEED}={first}: nothing was lost");
}

/// Lets the program end so often at least.
fn end_often(ends: u64, note_taker: Option<&NoteTaker>) -> Tally {
    on_databases(ends.div_ceil(ENDS_PER_DATABASE), |seed, tally| {
        let mut trial = Trial::begin(seed, Durability::Full, note_taker)?;
        (0..ENDS_PER_DATABASE).try_for_each(|_| trial.end_once(tally).map(drop))
    })
}

/// Tries something with that number of databases, some of them at a time.
fn on_databases(
    count: u64,
    survive: impl Fn(u64, &mut Tally) -> Result<(), String> + Sync,
) -> Tally {
    let first = first_seed();
    println!("{SEED}={first}");
    let next = AtomicU64::new(first);
    let outcome = Mutex::new((Tally::default(), Vec::new()));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + count {
                return;
            }
            let mut tally = Tally::default();
            let survived = survive(seed, &mut tally);
            let mut outcome = outcome.lock().expect("nothing panics while it is locked");
            outcome.0.add(tally);
            if let Err(reason) = survived {
                next.store(first + count, Ordering::Relaxed);
                outcome.1.push(format!("{SEED}={seed}: {reason}"));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(work);
        }
    });
    let outcome = outcome.into_inner();
    let (tally, failures) = outcome.expect("nothing panics while it is locked");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    tally
}

fn first_seed() -> u64 {
    from_environment(SEED).unwrap_or_else(|| rand::random::<u32>().into())
}

fn from_environment(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

const SEED: &str = "LYCEUM_TEST_SEED";

/// The program ends so often on one database, which is then large enough.
const ENDS_PER_DATABASE: u64 = 10;

/// Databases that are worked on at the same time.
const AT_ONCE: usize = 3;
