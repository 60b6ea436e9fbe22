//! Every way to say no, in the order of XEP-0045. What each becomes on the wire is one table,
//! `wire::stanza::stanza_error`.

use std::sync::Arc;

use jid::BareJid;

use super::bond::List;
use super::owning::destroy::Destruction;

/// An expected "you may not". A refusal leaves no trace: the room is as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// §6.6 (#disco-occupant): a non-occupant asked an occupant JID.
    NotAnOccupantAsking,
    /// §7.2.1 (#enter-muc): entering needs a nick.
    NoNick,
    /// §7.2.5 (#enter-pw): no password, or a wrong one.
    PasswordRequired,
    /// §7.2.6 (#enter-members): members only.
    MembersOnly,
    /// §7.2.7 (#enter-banned): banned.
    Banned,
    /// §7.2.8 (#enter-conflict): the nick is held, or reserved, by another bare JID.
    NickTaken,
    /// §7.2.9 (#enter-maxusers): the room is full.
    Full,
    /// §7.2.10 (#enter-locked): the room waits for its first configuration. Who may not know that
    /// there is one gets [`Self::NoSuchRoom`] instead.
    Locked,
    /// The room does not exist, or the asker may not know that it does.
    NoSuchRoom,
    /// §10.1.1 (#createroom-general): the asker may not create a room there.
    CreationNotAllowed,
    /// The room is disabled, and nobody may do anything with it but run it. Inside: why, in the
    /// words of whoever did it; empty when they said nothing.
    Disabled(Arc<str>),
    /// §10.9 (#destroyroom): the room was destroyed; where it went is inside.
    Gone(Arc<Destruction>),
    /// The person has as many sessions in the room, or rooms on the service, as are allowed.
    TooMany,
    /// §7.4 (#message), §7.5 (#privatemessage): only occupants may send.
    NotAnOccupant,
    /// §7.4 (#message): no voice.
    NoVoice,
    /// §7.5 (#privatemessage): nobody has that nick.
    NoSuchOccupant,
    /// §7.5 (#privatemessage): a message of type groupchat to one occupant.
    GroupchatToOccupant,
    /// §7.5 (#privatemessage): the room does not let this role send private messages.
    PrivateMessagesNotAllowed,
    /// §7.6 (#changenick): the nick is locked to the registered one.
    NickLocked,
    /// §7.8.2 (#invite-mediated): this person may not invite.
    InvitationNotAllowed,
    /// §7.8.2 (#invite-mediated): there is nobody to invite, or too many at once.
    NoInvitee {
        /// Maximum number of people whom the asker may invite at once.
        most: usize,
    },
    /// §7.10 (#register): the asker is banned.
    RegistrationNotAllowed,
    /// §7.10 (#register): nobody becomes a member here by asking.
    RegistrationClosed,
    /// Somebody asks for access who may enter, or where nobody is kept out.
    AccessNotNeeded,
    /// XEP-0077 §3.2 (#usecases-cancel): there is nothing to give back.
    NotRegistered,
    /// §9.9 (#regapprove): the person does not wait for an answer, or no more.
    NoSuchRequest,
    /// §7.10 (#register): the nick is reserved or in use.
    RegistrationConflict,
    /// §8 (#moderator), §9 (#admin): nobody is listed as `none`.
    NoSuchList,
    /// §9.2 (#modifyban): a list of changes is empty or too long.
    WrongNumberOfItems {
        /// Maximum number of changes in one list.
        most: usize,
    },
    /// §17.4 (#bizrules-iq): one list changes both roles and affiliations.
    RolesWithAffiliations,
    /// §9.2 (#modifyban): one list wants two things for one person.
    Contradiction,
    /// §7.10 (#register): a nick is for a person, and the address is a domain's.
    NickForDomain,
    /// §7.13 (#requestvoice): there is nothing to ask for: the room is not moderated, or one has
    /// voice.
    VoiceNotNeeded,
    /// The same was asked a moment ago.
    TooSoon,
    /// §9.9 (#regapprove): as many people wait to be registered as may.
    TooManyRequests {
        /// How many that is.
        most: usize,
    },
    /// XEP-0308 §5, XEP-0424 §5 (#rules): there is no such message of the sender.
    NoSuchMessage,
    /// XEP-0308: the message has as many corrections as a message may have. Inside: how many that
    /// is.
    TooManyCorrections(u32),
    /// XEP-0424 §5 (#rules): the message is somebody else's.
    NotTheAuthor,
    /// XEP-0313 §6.1.2 (#business-storeret-muc-archives): who may not enter may not read.
    ArchiveNotReadable,
    /// XEP-0313 §4.1.1 (#filter-jid): who may not know who is behind a nick may not ask by address.
    AuthorsHidden,
    /// §8.1 (#subject-mod): may not change the subject.
    SubjectNotAllowed,
    /// A list of the room has as many entries as it may have.
    ListFull {
        /// The list that is full.
        list: List,
        /// How many that is.
        most: usize,
    },
    /// §8 (#moderator), §9 (#admin), §10 (#owner): the asker lacks the role or affiliation.
    NotPrivileged,
    /// §8.2 (#kick), §8.4 (#revokevoice), §9.1 (#ban): the other stands higher, or can't lose it.
    TargetTooHigh,
    /// §9.1 (#ban), §8.2 (#kick): one can't do that to oneself.
    NotToOneself,
    /// §5.2 (#affil): owners and admins are people; this is a domain.
    NotAPerson(BareJid),
    /// The address is that of somebody, or of a domain, whom the room's category does not admit; so
    /// it can stand in no list that gives something.
    OutOfScope(BareJid),
    /// The person is an operator of the service, and so an owner of every room: another affiliation
    /// would be without effect.
    OperatorAnyway,
    /// The pool has no category of this name.
    NoSuchCategory(Arc<str>),
    /// Another category has this name, but for case.
    CategoryNameTaken(Arc<str>),
    /// This can't be the name of a category, or what it is for: it is empty, too long, or more than
    /// a line.
    NoCategoryName,
    /// There are rooms in the category.
    CategoryInUse {
        /// How many there are.
        rooms: u64,
    },
    /// The pool knows no such group; in words.
    NoSuchGroup(Arc<str>),
    /// §10.4 (#revokeowner): the room would be without an owner.
    LastOwner,
    /// §10.1.3 (#createroom-reserved): the configuration contradicts itself or the service's terms.
    /// Inside: the field, and what is wrong, for the reader.
    ConfigurationNotAcceptable {
        /// The field's `var`.
        field: &'static str,
        /// What is wrong with it, in a few words.
        problem: &'static str,
    },
    /// Another room of the pool has the name that this one is to have.
    RoomNameTaken,
    /// §10.2 (#roomconfig): the configuration is another than the one that the form was made of.
    ConfigurationChanged,
    /// A room that is disabled is enabled by operators alone.
    EnablingNotAllowed,
    /// §10.9 (#destroyroom): on this service rooms are destroyed by operators alone.
    DestructionNotAllowed,
    /// The pool's add-ins can't be changed so.
    AddIn(AddInRefusal),
}

/// Why the pool's add-ins are not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddInRefusal {
    /// None is called so.
    Unknown,
    /// One is called so already, but for case.
    NameTaken,
    /// A name or an address that none can have. Inside: which of the two, and what is wrong.
    NotAcceptable {
        /// Either `name` or `url`.
        field: &'static str,
        /// What is wrong with it, in a few words.
        problem: &'static str,
    },
    /// There are as many as there may be.
    TooMany {
        /// How many that is.
        most: usize,
    },
    /// It is that of rooms.
    InUse {
        /// How many rooms.
        rooms: u64,
    },
}
