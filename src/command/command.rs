//! What there is to be done.

use std::str::FromStr;

use jid::BareJid;
use serde::{Deserialize, Serialize};

use crate::time;

/// Something that an operator wants done in one pool. As JSON it is what goes through the control socket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Command {
    /// Tell of every room.
    ListRooms,
    /// Tell of one room, and how large it is.
    ShowRoom {
        /// Its address.
        room: BareJid,
    },
    /// Set how long a room keeps what is said in it.
    KeepRoom {
        /// Its address.
        room: BareJid,
        /// For how many days; `None`: as it is.
        days: Option<Keep>,
        /// How many stanzas; `None`: as it is.
        messages: Option<Keep>,
        /// Only tell what would go.
        dry_run: bool,
    },
    /// Remove the oldest messages of a room.
    ClearRoom {
        /// Its address.
        room: BareJid,
        /// Those up to and with this time.
        before: Moment,
        /// Only tell how many would go.
        dry_run: bool,
    },
    /// Remove messages wherever they are, or put a notice in their place.
    RemoveMessages(Box<Removal>),
    /// Tell what is on record of messages that were removed.
    ListActs {
        /// In this room; `None`: in all.
        room: Option<BareJid>,
        /// Not before.
        after: Option<Moment>,
        /// Not later.
        before: Option<Moment>,
    },
    /// Take rooms with their archives, which follow as JSON Lines, see [`transfer`](crate::transfer).
    Import {
        /// Whether a room that is there already is passed over; else it ends the import.
        skip_existing: bool,
        /// Only tell what would be taken.
        dry_run: bool,
    },
}

impl Command {
    /// As the operator has typed it, without what it is about.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ListRooms => "room list",
            Self::ShowRoom { .. } => "room show",
            Self::Import { .. } => "import",
            Self::KeepRoom { .. } => "room keep",
            Self::ClearRoom { .. } => "room clear",
            Self::RemoveMessages(removal) if removal.notice.is_some() => "message replace",
            Self::RemoveMessages(_) => "message remove",
            Self::ListActs { .. } => "message acts",
        }
    }
}

/// How long something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// As the pool says.
    Default,
    /// As long; 0: for ever, all.
    Exactly(u32),
}

/// A time: microseconds since 1970-01-01 00:00 UTC. It is typed as [`time::parse_typed`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment(pub i64);

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        time::parse_typed(text).map(|at| Self(at.0))
    }
}

/// Which messages are to be removed, and how. All conditions must be met, and there must be one beside the room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Removal {
    /// In this room; `None`: in all.
    pub room: Option<BareJid>,
    /// Said by this person.
    pub author: Option<BareJid>,
    /// Not before.
    pub after: Option<Moment>,
    /// Not later.
    pub before: Option<Moment>,
    /// With such words.
    pub words: Option<Words>,
    /// These, by their stanza ids; empty: whichever meet the other conditions.
    pub ids: Vec<String>,
    /// What stands in their place; `None`: nothing that could be read.
    pub notice: Option<String>,
    /// Why, as those inside are told.
    pub reason: Option<String>,
    /// No more than so many, the oldest.
    pub limit: Option<u64>,
    /// Only tell which would go.
    pub dry_run: bool,
}

/// Words that are looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// They.
    pub text: String,
    /// How they must be there.
    pub matching: Matching,
}

/// How words must be in a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Matching {
    /// All of them.
    #[default]
    All,
    /// Any of them.
    Any,
    /// One after the other.
    Exact,
}
