//! Carrying out what a room asks for, in order.

use jid::BareJid;

use super::engine::Engine;
use super::fresh;
use super::relay::Relayed;
use crate::room::effect::Recipients;
use crate::room::request::QueryTarget;
use crate::room::{Effect, HistoryLimits, Nick, Timestamp};
use crate::store;
use crate::wire::envelope::Envelope;
use crate::wire::frame::Frame;
use crate::wire::{encode, relay};

impl Engine {
    /// Carries out the effects of one request. `asked` is the stanza that it came from, if it came from one.
    pub(super) fn perform(
        &mut self,
        now: Timestamp,
        room: &BareJid,
        asked: Option<(&Envelope, &Frame)>,
        effects: Vec<Effect>,
    ) {
        let mut lasting = false;
        for effect in effects {
            match effect {
                Effect::Archive(message) => {
                    self.store.archive(room, *message);
                    lasting = true;
                }
                Effect::Save(change) => {
                    self.store.save(room, change);
                    lasting = true;
                }
                Effect::Send { stanza, to } => {
                    let template = encode::encode(&stanza, room, &fresh::id());
                    self.send(&template, &to);
                }
                Effect::SendHistory { to, limits } => self.send_history(room, to.as_str(), &limits),
                Effect::Answer(answer) => {
                    if let Some((envelope, _)) = asked {
                        let bytes = encode::answer(envelope, room, &answer);
                        self.put(&bytes);
                    }
                }
                Effect::PassOn { from, to, target } => {
                    if let Some((envelope, frame)) = asked {
                        let to = match target {
                            QueryTarget::Account => to.to_bare().into(),
                            QueryTarget::Client => (*to).clone().into(),
                        };
                        self.pass_on(now, envelope, frame, &from, to);
                    }
                }
            }
        }
        if let Some((envelope, _)) = asked.filter(|_| lasting) {
            self.depends_on_commit(envelope.clone());
        }
    }

    /// Sends this to these: the stanza was written once, and only the address differs.
    fn send(&mut self, template: &crate::wire::template::Template, to: &Recipients) {
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
    fn send_history(&mut self, room: &BareJid, to: &str, limits: &HistoryLimits) {
        match self.store.recent_messages(room, limits) {
            Ok(messages) => {
                self.output().add(|bytes| {
                    encode::history(&messages, limits, room, to, bytes);
                });
            }
            Err(error) => {
                tracing::error!(%room, error = %store::explain(&error), "no history is sent");
            }
        }
    }

    /// §17.4 (#bizrules-iq).
    fn pass_on(
        &mut self,
        now: Timestamp,
        envelope: &Envelope,
        frame: &Frame,
        from: &Nick,
        to: jid::Jid,
    ) {
        let (Some(asker), Some(room)) = (Self::asker(envelope), envelope.room()) else { return };
        let (Ok(asked), Some(asked_as)) =
            (envelope.asked.try_as_full(), envelope.id.clone())
        else {
            return;
        };
        let id = fresh::id();
        let stanza = relay::request(frame, &room, from, &to, &id);
        let relayed = Relayed { asker, id: asked_as, asked: asked.clone(), sent_to: to };
        self.relays.add(now, id, relayed);
        self.put(&stanza);
    }
}
