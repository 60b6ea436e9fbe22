//! Who may create a room. XEP-0045 §10.1.1 (#createroom-general).

use std::collections::BTreeSet;

use jid::{BareJid, DomainPart};

/// Whom the configuration lets create rooms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Creators {
    /// Everybody of the served domains.
    Served,
    /// Everybody who can reach the service.
    Anyone,
    /// These people, and everybody of these domains (entries without a localpart).
    These(BTreeSet<BareJid>),
}

/// What decides about a new room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreationRules {
    /// Whose users are in scope.
    pub served: BTreeSet<DomainPart>,
    /// Who may do everything.
    pub operators: BTreeSet<BareJid>,
    /// Who may create.
    pub creators: Creators,
    /// A person may have created so many of the rooms that there are; `None`: any number. Operators may
    /// have created more. Rooms that others gave him do not count: who could give could fill his number.
    pub rooms_per_person_max: Option<u64>,
}

impl CreationRules {
    /// Whether this person may create one more room, having created so many.
    pub fn may_create(&self, person: &BareJid, created: u64) -> bool {
        if self.operators.contains(person) {
            return true;
        }
        let in_scope = match &self.creators {
            Creators::Served => self
                .served
                .iter()
                .any(|domain| **domain == *person.domain()),
            Creators::Anyone => true,
            Creators::These(these) => {
                these.contains(person)
                    || these.contains(&BareJid::from_parts(None, person.domain()))
            }
        };
        in_scope && self.rooms_per_person_max.is_none_or(|most| created < most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(creators: Creators) -> CreationRules {
        CreationRules {
            served: BTreeSet::from([DomainPart::new("example.org").unwrap().into_owned()]),
            operators: BTreeSet::from([jid("root@admin.example")]),
            creators,
            rooms_per_person_max: Some(2),
        }
    }

    fn jid(text: &str) -> BareJid {
        BareJid::new(text).unwrap()
    }

    #[test]
    fn the_served_create_strangers_do_not_operators_always_may() {
        let rules = rules(Creators::Served);
        assert!(rules.may_create(&jid("ann@example.org"), 1));
        assert!(!rules.may_create(&jid("ann@example.org"), 2));
        assert!(!rules.may_create(&jid("eve@evil.example"), 0));
        assert!(!rules.may_create(&jid("eve@sub.example.org"), 0));
        assert!(rules.may_create(&jid("root@admin.example"), 1000));
    }

    #[test]
    fn a_list_names_people_and_domains() {
        let rules = rules(Creators::These(BTreeSet::from([
            jid("ann@a.example"),
            jid("b.example"),
        ])));
        assert!(rules.may_create(&jid("ann@a.example"), 0));
        assert!(!rules.may_create(&jid("bob@a.example"), 0));
        assert!(rules.may_create(&jid("bob@b.example"), 0));
    }
}
