//! Asking the server since when it runs: XEP-0012 §4 (#server).
//!
//! If that is another start than the last one known, its sessions of then are gone.

use jid::BareJid;

use super::{Bounds, Errand, StanzaReply};
use crate::room::{Elapsed, Now, Timestamp};
use crate::service::engine::Engine;
use crate::service::fresh;
use crate::wire::session::uptime;

/// The server was asked at this moment.
#[derive(Debug)]
struct Uptime {
    asked_at: Elapsed,
}

/// Nothing is lost when the server never answers; it is asked at each start and whenever the link
/// is made.
const BOUNDS: Bounds = Bounds {
    kind: "uptime",
    patience_s: 24 * 60 * 60,
    most: 2,
    most_per_session: usize::MAX,
    most_per_party: usize::MAX,
};
/// The key under which the store keeps since when the server runs, in microseconds.
const SERVER_STARTED: &str = "server_started";
/// Two tellings of the same start differ by the way that an answer takes, by whole seconds, and by
/// what the clock was set right meanwhile.
const SAME_START_S: i64 = 5;
/// An answer that took longer tells too little of the start, in seconds; then the server is asked
/// once more.
const WAY_MAX_S: i64 = 2;

impl Errand for Uptime {
    fn bounds(&self) -> &'static Bounds {
        &BOUNDS
    }

    fn go_on(self: Box<Self>, engine: &mut Engine, now: Now, reply: &StanzaReply<'_>) {
        match uptime::read(reply.frame) {
            Some(_) if self.asked_at.plus_seconds(WAY_MAX_S) < now.elapsed => {
                engine.ask_uptime(now.elapsed);
            }
            Some(seconds) => engine.take_uptime(now.at, seconds),
            None => {}
        }
    }
}

impl Engine {
    /// Asks the server of the first domain that is served.
    pub(in crate::service) fn ask_uptime(&mut self, now: Elapsed) {
        let Some(domain) = self.directory.terms().served.first() else {
            return;
        };
        let (id, to) = (fresh::id(), BareJid::from_parts(None, domain).into());
        let stanza = uptime::ask(self.settings.service.as_str(), domain.as_str(), &id);
        self.errands
            .add(now, id, to, Box::new(Uptime { asked_at: now }));
        self.road().beside(&stanza);
    }

    fn take_uptime(&mut self, now: Timestamp, seconds: i64) {
        let started = now.minus_seconds(seconds);
        let known = match self.store.meta(SERVER_STARTED) {
            Ok(known) => known.and_then(|text| text.parse().ok()).map(Timestamp),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "the server's start is not known");
                None
            }
        };
        let same =
            known.is_some_and(|known| (known.0 - started.0).abs() <= SAME_START_S * 1_000_000);
        if same {
            return;
        }
        if known.is_some() && !self.sessions.is_doubting_all() {
            tracing::info!("the server was restarted: all sessions are being verified");
            self.sessions.doubt_all();
        }
        self.store.set_meta(SERVER_STARTED, &started.0.to_string());
    }

    /// The server did not start at another time because the calendar was set.
    pub(in crate::service) fn calendar_was_set(&mut self, by_us: i64) {
        let known = self.store.meta(SERVER_STARTED).ok().flatten();
        if let Some(known) = known.and_then(|text| text.parse::<i64>().ok()) {
            let moved = known.saturating_add(by_us);
            self.store.set_meta(SERVER_STARTED, &moved.to_string());
        }
    }
}
