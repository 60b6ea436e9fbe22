//! Why a command is not carried out.

use jid::BareJid;

use crate::store;

/// Why a command was not carried out, or only in part. The text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The pool has no such room.
    #[error("there is no room {room}")]
    NoSuchRoom {
        /// The address.
        room: BareJid,
    },
    /// The database could not be read.
    #[error("{}", store::explain(.0))]
    Store(#[from] store::Error),
    /// A change could not be committed.
    #[error("{why}")]
    NotCommitted {
        /// What the database said.
        why: String,
    },
    /// The service ends.
    #[error("the service is stopping; what has been done stays done, the rest is not")]
    Stopping,
    /// Whoever asked is gone.
    #[error("nobody waits for the answer any more")]
    Abandoned,
}
