//! Messages to everybody. XEP-0045 §7.4 (#message).

use super::effect::{Archived, ArchivedKind, Effect, Stanza};
use super::occupant::Present;
use super::request::{Keep, Speech};
use super::{Refusal, Role, Room, Timestamp};

impl Room {
    /// Passes a message on to everybody, its sender included. XEP-0045 §7.4 (#message).
    ///
    /// # Errors
    /// - [`Refusal::NotAnOccupant`]: the sender is not in the room.
    /// - [`Refusal::NoVoice`]: the sender is a visitor.
    pub(super) fn say(
        &mut self,
        now: Timestamp,
        who: &Present,
        speech: Speech,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if who.role < Role::Participant {
            return Err(Refusal::NoVoice);
        }
        let archive_id = match speech.keep {
            Keep::Ephemeral => None,
            Keep::Archived => {
                effects.push(Effect::Archive(Box::new(Archived {
                    id: speech.archive_id.clone(),
                    at: now,
                    nick: who.nick.clone(),
                    occupant_id: who.occupant_id.clone(),
                    author: who.real_jid.clone(),
                    kind: ArchivedKind::Speech,
                    content: speech.content.clone(),
                })));
                Some(speech.archive_id)
            }
        };
        let stanza = Stanza::Speech {
            nick: who.nick.clone(),
            occupant_id: who.occupant_id.clone(),
            archive_id,
            content: speech.content,
        };
        self.send_to_all(stanza, effects);
        Ok(())
    }
}
