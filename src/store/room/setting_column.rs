//! DatabaseSettings of a room as columns: each has the name of its [`Setting`], and the type of its
//! kind.

use std::sync::Arc;

use rusqlite::types::Value as Column;
use rusqlite::{Result, Row};

use crate::room::setting::addin::AddInId;
use crate::room::setting::configuration::Configuration;
use crate::room::setting::{Kind, Setting, Value};
use crate::store::column;

/// What goes into them.
pub(in crate::store) fn values(configuration: &Configuration) -> impl Iterator<Item = Column> {
    Setting::ALL
        .into_iter()
        .map(|setting| written(configuration.get(setting)))
}

/// Reads a configuration whose first column is at `first`.
///
/// # Errors
/// A column holds what its setting can't be.
pub(in crate::store) fn read(row: &Row<'_>, first: usize) -> Result<Configuration> {
    let mut configuration = Configuration::default();
    for (index, setting) in (first..).zip(Setting::ALL) {
        let value = read_one(row, index, setting.kind())?;
        configuration
            .set(setting, value)
            .expect("a value is read by its setting's kind");
    }
    Ok(configuration)
}

fn written(value: Value) -> Column {
    match value {
        Value::Flag(flag) => flag.into(),
        Value::Text(text) => text.to_string().into(),
        Value::Secret(secret) => secret.map(|secret| secret.to_string()).into(),
        Value::Number(number) => number.into(),
        Value::Limit(limit) => limit.into(),
        Value::Word(word) => word.to_owned().into(),
        Value::Roles(roles) => column::roles_text(&roles).into(),
        Value::AddIn(addin) => addin.map(|AddInId(number)| number).into(),
    }
}

fn read_one(row: &Row<'_>, index: usize, kind: Kind) -> Result<Value> {
    Ok(match kind {
        Kind::Flag => Value::Flag(row.get(index)?),
        Kind::Text { .. } => Value::Text(row.get::<_, Arc<str>>(index)?),
        Kind::Secret { .. } => Value::Secret(row.get(index)?),
        Kind::Number { .. } => Value::Number(row.get(index)?),
        Kind::Limit { .. } => Value::Limit(row.get(index)?),
        Kind::Word(names) => Value::Word(column::word(row, index, "word of a setting", |text| {
            names.iter().find(|name| **name == text).copied()
        })?),
        Kind::Roles => Value::Roles(column::roles(row, index)?),
        Kind::AddIn => Value::AddIn(row.get::<_, Option<i64>>(index)?.map(AddInId)),
    })
}
