//! Carrying out what a room asks for, in order.

use std::sync::Arc;

use jid::{BareJid, FullJid, Jid};

use crate::room::effect::{self, Archived, ArchivedKind, MessageModerated, Recipients};
use crate::room::request::QueryTarget;
use crate::room::text::address;
use crate::room::{Content, Effect, HistoryLimits, Now};
use crate::service::engine::{AskedStanza, Engine};
use crate::service::fresh;
use crate::service::rate::charge::Share;
use crate::service::rate::rates::Caused;
use crate::service::session::returned::{Sent, Way};
use crate::wire::content::retraction;
use crate::wire::muc::{history, relay};
use crate::wire::xml::frame::Frame;
use crate::wire::xml::header::StanzaKind;
use crate::wire::{answer, encode};

/// No newcomer is sent more of the history than this, in characters, however long the messages are:
/// whoever wants more asks the archive.
const HISTORY_CHARACTERS_MAX: u64 = 256 * 1024;

impl Engine {
    /// Carries out the effects of one request. `asked` is the stanza that it came from, if it came
    /// from one.
    pub(in crate::service) fn perform(
        &mut self,
        now: Now,
        room: &BareJid,
        asked: Option<AskedStanza<'_>>,
        effects: Vec<Effect>,
    ) {
        self.blame_for_room(room, asked);
        let mut caused = Caused::default();
        for effect in effects {
            let before = self.road().size();
            let share = Share::of(&effect, asked.map(|stanza| &stanza.envelope.asker));
            let mut stanzas = 1;
            match effect {
                Effect::Archive { message, text } => self.store.archive(room, *message, text),
                Effect::Retract(tombstone) => {
                    let remains = retraction::tombstone(&tombstone);
                    self.store.retract(room, &tombstone.message, remains);
                }
                Effect::ModerateMessage(moderated) => self.moderate_message(room, &moderated),
                Effect::Record(act) => self.store.record(room, *act),
                Effect::ReadArchive { question, authors } => {
                    if let Some(stanza) = asked {
                        self.ask_archive(room, stanza, *question, authors);
                    }
                }
                Effect::Save(change) => self.store.save(room, change),
                // The log has been told.
                Effect::RoleGiven { .. } => {}
                Effect::Send { stanza, to } => {
                    let id = returnable_id(&stanza);
                    let template =
                        encode::encode(&stanza, room, || id.clone().unwrap_or_else(fresh::id));
                    if let (Some(id), Some(asked)) = (id, asked) {
                        self.remember_sent(now, room, asked, (&stanza, id), &to);
                    }
                    self.road().in_order(&template, &to);
                }
                Effect::SendHistory { to, limits } => {
                    stanzas = self.send_history(room, &to, &limits);
                }
                Effect::ListAffiliations {
                    affiliation,
                    length,
                } => {
                    if let Some(stanza) = asked {
                        self.answer_list(room, stanza, affiliation, length);
                    }
                }
                Effect::Answer(answer) => {
                    if let Some(stanza) = asked {
                        let bytes = answer::answer(stanza.envelope, &answer);
                        self.road().beside(&bytes);
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
            share.add(&mut caused, self.road().size() - before, stanzas);
        }
        if let Some(stanza) = asked {
            self.charge(now.elapsed, &address::bare(&stanza.envelope.asker), caused);
        }
    }

    /// XEP-0425 §4 (#tombstones): the message goes, and what the room says of it is kept in the
    /// order of the archive.
    pub(in crate::service) fn moderate_message(
        &mut self,
        room: &BareJid,
        moderated: &MessageModerated,
    ) {
        let remains = retraction::tombstone_of_moderated(room, moderated);
        self.store.retract(room, &moderated.message, remains);
        self.archive_announcement(room, moderated);
    }

    /// Keeps what the room says of a message that was taken back.
    pub(in crate::service) fn archive_announcement(
        &mut self,
        room: &BareJid,
        moderated: &MessageModerated,
    ) {
        let announcement = Archived {
            id: moderated.archive_id.clone(),
            at: moderated.at,
            sender: None,
            kind: ArchivedKind::Moderation,
            original: Some(moderated.message.clone()),
            content: Content {
                id: moderated.id.clone(),
                language: None,
                payload: retraction::announcement(room, moderated),
            },
        };
        self.store.archive(room, announcement, "".into());
    }

    /// Remembers a message that may come back with an error, of which its sender is told.
    fn remember_sent(
        &mut self,
        now: Now,
        room: &BareJid,
        asked: AskedStanza<'_>,
        (stanza, id): (&effect::Stanza, String),
        to: &Recipients,
    ) {
        let envelope = asked.envelope;
        // A new member of a list is invited, too, but the answer to that IQ has been given.
        if envelope.kind != StanzaKind::Message {
            return;
        }
        let from = match stanza {
            effect::Stanza::Whisper { nick, .. } => {
                room.with_resource_str(nick.as_str()).map(Jid::from)
            }
            _ => Ok(room.clone().into()),
        };
        let (Ok(from), Ok(sender)) = (from, envelope.asker.try_as_full()) else {
            return;
        };
        let (recipients, invited): (Vec<Jid>, _) = match to {
            Recipients::One(session) => (vec![(**session).clone().into()], None),
            Recipients::Many(sessions) => {
                let sessions = sessions.iter().map(|session| (**session).clone().into());
                (sessions.collect(), None)
            }
            Recipients::Absent(jid) => (vec![jid.clone()], Some(jid.clone())),
        };
        let sent = Sent {
            sender: sender.clone(),
            id: envelope.id.clone(),
            asked: envelope.asked.clone(),
            invited,
        };
        let way = |to| (from.clone(), id.clone(), to);
        let ways = recipients.into_iter().map(way).collect();
        self.returns.add(now.elapsed, sent, ways);
    }

    /// Tells who sent a message that it came back.
    pub(in crate::service) fn return_message(&mut self, way: &Way, returned: &Frame) {
        // Who was invited by a bare address may answer from a full one.
        let (from, id, to) = way;
        let invitee = || (from.clone(), id.clone(), Jid::from(to.to_bare()));
        let sent = self.returns.returned(way);
        if let Some(sent) = sent.or_else(|| self.returns.returned(&invitee())) {
            let sender = Jid::from(sent.sender);
            let (id, invited) = (sent.id.as_deref(), sent.invited.as_ref());
            let message = relay::return_message(returned, &sent.asked, &sender, id, invited);
            self.road().beside(&message);
        }
    }

    /// §7.2.13 (#enter-history). A history that can't be read is left out: entering is worth more.
    /// Tells how many messages were sent.
    fn send_history(&mut self, room: &BareJid, to: &Arc<FullJid>, limits: &HistoryLimits) -> usize {
        let characters_max = limits.characters_max.unwrap_or(HISTORY_CHARACTERS_MAX);
        let limits = &HistoryLimits {
            characters_max: Some(characters_max.min(HISTORY_CHARACTERS_MAX)),
            ..limits.clone()
        };
        match self.store.recent_messages(room, limits) {
            Ok(messages) => {
                let templates = history::encode_history(&messages, limits, room, to);
                let to = Recipients::One(to.clone());
                for template in &templates {
                    self.road().in_order(template, &to);
                }
                templates.len()
            }
            Err(error) => {
                tracing::error!(%room, error = &error as &dyn std::error::Error, "no history is sent");
                0
            }
        }
    }
}

/// The id under which a stanza leaves that may come back, where its sender is to be told of that: a
/// private message has its author's, an invitation a fresh one.
fn returnable_id(stanza: &effect::Stanza) -> Option<String> {
    match stanza {
        effect::Stanza::Whisper { content, .. } => Some(content.id.to_string()),
        effect::Stanza::Invitation(_) => Some(fresh::id()),
        effect::Stanza::Presence(_)
        | effect::Stanza::Speech { .. }
        | effect::Stanza::MessageModerated(_)
        | effect::Stanza::Subject(_)
        | effect::Stanza::Notice(_)
        | effect::Stanza::AffiliationNotice { .. }
        | effect::Stanza::AffiliationChanged { .. }
        | effect::Stanza::Decline { .. }
        | effect::Stanza::VoiceRequest { .. }
        | effect::Stanza::RegistrationRequest { .. }
        | effect::Stanza::AccessAnswered { .. } => None,
    }
}
