//! How much is looked at in one go, before the store is given what it changed and the server what
//! it is told.
//!
//! What comes in together shares a commit, which is what makes many messages cheap. But whoever
//! comes behind it waits for all of it: so a burst ends after some time, and what a commit has to
//! write is bounded, whatever the stanzas are that ask for it. What is beyond waits in the inbox,
//! in its order, for the next one.

use std::time::{Duration, Instant};

use super::UNSENT_MAX;
use super::engine::Engine;

/// What may still be looked at.
pub(super) struct Burst {
    stanzas: usize,
    until: Instant,
}

/// Maximum number of stanzas.
const STANZAS_MAX: usize = 512;
/// The time after which no further stanza is begun: a small part of what somebody notices as
/// waiting.
const TIME_MAX: Duration = Duration::from_millis(10);

/// Number of operations waiting for a commit at which no further stanza is looked at. A list of
/// affiliations has one for each entry; these take SQLite some 50 ms. A single stanza may exceed
/// it.
pub(super) const OPERATIONS_MAX: usize = 2048;

impl Burst {
    pub fn begin(now: Instant) -> Self {
        Self {
            stanzas: STANZAS_MAX,
            until: now + TIME_MAX,
        }
    }

    /// A stanza has been looked at; whether another may be.
    pub fn goes_on(&mut self, now: Instant, engine: &Engine) -> bool {
        self.stanzas = self.stanzas.saturating_sub(1);
        self.stanzas > 0 && now < self.until && !is_full(engine)
    }
}

/// Whether nothing further may be looked at, for too much waits for a commit or for the server.
pub(super) fn is_full(engine: &Engine) -> bool {
    engine.unreleased() > UNSENT_MAX || engine.collected_operations() >= OPERATIONS_MAX
}
