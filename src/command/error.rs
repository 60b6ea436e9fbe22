//! Why a command is not carried out.

use std::sync::Arc;

use jid::BareJid;

use super::{counted, refused};
use crate::room::scope::NoPrincipal;
use crate::room::{ArchiveId, Refusal};
use crate::search::SearchError;
use crate::store;
use crate::transfer::json_lines::LineError;

/// Why a command was not carried out, or only in part. The text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is for others to decide.
    #[error("you may not do this: {name}")]
    NotAllowed {
        /// The name of the command.
        name: String,
    },
    /// The asker manages no such room; whether there is one, they don't learn.
    #[error("there is no room {room} that you manage")]
    NotManaged {
        /// The address that was named.
        room: BareJid,
    },
    /// It is about whoever asks, and that is the operator at the command line.
    #[error(
        "this tells people of themselves; `lyceum room list --manager J` and `--member J` tell of others"
    )]
    NoAddress,
    /// What a flag says can't be done.
    #[error("--{flag}: {why}")]
    BadFlag {
        /// The flag, without its dashes.
        flag: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// What was filled in says nothing.
    #[error("{why}")]
    NotAcceptable {
        /// What is wrong with it, in a sentence.
        why: String,
    },
    /// The pool has no such room.
    #[error("there is no room {room}")]
    NoSuchRoom {
        /// Where it was looked for.
        room: BareJid,
    },
    /// The pool has such a room already.
    #[error("there is a room {room} already; nothing of it was changed")]
    RoomExists {
        /// Where it is already.
        room: BareJid,
    },
    /// The pool has a category of that name, and it is for others.
    #[error(
        "there is a category {category} already, whose lists are others than those that would \
         come; rename it, or have rooms come into it as it is by --on-conflict skip"
    )]
    CategoryDiffers {
        /// What it is called here.
        category: String,
    },
    /// The room, or the directory, says no.
    #[error("{}", refused::words(.refusal, .why))]
    Refused {
        /// What it said.
        refusal: Refusal,
        /// The same in words, as whoever sends a stanza is told.
        why: String,
    },
    /// Somebody who is to be answered has asked for nothing.
    #[error("{user} does not ask to be let into {room}, or no more")]
    NoSuchRequest {
        /// Who is meant.
        user: BareJid,
        /// Which room is meant.
        room: BareJid,
    },
    /// The pool has no such add-in.
    #[error("there is no add-in {name:?}")]
    NoSuchAddIn {
        /// How it was called.
        name: String,
    },
    /// The add-in is that of rooms.
    #[error(
        "{name:?} is the add-in of {}: {}; nothing was changed (--force takes it away from them)",
        counted(*.count, "room"), some(.rooms, *.count)
    )]
    AddInInUse {
        /// What people call it.
        name: Arc<str>,
        /// Some of the rooms.
        rooms: Vec<BareJid>,
        /// How many they are.
        count: u64,
    },
    /// There are rooms in the category.
    #[error(
        "{name} is the category of {}: {}; nothing was changed (move them to another first)",
        counted(*.count, "room"), some(.rooms, *.count)
    )]
    CategoryInUse {
        /// What people call it.
        name: Arc<str>,
        /// Some of the rooms.
        rooms: Vec<BareJid>,
        /// How many they are.
        count: u64,
    },
    /// An entry of a list can't be one.
    #[error("{0}")]
    NoPrincipal(#[from] NoPrincipal),
    /// Nothing was said that is to be another.
    #[error("say what is to be changed")]
    NothingToChange,
    /// It would reach further than this person may have sent.
    #[error("{why}")]
    Unready {
        /// What is too much, and for how long.
        why: String,
    },
    /// The pool has no such category.
    #[error("there is no category {name}")]
    NoSuchCategory {
        /// How it was called.
        name: String,
    },
    /// The room belongs to another service.
    #[error("the room {room} can't be in the pool {pool}")]
    ElsewhereRoom {
        /// The address that it has.
        room: BareJid,
        /// The domain of the pool.
        pool: BareJid,
    },
    /// What was sent for import can't be understood.
    #[error("what was sent is wrong: {0}")]
    Unreadable(#[from] LineError),
    /// The archive has no such message, or it does not meet the conditions, or it is gone already.
    #[error("there is no message {id} that could be removed; nothing was done")]
    NoSuchMessage {
        /// The stanza id.
        id: ArchiveId,
    },
    /// All messages were to be removed.
    #[error(
        "say which messages are meant: in which room or in all, and by author, time, words or id"
    )]
    NoCondition,
    /// The words can't be looked for.
    #[error(transparent)]
    Search(#[from] SearchError),
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

/// Some addresses, and how many there are beside.
fn some(rooms: &[BareJid], count: u64) -> String {
    let mut told: Vec<_> = rooms.iter().map(|room| room.to_string()).collect();
    let others = count.saturating_sub(rooms.len() as u64);
    if others > 0 {
        told.push(format!("and {} more", counted(others, "room")));
    }
    told.join(", ")
}
