//! How much may be added to the archive in a day, by one person and in one room. Off unless the
//! configuration says more.
//!
//! What is said is delivered only when it is kept, so what passes a quota is refused, and whoever
//! said it is told that nobody has got it: nothing is delivered and then missing. A quota fills
//! again bit by bit in the course of a day. It is remembered by the running service alone, so a
//! restart gives everybody a whole day's worth.

use jid::BareJid;

use super::limits::{Rate, RateLimit};
use crate::room::request::{Keep, Purpose, Speech};
use crate::room::{Action, Elapsed};
use crate::wire::stanza::problem::{Problem, QuotaOf};

/// What the quotas are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuotaSettings {
    /// MiB a day that one person may add, in all rooms together; `None`: any amount.
    pub person_mib: Option<u32>,
    /// MiB a day that may be added in one room, by all together; `None`: any amount.
    pub room_mib: Option<u32>,
}

/// What is left of them.
#[derive(Debug)]
pub(in crate::service) struct Quotas {
    settings: QuotaSettings,
    of_person: RateLimit,
    of_room: RateLimit,
}

/// What a message takes in the archive beside its content, in bytes: its ids, its place, its words.
const BESIDE_CONTENT: usize = 256;
const MIB: u32 = 1024 * 1024;
const DAY_S: f64 = 24.0 * 60.0 * 60.0;

impl Quotas {
    /// Nobody has said anything today.
    pub fn new(settings: QuotaSettings) -> Self {
        Self {
            settings,
            of_person: RateLimit::new(settings.person_mib.map(a_day)),
            of_room: RateLimit::new(settings.room_mib.map(a_day)),
        }
    }

    /// Whether this number of bytes may be added; to be asked before it is done.
    ///
    /// # Errors
    /// - [`Problem::QuotaReached`]
    pub fn check(
        &mut self,
        now: Elapsed,
        person: &BareJid,
        room: &BareJid,
        bytes: usize,
    ) -> Result<(), Problem> {
        let reached = |of, mib: Option<u32>| Problem::QuotaReached {
            of,
            mib: mib.unwrap_or(0),
        };
        if !self.of_person.affords(now, person, bytes) {
            return Err(reached(QuotaOf::Person, self.settings.person_mib));
        }
        if !self.of_room.affords(now, room, bytes) {
            return Err(reached(QuotaOf::Room, self.settings.room_mib));
        }
        Ok(())
    }

    /// Takes into account what was added.
    pub fn spend(&mut self, now: Elapsed, person: &BareJid, room: &BareJid, bytes: usize) {
        self.of_person.spend(now, person, bytes);
        self.of_room.spend(now, room, bytes);
    }
}

/// How much a request adds to the archive, in bytes. What is taken back may be taken back at any
/// time, and counts nothing.
pub(in crate::service) fn added_by(action: &Action) -> usize {
    match action {
        Action::Say(speech) | Action::ChangeSubject { speech, .. } if is_counted(speech) => {
            speech.content.payload.as_bytes().len() + BESIDE_CONTENT
        }
        _ => 0,
    }
}

fn is_counted(speech: &Speech) -> bool {
    speech.keep == Keep::Archived && !matches!(speech.purpose, Purpose::Retraction(_))
}

fn a_day(mib: u32) -> Rate {
    Rate {
        per_second: f64::from(mib) * f64::from(MIB) / DAY_S,
        burst: mib.saturating_mul(MIB),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jid(text: &str) -> BareJid {
        BareJid::new(text).unwrap()
    }

    const START: Elapsed = Elapsed(1_000_000_000_000);

    #[test]
    fn nobody_has_a_quota_unless_one_is_set() {
        let mut quotas = Quotas::new(QuotaSettings::default());
        let (ann, hall) = (jid("ann@example.org"), jid("hall@rooms.example.org"));
        quotas.spend(START, &ann, &hall, usize::MAX);
        assert_eq!(quotas.check(START, &ann, &hall, usize::MAX), Ok(()));
    }

    #[test]
    fn a_persons_quota_holds_in_all_rooms_and_fills_again_in_a_day() {
        let mut quotas = Quotas::new(QuotaSettings {
            person_mib: Some(2),
            room_mib: None,
        });
        let (ann, bob) = (jid("ann@example.org"), jid("bob@example.org"));
        let (hall, lobby) = (
            jid("hall@rooms.example.org"),
            jid("lobby@rooms.example.org"),
        );
        let mib = MIB as usize;
        quotas.spend(START, &ann, &hall, mib);
        assert_eq!(quotas.check(START, &ann, &lobby, mib), Ok(()));
        quotas.spend(START, &ann, &lobby, mib);
        let reached = Problem::QuotaReached {
            of: QuotaOf::Person,
            mib: 2,
        };
        assert_eq!(quotas.check(START, &ann, &hall, 300), Err(reached));
        assert_eq!(quotas.check(START, &bob, &hall, mib), Ok(()));
        let half_a_day = START.plus_seconds(12 * 60 * 60 + 1);
        assert_eq!(quotas.check(half_a_day, &ann, &hall, mib), Ok(()));
        assert!(quotas.check(half_a_day, &ann, &hall, mib + 1000).is_err());
    }

    #[test]
    fn a_rooms_quota_holds_for_all_in_it_and_not_for_others() {
        let mut quotas = Quotas::new(QuotaSettings {
            person_mib: None,
            room_mib: Some(1),
        });
        let (ann, bob) = (jid("ann@example.org"), jid("bob@example.org"));
        let (hall, lobby) = (
            jid("hall@rooms.example.org"),
            jid("lobby@rooms.example.org"),
        );
        quotas.spend(START, &ann, &hall, MIB as usize);
        let reached = Problem::QuotaReached {
            of: QuotaOf::Room,
            mib: 1,
        };
        assert_eq!(quotas.check(START, &bob, &hall, 300), Err(reached));
        assert_eq!(quotas.check(START, &bob, &lobby, 300), Ok(()));
    }
}
