//! Where the limits of people meet the stanzas.

use std::time::Instant;

use jid::BareJid;

use super::rates::Caused;
use super::weight::Weight;
use crate::room::text::address;
use crate::room::{Elapsed, Now};
use crate::service::engine::Engine;
use crate::wire::stanza::envelope::Envelope;
use crate::wire::stanza::stanza_type::{PresenceType, StanzaType};
use crate::wire::xml::frame::Frame;

impl Engine {
    /// Whether a person sends more than they may.
    pub(in crate::service) fn is_too_much(
        &mut self,
        now: Now,
        envelope: &Envelope,
        frame: &Frame,
    ) -> bool {
        let type_ = StanzaType::of(&frame.header);
        // Whoever could not leave would be a ghost; they have come in as often as they may.
        if type_ == StanzaType::Presence(PresenceType::Unavailable)
            && (self.is_inside(envelope) || self.is_at_the_door(envelope))
        {
            return false;
        }
        let person = address::bare(&envelope.asker);
        let weight = Weight::of(frame);
        let is_too_much = !self.rates.allow(now.elapsed, &person, type_, weight);
        if is_too_much && weight.elements > 0 {
            self.overspent.note(person.as_str(), Instant::now());
        }
        is_too_much
    }

    pub(in crate::service) fn is_inside(&self, envelope: &Envelope) -> bool {
        let (Some(room), Ok(session)) = (envelope.room(), envelope.asker.try_as_full()) else {
            return false;
        };
        self.rooms
            .awake(&room)
            .is_some_and(|room| room.occupants().by_session(session).is_some())
    }

    /// Takes into account what was sent because of a person.
    pub(in crate::service) fn charge(&mut self, now: Elapsed, person: &BareJid, caused: Caused) {
        self.rates.charge(now, person, caused);
    }

    /// The same for what was sent to them later than they asked.
    pub(in crate::service) fn charge_now(&mut self, person: &BareJid, bytes: usize) {
        let caused = Caused {
            asked_for: bytes,
            fanned_out: 0,
        };
        self.charge(self.now.elapsed, person, caused);
    }
}
