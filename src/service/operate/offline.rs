//! Commands while the service is stopped.

use std::thread::{self, JoinHandle};

use tokio::sync::mpsc;

use super::runner::CommandRunner;
use crate::command::{Asker, Attachment, Reply, Wish};
use crate::config::Pool;
use crate::service::clock;
use crate::store;

/// A command that is being carried out without a service. Its database is given back when the
/// replies have ended and this is [finished](Self::finish).
#[derive(Debug)]
pub struct Offline {
    /// The replies, as they come.
    pub replies: mpsc::Receiver<Reply>,
    engine: JoinHandle<()>,
}

impl Offline {
    /// Waits until the database is closed.
    pub fn finish(self) {
        drop(self.replies);
        // A panic there has told of itself.
        let _ = self.engine.join();
    }
}

/// Carries out a command on a pool that no service has open, with an engine that has no link: what
/// people inside would have been told is dropped, and they find it in the archive.
///
/// # Errors
/// - [`store::Error::InUse`]: the service has it after all.
/// - [`store::Error`]: the database can't be used.
pub fn offline(pool: &Pool, wish: Wish, attachment: Attachment) -> Result<Offline, store::Error> {
    let mut engine = crate::service::open(pool)?;
    let (runner, mut jobs) = CommandRunner::of(&engine);
    let (sender, replies) = mpsc::channel(REPLIES_MAX);
    let engine = thread::Builder::new()
        .name("engine".to_owned())
        .spawn(move || {
            while let Some(job) = jobs.blocking_recv() {
                engine.operate(clock::now(), job);
                drop(engine.finish());
            }
        })
        .map_err(store::Error::no_thread)?;
    runner.start(Asker::Operator, wish, attachment, sender);
    Ok(Offline { replies, engine })
}

/// Maximum number of replies that wait for whoever prints them.
const REPLIES_MAX: usize = 64;
