//! The groups that were known last: what holds when their source is away after a start.

use std::collections::BTreeMap;
use std::sync::Arc;

use jid::BareJid;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::directory::{DistinguishedName, GroupNews, LdapTree, NamedGroups, TreeEntry};
use crate::room::scope::Principal;
use crate::store::error::Error;
use crate::store::{Store, meta};

/// The key under which the store keeps the groups of the file: a table of names as JSON, each with
/// a list of its entries as they are written.
const NAMED: &str = "groups.file";
/// The key under which it keeps the picture of the LDAP directory: a list of entries as JSON.
const TREE: &str = "groups.ldap";

/// What was known last; empty where nothing was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KnownGroups {
    /// The groups of the file.
    pub named: Arc<NamedGroups>,
    /// The people and groups of the LDAP directory.
    pub tree: Arc<LdapTree>,
}

impl KnownGroups {
    /// The same, as if it had just changed.
    pub fn into_news(self) -> [GroupNews; 2] {
        [GroupNews::Named(self.named), GroupNews::Tree(self.tree)]
    }
}

/// An entry of the LDAP directory, as it is kept.
#[derive(Serialize, Deserialize)]
struct KeptEntry {
    name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    addresses: Vec<BareJid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    members: Option<Vec<u32>>,
}

impl Store {
    /// The groups that were known last. What can't be understood is as if it had never been known.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn known_groups(&self) -> Result<KnownGroups, Error> {
        self.reader.read("read the groups", load)
    }
}

pub(in crate::store) fn set_named(
    connection: &Connection,
    named: &NamedGroups,
) -> rusqlite::Result<()> {
    let texts: BTreeMap<&str, Vec<_>> = named
        .iter()
        .map(|(name, list)| {
            (
                &**name,
                list.iter().map(|entry| entry.to_string()).collect(),
            )
        })
        .collect();
    meta::set(connection, NAMED, &json(&texts))
}

pub(in crate::store) fn set_tree(connection: &Connection, tree: &LdapTree) -> rusqlite::Result<()> {
    let entry = |entry: &TreeEntry| KeptEntry {
        name: entry.name.as_str().to_owned(),
        addresses: entry.addresses.clone(),
        members: entry.members.clone(),
    };
    let entries: Vec<_> = tree.entries().iter().map(entry).collect();
    meta::set(connection, TREE, &json(&entries))
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts and numbers always have a form in JSON")
}

pub(in crate::store) fn load(connection: &Connection) -> rusqlite::Result<KnownGroups> {
    let named = meta::load(connection, NAMED)?.and_then(|text| named_of(&text));
    let tree = meta::load(connection, TREE)?.and_then(|text| tree_of(&text));
    Ok(KnownGroups {
        named: named.unwrap_or_default().into(),
        tree: tree.unwrap_or_default().into(),
    })
}

fn named_of(text: &str) -> Option<NamedGroups> {
    let texts: BTreeMap<String, Vec<String>> = serde_json::from_str(text).ok()?;
    let list = |entries: Vec<String>| {
        let entries = entries.iter().map(|entry| entry.parse::<Principal>().ok());
        entries.collect::<Option<_>>()
    };
    let groups = texts.into_iter();
    let groups = groups.map(|(name, entries)| Some((name.into(), list(entries)?)));
    NamedGroups::new(groups.collect::<Option<_>>()?).ok()
}

fn tree_of(text: &str) -> Option<LdapTree> {
    let kept: Vec<KeptEntry> = serde_json::from_str(text).ok()?;
    let entry = |kept: KeptEntry| {
        Some(TreeEntry {
            name: DistinguishedName::parse(&kept.name).ok()?,
            addresses: kept.addresses,
            members: kept.members,
        })
    };
    let entries = kept.into_iter().map(entry).collect::<Option<_>>()?;
    Some(LdapTree::kept(entries))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{FoundEntry, FoundMembers};

    fn known() -> KnownGroups {
        let list = ["*", "ann@example.org", "group:b", "ldap:cn=a"];
        let list = list.iter().map(|entry| entry.parse().unwrap()).collect();
        let groups = [("a".into(), list), ("b".into(), Default::default())];
        let name = |text: &str| DistinguishedName::parse(text).unwrap();
        let entry = |text: &str, addresses: &[&str], members: Option<&[&str]>| FoundEntry {
            name: name(text),
            addresses: addresses
                .iter()
                .map(|address| BareJid::new(address).unwrap())
                .collect(),
            short_names: Vec::new(),
            members: members.map(|members| FoundMembers {
                names: members.iter().map(|text| name(text)).collect(),
                short_names: Vec::new(),
            }),
        };
        KnownGroups {
            named: Arc::new(NamedGroups::new(groups.into()).unwrap()),
            tree: Arc::new(LdapTree::of(vec![
                entry(r"cn=a\, b", &[], Some(&["uid=ann", "uid=bob"])),
                entry("uid=ann", &["ann@example.org", "ann@example.net"], None),
                entry("uid=bob", &["bob@example.org"], None),
                entry("ou=none", &[], None),
                entry("cn=empty", &[], Some(&[])),
            ])),
        }
    }

    #[test]
    fn groups_are_known_as_they_were_kept() {
        let mut store = Store::in_memory().unwrap();
        assert_eq!(store.known_groups().unwrap(), KnownGroups::default());
        let known = known();
        store.set_named_groups(&known.named);
        store.set_ldap_tree(&known.tree);
        store.flush();
        assert_eq!(store.known_groups().unwrap(), known);
    }

    #[test]
    fn what_is_damaged_is_as_if_it_had_never_been_known() {
        let mut store = Store::in_memory().unwrap();
        for text in [
            "",
            "{",
            "{\"a\":[\"@\"]}",
            "[{\"name\":\"x\"}]",
            "{\"a\":[\"group:x\"]}",
        ] {
            store.set_meta(NAMED, text);
            store.set_meta(TREE, text);
            store.flush();
            assert_eq!(
                store.known_groups().unwrap(),
                KnownGroups::default(),
                "{text}"
            );
        }
    }
}
