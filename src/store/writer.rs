//! The one thread that writes, with group commit.
//!
//! While a transaction is being committed, batches queue up; the next transaction takes all of
//! them, so that the disk's slowness costs latency but hardly throughput. A transaction that fails
//! is rolled back whole, and what queued up behind it is dropped until the owner of the rooms has
//! said that it knows: those batches rest on changes that did not happen.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{
    Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError, channel, sync_channel,
};
use std::thread::{self, JoinHandle};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::mpsc::UnboundedSender;

use super::batch::{Batch, OperationFailure, RoomIds};
use super::error::{Attempt, Error, ErrorCause};
use super::message::indexable::Searchable;
use super::report::StoreReport;
use super::tidy::Tidying;

/// The thread, as the store holds it. Dropped, it lets the thread finish what it was given.
#[derive(Debug)]
pub(super) struct WriterThread {
    commands: Option<Sender<WriterCommand>>,
    thread: Option<JoinHandle<()>>,
}

/// The thread is gone; only a mistake in this file can bring that about.
#[derive(Debug)]
pub(super) struct Gone;

enum WriterCommand {
    Write(Batch),
    Resume,
    Flush(SyncSender<()>),
    #[cfg(test)]
    Run(Box<dyn FnOnce(&Connection) + Send>),
}

impl WriterThread {
    /// Starts the thread on a connection of its own. Its reports go to `reports`. With `searchable`
    /// it puts words into the index later than messages are stored, where they are many.
    pub fn start(
        connection: Connection,
        path: &Path,
        searchable: Option<Searchable>,
        reports: UnboundedSender<StoreReport>,
    ) -> Result<Self, Error> {
        let (commands, receiver) = channel();
        let writer = Writer {
            connection,
            path: path.to_owned(),
            ids: RoomIds::default(),
            suspended: false,
            searchable,
            tidying: Tidying::new(path, searchable),
            reports,
        };
        let thread = thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || writer.run(&receiver))
            .map_err(|error| Error::CannotStart {
                source: ErrorCause::new(error),
            })?;
        Ok(Self {
            commands: Some(commands),
            thread: Some(thread),
        })
    }

    /// Queues a batch.
    pub fn write(&self, batch: Batch) -> Result<(), Gone> {
        self.send(WriterCommand::Write(batch))
    }

    /// Lets batches that are queued from now on be written again after a failure.
    pub fn resume(&self) -> Result<(), Gone> {
        self.send(WriterCommand::Resume)
    }

    /// Waits until everything queued so far has been dealt with and reported.
    pub fn flush(&self) -> Result<(), Gone> {
        let (sender, receiver) = sync_channel(1);
        self.send(WriterCommand::Flush(sender))?;
        receiver.recv().map_err(|_| Gone)
    }

    /// Does something on the thread, between two transactions.
    #[cfg(test)]
    pub fn run(&self, action: impl FnOnce(&Connection) + Send + 'static) {
        self.send(WriterCommand::Run(Box::new(action)))
            .expect("the thread lives");
    }

    fn send(&self, command: WriterCommand) -> Result<(), Gone> {
        let commands = self.commands.as_ref().ok_or(Gone)?;
        commands.send(command).map_err(|_| Gone)
    }
}

impl Drop for WriterThread {
    fn drop(&mut self) {
        drop(self.commands.take());
        if let Some(thread) = self.thread.take() {
            // A panic has been reported already, and a destructor must not panic itself.
            let _ = thread.join();
        }
    }
}

struct Writer {
    connection: Connection,
    path: PathBuf,
    ids: RoomIds,
    /// Whether batches are dropped, because an earlier one failed.
    suspended: bool,
    searchable: Option<Searchable>,
    tidying: Tidying,
    reports: UnboundedSender<StoreReport>,
}

impl Writer {
    fn run(mut self, commands: &Receiver<WriterCommand>) {
        let mut next = self.next(commands);
        while let Some(command) = next.take() {
            match command {
                WriterCommand::Write(batch) => {
                    let (batches, other) = gather(batch, commands);
                    self.write(&batches);
                    next = other;
                }
                WriterCommand::Resume => self.suspended = false,
                // Whoever waited may have given up.
                WriterCommand::Flush(done) => drop(done.send(())),
                #[cfg(test)]
                WriterCommand::Run(action) => action(&self.connection),
            }
            next = next.or_else(|| self.next(commands));
        }
    }

    /// Waits for the next command, and tidies up meanwhile.
    fn next(&mut self, commands: &Receiver<WriterCommand>) -> Option<WriterCommand> {
        while self.tidying.has_rest() && !self.suspended {
            match commands.try_recv() {
                Ok(command) => return Some(command),
                Err(TryRecvError::Disconnected) => return None,
                Err(TryRecvError::Empty) => self.tidying.proceed(&mut self.connection),
            }
        }
        while !self.suspended {
            let Some(wait) = self.tidying.wait(&self.connection) else {
                break;
            };
            match commands.recv_timeout(wait) {
                Ok(command) => return Some(command),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => self.tidying.wipe(&self.connection),
            }
        }
        commands.recv().ok()
    }

    /// Commits batches in one transaction and reports.
    fn write(&mut self, batches: &[Batch]) {
        let Some(last) = batches.last() else { return };
        if self.suspended {
            return;
        }
        // A panic must not leave the service waiting for a report that never comes.
        let outcome =
            catch_unwind(AssertUnwindSafe(|| self.commit(batches))).unwrap_or_else(|panic| {
                Err(Error::Panicked {
                    message: told(&*panic),
                })
            });
        let report = match outcome {
            Ok(()) => {
                for batch in batches {
                    self.tidying.note(batch.leaves());
                }
                StoreReport::Committed(last.number)
            }
            Err(error) => {
                self.suspended = true;
                self.ids.clear();
                StoreReport::Failed(last.number, error)
            }
        };
        // Nobody listens any more when the store is being dropped; the batches are written all the
        // same.
        let _ = self.reports.send(report);
    }

    fn commit(&mut self, batches: &[Batch]) -> Result<(), Error> {
        self.ids.at_once.begin(self.searchable);
        let path = &self.path;
        let failed =
            |error| Error::from_sqlite(path, Attempt::Write("commit what has changed"), error);
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed)?;
        for operation in batches.iter().flat_map(|batch| &batch.operations) {
            operation
                .apply(&transaction, &mut self.ids)
                .map_err(|failure| match failure {
                    OperationFailure::Sqlite(error) => failed(error),
                    OperationFailure::NoSuchRoom(room) => Error::NoSuchRoom { room },
                })?;
        }
        transaction.commit().map_err(failed)
    }
}

/// Takes what else is queued, up to a bound and to the first other command.
fn gather(first: Batch, commands: &Receiver<WriterCommand>) -> (Vec<Batch>, Option<WriterCommand>) {
    let mut count = first.operations.len();
    let mut batches = vec![first];
    while count < OPERATIONS_MAX {
        match commands.try_recv() {
            Ok(WriterCommand::Write(batch)) => {
                count += batch.operations.len();
                batches.push(batch);
            }
            Ok(other) => return (batches, Some(other)),
            Err(_) => break,
        }
    }
    (batches, None)
}

/// What a panic said.
pub(super) fn told(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without words")
        .to_owned()
}

/// Number of operations from which on a transaction takes no further batch: the first in a long
/// queue should not wait for the last.
const OPERATIONS_MAX: usize = 4096;
