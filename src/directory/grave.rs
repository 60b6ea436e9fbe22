//! The addresses of destroyed rooms: how long they tell where the room went, and who may make it anew. XEP-0045 §10.9
//! (#destroyroom).
//!
//! §7.2.11 (#enter-nonexistent) and §10.1.1 (#createroom-general) have whoever may create rooms create one where there
//! is none. So a destroyed room is in the way of nobody who owned it, nor of operators; only others are kept from
//! taking its name at once, and its people with it.

use jid::BareJid;

use super::CreationRules;
use crate::room::Timestamp;
use crate::room::owning::destroy::Destruction;

/// A destroyed room's address tells where it went for this long, in days; then it is free again.
const TOMBSTONE_DAYS: i64 = 31;

/// The moment before which a room must have been destroyed for its address to be free.
pub fn tombstones_due_before(now: Timestamp) -> Timestamp {
    now.minus_seconds(TOMBSTONE_DAYS * 24 * 60 * 60)
}

/// Whether the address of a destroyed room is free again for all.
pub fn is_due(destruction: &Destruction, now: Timestamp) -> bool {
    destruction
        .at
        .is_some_and(|at| at < tombstones_due_before(now))
}

impl CreationRules {
    /// Whether the grave of a room is in nobody's way who wants to create a room there: the person owned it, or is an
    /// operator. Whether they may create rooms at all is another question.
    pub fn may_make_anew(&self, person: &BareJid, destruction: &Destruction) -> bool {
        self.operators.contains(person) || destruction.owners.contains(person)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::Creators;
    use std::collections::BTreeSet;

    fn jid(text: &str) -> BareJid {
        BareJid::new(text).unwrap()
    }

    #[test]
    fn owners_and_operators_make_a_destroyed_room_anew_and_nobody_else() {
        let rules = CreationRules {
            served: BTreeSet::new(),
            operators: [jid("root@a.example")].into(),
            creators: Creators::Anyone,
            rooms_per_person_max: None,
        };
        let destruction = Destruction {
            owners: [jid("ann@a.example"), jid("bea@a.example")].into(),
            ..Destruction::default()
        };
        let may = |person| rules.may_make_anew(&jid(person), &destruction);
        assert!(may("ann@a.example") && may("bea@a.example") && may("root@a.example"));
        assert!(!may("cid@a.example") && !may("a.example"));
    }

    #[test]
    fn an_address_is_free_after_a_month() {
        let destroyed_at = Timestamp(0);
        let destruction = Destruction {
            at: Some(destroyed_at),
            ..Destruction::default()
        };
        let month = TOMBSTONE_DAYS * 24 * 60 * 60;
        assert!(!is_due(&destruction, destroyed_at.plus_seconds(month)));
        assert!(is_due(&destruction, destroyed_at.plus_seconds(month + 1)));
    }
}
