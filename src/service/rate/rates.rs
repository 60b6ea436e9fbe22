//! What one person may send, and have sent to others: one limit for each kind of stanza, and some
//! for bytes.
//!
//! Everything is asked before it is done. What a stanza is, is read in one place for limits and for
//! those who act on it: [`StanzaType`].

use jid::BareJid;

use super::limits::{Rate, RateLimit};
use super::weight::Weight;
use crate::room::{Elapsed, Reach};
use crate::wire::stanza::problem::Problem;
use crate::wire::stanza::stanza_type::{PresenceType, StanzaType};

/// How often one person may send what.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RateSettings {
    /// Messages; `None`: as often as one likes.
    pub messages: Option<Rate>,
    /// Presence, entering rooms included.
    pub presences: Option<Rate>,
    /// Requests, which are `<iq/>` stanzas.
    pub iqs: Option<Rate>,
    /// Bytes of all these.
    pub bytes: Option<Rate>,
    /// How many people may be invited in an hour.
    pub invitations_per_hour: Option<u32>,
}

/// The buckets of everybody.
#[derive(Debug)]
pub struct Rates {
    messages: RateLimit,
    presences: RateLimit,
    /// Good-byes of sessions that are in no room.
    farewells: RateLimit,
    iqs: RateLimit,
    /// Errors, and answers to requests.
    returned: RateLimit,
    /// What somebody sends, in bytes.
    received: RateLimit,
    /// What is sent to somebody because they asked for it, or to people outside for them, in bytes.
    asked_for: RateLimit,
    /// What is sent to all in a room because of somebody, in bytes.
    fanned_out: RateLimit,
    /// What somebody sends, in elements beyond those of everyday stanzas.
    elements: RateLimit,
    /// Entries of lists that somebody reads.
    listed: RateLimit,
    invitations: RateLimit,
    invitations_per_hour: u32,
}

/// What somebody has brought about, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caused {
    /// Sent to the person, or to people outside.
    pub asked_for: usize,
    /// Sent to those in a room.
    pub fanned_out: usize,
}

/// Bytes that may be sent to a person because they asked for them: entering rooms, history, lists.
/// The burst is for a client that enters all its rooms at once.
const ASKED_FOR: Rate = Rate {
    per_second: 512.0 * 1024.0,
    burst: 32 * 1024 * 1024,
};

/// Bytes that a person may have sent to those in rooms: at the pace of messages, one of 3 KiB each
/// to a thousand; and at once what half of it would be to the largest room that one service holds,
/// of 16,000.
const FANNED_OUT: Rate = Rate {
    per_second: 32.0 * 1024.0 * 1024.0,
    burst: 512 * 1024 * 1024,
};

/// Elements that one person may send beyond those of everyday stanzas, such as entries of lists: a
/// thousand take everybody's time some 50 ms. A list that is brought from elsewhere comes in parts,
/// which need not be fewer than they were.
const ELEMENTS: Rate = Rate {
    per_second: 500.0,
    burst: 5_000,
};

/// Entries of lists that one person may read: the four lists of a room at once, each as long as a
/// stanza can be.
const LISTED: Rate = Rate {
    per_second: 2_000.0,
    burst: 20_000,
};

/// How many errors and answers pass for one request.
const RETURNED_FACTOR: u16 = 10;

impl Rates {
    /// Nobody has sent anything yet.
    pub fn new(settings: RateSettings) -> Self {
        Self::of_many(settings, 1)
    }

    /// The same for those who share what this number of people may do.
    pub fn of_many(settings: RateSettings, people: u32) -> Self {
        let per_hour = settings.invitations_per_hour;
        let per_hour = per_hour.map(|per_hour| per_hour.saturating_mul(people));
        let limit = |rate: Option<Rate>| RateLimit::new(rate.map(|rate| rate.times(people)));
        Self {
            messages: limit(settings.messages),
            presences: limit(settings.presences),
            farewells: limit(settings.presences),
            iqs: limit(settings.iqs),
            returned: limit(settings.iqs.map(|rate| rate.times(RETURNED_FACTOR.into()))),
            received: limit(settings.bytes),
            // Whoever lifts the limit on presence or on messages means to lift what follows from
            // it.
            asked_for: limit(settings.presences.map(|_| ASKED_FOR)),
            fanned_out: limit(settings.messages.map(|_| FANNED_OUT)),
            elements: limit(settings.bytes.map(|_| ELEMENTS)),
            listed: limit(settings.iqs.map(|_| LISTED)),
            invitations: RateLimit::new(per_hour.map(|per_hour| Rate {
                per_second: f64::from(per_hour) / 3600.0,
                burst: per_hour,
            })),
            invitations_per_hour: per_hour.unwrap_or(u32::MAX),
        }
    }

    /// Takes a stanza of this weight into account. Of errors and the answers to requests, whose
    /// number others choose, ten times as many pass as of requests: whoever waits for one that is
    /// left out waits in vain.
    pub fn allow(
        &mut self,
        now: Elapsed,
        person: &BareJid,
        type_: StanzaType,
        weight: Weight,
    ) -> bool {
        if !self.may_send(now, person, type_, weight) {
            return false;
        }
        self.limit_of(type_).spend(now, person, 1);
        if !is_owed(type_) {
            self.received.spend(now, person, weight.bytes);
            self.elements.spend(now, person, weight.elements);
        }
        true
    }

    /// Whether [`Self::allow`] would let it pass. Whoever has no bucket gets none by this.
    pub fn may_send(
        &mut self,
        now: Elapsed,
        person: &BareJid,
        type_: StanzaType,
        weight: Weight,
    ) -> bool {
        if !self.limit_of(type_).affords(now, person, 1) {
            return false;
        }
        is_owed(type_)
            || !self.asked_for.is_exhausted(now, person)
                && self.received.affords(now, person, weight.bytes)
                && self.elements.affords(now, person, weight.elements)
    }

    fn limit_of(&mut self, type_: StanzaType) -> &mut RateLimit {
        if type_.is_error() || type_.is_reply() {
            return &mut self.returned;
        }
        match type_ {
            StanzaType::Presence(PresenceType::Unavailable) => &mut self.farewells,
            StanzaType::Message(_) => &mut self.messages,
            StanzaType::Presence(_) => &mut self.presences,
            StanzaType::Iq(_) => &mut self.iqs,
        }
    }

    /// Whether a person may have a room send what a request would make it send.
    ///
    /// # Errors
    /// - [`Problem::TooManyInvitations`], [`Problem::Overloaded`].
    pub fn check_reach(
        &mut self,
        now: Elapsed,
        person: &BareJid,
        reach: Reach,
    ) -> Result<(), Problem> {
        if !self.invitations.affords(now, person, reach.invitations) {
            return Err(Problem::TooManyInvitations {
                per_hour: self.invitations_per_hour,
            });
        }
        if !self.fanned_out.affords(now, person, reach.bytes) {
            return Err(Problem::Overloaded);
        }
        Ok(())
    }

    /// Takes into account that a person reads a list of `entries` entries, if that is within the
    /// limit.
    ///
    /// # Errors
    /// - [`Problem::Overloaded`]
    pub fn list(&mut self, now: Elapsed, person: &BareJid, length: usize) -> Result<(), Problem> {
        if !self.listed.affords(now, person, length) {
            return Err(Problem::Overloaded);
        }
        self.listed.spend(now, person, length);
        Ok(())
    }

    /// Takes into account that people were invited.
    pub fn invited(&mut self, now: Elapsed, person: &BareJid, count: usize) {
        self.invitations.spend(now, person, count);
    }

    /// Takes into account what was sent because of a person.
    pub fn charge(&mut self, now: Elapsed, person: &BareJid, caused: Caused) {
        self.asked_for.spend(now, person, caused.asked_for);
        self.fanned_out.spend(now, person, caused.fanned_out);
    }
}

/// Whether somebody is bound to send it: a good-bye, or what a request or a delivery of ours brings
/// back. Its bytes are not counted.
fn is_owed(type_: StanzaType) -> bool {
    type_.is_error() || type_.is_reply() || type_ == StanzaType::Presence(PresenceType::Unavailable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::stanza::stanza_type::tests::TYPES;
    use crate::wire::xml::frame::Frame;

    fn settings() -> RateSettings {
        let rate = |burst| {
            Some(Rate {
                per_second: 1.0,
                burst,
            })
        };
        RateSettings {
            messages: rate(3),
            presences: rate(4),
            iqs: rate(5),
            bytes: rate(1000),
            invitations_per_hour: Some(10),
        }
    }

    fn ann() -> BareJid {
        BareJid::new("ann@example.org").unwrap()
    }

    const START: Elapsed = Elapsed(1_000_000_000_000);

    /// How many of a hundred stanzas pass.
    fn passed(kind: &str, type_: &str, size: usize) -> usize {
        let mut rates = Rates::new(settings());
        let frame = Frame::from_xml(format!("<{kind} type='{type_}'/>").as_bytes()).unwrap();
        let type_ = StanzaType::of(&frame.header);
        let pass = |_: &i32| rates.allow(START, &ann(), type_, size.into());
        (0..100).filter(pass).count()
    }

    #[test]
    fn every_type_of_every_kind_has_a_limit_and_more_of_errors_and_replies_pass() {
        for type_ in TYPES {
            for (kind, burst) in [("message", 3), ("presence", 4), ("iq", 5)] {
                let returned = type_ == "error" || (kind == "iq" && type_ == "result");
                let expected = if returned { 50 } else { burst };
                assert_eq!(passed(kind, type_, 1), expected, "{kind} {type_:?}");
            }
        }
    }

    #[test]
    fn few_large_stanzas_are_as_much_as_many_small_ones() {
        assert_eq!(passed("message", "chat", 450), 2);
        assert_eq!(passed("iq", "set", 450), 2);
        // What is larger than a burst passes once.
        assert_eq!(passed("message", "chat", 5000), 1);
    }

    #[test]
    fn lists_that_are_sent_are_limited_by_their_entries_whoever_reads_them() {
        let mut rates = Rates::new(settings());
        let iq = Frame::from_xml(b"<iq type='set'/>").unwrap();
        let list = Weight {
            bytes: 1,
            elements: 2_000,
        };
        let pass = |_: &i32| rates.allow(START, &ann(), StanzaType::of(&iq.header), list);
        assert_eq!((0..5).filter(pass).count(), 2);
        let later = START.plus_seconds(2);
        assert!(rates.allow(later, &ann(), StanzaType::of(&iq.header), list));
    }

    #[test]
    fn lists_that_are_read_are_limited_by_their_entries() {
        let mut rates = Rates::new(settings());
        let read = |_: &i32| rates.list(START, &ann(), 5_000).is_ok();
        assert_eq!((0..50).filter(read).count(), 4);
        assert_eq!(
            rates.list(START, &BareJid::new("bob@example.org").unwrap(), 5_000),
            Ok(())
        );
    }

    #[test]
    fn who_has_asked_for_too_much_may_not_send_messages_either() {
        let mut rates = Rates::new(settings());
        let caused = Caused {
            asked_for: 33 * 1024 * 1024,
            fanned_out: 0,
        };
        rates.charge(START, &ann(), caused);
        let chat = Frame::from_xml(b"<message/>").unwrap();
        assert!(!rates.allow(START, &ann(), StanzaType::of(&chat.header), 1.into()));
    }

    #[test]
    fn what_a_room_would_send_is_asked_before_it_does() {
        let mut rates = Rates::new(settings());
        let reach = |bytes, invitations| Reach { bytes, invitations };
        let caused = Caused {
            asked_for: 0,
            fanned_out: 500 * 1024 * 1024,
        };
        rates.charge(START, &ann(), caused);
        assert_eq!(rates.check_reach(START, &ann(), reach(1024, 0)), Ok(()));
        let refused = rates.check_reach(START, &ann(), reach(13 * 1024 * 1024, 0));
        assert_eq!(refused, Err(Problem::Overloaded));
    }

    #[test]
    fn invitations_of_an_hour_are_counted_together() {
        let mut rates = Rates::new(settings());
        let invite = |rates: &mut Rates, now, count| {
            let reach = Reach {
                bytes: 0,
                invitations: count,
            };
            let allowed = rates.check_reach(now, &ann(), reach);
            if allowed.is_ok() {
                rates.invited(now, &ann(), count);
            }
            allowed
        };
        assert_eq!(invite(&mut rates, START, 6), Ok(()));
        let refused = Err(Problem::TooManyInvitations { per_hour: 10 });
        assert_eq!(invite(&mut rates, START, 5), refused);
        assert_eq!(invite(&mut rates, START, 4), Ok(()));
        assert_eq!(invite(&mut rates, START.plus_seconds(359), 1), refused);
        assert_eq!(invite(&mut rates, START.plus_seconds(361), 1), Ok(()));
    }
}
