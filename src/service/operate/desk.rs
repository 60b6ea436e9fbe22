//! Where commands are taken, and what is at hand while they are carried out.

use std::thread;

use tokio::sync::{mpsc, oneshot};

use super::answer::{Reply, Row};
use super::change::{Change, Job};
use super::command::Command;
use super::error::Error;
use super::supply::Supply;
use crate::directory::Retention;
use crate::service::Engine;
use crate::store::{Survey, SurveyPlace};

/// Takes the commands for one pool.
#[derive(Clone, Debug)]
pub struct Desk {
    place: SurveyPlace,
    retention: Retention,
    jobs: mpsc::Sender<Job>,
}

/// The changes that commands want made, for the engine.
pub type Jobs = mpsc::Receiver<Job>;

/// What a command has while it is carried out.
pub(super) struct Hands {
    /// What reads.
    pub survey: Survey,
    /// What holds in rooms that say nothing else.
    pub retention: Retention,
    /// What comes with the command.
    pub supply: Supply,
    jobs: mpsc::Sender<Job>,
    replies: mpsc::Sender<Reply>,
}

impl Desk {
    /// The desk of an engine, and the changes that it is to make.
    pub fn of(engine: &Engine) -> (Self, Jobs) {
        let (jobs, queue) = mpsc::channel(1);
        let desk = Self {
            place: engine.store.survey_place(),
            retention: engine.directory.retention(),
            jobs,
        };
        (desk, queue)
    }

    /// Carries out a command on a thread of its own. The last reply is [`Reply::Done`] or [`Reply::Failed`]. When the
    /// receiver of the replies is dropped, the work stops with the change in hand.
    pub fn start(&self, command: Command, supply: Supply, replies: mpsc::Sender<Reply>) {
        let desk = self.clone();
        let failed = replies.clone();
        let started = thread::Builder::new()
            .name("operator".to_owned())
            .spawn(move || desk.carry_out(command, supply, replies));
        if let Err(error) = started {
            let why = format!("the system gives no thread: {error}");
            // The channel is empty, and whoever asked may be gone.
            let _ = failed.try_send(Reply::Failed { why });
        }
    }

    fn carry_out(self, command: Command, supply: Supply, replies: mpsc::Sender<Reply>) {
        let last = replies.clone();
        let outcome = self.place.open().map_err(Error::from).and_then(|survey| {
            let mut hands = Hands {
                survey,
                supply,
                retention: self.retention,
                jobs: self.jobs,
                replies,
            };
            super::carry_out(command, &mut hands)
        });
        let reply = match outcome {
            Ok(outcome) => Reply::Done(outcome),
            Err(error) => Reply::Failed {
                why: error.to_string(),
            },
        };
        // Whoever asked may be gone.
        let _ = last.blocking_send(reply);
    }
}

impl Hands {
    /// Gives out a part of the result.
    pub fn tell(&self, row: Row) -> Result<(), Error> {
        self.reply(Reply::Row(row))
    }

    /// Tells how far the work is.
    pub fn progress(&self, done: u64, of: Option<u64>) -> Result<(), Error> {
        self.reply(Reply::Progress { done, of })
    }

    /// Has the engine make a change, and waits until it is committed. Tells to how many messages it was done.
    pub fn change(&self, change: Change) -> Result<u64, Error> {
        let (done, outcome) = oneshot::channel();
        let job = Job { change, done };
        self.jobs.blocking_send(job).map_err(|_| Error::Stopping)?;
        outcome.blocking_recv().map_err(|_| Error::Stopping)?
    }

    fn reply(&self, reply: Reply) -> Result<(), Error> {
        self.replies
            .blocking_send(reply)
            .map_err(|_| Error::Abandoned)
    }
}
