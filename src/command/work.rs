//! What commands have an engine do.

use std::sync::Arc;

use jid::BareJid;
use tokio::sync::oneshot;

use super::asker::Asker;
use super::error::Error;
use crate::directory::{self, RoomRetention};
use crate::room::scope::CategoryId;
use crate::room::setting::addin::AddInId;
use crate::room::{Action, ArchiveId};
use crate::store::{ArrivalStep, Arriving};

/// One piece of work, of a size that the service can bear without being slowed down.
#[derive(Debug)]
pub enum Work {
    /// A room keeps what is said in it for this long.
    Keep {
        /// The room that does.
        room: BareJid,
        /// What it says of that itself.
        keep: RoomRetention,
    },
    /// The oldest messages of a room go, those below a row, at most [`SLICE`](crate::store::SLICE)
    /// of them.
    RemoveOldest {
        /// The room they go from.
        room: BareJid,
        /// The row, as [`Survey::boundary`](crate::store::Survey::boundary) tells it.
        boundary: i64,
        /// What is put on record in addition.
        record: Option<Arc<str>>,
    },
    /// The directory decides something.
    Directory(directory::Request),
    /// A category goes, if no room is in it.
    RemoveCategory {
        /// The category's number.
        id: CategoryId,
        /// What people call it.
        name: Arc<str>,
    },
    /// An add-in goes, if no room has it.
    RemoveAddIn {
        /// The add-in's number.
        id: AddInId,
        /// What people call it.
        name: Arc<str>,
    },
    /// An add-in is taken away from these rooms, a bounded number.
    ClearAddIn {
        /// The add-in's number.
        id: AddInId,
        /// Those that have it.
        rooms: Vec<BareJid>,
    },
    /// Messages go, wherever they are.
    TakeOut(TakeOut),
    /// Something is asked of a room, in the asker's name: all of it is done, or nothing.
    Ask {
        /// The room that is asked.
        room: BareJid,
        /// What of it, in this order; a bounded number.
        actions: Vec<Action>,
    },
    /// A room is made, and something is asked of it: all of it is done, or there is no room.
    Make {
        /// Where it is to be.
        room: BareJid,
        /// What is asked of it, in this order; without it is as new rooms are, and locked.
        actions: Vec<Action>,
    },
    /// A part of a room comes from elsewhere.
    Arrive {
        /// The room, under the name that the store gave it.
        room: Arriving,
        /// The part that comes.
        step: ArrivalStep,
    },
}

/// Messages that are to go. Those that are gone meanwhile are passed over.
#[derive(Debug)]
pub struct TakeOut {
    /// The room they are in.
    pub room: BareJid,
    /// Which; a bounded number.
    pub messages: Vec<ArchiveId>,
    /// What is to stand in their place; `None`: nothing that could be read.
    pub notice: Option<Arc<str>>,
    /// Why, as those inside are told.
    pub reason: Option<Arc<str>>,
}

/// Work to be done, for whom, and who waits for it to be committed.
#[derive(Debug)]
pub struct Job {
    /// What is to be done.
    pub work: Work,
    /// Who wants it.
    pub asker: Asker,
    /// Receives the number of messages that it was done to.
    pub done: oneshot::Sender<Result<u64, Error>>,
}
