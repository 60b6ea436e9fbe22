//! `[pool.rooms]`: what a room is like before its owner configures it, and what he may choose.
//!
//! The keys mean what the fields of the room configuration form mean, XEP-0045 §16.5.3
//! (#registrar-formtype-owner), and are named after them. Defaults are those of the core, which
//! has them once: [`Configuration::default`] and [`Policy::default`].

use crate::directory::Retention;
use crate::room::configuration::{Configuration, PrivateMessages, RegistrationPolicy, Whois};
use crate::room::{Policy, Role};

use super::address;
use super::section::Section;

pub(super) const SECTION: &str = "[pool.rooms]";

const PRIVATE_MESSAGES: [(&str, PrivateMessages); 4] = [
    ("anyone", PrivateMessages::Anyone),
    ("participants", PrivateMessages::Participants),
    ("moderators", PrivateMessages::Moderators),
    ("none", PrivateMessages::None),
];

const REGISTRATION: [(&str, RegistrationPolicy); 3] = [
    ("open", RegistrationPolicy::Open),
    ("approval", RegistrationPolicy::Approval),
    ("closed", RegistrationPolicy::Closed),
];

const ROLES: [(&str, Role); 3] = [
    ("moderator", Role::Moderator),
    ("participant", Role::Participant),
    ("visitor", Role::Visitor),
];

const HISTORY_CEILING: u32 = 5_000;
/// A hundred years.
pub(crate) const KEEP_DAYS_CEILING: u32 = 36_525;
pub(crate) const KEEP_MESSAGES_CEILING: u32 = 1_000_000_000;
const USERS_CEILING: u32 = 1_000_000;
/// A day, in seconds.
const WAIT_CEILING: u32 = 86_400;

/// Reads the section: a new room's configuration, how long messages are kept, and in `policy` what holds for all
/// rooms. What is wrong is noted and its default taken.
pub(super) fn read(
    mut section: Section<'_, '_>,
    policy: &mut Policy,
) -> (Configuration, Retention) {
    read_policy(&mut section, policy);
    let retention = Retention {
        days: section.whole("keep_days", 0, 0..=KEEP_DAYS_CEILING, "days"),
        messages: section.whole("keep_messages", 0, 0..=KEEP_MESSAGES_CEILING, "messages"),
    };
    let default = Configuration::default();
    // A lower ceiling alone is not a mistake: the default follows it down.
    let history = default.history_max.min(policy.history_ceiling);
    let history = section.whole("history", history, 0..=policy.history_ceiling, "messages");
    let max_users = default.occupants_max.unwrap_or(0);
    let max_users = section.whole("max_users", max_users, 0..=USERS_CEILING, "occupants");
    let configuration = Configuration {
        persistent: section.flag("persistent", default.persistent),
        public: section.flag("public", default.public),
        members_only: section.flag("members_only", default.members_only),
        moderated: section.flag("moderated", default.moderated),
        whois: match section.flag("anonymous", default.whois == Whois::Moderators) {
            true => Whois::Moderators,
            false => Whois::Anyone,
        },
        logged: section.flag("logging", default.logged),
        subject_open: section.flag("change_subject", default.subject_open),
        invitations_open: section.flag("allow_invites", default.invitations_open),
        private_messages: section.choice("allow_pm", default.private_messages, &PRIVATE_MESSAGES),
        presence_broadcast: section
            .choices("presence_broadcast", &ROLES)
            .unwrap_or(default.presence_broadcast),
        member_list_readers: section
            .choices("member_list", &ROLES)
            .unwrap_or(default.member_list_readers),
        registration: section.choice("registration", default.registration, &REGISTRATION),
        nick_locked: section.flag("nick_locked", default.nick_locked),
        language: address::language_or_none(&mut section, "lang").into(),
        history_max: history,
        occupants_max: (max_users > 0).then_some(max_users),
        name: default.name,
        description: default.description,
        password: default.password,
        pubsub_node: default.pubsub_node,
    };
    section.finish();
    (configuration, retention)
}

/// What holds for all rooms, whatever their owners choose.
fn read_policy(section: &mut Section<'_, '_>, policy: &mut Policy) {
    policy.history_ceiling = section.whole(
        "history_max",
        policy.history_ceiling,
        0..=HISTORY_CEILING,
        "messages",
    );
    policy.reserve_for_admins = section.whole(
        "reserve_for_admins",
        policy.reserve_for_admins,
        0..=USERS_CEILING,
        "occupants",
    );
    policy.unlock_after_s = seconds(section, "unlock_after_s", policy.unlock_after_s);
    policy.voice_request_interval_s = seconds(
        section,
        "voice_request_interval_s",
        policy.voice_request_interval_s,
    );
}

/// A time to wait.
fn seconds(section: &mut Section<'_, '_>, key: &'static str, default: i64) -> i64 {
    let default = u32::try_from(default).expect("defaults are short times from now on");
    section
        .whole(key, default, 1..=WAIT_CEILING, "seconds")
        .into()
}
