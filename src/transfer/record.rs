//! What a room and its archive are, one record for each thing, independent of any database.
//!
//! The order of a stream of records: one [`Header`]; then for each room its [`RoomRecord`] and behind it all its
//! [`MessageRecord`]s, in the order of its archive; at last one [`End`]. Records of another server's data have neither
//! header nor end.

use jid::{BareJid, Jid};
use serde::{Deserialize, Serialize};

use crate::room::{ArchiveId, Content, Nick, OccupantId, Snapshot, Timestamp};

/// The secret of a room, by which occupant ids are derived. XEP-0421.
pub type Salt = [u8; 32];

/// One thing of a stream.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// Who has written what follows; always first.
    Header(Header),
    /// A room; its messages follow.
    Room(Box<RoomRecord>),
    /// A message of the room told last.
    Message(Box<MessageRecord>),
    /// That this is all; always last.
    End(End),
}

/// Who has written a stream, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The name and version of the program, for people to read.
    pub software: String,
    /// The domain of the service whose rooms these are.
    pub domain: BareJid,
    /// When it was begun.
    pub exported_at: Timestamp,
}

/// A room, but for its messages and who is inside.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomRecord {
    /// Its address.
    pub jid: BareJid,
    /// The secret of occupant ids; `None` when another server derived them in its own way.
    pub salt: Option<Salt>,
    /// When it was created; `None` when nobody knows.
    pub created_at: Option<Timestamp>,
    /// Who created it.
    pub creator: Option<BareJid>,
    /// Everything else that the room itself knows. There are no sessions in it.
    pub snapshot: Snapshot,
    /// What its archive keeps.
    pub retention: Retention,
}

/// What an archive keeps; `None`: as the service has it for all rooms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Messages are kept for so many days.
    pub keep_days: Option<u32>,
    /// So many messages are kept, the newest.
    pub keep_messages: Option<u64>,
}

/// A message of a room's archive.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageRecord {
    /// The room.
    pub room: BareJid,
    /// The id by which clients know it, its stanza id. XEP-0359. One of another server need not be like ours, but is
    /// the only one of its room.
    pub id: ArchiveId,
    /// When the room took it.
    pub at: Timestamp,
    /// The author's nick at that time; `None`: it is the room's own.
    pub nick: Option<Nick>,
    /// The author's own address, as far as it is known: full, bare, or not at all.
    pub author: Option<Jid>,
    /// The author's id in the room. XEP-0421.
    pub occupant_id: Option<OccupantId>,
    /// What it did.
    pub kind: MessageKind,
    /// What was said. Where the author gave no id, the archive's stands for it.
    pub content: Content,
}

/// What a message of an archive did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// It was said to all.
    Speech,
    /// It changed the subject.
    Subject,
    /// It was taken back, by its author or a moderator, and what is left tells only that. XEP-0424 §4 (#tombstones).
    Retracted,
}

/// That a stream is whole, and what was in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// So many rooms.
    pub rooms: u64,
    /// So many messages.
    pub messages: u64,
}
