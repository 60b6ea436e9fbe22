//! The configuration form as an owner sees it. XEP-0045 §10.2 (#roomconfig).

use xmpp_parsers::data_forms::{DataForm, Field};

use super::configuration_field::*;
use super::form;
use crate::room::effect::ConfigurationForm;

/// The form with everything as it is.
pub(super) fn encode(shown: &ConfigurationForm) -> DataForm {
    let mut fields = identity_fields(shown);
    fields.extend(access_fields(shown));
    fields.extend(conduct_fields(shown));
    form::form(
        FORM_TYPE,
        "Room configuration",
        "Change what you like; what you leave as it is stays.",
        fields,
    )
}

/// What the room is.
fn identity_fields(shown: &ConfigurationForm) -> Vec<Field> {
    let room = &shown.configuration;
    vec![
        form::text(NAME, "Name", &room.name),
        form::text(DESCRIPTION, "What the room is for", &room.description),
        form::text(LANGUAGE, "Language", &room.language),
        form::boolean(
            PERSISTENT,
            "Keep the room when everybody has left",
            room.persistent,
        ),
        form::boolean(PUBLIC, "List the room publicly", room.public),
        form::text(
            PUBSUB,
            "Address of the room's publish-subscribe node",
            &room.pubsub_node,
        ),
    ]
}

/// Who gets in, and as what.
fn access_fields(shown: &ConfigurationForm) -> Vec<Field> {
    let room = &shown.configuration;
    let secret = room.password.as_deref().unwrap_or_default();
    let limit = room
        .occupants_max
        .map_or("none".to_owned(), |limit| limit.to_string());
    let mut limits = vec![limit.as_str()];
    limits.extend(MAX_USERS_OPTIONS.iter().filter(|option| **option != limit));
    let limits: Vec<(&str, &str)> = limits
        .into_iter()
        .map(|limit| (limit, if limit == "none" { "No limit" } else { limit }))
        .collect();
    vec![
        form::boolean(MEMBERS_ONLY, "Only members may enter", room.members_only),
        form::boolean(
            PROTECTED,
            "A password is needed to enter",
            room.password.is_some(),
        ),
        form::password(SECRET, "Password", secret),
        form::choice(MAX_USERS, "Most occupants at once", &limit, &limits),
        choice_of(
            REGISTRATION,
            "Who may register as a member",
            room.registration,
            REGISTRATION_OPTIONS,
        ),
        form::boolean(
            NICK_LOCKED,
            "Who has registered a nickname may use no other",
            room.nick_locked,
        ),
        form::boolean(INVITES, "Members may invite others", room.invitations_open),
        form::addresses(
            ADMINS,
            "Admins",
            shown.admins.iter().map(|jid| jid.as_str()),
        ),
        form::addresses(
            OWNERS,
            "Owners",
            shown.owners.iter().map(|jid| jid.as_str()),
        ),
    ]
}

/// What may be done inside.
fn conduct_fields(shown: &ConfigurationForm) -> Vec<Field> {
    let room = &shown.configuration;
    vec![
        form::boolean(MODERATED, "Only those with voice may speak", room.moderated),
        form::boolean(
            SUBJECT,
            "Everybody with voice may change the subject",
            room.subject_open,
        ),
        choice_of(
            PRIVATE,
            "Who may send private messages",
            room.private_messages,
            PRIVATE_OPTIONS,
        ),
        choice_of(
            WHOIS,
            "Who sees people's addresses",
            room.whois,
            WHOIS_OPTIONS,
        ),
        form::choices(
            BROADCAST,
            "Whose presence is shown to the others",
            roles_names(&room.presence_broadcast),
            ROLE_OPTIONS,
        ),
        form::choices(
            MEMBER_LIST,
            "Who may read the list of members",
            roles_names(&room.member_list_readers),
            ROLE_OPTIONS,
        ),
        form::boolean(LOGGING, "Everybody may read the archive", room.logged),
        form::text(
            HISTORY,
            "Most messages sent to somebody who enters",
            &room.history_max.to_string(),
        ),
    ]
}

fn choice_of<T: Copy + PartialEq>(
    var: &str,
    label: &str,
    value: T,
    options: &[(T, &'static str, &str)],
) -> Field {
    let names: Vec<_> = options
        .iter()
        .map(|(_, name, label)| (*name, *label))
        .collect();
    form::choice(var, label, name_of(value, options), &names)
}
