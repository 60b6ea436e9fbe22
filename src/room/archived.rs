//! Messages as they are kept, and what becomes of them. XEP-0313 §3 (#archives), XEP-0424,
//! XEP-0425.

use std::sync::Arc;

use jid::{BareJid, Jid};

use super::setting::configuration::Whois;
use super::{ArchiveId, Content, Nick, OccupantId, Timestamp, Words};

/// A message as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Archived {
    /// Its stanza id. XEP-0359.
    pub id: ArchiveId,
    /// When the room took it.
    pub at: Timestamp,
    /// Who said it; `None`: the room itself.
    pub sender: Option<Sender>,
    /// What it does.
    pub kind: ArchivedKind,
    /// The archived message that it is about, if it is about one that is known: what a correction
    /// corrects, what a reaction reacts to.
    pub original: Option<ArchiveId>,
    /// What was said.
    pub content: Content,
}

/// Who has said a message, as it was at that time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sender {
    /// The nick under which it was said.
    pub nick: Nick,
    /// The id in the room. XEP-0421. `None`: brought from elsewhere, and never had one.
    pub occupant_id: Option<OccupantId>,
    /// The sender's own address, full if it is known so; never shown to those who may not see it.
    /// `None`: brought from elsewhere, where it was not kept.
    pub author: Option<Jid>,
    /// Who saw that address when it was said; the archive never tells it to others than these. Of
    /// what was brought from elsewhere, and of what an older version kept, nobody knows, and so it
    /// is moderators.
    pub whois: Whois,
}

/// What an archived message does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchivedKind {
    /// It is there to be read; such are counted when they are unread.
    Speech,
    /// It changed the subject; such are not part of the history on entering (§7.2.13).
    Subject,
    /// It says something of another message without being read itself: a reaction, a marker.
    /// XEP-0444, XEP-0333.
    Signal,
    /// It stands for an earlier one from now on. XEP-0308.
    Correction,
    /// It takes an earlier one back. XEP-0424.
    Retraction,
    /// The room tells that a moderator took one back. XEP-0425.
    Moderation,
    /// It was taken back, and nothing of what it said is left. XEP-0424 §4 (#tombstones).
    Tombstone,
}

impl ArchivedKind {
    /// All of them. The store keeps a kind as its place in this list, so the list only grows at its
    /// end.
    pub const ALL: [Self; 7] = [
        Self::Speech,
        Self::Subject,
        Self::Signal,
        Self::Correction,
        Self::Retraction,
        Self::Moderation,
        Self::Tombstone,
    ];

    /// The word for it in exports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Speech => "speech",
            Self::Subject => "subject",
            Self::Signal => "signal",
            Self::Correction => "correction",
            Self::Retraction => "retraction",
            Self::Moderation => "moderation",
            Self::Tombstone => "tombstone",
        }
    }

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

/// What becomes of a message that its author takes back. XEP-0424 §4 (#tombstones).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tombstone {
    /// The message. What corrects it goes with it, and if it is a correction itself, what it
    /// corrects.
    pub message: ArchiveId,
    /// When that was done.
    pub at: Timestamp,
    /// The `id` of the stanza that takes it back.
    pub retraction_id: Arc<str>,
}

/// That a moderator, or the service, takes a message back. XEP-0425 §3.1 (#usecase-success).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageModerated {
    /// The message. What corrects it goes with it, and if it is a correction itself, what it
    /// corrects.
    pub message: ArchiveId,
    /// When that was done.
    pub at: Timestamp,
    /// The moderator; `None`: someone who is not in the room, or the service itself.
    pub moderator: Option<(Nick, OccupantId)>,
    /// Why that was done.
    pub reason: Option<Words>,
    /// The stanza id of the room's message that tells of it.
    pub archive_id: ArchiveId,
    /// The `id` of that message.
    pub id: Arc<str>,
}

/// An act that is put on record for good: who did what to whose message, when and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// When that was done.
    pub at: Timestamp,
    /// By whom; `None`: the operator, on the command line.
    pub actor: Option<BareJid>,
    /// What was done.
    pub deed: Deed,
    /// To which message; `None`: to many.
    pub message: Option<ArchiveId>,
    /// Whose it was, if that is known.
    pub author: Option<BareJid>,
    /// Why, or how many.
    pub reason: Option<Arc<str>>,
}

/// What can be put on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A moderator took a message back. XEP-0425.
    Moderated,
    /// The operator took a message back.
    Removed,
    /// The operator put other words in its place.
    Replaced,
    /// The operator cleared the room's archive up to a date.
    Cleared,
}
