//! The fields of the configuration form and their options. XEP-0045 §16.5.3 (#registrar-formtype-owner).
//!
//! Those that the registry does not have are in our own namespace, as XEP-0068 wants it.

use crate::room::configuration::{PrivateMessages, RegistrationPolicy, Whois};
use crate::room::request::Roles;

/// The type of the form.
pub(super) const FORM_TYPE: &str = "http://jabber.org/protocol/muc#roomconfig";

/// The names of roles, lowest first.
pub(super) fn roles_names(roles: &Roles) -> impl Iterator<Item = &'static str> {
    roles.iter().map(|role| role.name())
}

/// The value of `allowpm`.
pub(super) fn private_messages_name(who: PrivateMessages) -> &'static str {
    name_of(who, PRIVATE_OPTIONS)
}

/// The name of an option.
pub(super) fn name_of<T: Copy + PartialEq>(
    value: T,
    options: &[(T, &'static str, &str)],
) -> &'static str {
    options
        .iter()
        .find(|(option, _, _)| *option == value)
        .map_or("", |(_, name, _)| *name)
}

pub(super) const WHOIS_OPTIONS: &[(Whois, &str, &str)] = &[
    (Whois::Moderators, "moderators", "Moderators only"),
    (Whois::Anyone, "anyone", "Everybody"),
];
pub(super) const PRIVATE_OPTIONS: &[(PrivateMessages, &str, &str)] = &[
    (PrivateMessages::Anyone, "anyone", "Everybody"),
    (
        PrivateMessages::Participants,
        "participants",
        "Everybody with voice",
    ),
    (PrivateMessages::Moderators, "moderators", "Moderators only"),
    (PrivateMessages::None, "none", "Nobody"),
];
pub(super) const REGISTRATION_OPTIONS: &[(RegistrationPolicy, &str, &str)] = &[
    (RegistrationPolicy::Open, "open", "Everybody who may enter"),
    (
        RegistrationPolicy::Approval,
        "approval",
        "Everybody an admin approves of",
    ),
    (RegistrationPolicy::Closed, "closed", "Nobody"),
];
pub(super) const ROLE_OPTIONS: &[(&str, &str)] = &[
    ("moderator", "Moderators"),
    ("participant", "Participants"),
    ("visitor", "Visitors"),
];
pub(super) const MAX_USERS_OPTIONS: &[&str] =
    &["10", "20", "50", "100", "200", "500", "1000", "none"];

pub(super) const NAME: &str = "muc#roomconfig_roomname";
pub(super) const DESCRIPTION: &str = "muc#roomconfig_roomdesc";
pub(super) const LANGUAGE: &str = "muc#roomconfig_lang";
pub(super) const PERSISTENT: &str = "muc#roomconfig_persistentroom";
pub(super) const PUBLIC: &str = "muc#roomconfig_publicroom";
pub(super) const MEMBERS_ONLY: &str = "muc#roomconfig_membersonly";
pub(super) const MODERATED: &str = "muc#roomconfig_moderatedroom";
pub(super) const PROTECTED: &str = "muc#roomconfig_passwordprotectedroom";
pub(super) const SECRET: &str = "muc#roomconfig_roomsecret";
pub(super) const MAX_USERS: &str = "muc#roomconfig_maxusers";
pub(super) const WHOIS: &str = "muc#roomconfig_whois";
pub(super) const SUBJECT: &str = "muc#roomconfig_changesubject";
pub(super) const INVITES: &str = "muc#roomconfig_allowinvites";
pub(super) const PRIVATE: &str = "muc#roomconfig_allowpm";
pub(super) const BROADCAST: &str = "muc#roomconfig_presencebroadcast";
pub(super) const MEMBER_LIST: &str = "muc#roomconfig_getmemberlist";
pub(super) const LOGGING: &str = "muc#roomconfig_enablelogging";
pub(super) const HISTORY: &str = "muc#maxhistoryfetch";
pub(super) const PUBSUB: &str = "muc#roomconfig_pubsub";
pub(super) const ADMINS: &str = "muc#roomconfig_roomadmins";
pub(super) const OWNERS: &str = "muc#roomconfig_roomowners";
pub(super) const NICK_LOCKED: &str = "{urn:lyceum:0}nick-locked";
pub(super) const REGISTRATION: &str = "{urn:lyceum:0}registration";

pub(super) const KNOWN: &[&str] = &[
    NAME,
    DESCRIPTION,
    LANGUAGE,
    PERSISTENT,
    PUBLIC,
    MEMBERS_ONLY,
    MODERATED,
    PROTECTED,
    SECRET,
    MAX_USERS,
    WHOIS,
    SUBJECT,
    INVITES,
    PRIVATE,
    BROADCAST,
    MEMBER_LIST,
    LOGGING,
    HISTORY,
    PUBSUB,
    ADMINS,
    OWNERS,
    NICK_LOCKED,
    REGISTRATION,
];
