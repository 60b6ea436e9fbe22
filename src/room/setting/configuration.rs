//! What an owner can set. XEP-0045 §16.5.3 (#registrar-formtype-owner).
//!
//! [`Configuration`] is what holds, typed for the code that decides. The catalogue by which everybody else reads and
//! writes it is in `setting/`; what a change brings about is in `configure.rs`.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::room::Role;
use crate::room::role::Roles;

/// Everything an owner can set. The field names are those of the registry, without their prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// `roomname`: the name shown to people; empty: the room's address stands for it.
    pub name: Arc<str>,
    /// `roomdesc`: what the room is for.
    pub description: Arc<str>,
    /// `lang`: a language tag; empty: unsaid.
    pub language: Arc<str>,
    /// `persistentroom`: whether the room stays when everybody has left.
    pub persistent: bool,
    /// `publicroom`: whether the room is listed.
    pub public: bool,
    /// `membersonly`: whether only members may enter.
    pub members_only: bool,
    /// `moderatedroom`: whether voice must be given.
    pub moderated: bool,
    /// `passwordprotectedroom` and `roomsecret`: the password, when one is needed.
    pub password: Option<Arc<str>>,
    /// `maxusers`: maximum number of occupants; `None`: no limit.
    pub occupants_max: Option<u32>,
    /// `whois`: who sees real JIDs.
    pub whois: Whois,
    /// `changesubject`: whether participants may change the subject.
    pub subject_open: bool,
    /// `allowinvites`: whether members may invite into a members-only room, and everybody into another.
    pub invitations_open: bool,
    /// `allowpm`: who may send private messages.
    pub private_messages: PrivateMessages,
    /// `presencebroadcast`: the roles whose presence the others are shown.
    pub presence_broadcast: Roles,
    /// `getmemberlist`: the roles that may read the member list; admins always may.
    pub member_list_readers: Roles,
    /// `enablelogging`: whether the archive is public; brings status 170.
    pub logged: bool,
    /// `muc#maxhistoryfetch`: maximum number of messages sent on entering.
    pub history_max: u32,
    /// `pubsub`: the XMPP URI of the room's pubsub node; empty: none.
    pub pubsub_node: Arc<str>,
    /// Whether a nick that is registered is the only one its owner may use. §7.10 (#register).
    pub nick_locked: bool,
    /// Who may register. §7.10 (#register).
    pub registration: RegistrationPolicy,
}

/// Who sees real JIDs. §7.2.3 (#enter-nonanon), §7.2.4 (#enter-semianon).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Whois {
    /// Everybody: the room is non-anonymous.
    Anyone,
    /// Moderators: the room is semi-anonymous.
    Moderators,
}

/// Who may send private messages. §7.5 (#privatemessage).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivateMessages {
    /// Everybody who is inside.
    Anyone,
    /// Those with voice.
    Participants,
    /// Moderators and nobody else.
    Moderators,
    /// Nobody at all.
    None,
}

/// Who may register with the room. §7.10 (#register).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistrationPolicy {
    /// Whoever may enter: the membership comes at once.
    Open,
    /// Whoever asks, when an admin approves. §9.9 (#regapprove).
    Approval,
    /// Nobody but those who already have an affiliation.
    Closed,
}

impl Default for Configuration {
    /// What a new room has out of the box: persistent, open, public, non-anonymous.
    fn default() -> Self {
        Self {
            name: "".into(),
            description: "".into(),
            language: "".into(),
            persistent: true,
            public: true,
            members_only: false,
            moderated: false,
            password: None,
            occupants_max: None,
            whois: Whois::Anyone,
            subject_open: false,
            invitations_open: true,
            private_messages: PrivateMessages::Anyone,
            presence_broadcast: BTreeSet::from([Role::Visitor, Role::Participant, Role::Moderator]),
            member_list_readers: BTreeSet::from([Role::Participant, Role::Moderator]),
            logged: false,
            history_max: 20,
            pubsub_node: "".into(),
            nick_locked: false,
            registration: RegistrationPolicy::Closed,
        }
    }
}
