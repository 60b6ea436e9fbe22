//! Groups: names for people, and what the lists of categories come to by them.

use std::collections::BTreeSet;

use jid::DomainPart;

use crate::room::scope::{People, Principal, Principals};

/// The groups that the pool knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Groups {
    /// Everybody of the served domains.
    served: Principals,
}

impl Groups {
    /// The name of the group that is built in: everybody of the domains that the pool serves.
    pub const SERVED: &'static str = "served";

    /// The group that is built in alone.
    pub fn new(served: &BTreeSet<DomainPart>) -> Self {
        let served = served.iter().cloned().map(Principal::Domain);
        Self {
            served: served.collect(),
        }
    }

    /// Whoever is meant by a list, with the groups in it. Nobody is in a group that is not known.
    pub fn resolve(&self, list: &Principals) -> People {
        let mut lists = vec![list.clone()];
        lists.extend(
            list.references()
                .filter_map(|one| self.members(one))
                .cloned(),
        );
        People::of(lists)
    }

    /// Whether there is what an entry names.
    pub fn know(&self, entry: &Principal) -> bool {
        match entry {
            Principal::Group(_) => self.members(entry).is_some(),
            Principal::Ldap(_)
            | Principal::Everybody
            | Principal::Person(_)
            | Principal::Domain(_) => true,
        }
    }

    fn members(&self, reference: &Principal) -> Option<&Principals> {
        match reference {
            Principal::Group(name) if **name == *Self::SERVED => Some(&self.served),
            Principal::Group(_)
            | Principal::Ldap(_)
            | Principal::Everybody
            | Principal::Person(_)
            | Principal::Domain(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use jid::BareJid;

    use super::*;

    #[test]
    fn the_served_are_those_of_the_served_domains_and_an_unknown_group_is_nobody() {
        let served = DomainPart::new("example.org").unwrap().into_owned();
        let groups = Groups::new(&[served].into());
        let contains = |list: &str, person: &str| {
            let list = [list.parse().unwrap()].into_iter().collect();
            groups
                .resolve(&list)
                .contain(&BareJid::new(person).unwrap())
        };
        assert!(contains("group:served", "ann@example.org"));
        assert!(!contains("group:served", "ann@example.net"));
        assert!(!contains("group:sales", "ann@example.org"));
        assert!(contains("example.net", "ann@example.net"));
    }
}
