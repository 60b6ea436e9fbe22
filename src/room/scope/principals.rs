//! A list of a category, as it is written.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use jid::{BareJid, DomainPart, DomainRef, NodePart};

use super::Principal;
use super::shared_map::SharedMap;

/// A list as it is written. It may have hundreds of thousands of entries: clones share them, and to
/// look one up, or to change one, does not depend on how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Principals {
    everybody: bool,
    domains: SharedMap<DomainPart, DomainEntries>,
    /// Groups, and entries of the LDAP directory.
    references: Arc<BTreeSet<Principal>>,
    length: usize,
    mark: u64,
}

/// What a list says of a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct DomainEntries {
    /// All of it.
    whole: bool,
    /// These of it.
    people: SharedMap<NodePart, ()>,
}

impl Principals {
    /// A list of everybody.
    pub fn everybody() -> Self {
        [Principal::Everybody].into_iter().collect()
    }

    /// Adds an entry. Tells whether it was not there.
    pub fn insert(&mut self, principal: Principal) -> bool {
        let mark = mark(&principal);
        let is_new = match principal {
            Principal::Everybody => !std::mem::replace(&mut self.everybody, true),
            Principal::Person(person) => self.insert_person(&person),
            Principal::Domain(domain) => {
                let mut entry = self.of_domain(&domain);
                let is_new = !std::mem::replace(&mut entry.whole, true);
                self.domains.insert(domain, entry);
                is_new
            }
            Principal::Group(_) | Principal::Ldap(_) => {
                Arc::make_mut(&mut self.references).insert(principal)
            }
        };
        if is_new {
            self.length += 1;
            self.mark = self.mark.wrapping_add(mark);
        }
        is_new
    }

    /// Takes an entry away. Tells whether it was there.
    pub fn remove(&mut self, principal: &Principal) -> bool {
        if !self.contains(principal) {
            return false;
        }
        match principal {
            Principal::Everybody => self.everybody = false,
            Principal::Person(person) => {
                let mut entry = self.of_domain(person.domain());
                if let Some(node) = person.node() {
                    entry.people.remove(node);
                }
                self.set_domain(person.domain(), entry);
            }
            Principal::Domain(domain) => {
                let entry = DomainEntries {
                    whole: false,
                    ..self.of_domain(domain)
                };
                self.set_domain(domain, entry);
            }
            Principal::Group(_) | Principal::Ldap(_) => {
                Arc::make_mut(&mut self.references).remove(principal);
            }
        }
        self.length -= 1;
        self.mark = self.mark.wrapping_sub(mark(principal));
        true
    }

    /// Whether there is such an entry.
    pub fn contains(&self, principal: &Principal) -> bool {
        match principal {
            Principal::Everybody => self.everybody,
            Principal::Person(person) => self.lists_person(person),
            Principal::Domain(domain) => self.domain(domain).is_some_and(|entry| entry.whole),
            Principal::Group(_) | Principal::Ldap(_) => self.references.contains(principal),
        }
    }

    /// Whether somebody is meant by an entry, groups left aside. A domain that asks itself is meant
    /// by its own entry.
    pub fn names(&self, person: &BareJid) -> bool {
        self.everybody
            || self.domain(person.domain()).is_some_and(|entry| {
                let own = |node| entry.people.get(node).is_some();
                entry.whole || person.node().is_some_and(own)
            })
    }

    /// Whether anybody of a domain is meant by an entry, groups left aside.
    pub fn reaches(&self, domain: &DomainRef) -> bool {
        self.everybody || self.domain(domain).is_some()
    }

    /// The groups, and the entries of the LDAP directory.
    pub fn references(&self) -> impl Iterator<Item = &Principal> {
        self.references.iter()
    }

    /// Every entry, in their order: everybody, people, domains, groups, the LDAP directory's.
    pub fn iter(&self) -> impl Iterator<Item = Principal> {
        let mut people: Vec<_> = self.people().collect();
        people.sort_unstable();
        let whole = self.domains.iter().filter(|(_, entry)| entry.whole);
        let mut domains: Vec<_> = whole.map(|(domain, _)| domain.clone()).collect();
        domains.sort_unstable();
        let everybody = self.everybody.then_some(Principal::Everybody);
        everybody
            .into_iter()
            .chain(people.into_iter().map(Principal::Person))
            .chain(domains.into_iter().map(Principal::Domain))
            .chain(self.references.iter().cloned())
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is no entry, so that nobody is meant.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// A number that two lists with the same entries have in common, and others hardly ever.
    pub fn mark(&self) -> u64 {
        self.mark
    }

    fn people(&self) -> impl Iterator<Item = BareJid> {
        self.domains.iter().flat_map(|(domain, entry)| {
            let people = entry.people.iter();
            people.map(move |(node, ())| BareJid::from_parts(Some(node), domain))
        })
    }

    fn insert_person(&mut self, person: &BareJid) -> bool {
        let Some(node) = person.node() else {
            return false;
        };
        if self.lists_person(person) {
            return false;
        }
        let mut entry = self.of_domain(person.domain());
        entry.people.insert(node.to_owned(), ());
        self.domains.insert(person.domain().to_owned(), entry);
        true
    }

    fn lists_person(&self, person: &BareJid) -> bool {
        let entry = self.domain(person.domain());
        let listed = |entry: &DomainEntries| {
            let node = person.node();
            node.is_some_and(|node| entry.people.get(node).is_some())
        };
        entry.is_some_and(listed)
    }

    fn domain(&self, domain: &DomainRef) -> Option<&DomainEntries> {
        self.domains.get(domain)
    }

    fn of_domain(&self, domain: &DomainRef) -> DomainEntries {
        self.domain(domain).cloned().unwrap_or_default()
    }

    fn set_domain(&mut self, domain: &DomainRef, entry: DomainEntries) {
        match entry.whole || !entry.people.is_empty() {
            true => self.domains.insert(domain.to_owned(), entry),
            false => self.domains.remove(domain),
        };
    }
}

impl FromIterator<Principal> for Principals {
    fn from_iter<T: IntoIterator<Item = Principal>>(entries: T) -> Self {
        let mut list = Self::default();
        list.extend(entries);
        list
    }
}

impl Extend<Principal> for Principals {
    fn extend<T: IntoIterator<Item = Principal>>(&mut self, entries: T) {
        for entry in entries {
            self.insert(entry);
        }
    }
}

/// The share of one entry in the mark of a list, of which the order means nothing.
fn mark(principal: &Principal) -> u64 {
    let mut hasher = DefaultHasher::new();
    principal.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ENTRIES: [&str; 9] = [
        "*",
        "ann@example.org",
        "bob@example.org",
        "ann@example.net",
        "example.org",
        "example.net",
        "group:served",
        "group:sales",
        "ldap:cn=sales",
    ];

    fn entry(number: usize) -> Principal {
        ENTRIES[number].parse().unwrap()
    }

    fn is_meant(entries: &BTreeSet<Principal>, person: &BareJid) -> bool {
        entries.iter().any(|entry| match entry {
            Principal::Everybody => true,
            Principal::Person(one) => one == person,
            Principal::Domain(domain) => &**domain == person.domain(),
            Principal::Group(_) | Principal::Ldap(_) => false,
        })
    }

    proptest! {
        #[test]
        fn a_list_is_the_set_of_its_entries(
            steps in prop::collection::vec((any::<bool>(), 0..ENTRIES.len()), 0..40),
        ) {
            let (mut list, mut plain) = (Principals::default(), BTreeSet::new());
            for (comes, number) in steps {
                let changed = match comes {
                    true => (list.insert(entry(number)), plain.insert(entry(number))),
                    false => (list.remove(&entry(number)), plain.remove(&entry(number))),
                };
                prop_assert_eq!(changed.0, changed.1);
                prop_assert_eq!(list.iter().collect::<Vec<_>>(), plain.iter().cloned().collect::<Vec<_>>());
                prop_assert_eq!(list.len(), plain.len());
                prop_assert_eq!(list.is_empty(), plain.is_empty());
                let anew: Principals = plain.iter().cloned().collect();
                prop_assert_eq!(list.mark(), anew.mark());
                prop_assert_eq!(&list, &anew);
            }
            for person in ["ann@example.org", "eve@example.org", "ann@example.net", "example.net"] {
                let person = BareJid::new(person).unwrap();
                prop_assert_eq!(list.names(&person), is_meant(&plain, &person), "{}", person);
            }
            for domain in ["example.org", "example.net", "example.com"] {
                let of_domain = |entry: &Principal| match entry {
                    Principal::Everybody => true,
                    Principal::Person(one) => one.domain().as_str() == domain,
                    Principal::Domain(one) => one.as_str() == domain,
                    Principal::Group(_) | Principal::Ldap(_) => false,
                };
                let reached = plain.iter().any(of_domain);
                let domain = DomainPart::new(domain).unwrap();
                prop_assert_eq!(list.reaches(&domain), reached, "{}", domain);
            }
        }
    }

    #[test]
    fn lists_of_other_entries_have_other_marks() {
        let mut marks = BTreeSet::new();
        for bits in 0..1_usize << ENTRIES.len() {
            let entries = (0..ENTRIES.len()).filter(|number| bits >> number & 1 == 1);
            let list: Principals = entries.map(entry).collect();
            marks.insert(list.mark());
        }
        assert_eq!(marks.len(), 1 << ENTRIES.len());
    }
}
