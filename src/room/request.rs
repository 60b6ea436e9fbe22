//! Everything that can happen to a room.
//!
//! A request is already parsed and says who asks; whether they may is the room's decision. Fresh
//! ids and the time come in from outside, so that the same requests give the same effects.

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::{BareJid, FullJid, Jid};

use super::archived::ArchivedKind;
use super::occupying::archive::ArchiveQuestion;
pub use super::occupying::invitation::{Continuation, Inviter};
pub use super::owning::picture::Avatar;
pub use super::role::Roles;
use super::setting::Assignment;
use super::setting::addin::AddInId;
use super::{Affiliation, ArchiveId, Content, Nick, Payload, Role, Terms, Timestamp, Words};

/// One thing that happens to a room, and who does it.
#[derive(Clone, Debug)]
pub struct Request {
    /// The full JID of who asks.
    pub from: Arc<FullJid>,
    /// What is asked.
    pub action: Action,
}

/// What can be asked of a room.
#[derive(Clone, Debug)]
pub enum Action {
    /// Presence with `<x xmlns='…muc'/>` to an occupant JID. §7.2 (#enter).
    Enter(Box<Entry>),
    /// Presence without it: a new availability, or a new nick. §7.6 (#changenick), §7.7
    /// (#changepres).
    Appear(Box<Appearance>),
    /// A question how an occupant is, or with no nick whether oneself is still inside. §17.3
    /// (#bizrules-presence).
    Probe {
        /// Whose presence is wanted.
        nick: Option<Nick>,
    },
    /// Unavailable presence. §7.14 (#exit).
    Exit {
        /// The stanza's id, reflected to its sender.
        id: Option<Arc<str>>,
        /// What is shown to the others, a `<status/>` for one.
        payload: Payload,
    },
    /// A groupchat message to the room. §7.4 (#message).
    Say(Box<Speech>),
    /// A groupchat message with a subject and without body and thread. §8.1 (#subject-mod).
    ChangeSubject {
        /// The message as it is sent on.
        speech: Box<Speech>,
        /// The new subject as text, for those that only list it; empty to take it away.
        text: Arc<str>,
    },
    /// A message to an occupant JID. §7.5 (#privatemessage).
    Whisper(Box<Whisper>),
    /// A mediated invitation. §7.8.2 (#invite-mediated).
    Invite(Vec<Invite>),
    /// Its refusal, sent back through the room. §7.8.2 (#invite-mediated).
    Decline {
        /// Who had invited, as the invitation said.
        to: Inviter,
        /// Why they decline.
        reason: Option<Words>,
    },
    /// A visitor asks for voice. §7.13 (#requestvoice).
    RequestVoice,
    /// A moderator's answer. §8.6 (#voiceapprove).
    AnswerVoiceRequest {
        /// Whom it is about.
        nick: Nick,
        /// Whether voice is given, and for how long.
        answer: VoiceAnswer,
    },
    /// The list of all who have a role. §8.5 (#modifyvoice), §9.8 (#modifymod).
    ListRole(Role),
    /// The list of all who have an affiliation. §9.2, §9.5, §10.5, §10.8.
    ListAffiliation(Affiliation),
    /// Changes of roles and affiliations, all or none. §8.2 to §10.8.
    Moderate(Vec<Moderation>),
    /// Makes presenters of some, and takes it from others, all or none: people and domains.
    ChangePresenters {
        /// Who is to be a presenter.
        appointed: BTreeSet<BareJid>,
        /// Who is to be none any more.
        dismissed: BTreeSet<BareJid>,
    },
    /// Takes a message of somebody back. XEP-0425 §3 (#usecase).
    ModerateMessage(Box<MessageModeration>),
    /// Reads the archive. XEP-0313 §4 (#query).
    ReadArchive(Box<ArchiveQuestion>),
    /// Asks for the configuration form. §10.2 (#roomconfig).
    ShowConfiguration,
    /// Submits it; without settings, accepts the defaults. §10.1.2 (#createroom-instant).
    Configure(Vec<Assignment>),
    /// Cancels it. §10.1.3 (#createroom-reserved).
    CancelConfiguration,
    /// Destroys the room. §10.9 (#destroyroom).
    Destroy {
        /// Where to go instead.
        alternate: Option<Jid>,
        /// The password of that room.
        password: Option<Arc<str>>,
        /// Why, in the asker's words.
        reason: Option<Words>,
    },
    /// Asks what registration needs. §7.10 (#register).
    ShowRegistration,
    /// Registers a nick and becomes a member. §7.10 (#register).
    Register {
        /// The nick to be reserved.
        nick: Nick,
    },
    /// Gives nick and membership back. XEP-0077 §3.2 (#usecases-cancel).
    Unregister,
    /// An admin's answer to a registration that waits for approval. §9.9 (#regapprove).
    AnswerRegistration {
        /// Who wants to register.
        jid: BareJid,
        /// The nick that was asked for.
        nick: Nick,
        /// Whether it is allowed.
        granted: bool,
        /// Why, in the words of who answers.
        reason: Option<Words>,
    },
    /// Asks for access to a closed room, or no more. §7.10 (#register).
    WishForAccess(AccessWish),
    /// Asks who waits to be registered. §9.9 (#regapprove).
    ShowRequests,
    /// Asks for one's reserved nick. §7.12 (#reservednick).
    ShowReservedNick,
    /// disco#info of the room. §6.4 (#disco-roominfo).
    ShowInformation,
    /// disco#items of the room. §6.5 (#disco-roomitems).
    ShowOccupants,
    /// A ping to an occupant JID. XEP-0410 §3.2 for one's own, else passed on as any other IQ.
    Ping {
        /// The occupant's nick.
        to: Nick,
    },
    /// Another IQ to an occupant JID. §17.4 (#bizrules-iq).
    Query {
        /// The occupant's nick.
        to: Nick,
        /// Whether the occupant's account is meant rather than the client (a vCard, PEP).
        target: QueryTarget,
    },
    /// Reads the room's avatar. XEP-0486 §3.
    ShowAvatar,
    /// Sets (or takes away) the room's avatar. XEP-0486 §4.
    SetAvatar {
        /// The vCard and the hash of its photo.
        avatar: Option<Avatar>,
    },
    /// The service lays down other terms for the room.
    Govern(Arc<Terms>),
    /// The add-in of this number has another name or address.
    AddInChanged(AddInId),
    /// The add-in of this number is to be removed, and so is no room's any more.
    ClearAddIn(AddInId),
    /// The session has gone and was verified to have gone. §11.1 (#service-error-kick).
    Lost,
    /// The earliest of [`Room::next_deadline`](super::Room::next_deadline) has come.
    Expire,
}

/// What a moderator answers to whoever asks for voice. §8.6 (#voiceapprove).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoiceAnswer {
    /// They stay without.
    Denied,
    /// They have it until they leave.
    ForThisVisit,
    /// They are a presenter of the auditorium from now on.
    ForGood,
}

/// What somebody wants who is kept out of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessWish {
    /// To become a member, under this nick.
    Ask(Nick),
    /// To have asked for nothing.
    Withdraw,
}

/// What is needed to enter. §7.2 (#enter).
#[derive(Clone, Debug)]
pub struct Entry {
    /// The nick asked for.
    pub nick: Nick,
    /// The password, if one was sent.
    pub password: Option<Arc<str>>,
    /// How much history is wanted.
    pub history: HistoryRequest,
    /// The stanza's id, reflected to its sender.
    pub id: Option<Arc<str>>,
    /// What the others are shown.
    pub payload: Payload,
}

/// A presence of somebody who should be inside.
#[derive(Clone, Debug)]
pub struct Appearance {
    /// The nick it was sent to.
    pub nick: Nick,
    /// The stanza's id, reflected to its sender.
    pub id: Option<Arc<str>>,
    /// What the others are shown.
    pub payload: Payload,
}

/// How much history a newcomer wants. `None`: as much as the room gives. §7.2.14
/// (#enter-managehistory).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryRequest {
    /// Maximum number of characters of whole stanzas.
    pub maxchars: Option<u64>,
    /// Maximum number of messages.
    pub maxstanzas: Option<u32>,
    /// Maximum age of a message, in seconds.
    pub seconds: Option<u64>,
    /// None from before.
    pub since: Option<Timestamp>,
}

/// A message to everybody.
#[derive(Clone, Debug)]
pub struct Speech {
    /// What is passed on.
    pub content: Content,
    /// Whether it is to be kept.
    pub keep: Keep,
    /// The fresh id it gets when it is kept.
    pub archive_id: ArchiveId,
    /// What of it can be searched, as plain text.
    pub text: Arc<str>,
    /// What it is for.
    pub purpose: Purpose,
    /// The earlier message that [`Self::purpose`] names, as the archive knows it; `None`: it knows
    /// none.
    pub original: Option<Original>,
}

/// What a message is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be read.
    Speech,
    /// To say something of another message, if it names one: a reaction, a marker. XEP-0444,
    /// XEP-0333.
    Signal(Option<Named>),
    /// To stand for an earlier one. XEP-0308 §3 (#usecase).
    Correction(Named),
    /// To take an earlier one back. XEP-0424 §3 (#usecase).
    Retraction(Named),
}

/// How a message names an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// By its stanza id in the room. XEP-0359.
    ByArchiveId(ArchiveId),
    /// By the `id` that its author gave it. Others may have given theirs the same, so that one's
    /// own are meant first.
    ByContentId(Arc<str>),
    /// By one of both, the stanza id first: older clients, and older versions of the XEPs.
    ByEither(Arc<str>),
}

/// An archived message that another one is about, as far as that matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// Its stanza id.
    pub id: ArchiveId,
    /// That of the message which it corrects, if it is a correction; else its own.
    pub root: ArchiveId,
    /// What it does; a tombstone if it was taken back already.
    pub kind: ArchivedKind,
    /// Who said it; `None`: the room, or nobody knows.
    pub author: Option<BareJid>,
    /// How many messages correct [`Self::root`], counted up to the most there may be and only for a
    /// message that is to be one more; else 0.
    pub corrections: u32,
}

/// Whether a message outlives its delivery. XEP-0334.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// It is archived, and part of the history.
    Archived,
    /// Delivered and forgotten: chat states, `no-store`.
    Ephemeral,
}

/// A message to be taken back by a moderator. XEP-0425 §3 (#usecase).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageModeration {
    /// Its stanza id.
    pub message: ArchiveId,
    /// What the archive knows of it; `None`: there is no such message.
    pub original: Option<Original>,
    /// Why, in the asker's words.
    pub reason: Option<Words>,
    /// The fresh stanza id of the room's message that tells of it.
    pub archive_id: ArchiveId,
    /// The fresh `id` of that message.
    pub id: Arc<str>,
}

/// A message to one occupant.
#[derive(Clone, Debug)]
pub struct Whisper {
    /// The nick of who is meant.
    pub to: Nick,
    /// Its type on the wire.
    pub kind: WhisperKind,
    /// What is passed on.
    pub content: Content,
}

/// The types a private message may have. §7.5 (#privatemessage).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhisperKind {
    /// The type `chat`.
    Chat,
    /// No type, or `normal`.
    Normal,
}

/// One person to be invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// Whom: a bare or a full JID.
    pub to: Jid,
    /// Why, in the asker's words.
    pub reason: Option<Words>,
    /// That a one-to-one chat goes on in the room. §7.9 (#continue).
    pub continuation: Option<Continuation>,
}

/// One change of a role or an affiliation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moderation {
    /// For this visit; by nick. §8.2 to §8.5, §9.6 to §9.8.
    Role {
        /// The occupant's nick.
        nick: Nick,
        /// The new one; none is a kick.
        role: Role,
        /// Why, in the asker's words.
        reason: Option<Words>,
    },
    /// Lasting; by bare JID or domain. §9.1 to §9.5, §10.3 to §10.8.
    Affiliation {
        /// Whose affiliation it is.
        target: AffiliationTarget,
        /// The new one.
        affiliation: Affiliation,
        /// The nick to be reserved; `Some(None)` gives a reserved nick back. §9.5 (#modifymember).
        reserve: Option<Option<Nick>>,
        /// Why, in the asker's words.
        reason: Option<Words>,
    },
}

/// Whom a change of affiliation is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AffiliationTarget {
    /// A bare JID, or a domain.
    Jid(BareJid),
    /// The person who holds this nick; what many clients send in a semi-anonymous room.
    Nick(Nick),
}

/// Which address of an occupant an IQ is passed to. §17.4 (#bizrules-iq).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryTarget {
    /// The bare JID: vCards and PEP belong to the account.
    Account,
    /// The full JID of the client that last showed itself.
    Client,
}
