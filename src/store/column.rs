//! Columns as values of the core, and the words that stand for them.
//!
//! What can't be such a value is an error that names the column: the schema's checks and the writer
//! make it impossible, a foreign hand or a bad disk doesn't.

use std::sync::Arc;

use jid::{BareJid, FullJid, Jid};
use rusqlite::types::Type;
use rusqlite::{Error, Result, Row};
use thiserror::Error;

use crate::room::effect::{ArchivedKind, Deed};
use crate::room::request::Roles;
use crate::room::setting::Word;
use crate::room::setting::configuration::Whois;
use crate::room::text::address;
use crate::room::{Affiliation, Nick, Payload, Role, Timestamp, Words};

/// A text in the database that can't be what its column holds.
#[derive(Debug, Error)]
#[error("{text:?} is no {kind}")]
struct Unexpected {
    kind: &'static str,
    text: String,
}

/// A bare JID.
pub(super) fn bare_jid(row: &Row<'_>, index: usize) -> Result<BareJid> {
    parsed(row, index, "bare JID", |text| {
        address::parse_bare(text).ok()
    })
}

/// A bare JID, if there is one.
pub(super) fn bare_jid_or_null(row: &Row<'_>, index: usize) -> Result<Option<BareJid>> {
    unless_null(row, index, bare_jid)
}

/// A full JID.
pub(super) fn full_jid(row: &Row<'_>, index: usize) -> Result<FullJid> {
    parsed(row, index, "full JID", |text| {
        address::parse_full(text).ok()
    })
}

/// A JID of either kind, if there is one.
pub(super) fn jid_or_null(row: &Row<'_>, index: usize) -> Result<Option<Jid>> {
    unless_null(row, index, |row, index| {
        parsed(row, index, "JID", |text| address::parse(text).ok())
    })
}

/// A nick, checked again as it is read.
pub(super) fn nick(row: &Row<'_>, index: usize) -> Result<Nick> {
    parsed(row, index, "nick", |text| Nick::new(text).ok())
}

/// An affiliation, by its name.
pub(super) fn affiliation(row: &Row<'_>, index: usize) -> Result<Affiliation> {
    parsed(row, index, "affiliation", Affiliation::from_name)
}

/// A role, by its name.
pub(super) fn role(row: &Row<'_>, index: usize) -> Result<Role> {
    parsed(row, index, "role", Role::from_name)
}

/// Roles, by their names; the reverse of [`roles_text`].
pub(super) fn roles(row: &Row<'_>, index: usize) -> Result<Roles> {
    parsed(row, index, "list of roles", |text| {
        text.split_whitespace().map(Role::from_name).collect()
    })
}

/// Who sees real JIDs, by the word for it.
pub(super) fn whois(row: &Row<'_>, index: usize) -> Result<Whois> {
    parsed(row, index, "whois", Whois::from_name)
}

/// What a message does; the reverse of [`archived_kind_number`].
pub(super) fn archived_kind(row: &Row<'_>, index: usize) -> Result<ArchivedKind> {
    let number: i64 = row.get(index)?;
    let kind = usize::try_from(number)
        .ok()
        .and_then(|number| ArchivedKind::ALL.get(number));
    kind.copied()
        .ok_or(Error::IntegralValueOutOfRange(index, number))
}

/// A word that `parse` knows.
pub(super) fn word<T>(
    row: &Row<'_>,
    index: usize,
    kind: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T> {
    parsed(row, index, kind, parse)
}

/// A text that is there.
pub(super) fn text(row: &Row<'_>, index: usize) -> Result<Arc<str>> {
    row.get(index)
}

/// A text with its language, if there is one.
pub(super) fn words(row: &Row<'_>, text: usize, language: usize) -> Result<Option<Words>> {
    let language: Option<Arc<str>> = text_or_null(row, language)?;
    let text: Option<Arc<str>> = text_or_null(row, text)?;
    Ok(text.map(|text| Words::new(text, language)))
}

/// A text, if there is one.
pub(super) fn text_or_null(row: &Row<'_>, index: usize) -> Result<Option<Arc<str>>> {
    row.get(index)
}

/// The bytes of child elements.
pub(super) fn payload(row: &Row<'_>, index: usize) -> Result<Payload> {
    let value = row.get_ref(index)?;
    let bytes = value
        .as_blob()
        .map_err(|error| Error::FromSqlConversionFailure(index, value.data_type(), error.into()))?;
    Ok(Payload::new(bytes))
}

/// A time in microseconds.
pub(super) fn timestamp(row: &Row<'_>, index: usize) -> Result<Timestamp> {
    row.get(index).map(Timestamp)
}

/// A moment, if there is one.
pub(super) fn timestamp_or_null(row: &Row<'_>, index: usize) -> Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(index)?.map(Timestamp))
}

/// The roles as the database has them.
pub(super) fn roles_text(roles: &Roles) -> String {
    roles
        .iter()
        .map(|role| role.name())
        .collect::<Vec<_>>()
        .join(" ")
}

/// What was done to messages; the reverse of [`deed_name`].
pub(super) fn deed(row: &Row<'_>, index: usize) -> Result<Deed> {
    parsed(row, index, "deed", |text| of_name(&DEEDS, text))
}

/// What was done to messages, as the database has it.
pub(super) fn deed_name(value: Deed) -> &'static str {
    name_of(&DEEDS, value)
}

/// What a message does, as the database has it: its place in [`ArchivedKind::ALL`].
pub(super) fn archived_kind_number(value: ArchivedKind) -> i64 {
    let found = ArchivedKind::ALL.iter().position(|kind| *kind == value);
    found.expect("the table names every kind") as i64
}

fn parsed<T>(
    row: &Row<'_>,
    index: usize,
    kind: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T> {
    let value = row.get_ref(index)?;
    let text = value
        .as_str()
        .map_err(|error| Error::FromSqlConversionFailure(index, value.data_type(), error.into()))?;
    parse(text).ok_or_else(|| {
        let unexpected = Unexpected {
            kind,
            text: text.to_owned(),
        };
        Error::FromSqlConversionFailure(index, Type::Text, unexpected.into())
    })
}

fn unless_null<T>(
    row: &Row<'_>,
    index: usize,
    read: impl FnOnce(&Row<'_>, usize) -> Result<T>,
) -> Result<Option<T>> {
    match row.get_ref(index)?.data_type() {
        Type::Null => Ok(None),
        _ => read(row, index).map(Some),
    }
}

fn of_name<T: Copy>(names: &[(&str, T)], wanted: &str) -> Option<T> {
    names
        .iter()
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| *value)
}

fn name_of<T: Copy + PartialEq>(names: &[(&'static str, T)], wanted: T) -> &'static str {
    let found = names.iter().find(|(_, value)| *value == wanted);
    found
        .expect("each of these tables names every value of its type")
        .0
}

const DEEDS: [(&str, Deed); 4] = [
    ("moderated", Deed::Moderated),
    ("removed", Deed::Removed),
    ("replaced", Deed::Replaced),
    ("cleared", Deed::Cleared),
];
