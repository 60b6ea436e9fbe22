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
mod notes;
mod run;
mod trial;

use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use notes::NoteTaker;
use trial::{Durability, Tally, Trial};

#[test]
fn whatever_was_seen_outlives_the_kill_of_the_process() {
    let kills = from_environment("LYCEUM_TEST_KILLS").unwrap_or(240);
    let tally = on_many_databases(kills, None);
    println!("{tally:?}");
    assert!(tally.ends >= kills, "{tally:?}");
    assert!(tally.seen > kills && tally.under_way > kills, "{tally:?}");
}

#[test]
fn whatever_was_seen_outlives_a_loss_of_power() {
    let losses = from_environment("LYCEUM_TEST_POWER_LOSSES").unwrap_or(120);
    let tally = on_many_databases(losses, Some(&NoteTaker::build()));
    println!("{tally:?}");
    assert!(tally.ends >= losses, "{tally:?}");
    assert!(
        tally.seen > losses && tally.torn_checkpoints > 0,
        "{tally:?}"
    );
}

/// So what was not synced is really lost above.
#[test]
fn with_relaxed_durability_a_loss_of_power_takes_what_was_seen_last() {
    let note_taker = NoteTaker::build();
    let first = first_seed();
    let loses = |seed: &u64| {
        let trial = Trial::begin(*seed, Durability::Relaxed, Some(&note_taker));
        let lost = trial.and_then(|mut trial| trial.end_once(&mut Tally::default()));
        lost.unwrap_or_else(|reason| panic!("{SEED}={seed}: {reason}")) > 0
    };
    let found = (first..first + 20).find(loses);
    assert!(found.is_some(), "{SEED}={first}: nothing was lost");
}

/// Lets the program end so often at least.
fn on_many_databases(ends: u64, note_taker: Option<&NoteTaker>) -> Tally {
    let first = first_seed();
    println!("{SEED}={first}");
    let last = first + ends.div_ceil(ENDS_PER_DATABASE);
    let next = AtomicU64::new(first);
    let outcome = Mutex::new((Tally::default(), Vec::new()));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= last {
                return;
            }
            let mut tally = Tally::default();
            let survived = survive(seed, &mut tally, note_taker);
            let mut outcome = outcome.lock().expect("nothing panics while it is locked");
            outcome.0.add(tally);
            if let Err(reason) = survived {
                next.store(last, Ordering::Relaxed);
                outcome.1.push(format!("{SEED}={seed}: {reason}"));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(work);
        }
    });
    let (tally, failures) = outcome
        .into_inner()
        .expect("nothing panics while it is locked");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    tally
}

fn survive(seed: u64, tally: &mut Tally, note_taker: Option<&NoteTaker>) -> Result<(), String> {
    let mut trial = Trial::begin(seed, Durability::Full, note_taker)?;
    for _ in 0..ENDS_PER_DATABASE {
        trial.end_once(tally)?;
    }
    Ok(())
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
