//! The threads that answer what is asked of archives.
//!
//! Each is a lane: what is asked first is answered first. Searches have a lane of their own, so
//! that a slow one holds up no page. On both a question is given up soon. Whoever asked for it may
//! ask again on the lane of the slow ones, where it has more time and holds up nobody but its like.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::{Connection, InterruptHandle};
use tokio::sync::mpsc::UnboundedSender;

use super::error::{Attempt, Error, ErrorCause};
use super::question::ask::{ArchiveAnswer, Ask, AskNumber, Haste};
use super::question::patience::Patience;
use super::question::{everywhere, pages, unread};
use super::reader::ReadConnection;
use super::report::StoreReport;
use super::writer::{Gone, told};

/// All lanes, as the store holds them. Dropped, they leave unanswered what is not answered yet.
#[derive(Debug)]
pub(super) struct Lanes {
    pages: Lane,
    searches: Lane,
    slow: Lane,
}

/// How long others may wait for a question that turns out to be a slow one.
pub(super) const QUICK_MAX: Duration = Duration::from_millis(100);

/// No question takes longer.
pub(super) const SLOW_MAX: Duration = Duration::from_secs(10);

impl Lanes {
    /// Starts the threads on connections of their own. Their answers go to `answers`.
    pub fn start(
        [pages, searches, slow]: [Connection; LANES],
        path: &Path,
        answers: &UnboundedSender<StoreReport>,
    ) -> Result<Self, Error> {
        Ok(Self {
            pages: Lane::start(("pages", QUICK_MAX), pages, path, answers.clone())?,
            searches: Lane::start(("searches", QUICK_MAX), searches, path, answers.clone())?,
            slow: Lane::start(("slow", SLOW_MAX), slow, path, answers.clone())?,
        })
    }

    /// Queues a question.
    pub fn ask(&self, number: AskNumber, ask: Ask, haste: Haste) -> Result<(), Gone> {
        let lane = match &ask {
            _ if haste == Haste::Slow => &self.slow,
            Ask::Page { question, .. } if question.filter.search.is_some() => &self.searches,
            Ask::Everywhere { .. } => &self.searches,
            Ask::Page { .. } | Ask::Ends { .. } | Ask::Unread { .. } => &self.pages,
        };
        lane.send(LaneCommand::Answer(number, Box::new(ask)))
    }

    /// Waits until everything queued so far is answered and reported.
    pub fn flush(&self) -> Result<(), Gone> {
        self.pages.flush()?;
        self.searches.flush()?;
        self.slow.flush()
    }

    /// Changes how long a quick question and a slow one may take.
    #[cfg(test)]
    pub fn change_patience(&self, quick: Duration, slow: Duration) {
        self.pages.patience.change(quick);
        self.searches.patience.change(quick);
        self.slow.patience.change(slow);
    }

    /// Does something on the thread of pages, between two questions.
    #[cfg(test)]
    pub fn run(&self, action: impl FnOnce(&Connection) + Send + 'static) {
        self.pages
            .send(LaneCommand::Run(Box::new(action)))
            .expect("the thread lives");
    }
}

/// How many there are.
pub(super) const LANES: usize = 3;

struct Lane {
    commands: Option<Sender<LaneCommand>>,
    thread: Option<JoinHandle<()>>,
    /// Whether what is queued shall not be answered any more.
    ends: Arc<AtomicBool>,
    interrupt: InterruptHandle,
    #[cfg(test)]
    patience: Patience,
}

enum LaneCommand {
    Answer(AskNumber, Box<Ask>),
    Flush(SyncSender<()>),
    #[cfg(test)]
    Run(Box<dyn FnOnce(&Connection) + Send>),
}

impl Lane {
    fn start(
        (name, limit): (&str, Duration),
        mut connection: Connection,
        path: &Path,
        answers: UnboundedSender<StoreReport>,
    ) -> Result<Self, Error> {
        let (commands, receiver) = channel();
        let ends = Arc::new(AtomicBool::new(false));
        let interrupt = connection.get_interrupt_handle();
        let patience = Patience::on(&mut connection, limit)
            .map_err(|error| Error::from_sqlite(path, Attempt::Read("answer questions"), error))?;
        let is_slow = limit == SLOW_MAX;
        let worker = Worker {
            reader: ReadConnection::new(connection, path.to_owned()),
            answers,
            ends: ends.clone(),
            patience: patience.clone(),
        };
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                if is_slow {
                    // Where that can't be said, it takes its share of the processor like everybody.
                    let _ = rustix::process::setpriority_process(None, POLITE);
                }
                worker.run(&receiver);
            })
            .map_err(|error| Error::CannotStart {
                source: ErrorCause::new(error),
            })?;
        Ok(Self {
            commands: Some(commands),
            thread: Some(thread),
            ends,
            interrupt,
            #[cfg(test)]
            patience,
        })
    }

    fn flush(&self) -> Result<(), Gone> {
        let (sender, receiver) = sync_channel(1);
        self.send(LaneCommand::Flush(sender))?;
        receiver.recv().map_err(|_| Gone)
    }

    fn send(&self, command: LaneCommand) -> Result<(), Gone> {
        let commands = self.commands.as_ref().ok_or(Gone)?;
        commands.send(command).map_err(|_| Gone)
    }
}

impl std::fmt::Debug for Lane {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Lane").finish_non_exhaustive()
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        self.interrupt.interrupt();
        drop(self.commands.take());
        if let Some(thread) = self.thread.take() {
            // A destructor must not panic itself.
            let _ = thread.join();
        }
    }
}

struct Worker {
    reader: ReadConnection,
    answers: UnboundedSender<StoreReport>,
    ends: Arc<AtomicBool>,
    patience: Patience,
}

/// The niceness of the thread that answers slow questions: all others go first.
const POLITE: i32 = 10;

impl Worker {
    fn run(self, commands: &Receiver<LaneCommand>) {
        while let Ok(command) = commands.recv() {
            if self.ends.load(Ordering::Relaxed) {
                return;
            }
            match command {
                LaneCommand::Answer(number, ask) => {
                    let report = StoreReport::Told(number, self.answer(&ask));
                    // Nobody listens any more when the store is being dropped.
                    let _ = self.answers.send(report);
                }
                // Whoever waited may have given up.
                LaneCommand::Flush(done) => drop(done.send(())),
                #[cfg(test)]
                LaneCommand::Run(action) => self.reader.run(action),
            }
        }
    }

    fn answer(&self, ask: &Ask) -> Result<ArchiveAnswer, Error> {
        self.patience.begin();
        // A panic must not leave somebody waiting for an answer that never comes.
        let answer =
            catch_unwind(AssertUnwindSafe(|| self.look_for(ask))).unwrap_or_else(|panic| {
                Err(Error::ReaderPanicked {
                    message: told(&*panic),
                })
            });
        match self.patience.end() {
            true => answer.map_err(|_| Error::OutOfTime),
            false => answer,
        }
    }

    fn look_for(&self, ask: &Ask) -> Result<ArchiveAnswer, Error> {
        self.reader
            .read("search an archive", |connection| match ask {
                Ask::Page {
                    room,
                    question,
                    bytes_max,
                } => pages::page(connection, room, question, *bytes_max),
                Ask::Ends { room } => pages::ends(connection, room),
                Ask::Everywhere {
                    reader,
                    question,
                    bytes_max,
                } => everywhere::page(connection, reader, question, *bytes_max),
                Ask::Unread { reader, rooms } => unread::unread(connection, reader, rooms),
            })
    }
}
