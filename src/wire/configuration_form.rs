//! The configuration form as an owner sees it. XEP-0045 §10.2 (#roomconfig).
//!
//! It is read from the top: first what every owner asks for, under a heading each, and last what few ever change.
//! Clients show it as it comes, many as one column.

use super::blank_form::{self, BlankField, BlankForm};
use super::configuration_field::*;
use crate::room::effect::ConfigurationForm;

/// The form with everything as it is.
pub(super) fn encode(shown: &ConfigurationForm) -> BlankForm {
    let parts = [
        about(shown),
        entering(shown),
        inside(shown),
        record(shown),
        people(shown),
        seldom(shown),
    ];
    BlankForm::new(FORM_TYPE, parts.into_iter().flatten().collect()).titled(
        "Room settings",
        "Change what you like; what you leave as it is stays.",
    )
}

/// What the room is.
fn about(shown: &ConfigurationForm) -> Vec<BlankField> {
    let room = &shown.configuration;
    vec![
        blank_form::heading("About the room"),
        blank_form::text(NAME, "Name", &room.name),
        blank_form::text(DESCRIPTION, "What the room is for", &room.description),
    ]
}

/// Who gets in.
fn entering(shown: &ConfigurationForm) -> Vec<BlankField> {
    let room = &shown.configuration;
    let secret = room.password.as_deref().unwrap_or_default();
    vec![
        blank_form::heading("Who may enter"),
        blank_form::boolean(MEMBERS_ONLY, "Only members may enter", room.members_only),
        blank_form::boolean(
            PUBLIC,
            "List the room (without this, one for members only is secret to all others)",
            room.public,
        ),
        blank_form::boolean(
            PROTECTED,
            "A password is needed to enter",
            room.password.is_some(),
        ),
        blank_form::password(SECRET, "Password", secret),
    ]
}

/// What may be done inside.
fn inside(shown: &ConfigurationForm) -> Vec<BlankField> {
    let room = &shown.configuration;
    vec![
        blank_form::heading("What people may do inside"),
        blank_form::boolean(
            MODERATED,
            "Only those who were given a voice may speak; members have one",
            room.moderated,
        ),
        blank_form::boolean(
            SUBJECT,
            "Everybody who may speak may change the subject",
            room.subject_open,
        ),
        blank_form::boolean(
            INVITES,
            "Everybody may invite others (into a members-only room: every member)",
            room.invitations_open,
        ),
        choice_of(
            PRIVATE,
            "Who may send private messages to others in the room",
            room.private_messages,
            PRIVATE_OPTIONS,
        ),
        choice_of(
            WHOIS,
            "Who may see people's addresses behind their nicknames",
            room.whois,
            WHOIS_OPTIONS,
        ),
    ]
}

/// What stays.
fn record(shown: &ConfigurationForm) -> Vec<BlankField> {
    let room = &shown.configuration;
    vec![
        blank_form::heading("What is kept"),
        blank_form::boolean(
            PERSISTENT,
            "Keep the room when everybody has left",
            room.persistent,
        ),
        blank_form::boolean(
            LOGGING,
            "Tell those who enter that what they say is made public",
            room.logged,
        ),
        blank_form::text(
            HISTORY,
            "How many of the last messages somebody who enters is shown at most",
            &room.history_max.to_string(),
        ),
    ]
}

/// Who runs the room.
fn people(shown: &ConfigurationForm) -> Vec<BlankField> {
    vec![
        blank_form::heading("Who runs the room (one address a line)"),
        blank_form::addresses(
            OWNERS,
            "Owners, who may change these settings",
            shown.owners.iter().map(|jid| jid.as_str()),
        ),
        blank_form::addresses(
            ADMINS,
            "Admins, who may name and ban members",
            shown.admins.iter().map(|jid| jid.as_str()),
        ),
    ]
}

/// What few owners ever change.
fn seldom(shown: &ConfigurationForm) -> Vec<BlankField> {
    let room = &shown.configuration;
    vec![
        blank_form::heading("Seldom needed"),
        occupants_max(room.occupants_max),
        choice_of(
            REGISTRATION,
            "Who may become a member by asking",
            room.registration,
            REGISTRATION_OPTIONS,
        ),
        blank_form::boolean(
            NICK_LOCKED,
            "Who has reserved a nickname may use no other",
            room.nick_locked,
        ),
        blank_form::choices(
            BROADCAST,
            "Who is shown in the list of those inside",
            roles_names(&room.presence_broadcast),
            ROLE_OPTIONS,
        ),
        blank_form::choices(
            MEMBER_LIST,
            "Who may read the list of members",
            roles_names(&room.member_list_readers),
            ROLE_OPTIONS,
        ),
        blank_form::text(LANGUAGE, "Language, as a code such as en", &room.language),
        blank_form::text(
            PUBSUB,
            "Address of a publish-subscribe node that belongs to the room",
            &room.pubsub_node,
        ),
    ]
}

/// The limits that are offered, with the one that holds among them.
fn occupants_max(limit: Option<u32>) -> BlankField {
    let limit = limit.map_or("none".to_owned(), |limit| limit.to_string());
    let mut limits = vec![limit.as_str()];
    limits.extend(MAX_USERS_OPTIONS.iter().filter(|option| **option != limit));
    let limits: Vec<(&str, &str)> = limits
        .into_iter()
        .map(|limit| (limit, if limit == "none" { "No limit" } else { limit }))
        .collect();
    blank_form::choice(
        MAX_USERS,
        "How many people may be inside at once",
        &limit,
        &limits,
    )
}

fn choice_of<T: Copy + PartialEq>(
    var: &str,
    label: &str,
    value: T,
    options: &[(T, &'static str, &str)],
) -> BlankField {
    let names: Vec<_> = options
        .iter()
        .map(|(_, name, label)| (*name, *label))
        .collect();
    blank_form::choice(var, label, name_of(value, options), &names)
}
