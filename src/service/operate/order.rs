//! Commands that somebody has given in a client: what is to be carried out, and what came of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::mpsc;

use crate::command::form::{CommandForm, Filled};
use crate::command::{Asker, Conclusion, Gathered, Wish};

/// Something to be carried out on a thread of its own.
#[derive(Debug)]
pub struct CommandOrder {
    /// By which its outcome is known.
    pub(in crate::service) number: u64,
    pub(in crate::service) asker: Asker,
    pub(in crate::service) task: CommandTask,
    /// Becomes true when nobody wants it any more.
    pub(in crate::service) stop: Arc<AtomicBool>,
    /// Given back when its thread ends: one of the person, one of all people.
    pub(in crate::service) _turns: [Turn; 2],
}

/// What is to be carried out.
#[derive(Clone, Debug)]
pub(in crate::service) enum CommandTask {
    /// A command is to be carried out.
    Do(Box<Wish>),
    /// What a form shows is to be read.
    Read {
        form: &'static CommandForm,
        about: Filled,
    },
}

/// What came of an order.
#[derive(Debug)]
pub struct CommandOutcome {
    pub(in crate::service) number: u64,
    pub(in crate::service) end: Result<CommandFinding, String>,
}

/// What was found, or done.
#[derive(Debug)]
pub(in crate::service) enum CommandFinding {
    Done(Gathered, Conclusion),
    Read(Filled),
}

/// The right to run one command, of a limited number.
#[derive(Debug)]
pub(in crate::service) struct Turn(Arc<AtomicUsize>);

impl Turn {
    /// One of the turns that are counted there, if fewer than `most` are taken.
    pub fn take(taken: &Arc<AtomicUsize>, most: usize) -> Option<Self> {
        let more = |taken| (taken < most).then_some(taken + 1);
        let order = Ordering::Relaxed;
        taken.fetch_update(order, order, more).ok()?;
        Some(Self(taken.clone()))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Tells what came of an order, whatever becomes of the thread.
pub(super) struct OutcomeTeller {
    number: u64,
    outcomes: mpsc::Sender<CommandOutcome>,
    end: Option<Result<CommandFinding, String>>,
}

impl OutcomeTeller {
    /// Tells of an order, and nothing good unless [`Self::tell`] is called.
    pub fn of(order: &CommandOrder, outcomes: &mpsc::Sender<CommandOutcome>) -> Self {
        Self {
            number: order.number,
            outcomes: outcomes.clone(),
            end: None,
        }
    }

    /// Tells the end.
    pub fn tell(mut self, end: Result<CommandFinding, String>) {
        self.end = Some(end);
    }
}

impl Drop for OutcomeTeller {
    fn drop(&mut self) {
        let broke = || Err("something went wrong here; it may be done in part".to_owned());
        let outcome = CommandOutcome {
            number: self.number,
            end: self.end.take().unwrap_or_else(broke),
        };
        // There is a place for each turn that there is; and the service may be gone.
        let _ = self.outcomes.try_send(outcome);
    }
}
