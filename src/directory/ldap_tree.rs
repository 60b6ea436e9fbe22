//! What is known of the people and groups in an LDAP directory: an immutable picture of it.

use std::collections::BTreeMap;

use jid::BareJid;

use super::distinguished_name::DistinguishedName;

/// The people, the groups and what contains them, as they were at one moment. Members outside of it
/// are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LdapTree {
    /// In the order of their names.
    entries: Vec<TreeEntry>,
}

/// One entry of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeEntry {
    /// Under which it is found.
    pub name: DistinguishedName,
    /// Their addresses, if it is a person; else empty.
    pub addresses: Vec<BareJid>,
    /// The places of its members among all entries, if it is a group.
    pub members: Option<Vec<u32>>,
}

/// An entry as a directory tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundEntry {
    /// Under which it is found.
    pub name: DistinguishedName,
    /// The addresses of a person; empty: it is none that can be reached, or no person at all.
    pub addresses: Vec<BareJid>,
    /// The short names by which groups may list a person.
    pub short_names: Vec<String>,
    /// Who belongs to it; `None`: it is no group.
    pub members: Option<FoundMembers>,
}

/// Who belongs to a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundMembers {
    /// By their names; groups among them.
    pub names: Vec<DistinguishedName>,
    /// By their short names.
    pub short_names: Vec<String>,
}

impl LdapTree {
    /// The picture of what was found. What was found twice is put together.
    pub fn of(found: Vec<FoundEntry>) -> Self {
        let mut by_name: BTreeMap<DistinguishedName, FoundEntry> = BTreeMap::new();
        for entry in found {
            match by_name.get_mut(&entry.name) {
                Some(there) => there.add(entry),
                None => drop(by_name.insert(entry.name.clone(), entry)),
            }
        }
        let mut places = BTreeMap::new();
        let mut by_short_name: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for (place, (name, entry)) in (0..).zip(&by_name) {
            places.insert(name, place);
            for short_name in &entry.short_names {
                by_short_name.entry(short_name).or_default().push(place);
            }
        }
        let place_members = |members: &FoundMembers| {
            let by_name = members.names.iter().filter_map(|name| places.get(name));
            let short_names = members.short_names.iter();
            let by_short_name = short_names.filter_map(|name| by_short_name.get(&**name));
            let mut members: Vec<u32> = by_name.chain(by_short_name.flatten()).copied().collect();
            members.sort_unstable();
            members.dedup();
            members
        };
        let entries = by_name.values().map(|entry| TreeEntry {
            name: entry.name.clone(),
            addresses: entry.addresses.clone(),
            members: entry.members.as_ref().map(place_members),
        });
        Self {
            entries: entries.collect(),
        }
    }

    /// A picture that was kept. Its entries are in the order of their names, as [`Self::entries`]
    /// gives them; one that isn't is not found.
    pub fn kept(entries: Vec<TreeEntry>) -> Self {
        Self { entries }
    }

    /// Every entry, in the order of their names.
    pub fn entries(&self) -> &[TreeEntry] {
        &self.entries
    }

    /// Everybody whom a name means: the members of a group, and of the groups among them; a person;
    /// everybody below whatever else it is. `None`: there is no such entry.
    ///
    /// Groups may be members of each other; a circle ends where it began.
    pub fn meant_by(&self, name: &DistinguishedName) -> Option<Vec<&BareJid>> {
        let place = self.entries.binary_search_by(|entry| entry.name.cmp(name));
        let mut seen = vec![false; self.entries.len()];
        let mut left = vec![place.ok()?];
        let mut meant = Vec::new();
        while let Some(place) = left.pop() {
            let Some(entry) = self.entries.get(place) else {
                continue;
            };
            if std::mem::replace(&mut seen[place], true) {
                continue;
            }
            meant.extend(&entry.addresses);
            match &entry.members {
                Some(members) => left.extend(members.iter().map(|place| *place as usize)),
                None if entry.addresses.is_empty() => {
                    let below = |one: &&TreeEntry| one.name.is_below(&entry.name);
                    let below = self.entries.iter().filter(below);
                    meant.extend(below.flat_map(|one| &one.addresses));
                }
                None => {}
            }
        }
        meant.sort_unstable();
        meant.dedup();
        Some(meant)
    }

    /// Whether there is an entry of this name.
    pub fn has(&self, name: &DistinguishedName) -> bool {
        let place = self.entries.binary_search_by(|entry| entry.name.cmp(name));
        place.is_ok()
    }

    /// The number of people.
    pub fn count(&self) -> usize {
        let is_person = |entry: &&TreeEntry| !entry.addresses.is_empty();
        self.entries.iter().filter(is_person).count()
    }

    /// The number of groups.
    pub fn groups(&self) -> usize {
        let is_group = |entry: &&TreeEntry| entry.members.is_some();
        self.entries.iter().filter(is_group).count()
    }
}

impl FoundEntry {
    fn add(&mut self, other: Self) {
        self.addresses.extend(other.addresses);
        self.short_names.extend(other.short_names);
        if let Some(others) = other.members {
            let members = self.members.get_or_insert_default();
            members.names.extend(others.names);
            members.short_names.extend(others.short_names);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "dc=example";

    fn name(text: &str) -> DistinguishedName {
        DistinguishedName::parse(text).unwrap()
    }

    fn person(name_of: &str) -> FoundEntry {
        FoundEntry {
            name: name(&format!("uid={name_of},ou=people,{BASE}")),
            addresses: vec![BareJid::new(&format!("{name_of}@example.org")).unwrap()],
            short_names: vec![name_of.to_owned()],
            members: None,
        }
    }

    fn group(name_of: &str, members: &[&str], short_names: &[&str]) -> FoundEntry {
        FoundEntry {
            name: name(&format!("cn={name_of},ou=groups,{BASE}")),
            addresses: Vec::new(),
            short_names: Vec::new(),
            members: Some(FoundMembers {
                names: members
                    .iter()
                    .map(|one| name(&format!("{one},{BASE}")))
                    .collect(),
                short_names: short_names.iter().map(|one| (*one).to_owned()).collect(),
            }),
        }
    }

    fn container(text: &str) -> FoundEntry {
        FoundEntry {
            name: name(text),
            addresses: Vec::new(),
            short_names: Vec::new(),
            members: None,
        }
    }

    fn tree() -> LdapTree {
        LdapTree::of(vec![
            container(BASE),
            container("ou=people,dc=example"),
            container("ou=empty,dc=example"),
            person("ann"),
            person("bob"),
            person("eve"),
            group("a", &["uid=ann,ou=people", "cn=b,ou=groups"], &[]),
            group(
                "b",
                &["uid=bob,ou=people", "cn=a,ou=groups", "uid=gone,ou=people"],
                &[],
            ),
            group("posix", &[], &["eve", "nobody"]),
            group("none", &[], &[]),
        ])
    }

    fn meant(tree: &LdapTree, text: &str) -> Option<String> {
        let meant = tree.meant_by(&name(&format!("{text},{BASE}")))?;
        let nodes = meant.iter().filter_map(|one| one.node());
        Some(
            nodes
                .map(|node| node.as_str())
                .collect::<Vec<_>>()
                .join(" "),
        )
    }

    #[test]
    fn a_name_means_members_a_person_or_everybody_below() {
        let tree = tree();
        for (text, expected) in [
            ("cn=a,ou=groups", Some("ann bob")),
            ("cn=b,ou=groups", Some("ann bob")),
            ("cn=posix,ou=groups", Some("eve")),
            ("cn=none,ou=groups", Some("")),
            ("uid=ann,ou=people", Some("ann")),
            ("OU=People", Some("ann bob eve")),
            ("ou=empty", Some("")),
            ("ou=unknown", None),
        ] {
            assert_eq!(meant(&tree, text).as_deref(), expected, "{text}");
        }
        let all = tree.meant_by(&name(BASE)).unwrap();
        assert_eq!(all.len(), 3);
        assert_eq!((tree.count(), tree.groups()), (3, 4));
    }

    #[test]
    fn what_was_found_twice_is_one_entry() {
        let once = LdapTree::of(vec![person("ann"), group("a", &["uid=ann,ou=people"], &[])]);
        let twice = [person("ann"), person("ann")];
        let groups = [
            group("a", &["uid=ann,ou=people"], &[]),
            group("a", &[], &["ann"]),
        ];
        let twice = LdapTree::of(twice.into_iter().chain(groups).collect());
        assert_eq!(
            meant(&twice, "cn=a,ou=groups"),
            meant(&once, "cn=a,ou=groups")
        );
    }

    /// A row of the database that was damaged must not end the service.
    #[test]
    fn members_that_are_not_there_are_nobody() {
        let tree = LdapTree::kept(vec![TreeEntry {
            name: name("cn=a"),
            addresses: Vec::new(),
            members: Some(vec![0, 7, 4_000_000_000]),
        }]);
        assert_eq!(tree.meant_by(&name("cn=a")), Some(Vec::new()));
    }
}
