//! The three rates of a pool, one for each kind of stanza.

use jid::BareJid;

use super::limits::{Rate, RateLimit};
use crate::room::Timestamp;
use crate::wire::frame::{Header, StanzaKind};

/// How often one person may send what.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RateSettings {
    /// Messages; `None`: as often as one likes.
    pub messages: Option<Rate>,
    /// Presence, entering rooms included.
    pub presences: Option<Rate>,
    /// Requests.
    pub iqs: Option<Rate>,
}

/// The buckets of everybody.
#[derive(Debug)]
pub struct Rates {
    messages: RateLimit,
    presences: RateLimit,
    iqs: RateLimit,
}

impl Rates {
    /// Nobody has sent anything yet.
    pub fn new(settings: RateSettings) -> Self {
        Self {
            messages: RateLimit::new(settings.messages),
            presences: RateLimit::new(settings.presences),
            iqs: RateLimit::new(settings.iqs),
        }
    }

    /// Takes a stanza into account. What must never be refused is not: answers, errors, and good-byes, for who
    /// could not leave would be a ghost.
    pub fn allow(&mut self, now: Timestamp, person: &BareJid, header: &Header) -> bool {
        if matches!(
            header.type_.as_deref(),
            Some("error" | "result" | "unavailable")
        ) {
            return true;
        }
        let limit = match header.kind {
            StanzaKind::Message => &mut self.messages,
            StanzaKind::Presence => &mut self.presences,
            StanzaKind::Iq => &mut self.iqs,
        };
        limit.allows(now, person)
    }
}
