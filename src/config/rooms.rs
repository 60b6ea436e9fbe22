//! `[pool.rooms]`: what a room is like before its owner configures it.
//!
//! The keys mean what the fields of the room configuration form mean, XEP-0045 §15.5.3
//! (#registrar-formtype-owner), and are named after them.

use super::section::Section;

pub(super) const SECTION: &str = "[pool.rooms]";

/// The configuration of a new room, and the bounds of what its owner may choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomDefaults {
    /// Whether the room stays when the last occupant leaves. `muc#roomconfig_persistentroom`.
    pub persistent: bool,
    /// Whether the room is found by search and in lists. `muc#roomconfig_publicroom`.
    pub public: bool,
    /// Whether only members may enter. `muc#roomconfig_membersonly`.
    pub members_only: bool,
    /// Whether a newcomer without affiliation has no voice. `muc#roomconfig_moderatedroom`.
    pub moderated: bool,
    /// Whether only moderators see real JIDs (`muc#roomconfig_whois` = `moderators`) instead of
    /// everyone (`anyone`).
    pub anonymous: bool,
    /// Whether messages are kept in the archive. `muc#roomconfig_enablelogging`.
    pub logging: bool,
    /// Whether participants may change the subject. `muc#roomconfig_changesubject`.
    pub change_subject: bool,
    /// Whether members may invite. `muc#roomconfig_allowinvites`.
    pub allow_invites: bool,
    /// Who may send private messages. `muc#roomconfig_allowpm`.
    pub allow_pm: AllowPm,
    /// Of which roles the others are told. `muc#roomconfig_presencebroadcast`.
    pub presence_broadcast: Vec<Role>,
    /// Which roles may read the member list. `muc#roomconfig_getmemberlist`.
    pub member_list: Vec<Role>,
    /// How many occupants fit in; 0 means no limit. `muc#roomconfig_maxusers`.
    pub max_users: u32,
    /// The room's language, an RFC 5646 tag; `None` means the pool's. `muc#roomconfig_lang`.
    pub lang: Option<String>,
    /// How many messages a newcomer is sent who asks for no number. Never above `history_max`.
    pub history: u32,
    /// How many messages a newcomer can ask for, and the most that an owner may set as
    /// `muc#maxhistoryfetch`.
    pub history_max: u32,
}

/// Who may send private messages, the values of `muc#roomconfig_allowpm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllowPm {
    /// Every occupant.
    Anyone,
    /// Occupants with voice.
    Participants,
    /// Moderators.
    Moderators,
    /// Nobody.
    None,
}

/// A role that can be named in `presence_broadcast` and `member_list`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// May moderate.
    Moderator,
    /// Has voice.
    Participant,
    /// Has no voice.
    Visitor,
}

impl Default for RoomDefaults {
    fn default() -> Self {
        Self {
            persistent: true,
            public: true,
            members_only: false,
            moderated: false,
            anonymous: false,
            logging: true,
            change_subject: false,
            allow_invites: false,
            allow_pm: AllowPm::Anyone,
            presence_broadcast: vec![Role::Moderator, Role::Participant, Role::Visitor],
            member_list: vec![Role::Moderator, Role::Participant, Role::Visitor],
            max_users: 0,
            lang: None,
            history: 20,
            history_max: 500,
        }
    }
}

const ALLOW_PM: [(&str, AllowPm); 4] = [
    ("anyone", AllowPm::Anyone),
    ("participants", AllowPm::Participants),
    ("moderators", AllowPm::Moderators),
    ("none", AllowPm::None),
];

const ROLES: [(&str, Role); 3] = [
    ("moderator", Role::Moderator),
    ("participant", Role::Participant),
    ("visitor", Role::Visitor),
];

const HISTORY_CEILING: u32 = 5_000;
const USERS_CEILING: u32 = 1_000_000;

/// Reads the section; what is wrong in it is noted and its default taken.
pub(super) fn read(mut section: Section<'_, '_>) -> RoomDefaults {
    let default = RoomDefaults::default();
    let history_max = section.whole(
        "history_max",
        default.history_max,
        0..=HISTORY_CEILING,
        "messages",
    );
    // A lower ceiling alone is not a mistake: the default follows it down.
    let history = section.whole(
        "history",
        default.history.min(history_max),
        0..=history_max,
        "messages",
    );
    let rooms = RoomDefaults {
        persistent: section.flag("persistent", default.persistent),
        public: section.flag("public", default.public),
        members_only: section.flag("members_only", default.members_only),
        moderated: section.flag("moderated", default.moderated),
        anonymous: section.flag("anonymous", default.anonymous),
        logging: section.flag("logging", default.logging),
        change_subject: section.flag("change_subject", default.change_subject),
        allow_invites: section.flag("allow_invites", default.allow_invites),
        allow_pm: section.choice("allow_pm", default.allow_pm, &ALLOW_PM),
        presence_broadcast: section.choices(
            "presence_broadcast",
            &default.presence_broadcast,
            &ROLES,
        ),
        member_list: section.choices("member_list", &default.member_list, &ROLES),
        max_users: section.whole(
            "max_users",
            default.max_users,
            0..=USERS_CEILING,
            "occupants",
        ),
        lang: super::address::language(&mut section, "lang"),
        history,
        history_max,
    };
    section.finish();
    rooms
}
