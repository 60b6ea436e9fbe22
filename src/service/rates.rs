//! The three rates of a pool, one for each kind of stanza.

use jid::BareJid;

use super::limits::{Rate, RateLimit};
use crate::room::Elapsed;
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
    /// What is sent to somebody because he asked for it, in bytes.
    bytes: RateLimit,
}

/// So many bytes may be sent to a person because he asked for them: entering rooms, their history, lists. The burst
/// is for a client that enters all its rooms at once.
const BYTES: Rate = Rate {
    per_second: 512.0 * 1024.0,
    burst: 32 * 1024 * 1024,
};

impl Rates {
    /// Nobody has sent anything yet.
    pub fn new(settings: RateSettings) -> Self {
        Self {
            messages: RateLimit::new(settings.messages),
            presences: RateLimit::new(settings.presences),
            iqs: RateLimit::new(settings.iqs),
            // Whoever lifts the limit on presence means to lift what follows from it.
            bytes: RateLimit::new(settings.presences.map(|_| BYTES)),
        }
    }

    /// Takes a stanza into account. What must never be refused is not: answers, errors, and good-byes, for who
    /// could not leave would be a ghost.
    pub fn allow(&mut self, now: Elapsed, person: &BareJid, header: &Header) -> bool {
        if matches!(
            header.type_.as_deref(),
            Some("error" | "result" | "unavailable")
        ) {
            return true;
        }
        if header.kind != StanzaKind::Message && self.bytes.is_exhausted(now, person) {
            return false;
        }
        let limit = match header.kind {
            StanzaKind::Message => &mut self.messages,
            StanzaKind::Presence => &mut self.presences,
            StanzaKind::Iq => &mut self.iqs,
        };
        limit.allows(now, person)
    }

    /// Takes into account what was sent to a person because he asked, in bytes.
    pub fn charge(&mut self, now: Elapsed, person: &BareJid, bytes: usize) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.bytes.spend(now, person, bytes);
    }
}
