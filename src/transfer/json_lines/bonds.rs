//! What binds people to a room beside their affiliation as JSON has it: a list for each kind of
//! bond that goes with a room, with an object for each person. Lists without entries are left out,
//! but for those whose absence says that the file is older than they are.
//!
//! The lists stand among the fields of a room, whose last reader this is; so it is here that a
//! field is found unknown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::word::BareJidWord;
use crate::room::{Bond, BondKind, Bonds};

/// Bonds, as they are written.
#[derive(Default)]
pub(super) struct BondLists {
    /// All that are listed.
    pub bonds: Bonds,
    /// The kinds of which there was a list, if an empty one.
    pub listed: BTreeSet<BondKind>,
}

/// One person in a list: the address, and the value under its name, if there is one.
type Written = BTreeMap<String, String>;

impl Serialize for BondLists {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for kind in BondKind::ALL {
            let row = kind.row();
            let people = self.bonds.of_kind(kind).map(|(jid, bond)| Person {
                jid: BareJidWord(jid.clone()),
                field: row.value,
                value: bond.value().unwrap_or_default().to_owned(),
            });
            let people: Vec<_> = people.collect();
            if !people.is_empty() || row.always_exported {
                map.serialize_entry(row.exported, &people)?;
            }
        }
        map.end()
    }
}

/// One person in a list that is written.
struct Person {
    jid: BareJidWord,
    /// Where there is a value.
    field: Option<&'static str>,
    value: String,
}

impl Serialize for Person {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(JID, &self.jid)?;
        if let Some(field) = self.field {
            map.serialize_entry(field, &self.value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for BondLists {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(BondListsVisitor)
    }
}

struct BondListsVisitor;

impl<'de> Visitor<'de> for BondListsVisitor {
    type Value = BondLists;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("lists of people")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<BondLists, A::Error> {
        let mut bonds = Bonds::default();
        let mut listed = BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            let mut kinds = BondKind::ALL.into_iter();
            let Some(kind) = kinds.find(|kind| kind.row().exported == name) else {
                return Err(Error::custom(format_args!("unknown field `{name}`")));
            };
            listed.insert(kind);
            for written in map.next_value::<Vec<Written>>()? {
                let (jid, bond) = read(kind, written)?;
                bonds.set(jid.0, bond);
            }
        }
        Ok(BondLists { bonds, listed })
    }
}

fn read<E: Error>(kind: BondKind, mut written: Written) -> Result<(BareJidWord, Bond), E> {
    let field = kind.row().value;
    let mut take = |name: &'static str| written.remove(name).ok_or_else(|| E::missing_field(name));
    let jid = take(JID)?;
    let value = field.map_or(Ok(String::new()), take)?;
    if let Some(name) = written.keys().next() {
        return Err(E::custom(format_args!("unknown field `{name}`")));
    }
    let jid = BareJidWord::try_from(jid).map_err(E::custom)?;
    let bond = kind.read(&value);
    let bond = bond.ok_or_else(|| {
        let unfit = kind.row().unfit;
        E::custom(format_args!("{value:?} is {unfit}"))
    })?;
    Ok((jid, bond))
}

const JID: &str = "jid";

#[cfg(test)]
mod tests {
    use crate::room::BondKind;
    use crate::transfer::json_lines::RecordReader;
    use crate::transfer::record::Record;

    #[test]
    fn in_a_file_from_before_there_were_presenters_members_of_moderated_rooms_are_some() {
        let told = |presenters: &str| {
            let mut all = String::from(
                "{\"type\":\"header\",\"version\":1,\"software\":\"Lyceum\",\"domain\":\"rooms.example.org\",\
                 \"exported_at\":\"2026-01-01T00:00:00.000000Z\"}\n",
            );
            all += &format!(
                "{{\"type\":\"room\",\"jid\":\"tea@rooms.example.org\",\"configuration\":{{\"moderated\":true}},\
                 \"affiliations\":[{{\"jid\":\"bob@example.org\",\"affiliation\":\"member\",\
                 \"given_at\":\"2026-01-01T00:00:00.000000Z\"}}]{presenters}}}\n"
            );
            all += "{\"type\":\"end\",\"rooms\":1,\"messages\":0}\n";
            let mut records = RecordReader::new(all.as_bytes());
            let room = records.find_map(|record| match record.unwrap() {
                Record::Room(room) => Some(room.snapshot),
                _ => None,
            });
            let bonds = room.unwrap().bonds;
            bonds.of_kind(BondKind::Presenter).count()
        };
        assert_eq!(told(""), 1);
        assert_eq!(told(",\"presenters\":[]"), 0);
    }
}
