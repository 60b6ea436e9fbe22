//! IQs on their way from one occupant to another. XEP-0045 §17.4 (#bizrules-iq).
//!
//! Each goes out under an id of ours, so that the answer, which comes from the real JID, finds back to who asked
//! without either learning the other's address.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use jid::{FullJid, Jid};

use crate::room::Elapsed;

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
    waiting: HashMap<String, Relayed>,
    order: VecDeque<(Elapsed, String)>,
    /// How many requests of each session are under way.
    asked_by: HashMap<Arc<FullJid>, usize>,
}

/// An answer that takes longer, in seconds, is not passed on: its asker has long given up.
const ANSWER_MAX_S: i64 = 120;
/// More than so many requests are not kept; the oldest are dropped.
const WAITING_MAX: usize = 20_000;
/// A session may wait for so many answers: as many as a client asks that shows every face of a large room.
const WAITING_PER_ASKER_MAX: usize = 500;

impl Relays {
    /// Remembers a request that goes out under this id; false when its asker already waits for as many as he may.
    pub fn add(&mut self, now: Elapsed, id: String, relayed: Relayed) -> bool {
        self.forget_old(now);
        let waiting = self.asked_by.entry(relayed.asker.clone()).or_default();
        if *waiting >= WAITING_PER_ASKER_MAX {
            return false;
        }
        *waiting += 1;
        self.order.push_back((now, id.clone()));
        self.waiting.insert(id, relayed);
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
        if self.waiting.get(id)?.sent_to != *from {
            return None;
        }
        self.remove(id)
    }

    fn remove(&mut self, id: &str) -> Option<Relayed> {
        let relayed = self.waiting.remove(id)?;
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

    fn relayed() -> Relayed {
        Relayed {
            asker: Arc::new(FullJid::new("ann@example.org/phone").unwrap()),
            id: "v1".into(),
            asked: FullJid::new("room@rooms.example.org/bob").unwrap(),
            sent_to: Jid::new("bob@example.org").unwrap(),
        }
    }

    #[test]
    fn only_who_was_asked_can_answer_and_only_once() {
        let mut relays = Relays::default();
        relays.add(Elapsed::BEGINNING, "x".into(), relayed());
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
        relays.add(Elapsed::BEGINNING, "x".into(), relayed());
        relays.add(
            Elapsed::BEGINNING.plus_seconds(ANSWER_MAX_S + 1),
            "y".into(),
            relayed(),
        );
        assert_eq!(relays.answered("x", &relayed().sent_to), None);
        assert!(relays.answered("y", &relayed().sent_to).is_some());
    }
}
