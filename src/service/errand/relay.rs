//! IQs on their way from one occupant to another. XEP-0045 §17.4 (#bizrules-iq).
//!
//! Each goes out under an id of ours, so that the answer, which comes from the real JID, finds back
//! to who asked without either learning the other's address.

use std::sync::Arc;

use jid::{FullJid, Jid};

use super::{Behalf, Bounds, Errand, StanzaReply};
use crate::room::text::address;
use crate::room::{Nick, Now};
use crate::service::engine::{AskedStanza, Engine};
use crate::service::fresh;
use crate::wire::muc::relay;
use crate::wire::stanza::problem::Problem;

/// A request that waits for its answer.
#[derive(Debug)]
struct Relay {
    /// The occupant who asked, and in which room.
    asker: Behalf,
    /// The id of the request as the asker sent it.
    id: String,
    /// The occupant JID that was asked, from which the answer comes.
    asked: FullJid,
}

/// Whoever asked gives up after that; a session may ask as many as a client does that shows every
/// face of a large room.
const BOUNDS: Bounds = Bounds {
    kind: "relay",
    patience_s: 120,
    most: 20_000,
    most_per_session: 500,
    most_per_party: 2_000,
};
/// Maximum length in bytes of an id that is remembered; a longer one is no id but a burden.
const ID_MAX: usize = 1024;

impl Errand for Relay {
    fn bounds(&self) -> &'static Bounds {
        &BOUNDS
    }

    fn on_behalf_of(&self) -> Option<&Behalf> {
        Some(&self.asker)
    }

    fn go_on(self: Box<Self>, engine: &mut Engine, _: Now, reply: &StanzaReply<'_>) {
        let stanza = relay::pass_back(reply.frame, &self.asked, &self.asker.session, &self.id);
        engine.road().beside(&stanza);
    }
}

impl Engine {
    /// Passes a request on to a session of another occupant, or to their account, and the answer
    /// back when it comes.
    pub(in crate::service) fn pass_on(
        &mut self,
        now: Now,
        stanza: AskedStanza<'_>,
        from: &Nick,
        to: Jid,
    ) {
        let envelope = stanza.envelope;
        if envelope.id.as_ref().map_or(0, String::len) > ID_MAX {
            let problem = Problem::Malformed {
                element: "iq",
                wanted: "an id of at most 1024 bytes",
            };
            self.answer_problem(envelope, &problem);
            return;
        }
        let (Ok(asker), Ok(asked)) = (envelope.asker.try_as_full(), envelope.asked.try_as_full())
        else {
            return;
        };
        let id = fresh::id();
        let asker_here = address::with_resource(&asked.to_bare(), from.as_str());
        let Ok(asker_here) = asker_here else { return };
        let request = relay::pass_on(stanza.frame, &asker_here, &to, &id);
        let relay = Relay {
            asker: Behalf {
                session: Arc::new(asker.clone()),
                party: self.party(&envelope.asker),
            },
            id: envelope.id.clone().unwrap_or_default(),
            asked: asked.clone(),
        };
        if self.errands.add(now.elapsed, id, to, Box::new(relay)) {
            self.road().beside(&request);
        } else {
            self.answer_problem(envelope, &Problem::Overloaded);
        }
    }
}
