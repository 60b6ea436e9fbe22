//! IQs on their way from one occupant to another. XEP-0045 §17.4 (#bizrules-iq).
//!
//! Each goes out under an id of ours, so that the answer, which comes from the real JID, finds back to who asked
//! without either learning the other's address.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use jid::{FullJid, Jid};

use crate::room::Elapsed;
use crate::service::rate::party::Party;

/// A request that waits for its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Relayed {
    /// Who asked.
    pub asker: Arc<FullJid>,
    /// The id of the request as the asker sent it.
    pub id: String,
    /// The occupant JID that was asked, from which the answer comes.
    pub asked: FullJid,
    /// Where the request went; an answer from anywhere else is forged.
    pub sent_to: Jid,
}

/// All requests under way, oldest first.
#[derive(Debug, Default)]
pub struct Relays {
    waiting: HashMap<String, (Relayed, Party)>,
    order: VecDeque<(Elapsed, String)>,
    /// How many requests of each session are under way.
    asked_by: HashMap<Arc<FullJid>, usize>,
    /// The same of each person, or of all of a domain that is not served.
    asked_by_party: HashMap<Party, usize>,
}

/// An answer that takes longer, in seconds, is not passed on: its asker has long given up.
const ANSWER_MAX_S: i64 = 120;
/// More than so many requests are not kept; the oldest are dropped.
const WAITING_MAX: usize = 20_000;
/// A session may wait for so many answers: as many as a client asks that shows every face of a large room.
const WAITING_PER_ASKER_MAX: usize = 500;
/// All sessions of a person, or all people of a domain that is not served, may wait for so many together: so nobody has
/// the requests of others dropped.
const WAITING_PER_PARTY_MAX: usize = 2_000;

impl Relays {
    /// Remembers a request that goes out under this id; false when its asker already waits for as many as he may.
    pub fn add(&mut self, now: Elapsed, id: String, relayed: Relayed, party: Party) -> bool {
        self.forget_old(now);
        let of_party = self.asked_by_party.get(&party).copied().unwrap_or_default();
        if of_party >= WAITING_PER_PARTY_MAX {
            return false;
        }
        let waiting = self.asked_by.entry(relayed.asker.clone()).or_default();
        if *waiting >= WAITING_PER_ASKER_MAX {
            return false;
        }
        *waiting += 1;
        *self.asked_by_party.entry(party.clone()).or_default() += 1;
        self.order.push_back((now, id.clone()));
        self.waiting.insert(id, (relayed, party));
        true
    }

    /// When the oldest request is to be forgotten.
    pub fn next_deadline(&self) -> Option<Elapsed> {
        self.order
            .front()
            .map(|(sent_at, _)| sent_at.plus_seconds(ANSWER_MAX_S + 1))
    }

    /// The request that this is the answer to; none for an answer that nobody waits for.
    pub fn answered(&mut self, id: &str, from: &Jid) -> Option<Relayed> {
        if self.waiting.get(id)?.0.sent_to != *from {
            return None;
        }
        self.remove(id)
    }

    fn remove(&mut self, id: &str) -> Option<Relayed> {
        let (relayed, party) = self.waiting.remove(id)?;
        if let Some(waiting) = self.asked_by_party.get_mut(&party) {
            *waiting -= 1;
            if *waiting == 0 {
                self.asked_by_party.remove(&party);
            }
        }
        if let Some(waiting) = self.asked_by.get_mut(&relayed.asker) {
            *waiting -= 1;
            if *waiting == 0 {
                self.asked_by.remove(&relayed.asker);
            }
        }
        Some(relayed)
    }

    /// Forgets what has been answered or waited for too long.
    pub fn forget_old(&mut self, now: Elapsed) {
        while let Some((sent_at, id)) = self.order.front() {
            let late = sent_at.plus_seconds(ANSWER_MAX_S) < now;
            let answered = !self.waiting.contains_key(id);
            if !late && !answered && self.order.len() < WAITING_MAX {
                return;
            }
            let id = id.clone();
            self.remove(&id);
            self.order.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jid::BareJid;

    fn relayed() -> Relayed {
        Relayed {
            asker: Arc::new(FullJid::new("ann@example.org/phone").unwrap()),
            id: "v1".into(),
            asked: FullJid::new("room@rooms.example.org/bob").unwrap(),
            sent_to: Jid::new("bob@example.org").unwrap(),
        }
    }

    fn ann() -> Party {
        Party::Person(BareJid::new("ann@example.org").unwrap())
    }

    #[test]
    fn people_of_a_foreign_domain_wait_for_so_many_answers_together() {
        let mut relays = Relays::default();
        let remote = Party::Domain(BareJid::new("remote.test").unwrap());
        let ask = |relays: &mut Relays, number: usize, party: &Party| {
            let asker = FullJid::new(&format!("p{number}@remote.test/x")).unwrap();
            let relayed = Relayed {
                asker: Arc::new(asker),
                ..relayed()
            };
            relays.add(Elapsed(0), format!("id-{number}"), relayed, party.clone())
        };
        let passed = (0..5_000).filter(|number| ask(&mut relays, *number, &remote));
        assert_eq!(passed.count(), WAITING_PER_PARTY_MAX);
        assert!(ask(&mut relays, 6_000, &ann()));
        assert!(relays.answered("id-0", &relayed().sent_to).is_some());
        assert!(ask(&mut relays, 7_000, &remote));
        assert!(!ask(&mut relays, 8_000, &remote));
    }

    #[test]
    fn only_who_was_asked_can_answer_and_only_once() {
        let mut relays = Relays::default();
        relays.add(Elapsed::BEGINNING, "x".into(), relayed(), ann());
        assert_eq!(
            relays.answered("x", &Jid::new("eve@example.org").unwrap()),
            None
        );
        assert_eq!(relays.answered("y", &relayed().sent_to), None);
        assert_eq!(relays.answered("x", &relayed().sent_to), Some(relayed()));
        assert_eq!(relays.answered("x", &relayed().sent_to), None);
    }

    #[test]
    fn late_answers_are_forgotten() {
        let mut relays = Relays::default();
        relays.add(Elapsed::BEGINNING, "x".into(), relayed(), ann());
        relays.add(
            Elapsed::BEGINNING.plus_seconds(ANSWER_MAX_S + 1),
            "y".into(),
            relayed(),
            ann(),
        );
        assert_eq!(relays.answered("x", &relayed().sent_to), None);
        assert!(relays.answered("y", &relayed().sent_to).is_some());
    }
}
