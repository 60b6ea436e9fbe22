//! What it costs to write to a large archive: each message on disk before anybody hears of it.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use lyceum::store::{BatchNumber, DatabaseSettings, Store, StoreReport, Synchronous};
use tokio::runtime::{Builder, Runtime};

use crate::figures::Histogram;
use crate::history::{History, Said};
use crate::names;
use crate::population::ROOMS;

/// Writes to a copy of a database: one message after the other, and then with many under way.
pub fn measure(database: &Path, duration: Duration) -> Result<()> {
    let directory = tempfile::Builder::new()
        .prefix("archive-")
        .tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let path = directory.path().join("lyceum.db");
    fs::copy(database, &path)?;
    let mut writing = Writing::start(&path)?;
    println!(
        "{:<28}{:>11}{:>10}{:>13}{:>9}{:>9}{:>9}{:>10}{:>8}{:>9}",
        "",
        "messages/s",
        "commits/s",
        "CPU/message",
        "p50",
        "p99",
        "p99.9",
        "max",
        ">100 ms",
        "WAL MiB"
    );
    let alone = writing.run("one at a time", 1, duration / 6)?;
    for under_way in [16, 64] {
        writing.run(&format!("{under_way} under way"), under_way, duration / 6)?;
    }
    let shared = writing.run("256 under way", 256, duration)?;
    println!("sharing commits is worth a factor of {:.1}", shared / alone);
    Ok(())
}

struct Writing {
    store: Store,
    runtime: Runtime,
    rooms: Vec<jid::BareJid>,
    history: History,
    log: PathBuf,
}

impl Writing {
    fn start(path: &Path) -> Result<Self> {
        let settings = DatabaseSettings {
            path: path.to_owned(),
            durability: Synchronous::Full,
            searchable: lyceum::wire::content::searchable::text_of_archived,
        };
        Ok(Self {
            store: Store::open(&settings)?,
            runtime: Builder::new_current_thread().build()?,
            rooms: (0..ROOMS).map(names::room).collect(),
            history: History::new(SEED, MESSAGES),
            log: PathBuf::from(format!("{}-wal", path.display())),
        })
    }

    /// Keeps up to `under_way_max` messages under way, each a batch of its own, as in a service
    /// where many speak at once. Returns how many were committed in a second.
    fn run(&mut self, name: &str, under_way_max: usize, duration: Duration) -> Result<f64> {
        let mut under_way: VecDeque<(BatchNumber, Instant)> = VecDeque::new();
        let mut took = Histogram::default();
        let (mut messages, mut commits, mut slow, mut log_max) = (0_u64, 0_u64, 0, 0);
        let writer_before = writer_cpu()?;
        let started = Instant::now();
        while started.elapsed() < duration || !under_way.is_empty() {
            while under_way.len() < under_way_max && started.elapsed() < duration {
                self.say();
                let submitted = self.store.submit();
                under_way.extend(submitted.map(|number| (number, Instant::now())));
            }
            let number = match self.runtime.block_on(self.store.report()) {
                StoreReport::Committed(number) => number,
                StoreReport::Failed(_, error) => return Err(error.into()),
                StoreReport::Told(..) => bail!("nothing was asked"),
            };
            commits += 1;
            let now = Instant::now();
            let mut oldest = Duration::ZERO;
            while let Some((_, said)) = under_way.front().filter(|(said, _)| *said <= number) {
                let said = *said;
                under_way.pop_front();
                took.add(now - said);
                oldest = oldest.max(now - said);
                messages += 1;
            }
            slow += u64::from(oldest > STALL);
            if commits % 64 == 0 {
                log_max = log_max.max(fs::metadata(&self.log).map_or(0, |log| log.len()));
            }
        }
        let seconds = started.elapsed().as_secs_f64();
        let cpu = (writer_cpu()? - writer_before).as_secs_f64() * 1e6 / messages as f64;
        let rate = messages as f64 / seconds;
        println!(
            "{name:<28}{rate:>11.0}{:>10.0}{cpu:>10.1} µs{:>9.2}{:>9.2}{:>9.2}{:>10.1}{slow:>8}{:>9.1}",
            commits as f64 / seconds,
            took.percentile_ms(0.5),
            took.percentile_ms(0.99),
            took.percentile_ms(0.999),
            took.percentile_ms(1.0),
            log_max as f64 / 1024.0 / 1024.0,
        );
        Ok(rate)
    }

    fn say(&mut self) {
        let Said {
            room,
            message,
            text,
            retracted,
        } = self.history.next();
        self.store.archive(&self.rooms[room], message, text);
        if let Some((message, remains)) = retracted {
            self.store.retract(&self.rooms[room], &message, remains);
        }
    }
}

/// CPU time of the thread that writes.
fn writer_cpu() -> Result<Duration> {
    for task in fs::read_dir("/proc/self/task")? {
        let task = task?.path();
        if fs::read_to_string(task.join("comm"))?.trim() == "store" {
            let spent = fs::read_to_string(task.join("schedstat"))?;
            let ns = spent.split(' ').next().unwrap_or_default().parse()?;
            return Ok(Duration::from_nanos(ns));
        }
    }
    bail!("no thread of this process writes")
}

/// Not that of the database, so that no id comes twice.
const SEED: u64 = 2;
/// As many as the history that goes on here might have.
const MESSAGES: usize = 100_000_000;

/// Nobody should wait so long for a commit.
const STALL: Duration = Duration::from_millis(100);
