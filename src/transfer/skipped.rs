//! What can't be imported, and why. It is told and counted, and never stops the rest.

use std::fmt;

use jid::BareJid;
use thiserror::Error;

use super::cursor::Malformed;
use super::lync::row::UnfitRow;
use crate::wire::foreign::UnfitXml;

/// Something that was left out.
#[derive(Debug)]
pub struct Skipped {
    /// Of which room, or which whole room; `None` when not even that can be told.
    pub room: Option<BareJid>,
    /// Where it is in the source, in the source's own terms.
    pub place: String,
    /// Why it was left out.
    pub reason: Reason,
}

/// Why something was left out.
#[derive(Debug, Error)]
pub enum Reason {
    /// A room that was asked for is not in the source.
    #[error("there is no such room")]
    NoSuchRoom,
    /// The archive holds it, but it was not said to all: a private message, a presence.
    #[error("it was not said to all")]
    NotSaid,
    /// Nobody said it: it is from the room itself, or from an address that is none of the room.
    #[error("no occupant said it")]
    NoOccupant,
    /// There was nothing in it but what only a service may say.
    #[error("nothing of it is left")]
    Nothing,
    /// It is about more than one message, or does not say about which.
    #[error("it corrects or takes back without saying clearly what")]
    Unclear,
    /// It has no time, or one outside the calendar.
    #[error("its time can't be read")]
    Time,
    /// It has no id, so that nobody could ask for it.
    #[error("it has no id")]
    NoId,
    /// It is no stanza.
    #[error("it is no stanza")]
    NoStanza,
    /// It is not written as the server writes it: a damaged file.
    #[error("it is damaged: {0}")]
    Damaged(#[from] Malformed),
    /// A row of the original product's export can't be used.
    #[error("{0}")]
    Row(#[from] UnfitRow),
    /// There are more damaged lines than are told one by one.
    #[error("they are damaged")]
    MoreDamaged,
    /// Its XML can't be used.
    #[error("{0}")]
    Unfit(#[from] UnfitXml),
    /// An address that is none.
    #[error("{0:?} is no address")]
    Address(String),
    /// A value that this kind of thing can't have.
    #[error("its {name} can't be {value}")]
    Value {
        /// Which of its values.
        name: String,
        /// What it is.
        value: String,
    },
}

impl fmt::Display for Skipped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(room) = &self.room {
            write!(formatter, "{room}, ")?;
        }
        write!(formatter, "{}: {}", self.place, self.reason)
    }
}
