//! Private messages. XEP-0045 §7.5 (#privatemessage).

use crate::room::effect::{Effect, Stanza};
use crate::room::occupant::Present;
use crate::room::request::Whisper;
use crate::room::setting::configuration::PrivateMessages;
use crate::room::{Refusal, Role, Room};

impl Room {
    /// Passes a message on to all sessions of one occupant. XEP-0045 §7.5 (#privatemessage).
    ///
    /// # Errors
    /// - [`Refusal::NotAnOccupant`]: the sender is not in the room.
    /// - [`Refusal::NoSuchOccupant`]: nobody has that nick.
    /// - [`Refusal::PrivateMessagesNotAllowed`]: the room does not let this role.
    pub(in crate::room) fn whisper(
        &mut self,
        who: &Present,
        whisper: Whisper,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let Some(listener) = self.occupants.by_nick(&whisper.to) else {
            return Err(Refusal::NoSuchOccupant);
        };
        let allowed = match self.configuration.private_messages {
            PrivateMessages::Anyone => true,
            PrivateMessages::Participants => who.role >= Role::Participant,
            PrivateMessages::Moderators => who.role == Role::Moderator,
            PrivateMessages::None => false,
        };
        if !allowed {
            return Err(Refusal::PrivateMessagesNotAllowed);
        }
        let nick = listener.nick().clone();
        let stanza = Stanza::Whisper {
            nick: who.nick.clone(),
            occupant_id: who.occupant_id.clone(),
            to: whisper.to,
            kind: whisper.kind,
            content: whisper.content,
        };
        self.send_to_those(stanza, |occupant| *occupant.nick() == nick, effects);
        Ok(())
    }
}
