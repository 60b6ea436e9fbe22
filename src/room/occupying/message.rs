//! Messages to everybody. XEP-0045 §7.4 (#message).

use super::retract::{check_original, take_back};
use crate::room::effect::{Archived, ArchivedKind, Effect, Sender, Stanza};
use crate::room::occupant::Present;
use crate::room::request::{Keep, Purpose, Speech};
use crate::room::{Refusal, Role, Room, Timestamp};

impl Room {
    /// Passes a message on to everybody, its sender included. XEP-0045 §7.4 (#message).
    ///
    /// In a room that waits for its configuration it accepts what is set, see `lock.rs`. One that
    /// corrects another or takes it back must come from its author. XEP-0308 §4 (#rules), XEP-0424
    /// §5 (#rules).
    ///
    /// # Errors
    /// - [`Refusal::NotAnOccupant`]: the sender is not in the room.
    /// - [`Refusal::NoVoice`]: the sender is a visitor.
    /// - [`Refusal::NoSuchMessage`], [`Refusal::NotTheAuthor`], [`Refusal::TooManyCorrections`]
    pub(in crate::room) fn say(
        &mut self,
        now: Timestamp,
        who: &Present,
        speech: Speech,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if who.role < Role::Participant {
            return Err(Refusal::NoVoice);
        }
        let is_kept = self.keeps(&speech);
        check_original(who, &speech, is_kept, self.terms.corrections_max)?;
        if !matches!(speech.purpose, Purpose::Signal(_)) {
            self.unlock(effects);
        }
        let kind = match speech.purpose {
            Purpose::Speech => ArchivedKind::Speech,
            Purpose::Signal(_) => ArchivedKind::Signal,
            Purpose::Correction(_) => ArchivedKind::Correction,
            Purpose::Retraction(_) => ArchivedKind::Retraction,
        };
        if let (ArchivedKind::Retraction, Some(original)) = (kind, &speech.original) {
            take_back(now, original, &speech, effects);
        }
        self.pass_to_all(now, who, speech, kind, effects);
        Ok(())
    }

    /// Keeps a message, if it is to be kept and the category has a history, and passes it on to
    /// everybody.
    pub(in crate::room) fn pass_to_all(
        &mut self,
        now: Timestamp,
        who: &Present,
        speech: Speech,
        kind: ArchivedKind,
        effects: &mut Vec<Effect>,
    ) {
        let archive_id = self.keeps(&speech).then(|| speech.archive_id.clone());
        if archive_id.is_some() {
            effects.push(Effect::Archive {
                message: Box::new(self.archived(now, who, &speech, kind)),
                text: speech.text.clone(),
            });
        }
        // What is a subject stays, whether the archive keeps it or not.
        let is_passing = kind != ArchivedKind::Subject
            && speech.keep == Keep::Ephemeral
            && speech.text.is_empty();
        let stanza = Stanza::Speech {
            nick: who.nick.clone(),
            occupant_id: who.occupant_id.clone(),
            archive_id,
            content: speech.content,
            is_passing,
        };
        self.send_to_all(stanza, effects);
    }

    /// Whether a message goes into the archive. In a room without history none does, but it is
    /// told from one that is only a passing sign.
    fn keeps(&self, speech: &Speech) -> bool {
        speech.keep == Keep::Archived && self.door().has_history()
    }

    fn archived(
        &self,
        now: Timestamp,
        who: &Present,
        speech: &Speech,
        kind: ArchivedKind,
    ) -> Archived {
        // XEP-0308 §4 (#rules): "the id of the original message is used in each case"; where a
        // client names the correction before instead, the archive has it so all the same.
        let original = speech.original.as_ref().map(|original| match kind {
            ArchivedKind::Correction => original.root.clone(),
            _ => original.id.clone(),
        });
        Archived {
            id: speech.archive_id.clone(),
            at: now,
            sender: Some(Sender {
                nick: who.nick.clone(),
                occupant_id: Some(who.occupant_id.clone()),
                author: Some((*who.real_jid).clone().into()),
                whois: self.configuration.whois,
            }),
            kind,
            original,
            content: speech.content.clone(),
        }
    }
}
