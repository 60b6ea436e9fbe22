//! Private messages and invitations that may come back with an error. XEP-0045 §7.5
//! (#privatemessage), §7.8.2 (#invite-mediated).
//!
//! Who refuses a message, or whose server does, answers the address of ours that it came from. To
//! tell its sender, who that was is remembered for a while; and only what somebody sent is
//! returned, and only once, so that nobody can write to another by errors where the room forbids
//! private messages.

use std::collections::{HashMap, VecDeque};

use jid::{FullJid, Jid};

use crate::room::Elapsed;

/// Who is to be told when a message comes back.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// Who sent it.
    pub sender: FullJid,
    /// The id that they gave it.
    pub id: Option<String>,
    /// The address of ours that they sent it to: an occupant, or the room that they had somebody
    /// invited by.
    pub asked: Jid,
    /// Whom it invited, if it did.
    pub invited: Option<Jid>,
}

/// A message as it went out: from this address of ours, under this id, to this one.
pub type Way = (Jid, String, Jid);

/// The messages that may come back, oldest first.
#[derive(Debug, Default)]
pub struct Returns {
    on_their_way: HashMap<Way, Number>,
    sent: HashMap<Number, Copies>,
    order: VecDeque<(Elapsed, Way, Number)>,
    last: Number,
}

type Number = u64;

/// A message, and to how many more sessions of one person it went than have returned it.
#[derive(Debug)]
struct Copies {
    sent: Sent,
    out: usize,
}

/// An error that takes longer, in seconds, is not passed on.
const RETURN_MAX_S: i64 = 300;
/// Maximum number of copies remembered; the oldest are dropped.
const COPIES_MAX: usize = 10_000;
/// Maximum length in bytes of an id that is remembered; a longer one is no id but a burden.
const ID_MAX: usize = 1024;

impl Returns {
    /// Remembers a message that goes out on these ways, one for each session of the person it is
    /// for.
    pub fn add(&mut self, now: Elapsed, sent: Sent, ways: Vec<Way>) {
        self.forget_old(now);
        let is_burden = |id: &str| id.len() > ID_MAX;
        if ways.is_empty()
            || sent.id.as_deref().is_some_and(is_burden)
            || ways.iter().any(|(_, id, _)| is_burden(id))
        {
            return;
        }
        self.last += 1;
        let out = ways.len();
        self.sent.insert(self.last, Copies { sent, out });
        for way in ways {
            // Who gives two messages the same id is told of the later one.
            self.on_their_way.insert(way.clone(), self.last);
            self.order.push_back((now, way, self.last));
        }
        self.shorten();
    }

    /// A copy has come back. Gives the message when no copy of it has arrived anywhere.
    pub fn returned(&mut self, way: &Way) -> Option<Sent> {
        let number = self.on_their_way.remove(way)?;
        let copies = self.sent.get_mut(&number)?;
        copies.out -= 1;
        if copies.out > 0 {
            return None;
        }
        self.sent.remove(&number).map(|copies| copies.sent)
    }

    fn forget_old(&mut self, now: Elapsed) {
        while let Some((sent_at, ..)) = self.order.front() {
            if sent_at.plus_seconds(RETURN_MAX_S) >= now {
                return;
            }
            self.forget_first();
        }
    }

    fn shorten(&mut self) {
        while self.order.len() > COPIES_MAX {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        let Some((_, way, number)) = self.order.pop_front() else {
            return;
        };
        self.sent.remove(&number);
        if self.on_their_way.get(&way) == Some(&number) {
            self.on_their_way.remove(&way);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Elapsed {
        Elapsed::BEGINNING.plus_seconds(seconds)
    }

    fn jid(jid: &str) -> Jid {
        Jid::new(jid).unwrap()
    }

    fn sent(id: &str) -> Sent {
        Sent {
            sender: FullJid::new("cat@example.org/home").unwrap(),
            id: Some(id.into()),
            asked: jid("room@rooms.example.org/bob"),
            invited: None,
        }
    }

    fn way(id: &str, to: &str) -> Way {
        (jid("room@rooms.example.org/cat"), id.into(), jid(to))
    }

    #[test]
    fn what_somebody_sent_is_returned_once_and_by_whom_it_was_for() {
        let mut returns = Returns::default();
        returns.add(at(0), sent("1"), vec![way("1", "bob@example.org/a")]);
        assert_eq!(returns.returned(&way("1", "eve@example.org/a")), None);
        assert_eq!(returns.returned(&way("2", "bob@example.org/a")), None);
        let way = way("1", "bob@example.org/a");
        assert_eq!(returns.returned(&way), Some(sent("1")));
        assert_eq!(returns.returned(&way), None);
    }

    #[test]
    fn what_one_of_several_sessions_took_has_arrived() {
        let mut returns = Returns::default();
        let (first, second) = (way("1", "bob@example.org/a"), way("1", "bob@example.org/b"));
        returns.add(at(0), sent("1"), vec![first.clone(), second.clone()]);
        assert_eq!(returns.returned(&first), None);
        assert_eq!(returns.returned(&first), None);
        assert_eq!(returns.returned(&second), Some(sent("1")));
    }

    #[test]
    fn what_is_old_or_too_much_is_forgotten() {
        let mut returns = Returns::default();
        let to = "bob@example.org/a";
        returns.add(at(0), sent("old"), vec![way("old", to)]);
        returns.add(at(RETURN_MAX_S + 1), sent("new"), vec![way("new", to)]);
        assert_eq!(returns.returned(&way("old", to)), None);
        for number in 0..COPIES_MAX {
            let id = number.to_string();
            returns.add(at(RETURN_MAX_S + 1), sent(&id), vec![way(&id, to)]);
        }
        assert_eq!(returns.returned(&way("new", to)), None);
        let long = "x".repeat(ID_MAX + 1);
        returns.add(at(RETURN_MAX_S + 1), sent("1"), vec![way(&long, to)]);
        assert_eq!(returns.returned(&way(&long, to)), None);
        assert!(returns.order.len() <= COPIES_MAX && returns.sent.len() <= COPIES_MAX);
    }
}
