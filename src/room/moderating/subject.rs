//! The subject. XEP-0045 §8.1 (#subject-mod), §7.2.15 (#enter-subject).

use std::sync::Arc;

use crate::room::effect::{ArchivedKind, Effect};
use crate::room::occupant::Present;
use crate::room::request::Speech;
use crate::room::{Change, Content, Nick, Refusal, Role, Room, Timestamp};

/// The subject of a room, as a newcomer is told of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// As text, for those that only list it; empty when it was taken away or never set.
    pub text: Arc<str>,
    /// Who changed it last, when, and how they put it; `None` when nobody ever did.
    pub set: Option<SubjectSet>,
}

/// The last change of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectSet {
    /// The nick of who changed it.
    pub nick: Nick,
    /// When it was changed.
    pub at: Timestamp,
    /// The message, with its `<subject/>` in perhaps several languages.
    pub content: Content,
}

impl Room {
    /// Changes the subject and tells everybody. XEP-0045 §8.1 (#subject-mod).
    ///
    /// # Errors
    /// - [`Refusal::NotAnOccupant`]: the sender is not in the room.
    /// - [`Refusal::SubjectNotAllowed`]: the room lets only higher roles do that.
    pub(in crate::room) fn change_subject(
        &mut self,
        now: Timestamp,
        who: &Present,
        speech: Speech,
        text: Arc<str>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let allowed = match who.role {
            Role::Moderator => true,
            Role::Participant => self.configuration.subject_open,
            Role::Visitor | Role::None => false,
        };
        if !allowed {
            return Err(Refusal::SubjectNotAllowed);
        }
        self.unlock(effects);
        let set = SubjectSet {
            nick: who.nick.clone(),
            at: now,
            content: speech.content.clone(),
        };
        self.subject = Subject {
            text,
            set: Some(set),
        };
        effects.push(Effect::Save(Change::SubjectChanged(self.subject.clone())));
        self.pass_to_all(now, who, speech, ArchivedKind::Subject, effects);
        Ok(())
    }
}
