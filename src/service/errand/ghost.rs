//! Asking a doubted session whether it is there. XEP-0199, XEP-0045 §18.1.2 (#impl-service-ghosts).
//!
//! What an answer means, and which question is next, is the reasoning of
//! [`verify`](crate::service::session::verify).

use std::sync::Arc;

use jid::{FullJid, Jid};

use super::{Bounds, Errand, StanzaReply};
use crate::room::Now;
use crate::service::engine::Engine;
use crate::service::session::verify::{ANSWER_MAX_S, Inquiry, Sign};
use crate::wire::session::ping;
use crate::wire::stanza::bounce::Condition;
use crate::wire::stanza::bounce::StanzaOutcome;

/// A session that was pinged.
#[derive(Debug)]
struct Ghost {
    session: Arc<FullJid>,
}

/// The pace of questions bounds how many are under way; this is far above it.
const BOUNDS: Bounds = Bounds {
    kind: "ghost",
    patience_s: ANSWER_MAX_S,
    most: 100_000,
    most_per_session: usize::MAX,
    most_per_party: usize::MAX,
};

impl Errand for Ghost {
    fn bounds(&self) -> &'static Bounds {
        &BOUNDS
    }

    fn go_on(self: Box<Self>, engine: &mut Engine, now: Now, reply: &StanzaReply<'_>) {
        let sign = match reply.outcome {
            StanzaOutcome::Result | StanzaOutcome::Error(Condition::Refused) => Sign::Alive,
            StanzaOutcome::Error(Condition::NoSuchSession) => Sign::Gone,
            StanzaOutcome::Error(Condition::Ambiguous) => Sign::Ambiguous,
            StanzaOutcome::Error(Condition::Trouble) => Sign::Trouble,
        };
        engine.take_sign(now, &self.session, reply.id, sign);
    }
}

impl Engine {
    /// Sends questions to doubted sessions.
    pub(in crate::service) fn ask_sessions(&mut self, now: Now, questions: Vec<Inquiry>) {
        let from = Jid::from(self.settings.service.clone());
        for question in questions {
            let stanza = match &question {
                Inquiry::Ping { to, id } => ping::ping(&from, to, id),
                Inquiry::Probe { to, id } => ping::probe(&from, to, id),
            };
            self.road().beside(&stanza);
            // A probe has no answer: it comes back, or it does not.
            if let Inquiry::Ping { to: session, id } = question {
                let to = Jid::from((*session).clone());
                let ghost = Box::new(Ghost { session });
                self.errands.add(now.elapsed, id, to, ghost);
            }
        }
    }
}
