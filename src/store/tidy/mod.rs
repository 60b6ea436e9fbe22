//! What the writer does when it has nothing else to do: what is too much for the transactions that
//! others wait for.
//!
//! All of it goes slice by slice, and nobody waits for it. Until it is done, readers are shown what
//! will be; what a process leaves undone is done by the next.

pub(super) mod ended;
pub(super) mod sweep;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use super::error::{Attempt, Error, explain};
use super::message::indexable::Searchable;
use super::message::wipe::Wipe;
use super::message::{retracting, unindexed};
use super::rest::Rest;
use sweep::RetentionSweep;

/// What is still to be done, as far as the writer knows.
pub(super) struct Tidying {
    path: PathBuf,
    searchable: Option<Searchable>,
    /// What ended rooms have left.
    ended: Rest,
    /// Corrections that are still to be taken back.
    retracting: Rest,
    /// Words that are still to be put into the index.
    unindexed: Rest,
    /// A walk through all rooms that is under way, for what they keep no longer.
    sweep: Option<RetentionSweep>,
    /// What is left in the file of words that were taken back.
    wipe: Wipe,
}

/// What a batch may leave to be done.
#[derive(Debug, Default)]
pub(super) struct Leftover {
    /// A room has ended.
    pub ended: bool,
    /// A message was taken back.
    pub retracted: bool,
    /// A message was archived.
    pub archived: bool,
    /// All rooms are to be looked through for what they keep no longer.
    pub sweep: Option<RetentionSweep>,
}

impl Tidying {
    /// What the last process may have left in the database of this path.
    pub fn new(path: &Path, searchable: Option<Searchable>) -> Self {
        Self {
            path: path.to_owned(),
            searchable,
            ended: Rest::Some,
            retracting: Rest::Some,
            unindexed: match searchable {
                Some(_) => Rest::Some,
                None => Rest::None,
            },
            sweep: None,
            wipe: Wipe::new(),
        }
    }

    /// Notes what a batch that is committed has left.
    pub fn note(&mut self, left: Leftover) {
        if left.archived && self.searchable.is_some() {
            self.unindexed = Rest::Some;
        }
        if left.ended {
            self.ended = Rest::Some;
        }
        if left.retracted {
            self.retracting = Rest::Some;
        }
        if left.sweep.is_some() {
            self.sweep = left.sweep;
        }
    }

    /// Whether there is something that [`Self::proceed`] would do.
    pub fn has_rest(&self) -> bool {
        let rests = [self.unindexed, self.retracting, self.ended];
        rests.contains(&Rest::Some) || self.sweep.is_some()
    }

    /// Does one slice, in a transaction of its own.
    pub fn proceed(&mut self, connection: &mut Connection) {
        // First, for somebody may look for what was said a moment ago.
        if let (Some(searchable), Rest::Some) = (self.searchable, self.unindexed) {
            self.index_on(connection, searchable);
        } else if self.retracting == Rest::Some {
            self.retract_on(connection);
        } else if self.ended == Rest::Some {
            self.clear_on(connection);
        } else {
            self.sweep_on(connection);
        }
    }

    /// How long until there is something to wipe; `None`: nothing is.
    pub fn wait(&mut self, connection: &Connection) -> Option<Duration> {
        self.wipe.wait(connection)
    }

    /// Does one slice of wiping what was taken back out of the file.
    pub fn wipe(&mut self, connection: &Connection) {
        if let Err(error) = self.wipe.proceed(connection) {
            self.wipe.failed();
            let error = self.failed("wipe words that were taken back", error);
            tracing::warn!(error, "some words that were taken back stay for now");
        }
    }

    fn index_on(&mut self, connection: &mut Connection, searchable: Searchable) {
        self.unindexed = unindexed::proceed(connection, searchable).unwrap_or_else(|error| {
            let error = self.failed("index the words of a message", error);
            // It is stored, and the next message or the next start tries again.
            tracing::warn!(error, "a message is not found by its words for now");
            Rest::None
        });
    }

    fn retract_on(&mut self, connection: &mut Connection) {
        self.retracting = retracting::proceed(connection).unwrap_or_else(|error| {
            let error = self.failed("take back the corrections of a message", error);
            // Nobody reads them, and the next retraction or the next start tries again.
            tracing::warn!(error, "some corrections that were taken back stay for now");
            Rest::None
        });
    }

    fn clear_on(&mut self, connection: &mut Connection) {
        self.ended = ended::clear(connection).unwrap_or_else(|error| {
            let error = self.failed("remove the messages of ended rooms", error);
            // Nobody waits for it, and the end of another room or the next start tries again.
            tracing::warn!(error, "some messages of ended rooms stay for now");
            Rest::None
        });
    }

    fn sweep_on(&mut self, connection: &mut Connection) {
        let Some(sweep) = &mut self.sweep else { return };
        match sweep.proceed(connection) {
            Ok(Rest::Some) => {}
            Ok(Rest::None) => self.sweep = None,
            Err(error) => {
                let error = self.failed("remove messages that are kept no longer", error);
                // Nobody waits for it, and the next walk tries again.
                tracing::warn!(error, "some messages stay longer than they should");
                self.sweep = None;
            }
        }
    }

    fn failed(&self, attempted: &'static str, error: rusqlite::Error) -> String {
        explain(&Error::from_sqlite(
            &self.path,
            Attempt::Write(attempted),
            error,
        ))
    }
}
