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
    /// A room that came from elsewhere.
    Imported(ImportedRow),
    /// A message that would be removed.
    Message(MessageRow),
    /// Something on record.
    Act(ActRow),
}

/// A room that came from elsewhere, and what has become of its messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedRow {
    /// Its address here.
    pub room: BareJid,
    /// Whether it was taken.
    pub outcome: ImportOutcome,
    /// So many stanzas are in its archive.
    pub messages: u64,
    /// So many of these have another stanza id than they had, which a stanza of another room has.
    pub renamed: u64,
    /// The time of so many was changed: it was before that of the stanza before, or in the future.
    pub moved: u64,
    /// So many earlier ones were taken back by their authors, and are tombstones.
    pub taken_back: u64,
    /// So many are left out: they correct or take back what somebody else said, or what was taken back already.
    pub refused: u64,
    /// So many are left out: the room has had a stanza with that id.
    pub repeated: u64,
}

/// Whether a room was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportOutcome {
    /// It was.
    Imported,
    /// It would be; nothing was done.
    WouldBeImported,
    /// There is such a room already, which was left as it is.
    Exists,
}

/// A message. Times are in RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRow {
    /// Where it was said.
    pub room: BareJid,
    /// When.
    pub at: String,
    /// By whom, if that is known.
    pub author: Option<BareJid>,
    /// As whom.
    pub nick: Option<String>,
    /// Its stanza id.
    pub id: String,
    /// What it says, from the beginning; not all of a long one.
    pub words: String,
}

/// Something on record. Times are in RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActRow {
    /// When it was done.
    pub at: String,
    /// Where.
    pub room: BareJid,
    /// By whom; `None`: the operator, on the command line.
    pub actor: Option<BareJid>,
    /// What: `moderated`, `removed`, `replaced` or `cleared`.
    pub deed: String,
    /// To which message, by its stanza id; `None`: to many.
    pub message: Option<String>,
    /// Whose it was, if that is known.
    pub author: Option<BareJid>,
    /// Why, or how many.
    pub reason: Option<String>,
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
    /// What a room keeps from now on, or would keep.
    Kept {
        /// For how many days; 0: for ever.
        keep_days: u32,
        /// How many stanzas; 0: all.
        keep_messages: u32,
        /// How many of what it has are not among these, and go when the service has time for it.
        messages: u64,
    },
    /// A room was cleared, or would be.
    Cleared {
        /// Of so many messages.
        messages: u64,
    },
    /// Messages were removed or replaced, or would be.
    Removed {
        /// How many.
        messages: u64,
        /// In how many rooms.
        rooms: u64,
    },
}
