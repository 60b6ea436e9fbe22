//! Carrying out what a room asks for, in order.

use std::sync::Arc;

use jid::{BareJid, FullJid, Jid};

use super::engine::{Engine, Stanza};
use super::fresh;
use super::relay::Relayed;
use crate::room::effect::Recipients;
use crate::room::request::QueryTarget;
use crate::room::{Effect, HistoryLimits, Nick, Timestamp};
use crate::wire::template::Template;
use crate::wire::{answer, encode, history, relay};

impl Engine {
    /// Carries out the effects of one request. `asked` is the stanza that it came from, if it came from one.
    pub(super) fn perform(
        &mut self,
        now: Timestamp,
        room: &BareJid,
        asked: Option<Stanza<'_>>,
        effects: Vec<Effect>,
    ) {
        for effect in effects {
            match effect {
                Effect::Archive(message) => self.store.archive(room, *message),
                Effect::Save(change) => self.store.save(room, change),
                Effect::Send { stanza, to } => {
                    let template = encode::encode(&stanza, room, fresh::id);
                    self.send(&template, &to);
                }
                Effect::SendHistory { to, limits } => self.send_history(room, &to, &limits),
                Effect::Answer(answer) => {
                    if let Some(stanza) = asked {
                        let bytes = answer::answer(stanza.envelope, &answer);
                        self.put(&bytes);
                    }
                }
                Effect::PassOn { from, to, target } => {
                    if let Some(stanza) = asked {
                        let to = match target {
                            QueryTarget::Account => to.to_bare().into(),
                            QueryTarget::Client => (*to).clone().into(),
                        };
                        self.pass_on(now, stanza, &from, to);
                    }
                }
            }
        }
    }

    /// Sends this to these: the stanza was written once, and only the address differs.
    fn send(&mut self, template: &Template, to: &Recipients) {
        let output = self.output();
        match to {
            Recipients::One(session) => {
                output.add(|bytes| template.write(session.as_str(), bytes));
            }
            Recipients::Many(audience) => {
                for session in audience.iter() {
                    output.add(|bytes| template.write(session.as_str(), bytes));
                }
            }
            Recipients::Absent(jid) => output.add(|bytes| template.write(jid.as_str(), bytes)),
        }
    }

    /// §7.2.13 (#enter-history). A history that can't be read is left out: entering is worth more.
    fn send_history(&mut self, room: &BareJid, to: &FullJid, limits: &HistoryLimits) {
        match self.store.recent_messages(room, limits) {
            Ok(messages) => {
                for template in history::encode_history(&messages, limits, room, to) {
                    self.output()
                        .add(|bytes| template.write(to.as_str(), bytes));
                }
            }
            Err(error) => {
                tracing::error!(%room, error = &error as &dyn std::error::Error, "no history is sent");
            }
        }
    }

    /// §17.4 (#bizrules-iq).
    fn pass_on(&mut self, now: Timestamp, stanza: Stanza<'_>, from: &Nick, to: Jid) {
        let envelope = stanza.envelope;
        let (Ok(asker), Ok(asked)) = (envelope.asker.try_as_full(), envelope.asked.try_as_full())
        else {
            return;
        };
        let id = fresh::id();
        let asker_here = asked.to_bare().with_resource_str(from.as_str());
        let Ok(asker_here) = asker_here else { return };
        let request = relay::pass_on(stanza.frame, &asker_here, &to, &id);
        let relayed = Relayed {
            asker: Arc::new(asker.clone()),
            id: envelope.id.clone().unwrap_or_default(),
            asked: asked.clone(),
            sent_to: to,
        };
        self.relays.add(now, id, relayed);
        self.put(&request);
    }
}
