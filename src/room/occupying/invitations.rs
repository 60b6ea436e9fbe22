//! Who was invited by whom, so that nobody declines what was never offered. XEP-0045 §7.8.2
//! (#invite-mediated).
//!
//! A decline reaches somebody inside from somebody outside, past membership and past the setting
//! that forbids private messages. So it is worth one answer to one invitation, and no more.

use std::collections::BTreeMap;

use jid::BareJid;

use crate::room::Elapsed;

/// The invitations of a room that may still be declined: each once, and for a day.
///
/// They are not kept over a restart, or over the sleep of an empty room: a decline that comes later
/// is dropped in silence, as one to an inviter who has left. So two of them are always equal.
#[derive(Clone, Debug, Default)]
pub(in crate::room) struct Invitations {
    by_pair: BTreeMap<Pair, u64>,
    /// Both indexes hold the same; this one in the order in which people were invited.
    by_age: BTreeMap<u64, (Pair, Elapsed)>,
    last: u64,
}

/// Invitee and inviter.
type Pair = (BareJid, BareJid);

impl Invitations {
    /// Remembers that somebody was invited. The oldest invitation is forgotten when there are too
    /// many.
    pub fn note(&mut self, now: Elapsed, invitee: BareJid, inviter: BareJid) {
        let pair = (invitee, inviter);
        if let Some(age) = self.by_pair.remove(&pair) {
            self.by_age.remove(&age);
        }
        while let Some(oldest) = self.by_age.first_entry() {
            if self.by_pair.len() < REMEMBERED_MAX && is_good(oldest.get().1, now) {
                break;
            }
            let (pair, _) = oldest.remove();
            self.by_pair.remove(&pair);
        }
        self.last += 1;
        self.by_age.insert(self.last, (pair.clone(), now));
        self.by_pair.insert(pair, self.last);
    }

    /// Uses an invitation up. Tells whether there was one.
    pub fn take(&mut self, now: Elapsed, invitee: BareJid, inviter: BareJid) -> bool {
        let age = self.by_pair.remove(&(invitee, inviter));
        age.and_then(|age| self.by_age.remove(&age))
            .is_some_and(|(_, at)| is_good(at, now))
    }
}

impl PartialEq for Invitations {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Invitations {}

fn is_good(at: Elapsed, now: Elapsed) -> bool {
    at.plus_seconds(GOOD_FOR_S) > now
}

/// Maximum number of invitations that are remembered in one room.
const REMEMBERED_MAX: usize = 1000;

/// An invitation may be declined for a day.
const GOOD_FOR_S: i64 = 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use super::*;

    fn jid(number: usize) -> BareJid {
        BareJid::new(&format!("{number}@a.example")).unwrap()
    }

    fn at(seconds: i64) -> Elapsed {
        Elapsed::BEGINNING.plus_seconds(seconds)
    }

    #[test]
    fn an_invitation_is_good_once_and_for_a_day() {
        let mut invitations = Invitations::default();
        invitations.note(at(0), jid(1), jid(0));
        invitations.note(at(0), jid(1), jid(0));
        invitations.note(at(0), jid(2), jid(0));
        assert!(!invitations.take(at(1), jid(1), jid(2)));
        assert!(invitations.take(at(1), jid(1), jid(0)));
        assert!(!invitations.take(at(1), jid(1), jid(0)));
        assert!(!invitations.take(at(GOOD_FOR_S), jid(2), jid(0)));
    }

    #[test]
    fn the_oldest_is_forgotten_when_there_are_too_many() {
        let mut invitations = Invitations::default();
        for number in 0..=REMEMBERED_MAX {
            invitations.note(at(0), jid(number), jid(0));
        }
        assert_eq!(invitations.by_age.len(), REMEMBERED_MAX);
        assert_eq!(invitations.by_pair.len(), REMEMBERED_MAX);
        assert!(!invitations.take(at(1), jid(0), jid(0)));
        assert!(invitations.take(at(1), jid(1), jid(0)));
        invitations.note(at(GOOD_FOR_S), jid(1), jid(0));
        assert_eq!(invitations.by_age.len(), 1, "the expired are forgotten");
    }
}
