//! What a room and its archive are, one record for each thing, independent of any database.
//!
//! The order of a stream of records: one [`Header`]; then for each room its [`RoomRecord`] and behind it all its
//! [`MessageRecord`]s, in the order of its archive; at last one [`End`]. Records of another server's data have neither
//! header nor end.

use jid::{BareJid, Jid};
use serde::{Deserialize, Serialize};

use crate::room::effect::{Archived, ArchivedKind, Sender};
use crate::room::request::Named;
use crate::room::setting::configuration::Whois;
use crate::room::{ArchiveId, Content, Nick, OccupantId, Salt, Snapshot, Timestamp};
use crate::store::WholeRoom;

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
    /// Who saw that address when it was said; moderators, where nobody knows.
    pub whois: Whois,
    /// The author's id in the room. XEP-0421.
    pub occupant_id: Option<OccupantId>,
    /// What it did.
    pub kind: MessageKind,
    /// The earlier message of the room that it is about, as it names it; in our own format by its stanza id. `None`
    /// also when that is not in the archive any more.
    pub about: Option<Named>,
    /// What was said. Where the author gave no id, the archive's stands for it.
    pub content: Content,
}

impl RoomRecord {
    /// A room as the store has it.
    pub fn of(room: WholeRoom) -> Self {
        Self {
            jid: room.jid,
            salt: Some(room.salt),
            created_at: Some(room.created_at),
            creator: room.creator,
            snapshot: room.snapshot,
            retention: Retention {
                keep_days: room.keep.days,
                keep_messages: room.keep.messages.map(u64::from),
            },
        }
    }
}

impl MessageRecord {
    /// A message of a room's archive.
    pub fn of(room: BareJid, message: Archived) -> Self {
        let sender = message.sender;
        let whois = sender.as_ref().map(|sender| sender.whois);
        let (nick, author, occupant_id) = match sender {
            Some(sender) => (Some(sender.nick), sender.author, sender.occupant_id),
            None => (None, None, None),
        };
        Self {
            room,
            id: message.id,
            at: message.at,
            nick,
            author,
            whois: whois.unwrap_or(Whois::Moderators),
            occupant_id,
            kind: message.kind.into(),
            about: message.original.map(Named::ByArchiveId),
            content: message.content,
        }
    }

    /// The same for an archive, without what it is about.
    pub fn into_archived(self) -> Archived {
        let (author, occupant_id, whois) = (self.author, self.occupant_id, self.whois);
        Archived {
            id: self.id,
            at: self.at,
            sender: self.nick.map(|nick| Sender {
                nick,
                occupant_id,
                author,
                whois,
            }),
            kind: self.kind.into(),
            original: None,
            content: self.content,
        }
    }
}

/// What a message of an archive did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// It was said to all, to be read.
    Speech,
    /// It changed the subject.
    Subject,
    /// It said something of another without being read itself: a reaction, a marker. XEP-0444, XEP-0333.
    Signal,
    /// It stands for an earlier one. XEP-0308.
    Correction,
    /// It took an earlier one back. XEP-0424.
    Retraction,
    /// The room told that a moderator took one back. XEP-0425.
    Moderation,
    /// It was taken back, by its author or a moderator, and what is left tells only that. XEP-0424 §4 (#tombstones).
    Tombstone,
}

impl MessageKind {
    /// Whether an occupant said it in these words, and not the room.
    pub fn is_said(self) -> bool {
        match self {
            Self::Speech | Self::Subject | Self::Signal | Self::Correction | Self::Retraction => {
                true
            }
            Self::Moderation | Self::Tombstone => false,
        }
    }
}

impl From<ArchivedKind> for MessageKind {
    fn from(kind: ArchivedKind) -> Self {
        match kind {
            ArchivedKind::Speech => Self::Speech,
            ArchivedKind::Subject => Self::Subject,
            ArchivedKind::Signal => Self::Signal,
            ArchivedKind::Correction => Self::Correction,
            ArchivedKind::Retraction => Self::Retraction,
            ArchivedKind::Moderation => Self::Moderation,
            ArchivedKind::Tombstone => Self::Tombstone,
        }
    }
}

impl From<MessageKind> for ArchivedKind {
    fn from(kind: MessageKind) -> Self {
        match kind {
            MessageKind::Speech => Self::Speech,
            MessageKind::Subject => Self::Subject,
            MessageKind::Signal => Self::Signal,
            MessageKind::Correction => Self::Correction,
            MessageKind::Retraction => Self::Retraction,
            MessageKind::Moderation => Self::Moderation,
            MessageKind::Tombstone => Self::Tombstone,
        }
    }
}

/// That a stream is whole, and what was in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// So many rooms.
    pub rooms: u64,
    /// So many messages.
    pub messages: u64,
}
