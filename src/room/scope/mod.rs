//! Whom a category is for: lists as they are written, and what they come to.
//!
//! A list of [`Principals`] is written by an operator: people, domains, everybody, and groups that
//! are told elsewhere. The directory resolves it to [`People`], in which a person is looked up; and
//! those who are allowed, less those who are denied, are the [`Scope`] of a category.

mod category_terms;
mod principal;
mod principals;
mod shared_map;

pub use category_terms::{Categories, CategoryId, CategoryTerms, RoomMove, Switches, name_key};
pub use principal::{NoPrincipal, Principal};
pub use principals::Principals;

use jid::{BareJid, DomainRef};

/// Everybody whom a list means, its groups too. Clones share what they have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// The list itself, and that of each group in it. Groups that are named in these count for
    /// nothing here.
    lists: Vec<Principals>,
}

impl People {
    /// Whoever is meant by one of the lists; each is taken by its word, and groups that it names
    /// are left aside.
    pub fn of(lists: Vec<Principals>) -> Self {
        Self { lists }
    }

    /// Everybody there is.
    pub fn everybody() -> Self {
        Self::of(vec![Principals::everybody()])
    }

    /// Whether somebody is among them.
    pub fn contain(&self, person: &BareJid) -> bool {
        self.lists.iter().any(|list| list.names(person))
    }

    /// Whether anybody of a domain may be among them.
    pub fn reach(&self, domain: &DomainRef) -> bool {
        self.lists.iter().any(|list| list.reaches(domain))
    }

    /// A number that the same people have in common, and others hardly ever.
    pub fn mark(&self) -> u64 {
        let marks = self.lists.iter().map(Principals::mark);
        marks.fold(0, u64::wrapping_add)
    }
}

/// Who is in scope of a category: those who are allowed, less those who are denied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    allowed: People,
    denied: People,
}

impl Scope {
    /// Those who are allowed and not denied.
    pub fn new(allowed: People, denied: People) -> Self {
        Self { allowed, denied }
    }

    /// A scope with everybody in it.
    pub fn everybody() -> Self {
        Self::new(People::everybody(), People::default())
    }

    /// Whether somebody is in scope.
    pub fn contains(&self, person: &BareJid) -> bool {
        self.allowed.contain(person) && !self.denied.contain(person)
    }

    /// Whether an address may stand in a list of a room: that of a person who is in scope, or that
    /// of a domain of which somebody may be.
    pub fn admits(&self, address: &BareJid) -> bool {
        match address.node() {
            Some(_) => self.contains(address),
            None => self.allowed.reach(address.domain()) && !self.denied.contain(address),
        }
    }

    /// A number that the same scopes have in common, and others hardly ever.
    pub fn mark(&self) -> u64 {
        let denied = self.denied.mark();
        self.allowed.mark().wrapping_add(denied.rotate_left(32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn jid(text: &str) -> BareJid {
        BareJid::new(text).unwrap()
    }

    fn people(lists: &[&[&str]]) -> People {
        let list = |list: &&[&str]| list.iter().map(|entry| entry.parse().unwrap()).collect();
        People::of(lists.iter().map(list).collect())
    }

    #[test]
    fn whoever_is_denied_is_out_of_scope_however_they_are_allowed() {
        for allowed in ["*", "example.org", "ann@example.org"] {
            for denied in ["*", "example.org", "ann@example.org"] {
                let allowed = people(&[&[allowed]]);
                assert!(
                    Scope::new(allowed.clone(), People::default())
                        .contains(&jid("ann@example.org"))
                );
                let scope = Scope::new(allowed, people(&[&[denied]]));
                assert!(!scope.contains(&jid("ann@example.org")), "{scope:?}");
            }
        }
    }

    #[test]
    fn nobody_is_in_an_empty_scope_and_no_subdomain_in_that_of_a_domain() {
        assert!(!Scope::default().contains(&jid("ann@example.org")));
        let scope = Scope::new(people(&[&["example.org"]]), People::default());
        assert!(scope.contains(&jid("example.org")));
        assert!(!scope.contains(&jid("ann@sub.example.org")));
    }

    #[test]
    fn a_domain_may_be_listed_of_which_somebody_is_in_scope() {
        let scope = Scope::new(
            people(&[
                &["ann@example.org", "example.net", "group:served"],
                &["example.com"],
            ]),
            people(&[&["example.com", "bob@example.net"]]),
        );
        for (address, admitted) in [
            ("example.org", true),
            ("ann@example.org", true),
            ("bob@example.org", false),
            ("example.net", true),
            ("bob@example.net", false),
            ("example.com", false),
            ("elsewhere.test", false),
        ] {
            assert_eq!(scope.admits(&jid(address)), admitted, "{address}");
        }
        assert!(!scope.contains(&jid("example.org")), "as somebody who asks");
    }

    proptest! {
        #[test]
        fn whoever_is_in_scope_is_allowed_and_not_denied_and_their_domain_may_be_listed(
            allowed in prop::collection::btree_set("[ab]@[xy]|[xy]|[*]", 0..4),
            denied in prop::collection::btree_set("[ab]@[xy]|[xy]|[*]", 0..4),
            person in "[ab]@[xy]",
        ) {
            let read = |list: &std::collections::BTreeSet<String>| {
                People::of(vec![list.iter().map(|entry| entry.parse().unwrap()).collect()])
            };
            let scope = Scope::new(read(&allowed), read(&denied));
            let (person, domain) = (jid(&person), &person[2..]);
            let is_meant = |list: &std::collections::BTreeSet<String>| {
                [person.as_str(), domain, "*"].iter().any(|entry| list.contains(*entry))
            };
            let expected = is_meant(&allowed) && !is_meant(&denied);
            prop_assert_eq!(scope.contains(&person), expected);
            prop_assert!(!expected || scope.admits(&jid(domain)));
        }
    }
}
