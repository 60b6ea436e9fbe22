//! A room's settings as JSON has them: an object with a field for each [`Setting`] that is named as
//! it.
//!
//! What is not there is as in a new room; what is not known is an error, so that nothing is lost
//! without a word.

use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

use super::word::RoleWord;
use crate::room::setting::configuration::Configuration;
use crate::room::setting::{Kind, Setting, Value};

/// A configuration, as it is written.
#[derive(Default)]
pub(super) struct SettingsObject(pub Configuration);

impl Serialize for SettingsObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(Setting::ALL.len()))?;
        for setting in Setting::ALL {
            let name = setting.name();
            match self.0.get(setting) {
                Value::Flag(flag) => map.serialize_entry(name, &flag)?,
                Value::Text(text) => map.serialize_entry(name, &*text)?,
                Value::Secret(secret) => map.serialize_entry(name, &secret.as_deref())?,
                Value::Number(number) => map.serialize_entry(name, &number)?,
                Value::Limit(limit) => map.serialize_entry(name, &limit)?,
                Value::Word(word) => map.serialize_entry(name, word)?,
                Value::Roles(roles) => {
                    let words: Vec<_> = roles.into_iter().map(RoleWord).collect();
                    map.serialize_entry(name, &words)?;
                }
                // By name, beside the settings: the number means nothing elsewhere.
                Value::AddIn(_) => {}
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for SettingsObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SettingsVisitor)
    }
}

struct SettingsVisitor;

impl<'de> Visitor<'de> for SettingsVisitor {
    type Value = SettingsObject;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a room's settings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SettingsObject, A::Error> {
        let mut configuration = Configuration::default();
        while let Some(name) = map.next_key::<String>()? {
            let known = Setting::from_name(&name).filter(|setting| setting.kind() != Kind::AddIn);
            let Some(setting) = known else {
                return Err(Error::unknown_field(&name, &Setting::NAMES));
            };
            let value = read_value(setting.kind(), &mut map)?;
            configuration
                .set(setting, value)
                .map_err(|_| Error::custom(format_args!("`{name}` can't have this value")))?;
        }
        Ok(SettingsObject(configuration))
    }
}

fn read_value<'de, A: MapAccess<'de>>(kind: Kind, map: &mut A) -> Result<Value, A::Error> {
    Ok(match kind {
        Kind::Flag => Value::Flag(map.next_value()?),
        Kind::Text { .. } => Value::Text(Arc::from(map.next_value::<String>()?)),
        Kind::Secret { .. } => Value::Secret(map.next_value::<Option<String>>()?.map(Into::into)),
        Kind::Number { .. } => Value::Number(map.next_value()?),
        Kind::Limit { .. } => Value::Limit(map.next_value()?),
        // The caller knows no such setting.
        Kind::AddIn => Value::AddIn(None),
        Kind::Roles => {
            let words: Vec<RoleWord> = map.next_value()?;
            Value::Roles(words.into_iter().map(|word| word.0).collect())
        }
        Kind::Word(names) => {
            let word: String = map.next_value()?;
            let known = names.iter().find(|name| **name == word);
            Value::Word(known.ok_or_else(|| Error::unknown_variant(&word, names))?)
        }
    })
}
