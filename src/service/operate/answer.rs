//! What comes back while a command is carried out.

use jid::BareJid;
use serde::{Deserialize, Serialize};

/// One line of an answer: rows and progress in any number, then an outcome or a failure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// A part of the result.
    Row(Row),
    /// How far the work is.
    Progress {
        /// So much is done.
        done: u64,
        /// Of so much; `None`: nobody knows.
        of: Option<u64>,
    },
    /// All is done.
    Done(Outcome),
    /// It could not be done, or not all of it.
    Failed {
        /// Why, for the operator.
        why: String,
    },
}

/// A part of a result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Row {
    /// A room.
    Room(RoomRow),
}

/// What is to be known of a room. Times are in RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomRow {
    /// Its address.
    pub room: BareJid,
    /// Its name; empty: none.
    pub name: String,
    /// How many people are inside.
    pub occupants: u64,
    /// How many stanzas its archive holds.
    pub messages: u64,
    /// When the first of them was said.
    pub first: Option<String>,
    /// When the last of them was said.
    pub last: Option<String>,
    /// For how many days they are kept; 0: for ever.
    pub keep_days: u32,
    /// How many of them are kept; 0: all.
    pub keep_messages: u32,
    /// How many bytes their content has; `None`: not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_bytes: Option<u64>,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// All rows have been told.
    Told,
}
