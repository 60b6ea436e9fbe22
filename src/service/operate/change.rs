//! The changes that commands make, in the hands of the engine.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jid::BareJid;
use tokio::sync::oneshot;

use super::error::Error;
use crate::directory::RoomRetention;
use crate::room::Timestamp;
use crate::service::Engine;

/// One change, of a size that the service can bear without being slowed down.
#[derive(Debug)]
pub enum Change {
    /// A room keeps what is said in it for so long.
    Keep {
        /// Which.
        room: BareJid,
        /// How long.
        keep: RoomRetention,
    },
}

/// A change to be made, and who waits for it to be committed.
#[derive(Debug)]
pub struct Job {
    /// It.
    pub change: Change,
    /// Is told how many messages it was done to.
    pub done: oneshot::Sender<Result<u64, Error>>,
}

/// A change that is made and not committed yet.
#[derive(Debug)]
pub(in crate::service) struct Pending {
    done: oneshot::Sender<Result<u64, Error>>,
    /// Counted when it is written.
    count: Arc<AtomicU64>,
}

impl Pending {
    /// It is on the disk.
    pub fn committed(self) {
        // Whoever asked may be gone.
        let _ = self.done.send(Ok(self.count.load(Ordering::Relaxed)));
    }

    /// It will never be.
    pub fn failed(self, why: String) {
        // Whoever asked may be gone.
        let _ = self.done.send(Err(Error::NotCommitted { why }));
    }
}

impl Engine {
    /// Makes a change that an operator wants.
    pub fn operate(&mut self, now: Timestamp, job: Job) {
        let _now = self.at(now);
        let count = Arc::new(AtomicU64::new(0));
        match self.make(job.change) {
            Ok(()) => self.waits_for_commit(Pending {
                done: job.done,
                count,
            }),
            // Whoever asked may be gone.
            Err(error) => drop(job.done.send(Err(error))),
        }
    }

    fn make(&mut self, change: Change) -> Result<(), Error> {
        match change {
            Change::Keep { room, keep } => {
                self.expect_room(&room)?;
                self.store.keep(&room, keep);
            }
        }
        Ok(())
    }

    /// A change of a room that is not there would take all others of its commit with it.
    fn expect_room(&self, room: &BareJid) -> Result<(), Error> {
        match self.store.room_exists(room)? {
            true => Ok(()),
            false => Err(Error::NoSuchRoom { room: room.clone() }),
        }
    }
}
