//! The configuration form as an owner sees it. XEP-0045 §10.2 (#roomconfig).

use super::blank_form::{self, BlankField, BlankForm};
use super::room_form::{
    ADDIN, ADMINS, CATEGORY, FORM, FORM_TYPE, FormPart, LIMIT_OPTIONS, NO_LIMIT, OWNERS,
    PRESENTERS, PRIVACY, PRIVACY_OPTIONS, PROTECTED, ROLE_OPTIONS, ROOM_TYPE, ROOM_TYPE_OPTIONS,
    SettingRow, VERSION,
};
use crate::room::effect::ConfigurationForm;
use crate::room::setting::addin::NONE;
use crate::room::setting::{Kind, Privacy, RoomType, Value, Word};
use crate::room::text::one_line::in_one_line;

/// The form with everything as it is.
pub(in crate::wire) fn encode(shown: &ConfigurationForm) -> BlankForm {
    let fields = FORM.iter().filter_map(|part| field(part, shown)).collect();
    BlankForm::new(FORM_TYPE, fields).titled(
        "Room settings",
        "Change what you like; what you leave as it is stays.",
    )
}

/// A line of the form; `None` for a list that is too long for one.
fn field(part: &FormPart, shown: &ConfigurationForm) -> Option<BlankField> {
    Some(match part {
        FormPart::Heading(words) => blank_form::heading(words),
        FormPart::Setting(row) => setting(row, &shown.configuration.get(row.setting)),
        FormPart::Version => blank_form::hidden(VERSION, &shown.version),
        FormPart::Category => {
            let names = shown.categories.iter();
            let options: Vec<_> = names.map(|name| (&**name, &**name)).collect();
            blank_form::choice(CATEGORY, "Category", &shown.category, &options)
        }
        FormPart::Privacy => blank_form::choice(
            PRIVACY,
            "Privacy",
            shown.configuration.privacy().name(),
            &labelled(Privacy::NAMES, PRIVACY_OPTIONS),
        ),
        FormPart::RoomType => blank_form::choice(
            ROOM_TYPE,
            "Type",
            shown.configuration.room_type().name(),
            &labelled(RoomType::NAMES, ROOM_TYPE_OPTIONS),
        ),
        FormPart::PasswordProtected => blank_form::boolean(
            PROTECTED,
            "A password is needed to enter",
            shown.configuration.password.is_some(),
        ),
        FormPart::Owners => blank_form::addresses(
            OWNERS,
            "Owners, who may change these settings",
            shown.owners.iter().map(|jid| jid.as_str()),
        ),
        FormPart::Admins => blank_form::addresses(
            ADMINS,
            "Admins, who may name and ban members",
            shown.admins.iter().map(|jid| jid.as_str()),
        ),
        FormPart::Presenters => blank_form::addresses(
            PRESENTERS,
            "Presenters, who may speak in an auditorium; a domain stands for all its users",
            shown.presenters.as_ref()?.iter().map(|jid| jid.as_str()),
        ),
        FormPart::AddIn => addin(shown),
    })
}

fn setting(row: &SettingRow, value: &Value) -> BlankField {
    let SettingRow { var, label, .. } = row;
    match value {
        Value::Flag(flag) => blank_form::boolean(var, label, *flag),
        // A text that was saved when it was still allowed must not keep an owner from saving the
        // form.
        Value::Text(text) => blank_form::text(var, label, &in_one_line(text)),
        Value::Secret(secret) => {
            blank_form::password(var, label, secret.as_deref().unwrap_or_default())
        }
        Value::Number(number) => blank_form::text(var, label, &number.to_string()),
        Value::Limit(limit) => limit_field(row, *limit),
        Value::Word(word) => blank_form::choice(var, label, word, &options(row)),
        // Its field is a part of its own.
        Value::AddIn(_) => blank_form::text(var, label, ""),
        Value::Roles(roles) => {
            let options: Vec<_> = ROLE_OPTIONS
                .iter()
                .map(|(role, label)| (role.name(), *label))
                .collect();
            blank_form::choices(var, label, roles.iter().map(|role| role.name()), &options)
        }
    }
}

/// The add-ins that there are, by their names, and none.
fn addin(shown: &ConfigurationForm) -> BlankField {
    let name = |addin| Some(&*shown.addins.get(addin)?.name);
    let chosen = shown.configuration.addin.and_then(name).unwrap_or(NONE);
    let registered = shown.addins.iter().map(|(_, addin)| &*addin.name);
    let options: Vec<_> = std::iter::once((NONE, "None"))
        .chain(registered.map(|name| (name, name)))
        .collect();
    let label = "Add-in: a web page that is shown beside the room";
    blank_form::choice(ADDIN, label, chosen, &options)
}

/// The words of a choice with their labels.
fn options(row: &SettingRow) -> Vec<(&'static str, &'static str)> {
    match row.setting.kind() {
        Kind::Word(names) => labelled(names, row.options),
        Kind::Flag
        | Kind::Text { .. }
        | Kind::Secret { .. }
        | Kind::Number { .. }
        | Kind::Limit { .. }
        | Kind::Roles
        | Kind::AddIn => Vec::new(),
    }
}

fn labelled(names: &[&'static str], labels: &[&'static str]) -> Vec<(&'static str, &'static str)> {
    names.iter().copied().zip(labels.iter().copied()).collect()
}

/// The limits that are offered, with the one that holds first among them.
fn limit_field(row: &SettingRow, limit: Option<u32>) -> BlankField {
    let limit = limit.map_or(NO_LIMIT.to_owned(), |limit| limit.to_string());
    let others = LIMIT_OPTIONS
        .iter()
        .copied()
        .filter(|option| *option != limit);
    let limits: Vec<_> = std::iter::once(limit.as_str())
        .chain(others)
        .map(|limit| (limit, if limit == NO_LIMIT { "No limit" } else { limit }))
        .collect();
    blank_form::choice(row.var, row.label, &limit, &limits)
}
