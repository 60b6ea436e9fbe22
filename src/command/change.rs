//! The changes that commands ask an engine for.

use std::sync::Arc;

use jid::BareJid;
use tokio::sync::oneshot;

use super::error::Error;
use crate::directory::RoomRetention;
use crate::room::ArchiveId;
use crate::store::{ArrivalStep, Arriving};

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
    /// The oldest messages of a room go, those below a row, at most [`SLICE`](crate::store::SLICE) of them.
    RemoveOldest {
        /// Which room.
        room: BareJid,
        /// The row, as [`Survey::boundary`](crate::store::Survey::boundary) tells it.
        boundary: i64,
        /// What is put on record in addition.
        record: Option<Arc<str>>,
    },
    /// Messages go, wherever they are.
    TakeOut(TakeOut),
    /// A part of a room comes from elsewhere.
    Arrive {
        /// Which.
        room: Arriving,
        /// What.
        step: ArrivalStep,
    },
}

/// Messages that are to go. Those that are gone meanwhile are passed over.
#[derive(Debug)]
pub struct TakeOut {
    /// Where.
    pub room: BareJid,
    /// Which; a bounded number.
    pub messages: Vec<ArchiveId>,
    /// What is to stand in their place; `None`: nothing that could be read.
    pub notice: Option<Arc<str>>,
    /// Why, as those inside are told.
    pub reason: Option<Arc<str>>,
}

/// A change to be made, and who waits for it to be committed.
#[derive(Debug)]
pub struct Job {
    /// It.
    pub change: Change,
    /// Is told how many messages it was done to.
    pub done: oneshot::Sender<Result<u64, Error>>,
}
