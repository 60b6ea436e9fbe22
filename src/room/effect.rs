//! Everything a room can ask for.
//!
//! Effects are carried out in order. [`Effect::Archive`] and [`Effect::Save`] come before the
//! deliveries that depend on them, and nothing is let out before it is committed.

use std::sync::Arc;

use jid::{BareJid, FullJid, Jid};

pub use super::answer::{AffiliationItem, ConfigurationForm, Information, RoleItem};
pub use super::archived::{Act, Archived, ArchivedKind, Deed, MessageModerated, Sender, Tombstone};
use super::moderating::subject::Subject;
pub use super::occupant::Audience;
use super::occupant::SessionRecord;
use super::occupying::archive::ArchiveQuestion;
use super::occupying::history::HistoryLimits;
pub use super::occupying::invitation::{Invitation, Inviter};
use super::owning::destroy::Destruction;
use super::request::{Avatar, QueryTarget, WhisperKind};
use super::scope::{CategoryId, RoomMove};
use super::setting::Setting;
use super::setting::configuration::Configuration;
pub use super::status::{Status, Statuses};
use super::{
    Affiliated, Affiliation, ArchiveId, Bond, Content, Hats, KnownAuthors, Nick, OccupantId,
    Payload, Role, Timestamp, Words,
};

/// One thing the service is to do for the room.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Keep this message, in this place of the order.
    Archive {
        /// The message to be kept.
        message: Box<Archived>,
        /// What of it can be searched, as plain text; empty when there is nothing.
        text: Arc<str>,
    },
    /// Keep this change of the room.
    Save(Change),
    /// Leave nothing of an archived message, and of what corrects it, but this. XEP-0424 §4
    /// (#tombstones).
    Retract(Box<Tombstone>),
    /// The same, and keep the room's message that tells of it. XEP-0425 §4 (#tombstones).
    ModerateMessage(Box<MessageModerated>),
    /// Put this on record.
    Record(Box<Act>),
    /// A moderator has given somebody this role, or the one they have already; for the compliance
    /// log alone.
    RoleGiven {
        /// The occupant's nick, as the moderator wrote it.
        nick: Nick,
        /// The role from now on; with none they are shown out.
        role: Role,
        /// Why it was done.
        reason: Option<Words>,
    },
    /// Send this to these.
    Send {
        /// What is sent.
        stanza: Box<Stanza>,
        /// To whom it is sent.
        to: Recipients,
    },
    /// Send the newcomer the last messages, from the archive. §7.2.13 (#enter-history).
    SendHistory {
        /// The newcomer's session.
        to: Arc<FullJid>,
        /// How many, and from when.
        limits: HistoryLimits,
    },
    /// Read the archive, and answer the request in hand with what is found. XEP-0313 §4 (#query).
    ReadArchive {
        /// What is asked.
        question: Box<ArchiveQuestion>,
        /// Who of those behind the nicks the asker may know.
        authors: KnownAuthors,
    },
    /// Read who has an affiliation, and answer the request in hand with that. §9.5 (#modifymember).
    ListAffiliations {
        /// Which affiliation they have.
        affiliation: Affiliation,
        /// How many have it.
        length: usize,
    },
    /// Answer the request in hand.
    Answer(Answer),
    /// Pass the IQ in hand on to an occupant, and the answer back. §17.4 (#bizrules-iq).
    PassOn {
        /// The nick of who asks, from whose occupant JID it goes out.
        from: Nick,
        /// The occupant's own address.
        to: Arc<FullJid>,
        /// Whether to their account or to this client.
        target: QueryTarget,
    },
}

impl Effect {
    /// Whether something is to be kept: the room, or its archive, is another from now on.
    pub fn is_change(&self) -> bool {
        match self {
            Self::Archive { .. }
            | Self::Save(_)
            | Self::Retract(_)
            | Self::ModerateMessage(_)
            | Self::Record(_) => true,
            Self::RoleGiven { .. }
            | Self::Send { .. }
            | Self::SendHistory { .. }
            | Self::ReadArchive { .. }
            | Self::ListAffiliations { .. }
            | Self::Answer(_)
            | Self::PassOn { .. } => false,
        }
    }
}

/// Whom a stanza goes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Recipients {
    /// A single session.
    One(Arc<FullJid>),
    /// Many sessions; shared, for a room builds the list of all only once between changes.
    Many(Audience),
    /// Somebody who need not be in the room.
    Absent(Jid),
}

/// A lasting change of a room.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The room exists from now on, locked or not.
    Created {
        /// Its configuration at first.
        configuration: Box<Configuration>,
        /// When it was created and waits for its configuration since; `None` when it is open.
        locked_since: Option<Timestamp>,
        /// The category that it is in.
        category: CategoryId,
    },
    /// The room is in another category.
    Moved(RoomMove),
    /// The configuration is another.
    Configured {
        /// All of it, as it is from now on.
        configuration: Box<Configuration>,
        /// The settings that were otherwise before.
        changed: Vec<Setting>,
    },
    /// The room was unlocked. §10.1.2 (#createroom-instant).
    Unlocked,
    /// Somebody's affiliation is this, or none.
    Affiliated {
        /// A bare JID, or a domain.
        jid: BareJid,
        /// `None` takes it away.
        entry: Option<Affiliated>,
    },
    /// A bond of somebody is this, or there is none of its kind any more.
    Bound {
        /// A bare JID.
        jid: BareJid,
        /// What is kept from now on.
        bond: Bond,
    },
    /// The subject is this.
    SubjectChanged(Subject),
    /// The avatar is this, or none.
    AvatarChanged(Option<Avatar>),
    /// A session is in the room that was not inside before.
    Entered(Box<SessionRecord>),
    /// A session that was inside already is in this state.
    Present(Box<SessionRecord>),
    /// A session has left, or was shown out.
    Left(Leaver),
    /// The room is gone, and something stays in its place. §10.9 (#destroyroom).
    Destroyed {
        /// What stays, and why.
        destruction: Arc<Destruction>,
        /// All sessions that were inside to the end.
        shown_out: Vec<Leaver>,
    },
    /// The room is gone without trace: a temporary room left by all, or one whose creation was
    /// cancelled.
    Vanished {
        /// All sessions that were inside to the end.
        shown_out: Vec<Leaver>,
    },
}

/// A session that is no longer inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaver {
    /// The address of the session.
    pub real_jid: Arc<FullJid>,
    /// Under which nick it was inside.
    pub nick: Nick,
}

/// What a room sends.
#[derive(Clone, Debug, PartialEq)]
pub enum Stanza {
    /// Presence of an occupant, or its end.
    Presence(Presence),
    /// What an occupant says to all. §7.4 (#message).
    Speech {
        /// Who says it.
        nick: Nick,
        /// The author's id. XEP-0421.
        occupant_id: OccupantId,
        /// Its stanza id, when it is archived. XEP-0359.
        archive_id: Option<ArchiveId>,
        /// What is said; a change of subject included.
        content: Content,
        /// Whether nothing is said that anybody would have to prove: somebody is typing.
        is_passing: bool,
    },
    /// The room tells that a message was taken back by somebody else than its author. XEP-0425 §3.1
    /// (#usecase-success).
    MessageModerated(Box<MessageModerated>),
    /// The subject, as a newcomer is told of it. §7.2.15 (#enter-subject).
    Subject(Subject),
    /// A private message. §7.5 (#privatemessage).
    Whisper {
        /// The nick of who whispers.
        nick: Nick,
        /// The author's id. XEP-0421.
        occupant_id: OccupantId,
        /// The nick of the listener, as the author wrote it.
        to: Nick,
        /// Its type on the wire.
        kind: WhisperKind,
        /// What is said.
        content: Content,
    },
    /// A message of the room itself that bears status codes: a change of configuration.
    /// §10.2.1 (#roomconfig-notify).
    Notice(Statuses),
    /// The affiliation of somebody who is not in the room, told to those inside who may know the
    /// JID. §10.3 (#grantowner) and the like.
    AffiliationNotice {
        /// Whose: a bare JID or a domain.
        jid: BareJid,
        /// The new affiliation.
        affiliation: Affiliation,
        /// Why it was done.
        reason: Option<Words>,
    },
    /// The same told to the person itself, with status 101. §18.1 (#impl-service).
    AffiliationChanged {
        /// The new affiliation.
        affiliation: Affiliation,
        /// Why it was done.
        reason: Option<Words>,
    },
    /// A mediated invitation. §7.8.2 (#invite-mediated).
    Invitation(Invitation),
    /// The refusal of an invitation. §7.8.2 (#invite-mediated).
    Decline {
        /// The person who declines.
        from: BareJid,
        /// Why it was done.
        reason: Option<Words>,
    },
    /// Asks a moderator to give somebody voice. §8.6 (#voiceapprove).
    VoiceRequest {
        /// The nick of who asks.
        nick: Nick,
        /// Their own address.
        real_jid: Arc<FullJid>,
        /// Whether the moderator may also make a presenter of them.
        may_appoint: bool,
    },
    /// Asks an admin to let somebody register. §9.9 (#regapprove).
    RegistrationRequest {
        /// The person who asks.
        jid: BareJid,
        /// The nick that is wanted.
        nick: Nick,
    },
    /// Tells somebody how their request was answered.
    AccessAnswered {
        /// Whether they are a member from now on.
        granted: bool,
        /// Why, in the words of who answered.
        reason: Option<Words>,
    },
}

/// Presence of an occupant as one group of recipients sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Presence {
    /// Whose; it comes from `room/nick`.
    pub nick: Nick,
    /// The id of the stanza it answers, for its sender only.
    pub id: Option<Arc<str>>,
    /// Whether the occupant is there.
    pub state: Availability,
    /// What the occupant shows.
    pub payload: Payload,
    /// The occupant's id. XEP-0421. `None` for somebody who was never let in.
    pub occupant_id: Option<OccupantId>,
    /// The affiliation from now on.
    pub affiliation: Affiliation,
    /// The role from now on.
    pub role: Role,
    /// The real address, for those who may see it.
    pub real_jid: Option<Arc<FullJid>>,
    /// The new nick, with status 303.
    pub new_nick: Option<Nick>,
    /// Who brought it about.
    pub actor: Option<Nick>,
    /// Why it was done.
    pub reason: Option<Words>,
    /// The status codes.
    pub statuses: Statuses,
    /// What the occupant is beside that. XEP-0317.
    pub hats: Hats,
    /// That not everybody is shown, to a newcomer: how many are inside, this one included.
    pub thinned: Option<usize>,
    /// That the room is no more. §10.9 (#destroyroom).
    pub destruction: Option<Arc<Destruction>>,
}

impl Presence {
    /// That nobody of that nick is inside, or is shown.
    pub(super) fn of_nobody(nick: Nick) -> Self {
        Self {
            nick,
            id: None,
            state: Availability::Unavailable,
            payload: Payload::empty(),
            occupant_id: None,
            affiliation: Affiliation::None,
            role: Role::None,
            real_jid: None,
            new_nick: None,
            actor: None,
            reason: None,
            statuses: Statuses::none(),
            hats: Hats::NONE,
            thinned: None,
            destruction: None,
        }
    }
}

/// Whether an occupant is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// Presence without a type.
    Available,
    /// Presence with `type='unavailable'`.
    Unavailable,
}

/// The answer to an IQ.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Done; an empty result.
    Done,
    /// Who has an affiliation. §9.5 (#modifymember).
    Affiliations(Vec<AffiliationItem>),
    /// Who has a role. §8.5 (#modifyvoice).
    Roles(Vec<RoleItem>),
    /// The configuration form. §10.2 (#roomconfig).
    Configuration(Box<ConfigurationForm>),
    /// The registration form. §7.10 (#register).
    RegistrationForm {
        /// Whether an admin decides.
        needs_approval: bool,
        /// The nick that the asker waits for already.
        asked_for: Option<Nick>,
    },
    /// Already registered, under this nick. §7.10 (#register).
    AlreadyRegistered(Option<Nick>),
    /// Who waits to be registered, and under which nick. §9.9 (#regapprove).
    Requests(Vec<(BareJid, Nick)>),
    /// One's reserved nick. §7.12 (#reservednick).
    ReservedNick(Option<Nick>),
    /// disco#info. §6.4 (#disco-roominfo).
    Information(Box<Information>),
    /// disco#items; empty when the asker may not know. §6.5 (#disco-roomitems).
    Occupants(Vec<Nick>),
    /// The room's vCard, if it has one. XEP-0486.
    Avatar(Option<Avatar>),
}
