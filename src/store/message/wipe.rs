//! Words that were taken back, and the file they are in.
//!
//! A message that is deleted or becomes a tombstone leaves its bytes nowhere: SQLite overwrites
//! them (`secure_delete`). But the index of words only notes that a message is no more, and keeps
//! its words until it merges what they lie in, which for old messages may be never. So it is made
//! to merge all of it, slice by slice and whenever there is nothing else to do. That rewrites the
//! whole index, so there is a pause after it, in proportion to how long it took.
//!
//! What is not reached from here: copies that others have made (backups, snapshots of the file
//! system, what a disk has set aside).

use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, Result};

use crate::store::connect::BUSY_TIMEOUT;

/// When the index is to be merged, and how far that is.
#[derive(Debug)]
pub(in crate::store) struct Wipe {
    state: WipeState,
    /// How often something had been [noted](note) when the merge began.
    noted: Option<i64>,
    /// No other merge begins before.
    not_before: Instant,
    /// How long the one under way has worked.
    worked: Duration,
    /// Number of slices after which it is left for another time: where much is said meanwhile there
    /// is always more to merge.
    slices_left: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WipeState {
    /// Nothing is to be wiped.
    Clean,
    /// Something is to be wiped.
    Wanted,
    /// The merge is under way.
    Merging,
    /// The merge is done, but the log may have what was merged away.
    InLog,
}

/// Notes that words were taken out of the index, inside the transaction that does so.
pub(in crate::store) fn note(connection: &Connection) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO meta (key, value) VALUES (?1, '1')
             ON CONFLICT DO UPDATE SET value = CAST(value + 1 AS TEXT)",
        )?
        .execute([META_KEY])?;
    Ok(())
}

/// How often that was since the last wipe; `None`: never.
fn noted(connection: &Connection) -> Result<Option<i64>> {
    connection
        .prepare_cached("SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?1")?
        .query_row([META_KEY], |row| row.get(0))
        .optional()
}

impl Wipe {
    /// Of a database in which something may have been noted.
    pub fn new() -> Self {
        Self {
            state: WipeState::Clean,
            noted: None,
            not_before: Instant::now(),
            worked: Duration::ZERO,
            slices_left: 0,
        }
    }

    /// How long until there is something to do; `None`: nothing is.
    pub fn wait(&mut self, connection: &Connection) -> Option<Duration> {
        // Of a database that can't be read others will tell.
        if self.state == WipeState::Clean && matches!(noted(connection), Ok(Some(_))) {
            self.state = WipeState::Wanted;
        }
        match self.state {
            WipeState::Clean => None,
            WipeState::Wanted | WipeState::InLog => {
                Some(self.not_before.saturating_duration_since(Instant::now()))
            }
            WipeState::Merging => Some(Duration::ZERO),
        }
    }

    /// Does one slice of what is to be done.
    pub fn proceed(&mut self, connection: &Connection) -> Result<()> {
        let started = Instant::now();
        self.state = match self.state {
            WipeState::Clean => WipeState::Clean,
            WipeState::Wanted => {
                self.noted = noted(connection)?;
                self.worked = Duration::ZERO;
                self.slices_left = begin(connection)?;
                WipeState::Merging
            }
            WipeState::Merging if !merge(connection, SLICE_PAGES)? => WipeState::InLog,
            WipeState::Merging => {
                self.slices_left -= 1;
                match self.slices_left {
                    0 => WipeState::Wanted,
                    _ => WipeState::Merging,
                }
            }
            WipeState::InLog => self.leave_log(connection)?,
        };
        self.worked += started.elapsed();
        if matches!(self.state, WipeState::Clean | WipeState::Wanted) {
            self.not_before = Instant::now() + (self.worked * PAUSE_FACTOR).min(PAUSE_MAX);
        }
        Ok(())
    }

    /// Something went wrong; it is tried again later.
    pub fn failed(&mut self) {
        self.state = WipeState::Wanted;
        self.not_before = Instant::now() + PAUSE_AFTER_FAILURE;
    }

    /// Empties the log, if nobody reads in it. What it had is in the file then, where it is
    /// overwritten.
    fn leave_log(&mut self, connection: &Connection) -> Result<WipeState> {
        if noted(connection)? != self.noted {
            return Ok(WipeState::Wanted);
        }
        connection.busy_timeout(Duration::ZERO)?;
        let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
        connection.busy_timeout(BUSY_TIMEOUT)?;
        let busy: bool = busy?;
        if busy {
            self.not_before = Instant::now() + PAUSE_FOR_READERS;
            return Ok(WipeState::InLog);
        }
        connection.execute("DELETE FROM meta WHERE key = ?1", [META_KEY])?;
        Ok(WipeState::Clean)
    }
}

/// Has everything merged into one, and tells after how many slices that should be done.
fn begin(connection: &Connection) -> Result<i64> {
    let pages: i64 = connection.query_row("SELECT count(*) FROM word_idx", [], |row| row.get(0))?;
    // Or what is written meanwhile keeps the merge from going on: FTS5 looks at the newest first,
    // and does nothing where that is too little.
    connection.execute("INSERT INTO word (word, rank) VALUES ('usermerge', 2)", [])?;
    // With a negative number all is marked for it. Another one would mark it again, with what came
    // since, and begin anew; so the rest is done with positive ones.
    merge(connection, -SLICE_PAGES)?;
    Ok(2 * pages / SLICE_PAGES + 16)
}

/// Merges a number of pages, and tells whether there was anything to merge.
fn merge(connection: &Connection, pages: i64) -> Result<bool> {
    let before = connection.total_changes();
    connection
        .prepare_cached("INSERT INTO word (word, rank) VALUES ('merge', ?1)")?
        .execute([pages])?;
    // "If the difference is less than 2, then the 'merge' command was a no-op." SQLite FTS5 §6.8.
    Ok(connection.total_changes() - before >= 2)
}

const META_KEY: &str = "words taken back";

/// Pages of 4 KiB that are merged in one transaction: some milliseconds, which others may have to
/// wait.
const SLICE_PAGES: i64 = 64;

/// A hundredth of the time, at most, goes into merging.
const PAUSE_FACTOR: u32 = 100;

/// How long somebody who reads in the log is given to finish.
const PAUSE_FOR_READERS: Duration = Duration::from_secs(1);

const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(60 * 60);

/// However large the index is, it is merged once in so long.
const PAUSE_MAX: Duration = Duration::from_secs(24 * 60 * 60);
