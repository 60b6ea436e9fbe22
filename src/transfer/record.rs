//! What a room and its archive are, one record for each thing, independent of any database.
//!
//! The order of a stream of records: one [`ExportHeader`]; then [`CategoryRecord`]s; then for each
//! room its [`RoomRecord`]
//! and behind it all its [`MessageRecord`]s, in the order of its archive; at last one
//! [`ExportEnd`]. Records of another server's data have neither header nor end.

use std::sync::Arc;

use jid::{BareJid, Jid};

use crate::room::effect::{Archived, ArchivedKind, Sender};
use crate::room::request::Named;
use crate::room::scope::{Principals, Switches};
use crate::room::setting::addin::{AddIn, AddIns};
use crate::room::setting::configuration::Whois;
use crate::room::{ArchiveId, Content, Nick, OccupantId, Salt, Snapshot, Timestamp};
use crate::store::{RoomRetention, WholeRoom};

/// One thing of a stream.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// Who has written what follows; always first.
    Header(ExportHeader),
    /// A category; rooms that follow are in it.
    Category(Box<CategoryRecord>),
    /// A room; its messages follow.
    Room(Box<RoomRecord>),
    /// A message of the room told last.
    Message(Box<MessageRecord>),
    /// That this is all; always last.
    End(ExportEnd),
}

/// Who has written a stream, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportHeader {
    /// The name and version of the program, for people to read.
    pub software: String,
    /// The domain of the service whose rooms these are.
    pub domain: BareJid,
    /// When it was begun.
    pub exported_at: Timestamp,
}

/// A category, by its name.
#[derive(Clone, Debug, PartialEq)]
pub struct CategoryRecord {
    /// What people call it.
    pub name: Arc<str>,
    /// What it is for.
    pub description: Arc<str>,
    /// Who may know its rooms and enter them.
    pub allowed: Principals,
    /// Who of these may not.
    pub denied: Principals,
    /// Who of those in scope may create rooms in it.
    pub creators: Principals,
    /// What its rooms do.
    pub switches: Switches,
}

/// A room, but for its messages and who is inside.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomRecord {
    /// The room's address.
    pub jid: BareJid,
    /// The secret of occupant ids; `None` when another server derived them in its own way.
    pub salt: Option<Salt>,
    /// When it was created; `None` when nobody knows.
    pub created_at: Option<Timestamp>,
    /// Who created it.
    pub creator: Option<BareJid>,
    /// Where it comes from, if it would be known again by that: `ma-chan:` and the id that it had
    /// in the original product.
    pub origin: Option<Arc<str>>,
    /// The name of its category; `None`: the one that there is out of the box.
    pub category: Option<Arc<str>>,
    /// Everything else that the room itself knows. There are no sessions in it.
    pub snapshot: Snapshot,
    /// What its archive keeps.
    pub keep: RoomRetention,
    /// The add-in that it has; its number in the snapshot means nothing elsewhere.
    pub addin: Option<AddIn>,
}

/// A message of a room's archive.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageRecord {
    /// The room in which it was said.
    pub room: BareJid,
    /// The id by which clients know it, its stanza id. XEP-0359. One of another server need not be
    /// like ours, but is the only one of its room.
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
    pub kind: ArchivedKind,
    /// The earlier message of the room that it is about, as it names it; in our own format by its
    /// stanza id. `None` also when that is not in the archive any more.
    pub about: Option<Named>,
    /// What was said. Where the author gave no id, the archive's stands for it.
    pub content: Content,
}

impl RoomRecord {
    /// A room as the store has it, which has these add-ins, in the category of that name.
    pub fn of(room: WholeRoom, addins: &AddIns, category: Option<Arc<str>>) -> Self {
        let addin = room.snapshot.configuration.addin;
        Self {
            addin: addin.and_then(|addin| addins.get(addin)).cloned(),
            jid: room.jid,
            salt: Some(room.salt),
            created_at: Some(room.created_at),
            creator: room.creator,
            origin: room.origin,
            category,
            snapshot: room.snapshot,
            keep: room.keep,
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
            kind: message.kind,
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
            kind: self.kind,
            original: None,
            content: self.content,
        }
    }
}

/// That a stream is whole, and what was in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExportEnd {
    /// Number of rooms.
    pub rooms: u64,
    /// Number of messages of all rooms.
    pub messages: u64,
}
