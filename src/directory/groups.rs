//! Groups that are told elsewhere: those that a file names, and the entries of an LDAP directory.
//!
//! A list of [`Principals`] may refer to groups, and these to others. Here it is looked up whom all
//! of that means ([`People`]). What is known changes as a whole, when somebody has read it anew; a
//! group that isn't there (any more) is nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jid::DomainPart;

use super::distinguished_name::DistinguishedName;
use super::ldap_tree::LdapTree;
use crate::room::scope::{People, Principal, Principals};

/// The name of the group that is built in: everybody of the domains that the pool serves.
const SERVED: &str = "served";

/// The groups of a file: sound, which means that those that they refer to are there, and that none
/// is part of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedGroups(BTreeMap<Arc<str>, Principals>);

/// Why groups aren't sound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroupFault {
    /// A group refers to one that isn't there.
    #[error(
        "group `{group}` refers to group:{unknown}, and there is no such group; {}",
        there_are(known)
    )]
    Unknown {
        /// The group that refers to it.
        group: Arc<str>,
        /// The one that isn't there.
        unknown: Arc<str>,
        /// Those that are.
        known: Vec<Arc<str>>,
    },
    /// Groups are part of each other.
    #[error(
        "groups can't be part of themselves: {}; take one of these entries out",
        path(groups)
    )]
    Circle {
        /// The way from a group back to itself, both ends included.
        groups: Vec<Arc<str>>,
    },
    /// A group is nested too deep.
    #[error("group `{group}` is nested more than {NESTING_MAX} deep")]
    TooDeep {
        /// The outermost one.
        group: Arc<str>,
    },
    /// It has the name of the built-in one.
    #[error(
        "`{SERVED}` is the group of everybody whom the pool serves; give this one another name"
    )]
    BuiltIn,
}

/// Maximum number of groups that are within one another.
pub const NESTING_MAX: usize = 32;

/// All groups that are known.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    served: Principals,
    named: Arc<NamedGroups>,
    tree: Arc<LdapTree>,
    /// Whom entries of the LDAP directory mean, as far as somebody wanted to know.
    meant: BTreeMap<Arc<str>, Principals>,
}

/// By what is known; what was looked up already follows from that.
impl PartialEq for Groups {
    fn eq(&self, other: &Self) -> bool {
        self.served == other.served && self.named == other.named && self.tree == other.tree
    }
}

/// What has changed outside.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupNews {
    /// The groups of the file are these now.
    Named(Arc<NamedGroups>),
    /// The people and groups of the LDAP directory are these now.
    Tree(Arc<LdapTree>),
}

/// A reference to what isn't there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownGroup {
    /// To a group of the file.
    #[error("there is no group `{name}`; {}", there_are(known))]
    Named {
        /// As it is written.
        name: Arc<str>,
        /// The groups that there are.
        known: Vec<Arc<str>>,
    },
    /// To an entry of the LDAP directory.
    #[error(
        "the LDAP directory, as it was read last, has no entry `{name}` that is a person, a group \
         or contains some"
    )]
    Ldap {
        /// As it is written.
        name: Arc<str>,
    },
    /// To an entry of the LDAP directory, of which nothing is known at all.
    #[error("nothing is known of an LDAP directory in which `{name}` could be; see [pool.ldap]")]
    NoLdap {
        /// As it is written.
        name: Arc<str>,
    },
    /// The reference can't be one.
    #[error("`ldap:{name}` names no entry of an LDAP directory: {why}")]
    NoName {
        /// As it is written.
        name: Arc<str>,
        /// What is wrong with it.
        why: super::distinguished_name::NameFault,
    },
}

impl NamedGroups {
    /// These groups.
    ///
    /// # Errors
    /// Everything because of which they aren't sound, in the order of their names.
    pub fn new(groups: BTreeMap<Arc<str>, Principals>) -> Result<Self, Vec<GroupFault>> {
        let mut faults = Vec::new();
        for (group, entries) in &groups {
            if **group == *SERVED {
                faults.push(GroupFault::BuiltIn);
            }
            for unknown in references(entries) {
                if !groups.contains_key(unknown) && **unknown != *SERVED {
                    faults.push(GroupFault::Unknown {
                        group: group.clone(),
                        unknown: unknown.clone(),
                        known: groups.keys().cloned().collect(),
                    });
                }
            }
        }
        let mut search = CircleSearch {
            groups: &groups,
            done: BTreeSet::new(),
            way: Vec::new(),
            faults,
        };
        for group in groups.keys() {
            search.visit(group);
        }
        match search.faults.is_empty() {
            true => Ok(Self(groups)),
            false => Err(search.faults),
        }
    }

    /// Each group with its entries, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Principals)> {
        self.0.iter()
    }

    /// The number of groups.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no group.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The groups that are referred to by name.
fn references(entries: &Principals) -> impl Iterator<Item = &Arc<str>> {
    entries.references().filter_map(|entry| match entry {
        Principal::Group(name) => Some(name),
        Principal::Ldap(_) | Principal::Everybody | Principal::Person(_) | Principal::Domain(_) => {
            None
        }
    })
}

/// Finds each circle once, by the first of its groups.
struct CircleSearch<'g> {
    groups: &'g BTreeMap<Arc<str>, Principals>,
    /// Those from which all has been looked at.
    done: BTreeSet<Arc<str>>,
    /// From the group that is looked at from outside to the one that is looked at now.
    way: Vec<Arc<str>>,
    faults: Vec<GroupFault>,
}

impl CircleSearch<'_> {
    fn visit(&mut self, group: &Arc<str>) {
        let Some(entries) = self.groups.get(group) else {
            return;
        };
        if let Some(begin) = self.way.iter().position(|passed| passed == group) {
            let mut groups = self.way[begin..].to_vec();
            groups.push(group.clone());
            self.faults.push(GroupFault::Circle { groups });
            return;
        }
        if self.done.contains(group) {
            return;
        }
        if self.way.len() >= NESTING_MAX {
            let group = self.way[0].clone();
            self.faults.push(GroupFault::TooDeep { group });
            return;
        }
        self.way.push(group.clone());
        for inner in references(entries) {
            self.visit(inner);
        }
        self.way.pop();
        self.done.insert(group.clone());
    }
}

impl Groups {
    /// The name of the group that is built in: everybody of the domains that the pool serves.
    pub const SERVED: &'static str = SERVED;

    /// The group that is built in alone.
    pub fn new(served: &BTreeSet<DomainPart>) -> Self {
        let served = served.iter().cloned().map(Principal::Domain);
        Self {
            served: served.collect(),
            ..Self::default()
        }
    }

    /// Knows this from now on.
    pub fn learn(&mut self, news: GroupNews) {
        match news {
            GroupNews::Named(named) => self.named = named,
            GroupNews::Tree(tree) => {
                self.tree = tree;
                self.meant.clear();
            }
        }
    }

    /// All that is known, as if it had just changed.
    pub fn as_news(&self) -> [GroupNews; 2] {
        let Self { named, tree, .. } = self;
        [
            GroupNews::Named(named.clone()),
            GroupNews::Tree(tree.clone()),
        ]
    }

    /// The groups of the file.
    pub fn named(&self) -> &Arc<NamedGroups> {
        &self.named
    }

    /// The people and groups of the LDAP directory.
    pub fn tree(&self) -> &Arc<LdapTree> {
        &self.tree
    }

    /// Whoever is meant by a list, with the groups in it, at any depth. Nobody is in a group that
    /// is not known.
    pub fn resolve(&mut self, list: &Principals) -> People {
        People::of(self.lists(list))
    }

    /// The same one by one: people, domains and everybody.
    pub fn spell_out(&mut self, list: &Principals) -> BTreeSet<Principal> {
        let is_reference =
            |entry: &Principal| matches!(entry, Principal::Group(_) | Principal::Ldap(_));
        let lists = self.lists(list);
        let entries = lists.iter().flat_map(Principals::iter);
        entries.filter(|entry| !is_reference(entry)).collect()
    }

    /// A list, and those of all groups in it.
    fn lists(&mut self, list: &Principals) -> Vec<Principals> {
        let mut lists = vec![list.clone()];
        let mut seen = BTreeSet::new();
        let mut next = 0;
        // What a list refers to is added behind it, once.
        while let Some(list) = lists.get(next) {
            next += 1;
            let inner: Vec<_> = list.references().cloned().collect();
            for reference in inner {
                if seen.insert(reference.clone()) {
                    lists.extend(self.list_of(&reference));
                }
            }
        }
        lists
    }

    /// The own list of a reference.
    fn list_of(&mut self, reference: &Principal) -> Option<Principals> {
        match reference {
            Principal::Group(name) if **name == *SERVED => Some(self.served.clone()),
            Principal::Group(name) => self.named.0.get(name).cloned(),
            Principal::Ldap(name) => Some(self.meant_by(name)),
            Principal::Everybody | Principal::Person(_) | Principal::Domain(_) => None,
        }
    }

    fn meant_by(&mut self, name: &Arc<str>) -> Principals {
        if let Some(meant) = self.meant.get(name) {
            return meant.clone();
        }
        let parsed = DistinguishedName::parse(name).ok();
        let meant = parsed.and_then(|name| self.tree.meant_by(&name));
        let people = meant.into_iter().flatten().cloned();
        let meant: Principals = people.map(Principal::Person).collect();
        self.meant.insert(name.clone(), meant.clone());
        meant
    }

    /// What a list refers to itself and isn't there.
    pub fn unknown(&self, list: &Principals) -> Vec<UnknownGroup> {
        list.references()
            .filter_map(|it| self.why_unknown(it))
            .collect()
    }

    /// What the groups of the file refer to and the LDAP directory hasn't.
    pub fn unknown_in_file(&self) -> Vec<UnknownGroup> {
        let lists = self.named.0.values();
        lists.flat_map(|list| self.unknown(list)).collect()
    }

    fn why_unknown(&self, reference: &Principal) -> Option<UnknownGroup> {
        match reference {
            Principal::Group(name) => {
                let is_known = **name == *SERVED || self.named.0.contains_key(name);
                let known = || {
                    let named = self.named.0.keys().cloned();
                    named.chain([SERVED.into()]).collect()
                };
                (!is_known).then(|| UnknownGroup::Named {
                    name: name.clone(),
                    known: known(),
                })
            }
            Principal::Ldap(name) => match DistinguishedName::parse(name) {
                Ok(parsed) if self.tree.has(&parsed) => None,
                Ok(_) if self.tree.entries().is_empty() => {
                    Some(UnknownGroup::NoLdap { name: name.clone() })
                }
                Ok(_) => Some(UnknownGroup::Ldap { name: name.clone() }),
                Err(why) => Some(UnknownGroup::NoName {
                    name: name.clone(),
                    why,
                }),
            },
            Principal::Everybody | Principal::Person(_) | Principal::Domain(_) => None,
        }
    }
}

/// The groups that there are, for whoever has named one that isn't.
fn there_are(known: &[Arc<str>]) -> String {
    /// Nobody reads more.
    const SHOWN_MAX: usize = 20;
    let shown: Vec<_> = known.iter().take(SHOWN_MAX).map(|name| &**name).collect();
    match known.len() {
        0 => "there are none".to_owned(),
        1..=SHOWN_MAX => format!("there are: {}", shown.join(", ")),
        more => format!("there are {more}, among them {}", shown.join(", ")),
    }
}

fn path(groups: &[Arc<str>]) -> String {
    let names: Vec<_> = groups.iter().map(|name| &**name).collect();
    names.join(" > ")
}

#[cfg(test)]
mod tests;
