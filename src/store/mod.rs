//! The store: rooms that outlive everything, in SQLite. The only user of rusqlite.
//!
//! [`Store`] has two sides. Changes are *collected* with [`save`](Store::save),
//! [`archive`](Store::archive) and their like, which touch nothing but memory, and handed over by
//! [`submit`](Store::submit) to a thread that commits them; [`report`](Store::report) tells when
//! that is done. Everything else *reads*, on a connection of its own that sees what is committed
//! and never waits for the writer.
//!
//! The hard thing is what lies between, and the rules are these:
//! - Batches are committed in the order of their numbers, each whole or not at all.
//! - A room with changes that are not committed yet is awake, so nobody asks the store for its
//!   state. What a reader must know all the same (the last messages, that a room has ended, entries
//!   of its lists) the store remembers until then.
//! - When a batch fails, the rooms in memory are ahead of the disk. Their owner drops them, says
//!   [`resume`](Store::resume), and loads them again when they are needed.

use std::collections::VecDeque;

use jid::{BareJid, FullJid};
#[cfg(test)]
use rusqlite::Connection;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

mod backup;
mod batch;
mod batch_number;
mod collect;
mod column;
mod connect;
mod directory;
mod error;
mod governed;
mod lanes;
mod lock;
mod message;
mod meta;
mod migrate;
mod open;
mod overlay;
pub mod question;
mod reader;
pub mod record;
mod report;
mod rest;
mod room;
mod tidy;
pub mod transfer;
mod writer;

pub mod calendar;
pub mod check;

pub use backup::backup;
pub use batch_number::BatchNumber;
pub use directory::addins::AddInChange;
pub use directory::groups::KnownGroups;
pub use error::{Error, ErrorCause, explain};
pub use message::expired::SLICE;
pub use open::{DatabaseSettings, Synchronous};
pub use question::ask::{
    ArchiveAnswer, ArchiveEnd, Ask, AskNumber, FoundPage, FoundSomewhere, Reader,
};
pub use question::everywhere::COUNT_MAX;
pub use question::found::{PAGE_SIZE, PAGE_SIZE_MAX};
pub use question::listing::{ListedEntry, PeopleList};
pub use question::ranked::RANKED_MAX;
pub use question::roster::{RoomSummary, RosterSelection};
pub use question::selection::{MessageSelection, SelectedMessage};
pub use question::survey::{Survey, SurveyPlace};
pub use question::unread::{UNREAD_MAX, UNREAD_ROOMS_MAX};
pub use record::acts::ActQuestion;
pub use report::StoreReport;
pub use room::access::{AccessRequest, AccessRequestsOf};
pub use room::lists::ListSize;
pub use room::rooms::PagePlace;
pub use transfer::arrival::{AboutMessage, ArrivalStep, Arriving, ArrivingMessage, Tally};
pub use transfer::whole::{Picture, WholeRoom};
// What a room keeps is a part of it where it is brought from one place to another.
pub use crate::directory::RoomRetention;

use crate::room::scope::CategoryId;
use crate::room::{Lengths, Salt, Snapshot};
use batch::{Batch, Operation};
use lanes::Lanes;
use lock::DatabaseLock;
use open::OpenedDatabase;
use overlay::Overlay;
use writer::WriterThread;

/// A room as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// The room's secret.
    pub salt: Salt,
    /// The category that the room is in.
    pub category: CategoryId,
    /// The room. Of its lists there is what concerns who is inside.
    pub snapshot: Snapshot,
    /// How long its lists are.
    pub lengths: Lengths,
}

/// A session, and where it is inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonSession {
    /// Its own address.
    pub real_jid: FullJid,
    /// The rooms, in the order of their addresses; at least one.
    pub rooms: Vec<BareJid>,
}

/// A database of rooms. One task owns it.
#[derive(Debug)]
pub struct Store {
    // The readers are closed first, so that the writer's connection is the last and tidies up the
    // log; the lock is given back when both are closed.
    reader: reader::ReadConnection,
    lanes: Lanes,
    writer: WriterThread,
    reports: UnboundedReceiver<StoreReport>,
    /// What the lanes report; apart, so that the end of the writer's reports is noticed.
    answers: UnboundedReceiver<StoreReport>,
    /// Reports that were made or read elsewhere, and not told yet.
    untold: VecDeque<StoreReport>,
    collected: Vec<Operation>,
    overlay: Overlay,
    /// The number of the batch submitted last.
    submitted: BatchNumber,
    /// The number up to which batches are committed or void.
    settled: BatchNumber,
    /// Whether a batch failed and the owner of the rooms hasn't resumed yet.
    suspended: bool,
    /// The number of the last question.
    asked: u64,
    /// How many questions are not answered yet.
    unanswered: usize,
    _lock: Option<DatabaseLock>,
}

impl Store {
    /// Opens a database, or makes it; brings an older one to the version of this program.
    ///
    /// # Errors
    /// Everything that [`Error`] names as wrong with a file; it is then as it was.
    pub fn open(settings: &DatabaseSettings) -> Result<Self, Error> {
        Self::start(open::open_file(settings)?)
    }

    /// Makes a database that lives in memory for as long as the store.
    ///
    /// # Errors
    /// - [`Error::CannotStart`]: the system gives no thread.
    pub fn in_memory() -> Result<Self, Error> {
        Self::start(open::open_in_memory()?)
    }

    fn start(opened: OpenedDatabase) -> Result<Self, Error> {
        let (sender, reports) = unbounded_channel();
        let (answerer, answers) = unbounded_channel();
        Ok(Self {
            writer: WriterThread::start(opened.writing, &opened.path, opened.searchable, sender)?,
            lanes: Lanes::start(opened.answering, &opened.path, &answerer)?,
            reader: reader::ReadConnection::new(opened.reading, opened.path),
            reports,
            answers,
            untold: VecDeque::new(),
            collected: Vec::new(),
            overlay: Overlay::default(),
            submitted: BatchNumber(0),
            settled: BatchNumber(0),
            suspended: false,
            asked: 0,
            unanswered: 0,
            _lock: opened.lock,
        })
    }

    /// Hands over what is collected and tells the number under which it will be reported; `None`
    /// when nothing is. Never waits.
    ///
    /// While nothing can be written (see [`Self::resume`]), what is collected is thrown away and
    /// reported as failed.
    pub fn submit(&mut self) -> Option<BatchNumber> {
        if self.collected.is_empty() {
            return None;
        }
        let number = self.collecting();
        self.submitted = number;
        let operations = std::mem::take(&mut self.collected);
        if self.suspended {
            self.fail(Error::Suspended);
        } else if self.writer.write(Batch { number, operations }).is_err() {
            self.fail(thread_ended());
        }
        Some(number)
    }

    /// The number of the batch submitted last, as long as it is not reported.
    pub fn outstanding(&self) -> Option<BatchNumber> {
        (self.submitted > self.settled).then_some(self.submitted)
    }

    /// Waits for the next report. Dropping the future loses nothing.
    ///
    /// [`StoreReport::Committed`] speaks for all batches up to its number. After
    /// [`StoreReport::Failed`] nothing is written until [`Self::resume`].
    pub async fn report(&mut self) -> StoreReport {
        loop {
            if let Some(report) = self.untold.pop_front() {
                return report;
            }
            tokio::select! {
                biased;
                report = self.reports.recv() => match report {
                    Some(report) => self.settle(report),
                    None if self.outstanding().is_some() => self.fail(thread_ended()),
                    None => match self.answers.recv().await {
                        Some(report) => self.settle(report),
                        None => std::future::pending().await,
                    },
                },
                Some(report) = self.answers.recv() => self.settle(report),
            }
        }
    }

    /// Submits what is collected, waits until all is dealt with and everything that was asked is
    /// answered, and returns the reports. For tests and for the end of the service: it blocks the
    /// thread.
    pub fn flush(&mut self) -> Vec<StoreReport> {
        self.submit();
        let lives = self.writer.flush().is_ok();
        while let Ok(report) = self.reports.try_recv() {
            self.settle(report);
        }
        if !lives && self.outstanding().is_some() {
            self.fail(thread_ended());
        }
        // A lane that has ended was told of by who asked.
        let _ = self.lanes.flush();
        while let Ok(report) = self.answers.try_recv() {
            self.settle(report);
        }
        self.untold.drain(..).collect()
    }

    /// Lets changes be written again after a failure. The owner of the rooms has dropped them from
    /// memory before; what was collected since the last [`Self::submit`] is thrown away, for it
    /// rests on what was lost.
    pub fn resume(&mut self) {
        if !self.suspended {
            return;
        }
        self.collected.clear();
        self.overlay.clear();
        // A thread that is gone stays so, and the next batch is told.
        self.suspended = self.reports.is_closed() || self.writer.resume().is_err();
    }

    /// The number of the batch that is being collected.
    fn collecting(&self) -> BatchNumber {
        BatchNumber(self.submitted.0 + 1)
    }

    fn settle(&mut self, report: StoreReport) {
        match report {
            StoreReport::Committed(number) => {
                self.overlay.committed(number);
                self.settled = number;
                self.untold.push_back(StoreReport::Committed(number));
            }
            StoreReport::Told(number, told) => {
                self.unanswered -= 1;
                self.untold.push_back(StoreReport::Told(number, told));
            }
            // What was submitted meanwhile is void as well, and the writer says nothing about it.
            StoreReport::Failed(_, error) => self.fail(error),
        }
    }

    fn fail(&mut self, error: Error) {
        self.suspended = true;
        self.overlay.clear();
        self.settled = self.submitted;
        self.untold
            .push_back(StoreReport::Failed(self.submitted, error));
    }

    #[cfg(test)]
    fn on_writer(&self, action: impl FnOnce(&Connection) + Send + 'static) {
        self.writer.run(action);
    }
}

fn thread_ended() -> Error {
    Error::Panicked {
        message: "it has ended".to_owned(),
    }
}

#[cfg(test)]
mod tests;
