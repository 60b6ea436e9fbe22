//! What a room's settings are called in XML, each once: in the configuration form, XEP-0045 §16.5.3
//! (#registrar-formtype-owner), and in what disco#info tells, §16.3 (#registrar-features) and
//! §16.5.4 (#registrar-formtype-roominfo).
//!
//! The form is read from the top: first what every owner asks for, under a heading each, and last
//! what few ever change. Clients show it as it comes, many as one column. Fields that the registry
//! does not have are in our own namespace, as XEP-0068 wants it.

use std::borrow::Cow;

use xmpp_parsers::ns;

use crate::room::Role;
use crate::room::setting::{Kind, Setting, Value};

/// The type of the form.
pub(in crate::wire) const FORM_TYPE: &str = "http://jabber.org/protocol/muc#roomconfig";

/// One line of the form.
pub(in crate::wire) enum FormPart {
    /// Words above the fields that follow.
    Heading(&'static str),
    /// The field of a setting.
    Setting(SettingRow),
    /// Which configuration is shown; it comes back as it is.
    Version,
    /// The category that the room is in.
    Category,
    /// Who may know of the room and enter it: a view of two settings.
    Privacy,
    /// Who speaks in the room: a view of a setting.
    RoomType,
    /// Whether a password is needed: the second field of one setting.
    PasswordProtected,
    /// The list of owners.
    Owners,
    /// The list of admins.
    Admins,
    /// The list of presenters.
    Presenters,
    /// The add-in, of those that are registered.
    AddIn,
}

/// A setting in XML.
pub(in crate::wire) struct SettingRow {
    /// The setting that the row is about.
    pub setting: Setting,
    /// The field's name in the form.
    pub var: &'static str,
    /// The words beside the field.
    pub label: &'static str,
    /// The words of the options, in the order of the setting's [`Kind::Word`].
    pub options: &'static [&'static str],
    /// Where disco#info tells it.
    pub told: &'static [ToldAs],
}

/// How disco#info tells a setting.
pub(in crate::wire) enum ToldAs {
    /// In this field of the `muc#roominfo` form.
    Field(&'static str),
    /// By this feature, when it has this value.
    Feature(&'static str, &'static str),
}

use ToldAs::{Feature, Field};

pub(in crate::wire) const PROTECTED: &str = "muc#roomconfig_passwordprotectedroom";
pub(in crate::wire) const VERSION: &str = "{urn:lyceum:0}version";
/// The category that the room is in.
pub(in crate::wire) const CATEGORY: &str = "{urn:lyceum:0}category";
pub(in crate::wire) const PRIVACY: &str = "{urn:lyceum:0}privacy";
pub(in crate::wire) const ROOM_TYPE: &str = "{urn:lyceum:0}type";
pub(in crate::wire) const DISABLED: &str = "{urn:lyceum:0}disabled";
pub(in crate::wire) const DISABLED_REASON: &str = "{urn:lyceum:0}disabled-reason";
pub(in crate::wire) const ADMINS: &str = "muc#roomconfig_roomadmins";
pub(in crate::wire) const OWNERS: &str = "muc#roomconfig_roomowners";
pub(in crate::wire) const PRESENTERS: &str = "{urn:lyceum:0}presenters";
pub(in crate::wire) const ADDIN: &str = "{urn:lyceum:0}addin";

/// The whole form, from the top.
pub(in crate::wire) const FORM: &[FormPart] = &[
    FormPart::Version,
    FormPart::Heading("About the room"),
    row(
        Setting::Name,
        "muc#roomconfig_roomname",
        "Name",
        &[Field("muc#roomconfig_roomname")],
    ),
    row(
        Setting::Description,
        "muc#roomconfig_roomdesc",
        "What the room is for",
        &[Field("muc#roominfo_description")],
    ),
    FormPart::Category,
    FormPart::AddIn,
    FormPart::Heading("Who may enter"),
    FormPart::Privacy,
    FormPart::PasswordProtected,
    row(
        Setting::Password,
        "muc#roomconfig_roomsecret",
        "Password",
        &[
            Feature("1", "muc_passwordprotected"),
            Feature("0", "muc_unsecured"),
        ],
    ),
    FormPart::Heading("What people may do inside"),
    FormPart::RoomType,
    row(
        Setting::SubjectOpen,
        "muc#roomconfig_changesubject",
        "Everybody who may speak may change the subject",
        &[
            Field("muc#roomconfig_changesubject"),
            Field("muc#roominfo_subjectmod"),
        ],
    ),
    row(
        Setting::InvitationsOpen,
        "muc#roomconfig_allowinvites",
        "Everybody may invite others (into a members-only room: every member)",
        &[Field("muc#roomconfig_allowinvites")],
    ),
    choice(
        Setting::Invitations,
        "{urn:lyceum:0}invitations",
        "Invitations to this room",
        &["As its category says", "Nobody invites"],
        &[],
    ),
    choice(
        Setting::PrivateMessages,
        "muc#roomconfig_allowpm",
        "Who may send private messages to others in the room",
        &[
            "Everybody",
            "Everybody with voice",
            "Moderators only",
            "Nobody",
        ],
        &[Field("muc#roomconfig_allowpm")],
    ),
    choice(
        Setting::Whois,
        "muc#roomconfig_whois",
        "Who may see people's addresses behind their nicknames",
        &["Moderators only", "Everybody"],
        &[
            Feature("anyone", "muc_nonanonymous"),
            Feature("moderators", "muc_semianonymous"),
        ],
    ),
    FormPart::Heading("What is kept"),
    row(
        Setting::Persistent,
        "muc#roomconfig_persistentroom",
        "Keep the room when everybody has left",
        &[
            Feature("1", "muc_persistent"),
            Feature("0", "muc_temporary"),
        ],
    ),
    row(
        Setting::Logged,
        "muc#roomconfig_enablelogging",
        "Tell those who enter that what they say is made public",
        &[],
    ),
    row(
        Setting::HistoryMax,
        "muc#maxhistoryfetch",
        "How many of the last messages somebody who enters is shown at most",
        &[Field("muc#maxhistoryfetch")],
    ),
    FormPart::Heading("Who runs the room (one address a line)"),
    FormPart::Owners,
    FormPart::Admins,
    FormPart::Presenters,
    FormPart::Heading("Taking the room out of use (all of it is kept)"),
    row(
        Setting::Disabled,
        DISABLED,
        "Disable the room: everybody is shown out, and only an operator of the service enables it again",
        &[],
    ),
    row(
        Setting::DisabledReason,
        DISABLED_REASON,
        "Why, for those who are shown out",
        &[],
    ),
    FormPart::Heading("Privacy and type as other services ask for them (change either, not both)"),
    row(
        Setting::MembersOnly,
        "muc#roomconfig_membersonly",
        "Only members may enter (closed and secret rooms)",
        &[Feature("1", "muc_membersonly"), Feature("0", "muc_open")],
    ),
    row(
        Setting::Public,
        "muc#roomconfig_publicroom",
        "List the room (open and closed rooms)",
        &[Feature("1", "muc_public"), Feature("0", "muc_hidden")],
    ),
    row(
        Setting::Moderated,
        "muc#roomconfig_moderatedroom",
        "Only presenters may speak, and those who run the room (auditoriums)",
        &[
            Feature("1", "muc_moderated"),
            Feature("0", "muc_unmoderated"),
        ],
    ),
    FormPart::Heading("Seldom needed"),
    row(
        Setting::OccupantsMax,
        "muc#roomconfig_maxusers",
        "How many people may be inside at once",
        &[Field("muc#roomconfig_maxusers")],
    ),
    row(
        Setting::ParticipantUpdatesMax,
        "{urn:lyceum:0}participant-updates-max",
        "With more people inside, only the coming and going of those who speak or run the room is told",
        &[Field("{urn:lyceum:0}participant-updates-max")],
    ),
    choice(
        Setting::Registration,
        "{urn:lyceum:0}registration",
        "Who may become a member by asking",
        &[
            "Everybody who may enter",
            "Everybody an admin approves of",
            "Nobody who may enter; whom a closed room keeps out may always ask",
        ],
        &[
            Feature("open", ns::REGISTER),
            Feature("open", REGISTER),
            Feature("approval", ns::REGISTER),
            Feature("approval", REGISTER),
        ],
    ),
    row(
        Setting::NickLocked,
        "{urn:lyceum:0}nick-locked",
        "Who has reserved a nickname may use no other",
        &[],
    ),
    row(
        Setting::PresenceBroadcast,
        "muc#roomconfig_presencebroadcast",
        "Who is shown in the list of those inside",
        &[Field("muc#roomconfig_presencebroadcast")],
    ),
    row(
        Setting::MemberListReaders,
        "muc#roomconfig_getmemberlist",
        "Who may read the list of members",
        &[],
    ),
    row(
        Setting::Language,
        "muc#roomconfig_lang",
        "Language, as a code such as en",
        &[Field("muc#roominfo_lang")],
    ),
    row(
        Setting::PubsubNode,
        "muc#roomconfig_pubsub",
        "Address of a publish-subscribe node that belongs to the room",
        &[Field("muc#roomconfig_pubsub")],
    ),
];

/// The words of the privacies, in their order.
pub(in crate::wire) const PRIVACY_OPTIONS: &[&str] = &[
    "Open: everybody finds it and may enter",
    "Closed: everybody finds it, and members enter",
    "Secret: nobody but members knows of it",
];

/// The words of the types, in their order.
pub(in crate::wire) const ROOM_TYPE_OPTIONS: &[&str] = &[
    "Normal: everybody speaks",
    "Auditorium: presenters speak, all others read",
];

const REGISTER: &str = "http://jabber.org/protocol/muc#register";

/// The roles that [`Kind::Roles`] offers, with the words for them.
pub(in crate::wire) const ROLE_OPTIONS: &[(Role, &str)] = &[
    (Role::Moderator, "Moderators"),
    (Role::Participant, "Participants"),
    (Role::Visitor, "Visitors"),
];

/// The limits that [`Kind::Limit`] offers.
pub(in crate::wire) const LIMIT_OPTIONS: &[&str] =
    &["10", "20", "50", "100", "200", "500", "1000", NO_LIMIT];

/// The word for no limit.
pub(in crate::wire) const NO_LIMIT: &str = "none";

/// All settings in XML, in the order of the form.
pub(in crate::wire) fn rows() -> impl Iterator<Item = &'static SettingRow> {
    FORM.iter().filter_map(|part| match part {
        FormPart::Setting(row) => Some(row),
        FormPart::Heading(_)
        | FormPart::Version
        | FormPart::Category
        | FormPart::Privacy
        | FormPart::RoomType
        | FormPart::PasswordProtected
        | FormPart::Owners
        | FormPart::Admins
        | FormPart::Presenters
        | FormPart::AddIn => None,
    })
}

/// A value as fields have it; nothing where there is nothing to say.
pub(in crate::wire) fn texts(value: &Value) -> Vec<Cow<'_, str>> {
    let truth = |yes: bool| if yes { "1" } else { "0" };
    match value {
        Value::Flag(flag) => vec![truth(*flag).into()],
        Value::Text(text) if text.is_empty() => Vec::new(),
        Value::Text(text) => vec![(&**text).into()],
        // The password itself stands in the form alone.
        Value::Secret(secret) => vec![truth(secret.is_some()).into()],
        Value::Number(number) => vec![number.to_string().into()],
        Value::Limit(limit) => limit.iter().map(|limit| limit.to_string().into()).collect(),
        Value::Word(word) => vec![(*word).into()],
        Value::Roles(roles) => roles.iter().map(|role| role.name().into()).collect(),
        // Nobody outside knows the number; the name is told beside.
        Value::AddIn(_) => Vec::new(),
    }
}

const fn row(
    setting: Setting,
    var: &'static str,
    label: &'static str,
    told: &'static [ToldAs],
) -> FormPart {
    choice(setting, var, label, &[], told)
}

const fn choice(
    setting: Setting,
    var: &'static str,
    label: &'static str,
    options: &'static [&'static str],
    told: &'static [ToldAs],
) -> FormPart {
    if let Kind::Word(names) = setting.kind() {
        assert!(
            names.len() == options.len(),
            "every word of a setting has its label"
        );
    }
    FormPart::Setting(SettingRow {
        setting,
        var,
        label,
        options,
        told,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_one_row_and_every_field_a_name_of_its_own() {
        // A setting whose choices are not the same in every pool is a part of its own.
        let settings = Setting::ALL.into_iter();
        for setting in settings.filter(|setting| setting.kind() != Kind::AddIn) {
            let rows = rows().filter(|row| row.setting == setting).count();
            assert_eq!(rows, 1, "{}", setting.name());
        }
        let mut vars: Vec<_> = rows()
            .map(|row| row.var)
            .chain([
                VERSION, CATEGORY, PRIVACY, ROOM_TYPE, PROTECTED, ADMINS, OWNERS, PRESENTERS, ADDIN,
            ])
            .collect();
        let count = vars.len();
        vars.sort_unstable();
        vars.dedup();
        assert_eq!(vars.len(), count);
    }

    #[test]
    fn a_feature_names_a_value_that_its_setting_can_have() {
        for row in rows() {
            for told in row.told {
                if let Feature(value, feature) = told {
                    let can_be = match row.setting.kind() {
                        Kind::Word(names) => names.contains(value),
                        Kind::Flag | Kind::Secret { .. } => ["0", "1"].contains(value),
                        Kind::Text { .. }
                        | Kind::Number { .. }
                        | Kind::Limit { .. }
                        | Kind::Roles
                        | Kind::AddIn => false,
                    };
                    assert!(can_be, "{feature}");
                }
            }
        }
    }
}
