//! Messages that correct others, or take them back. XEP-0308, XEP-0424, XEP-0425.
//!
//! The room does not know its archive: what it must know of the earlier message comes with the
//! request, as [`Original`].

use std::sync::Arc;

use jid::FullJid;

use crate::room::effect::{
    Act, Answer, ArchivedKind, Deed, Effect, MessageModerated, Stanza, Tombstone,
};
use crate::room::occupant::Present;
use crate::room::request::{MessageModeration, Original, Purpose, Speech};
use crate::room::rights;
use crate::room::rights::Standing;
use crate::room::{Affiliation, Refusal, Role, Room, Timestamp};

/// Looks whether somebody may say this of the earlier message that it names.
///
/// The author is known by their bare JID, so neither another nick nor another session, nor that
/// they have left and come back, is in their way: what XEP-0308 §5 (#security) fears of rejoining
/// is that clients can't know that.
///
/// A correction that is not kept itself may correct what was not kept either, and of that nothing
/// is known.
///
/// # Errors
/// - [`Refusal::NoSuchMessage`]: none that could be corrected or taken back.
/// - [`Refusal::NotTheAuthor`]: not even owners speak for others.
/// - [`Refusal::TooManyCorrections`]: more than `corrections_max` are not kept.
pub(in crate::room) fn check_original(
    who: &Present,
    speech: &Speech,
    is_kept: bool,
    corrections_max: u32,
) -> Result<(), Refusal> {
    match speech.purpose {
        Purpose::Speech | Purpose::Signal(_) => return Ok(()),
        Purpose::Correction(_) if speech.original.is_none() && !is_kept => {
            return Ok(());
        }
        Purpose::Correction(_) | Purpose::Retraction(_) => {}
    }
    let original = speech.original.as_ref().ok_or(Refusal::NoSuchMessage)?;
    if original.author.as_ref() != Some(&who.real_jid.to_bare()) {
        return Err(Refusal::NotTheAuthor);
    }
    if !says_something(original.kind) {
        return Err(Refusal::NoSuchMessage);
    }
    let is_kept_correction = matches!(speech.purpose, Purpose::Correction(_)) && is_kept;
    if is_kept_correction && original.corrections >= corrections_max {
        return Err(Refusal::TooManyCorrections(corrections_max));
    }
    Ok(())
}

/// Has the archive forget what a message said that its author takes back. XEP-0424 §4
/// (#tombstones).
pub(in crate::room) fn take_back(
    now: Timestamp,
    original: &Original,
    retraction: &Speech,
    effects: &mut Vec<Effect>,
) {
    effects.push(Effect::Retract(Box::new(Tombstone {
        message: original.id.clone(),
        at: now,
        retraction_id: retraction.content.id.clone(),
    })));
}

/// "MUST NOT moderate … non-messaging payloads", XEP-0425 §5 (#rules); nor is there anything to be
/// taken from what is only told of others.
fn says_something(kind: ArchivedKind) -> bool {
    match kind {
        ArchivedKind::Speech | ArchivedKind::Correction | ArchivedKind::Signal => true,
        ArchivedKind::Subject
        | ArchivedKind::Retraction
        | ArchivedKind::Moderation
        | ArchivedKind::Tombstone => false,
    }
}

impl Room {
    /// Takes a message of somebody back. XEP-0425 §3 (#usecase).
    ///
    /// An admin or owner may do so without being inside, as with affiliations.
    ///
    /// # Errors
    /// - [`Refusal::NotAnOccupant`]: whoever is outside may do so only as admin or owner.
    /// - [`Refusal::NotPrivileged`]: only moderators may.
    /// - [`Refusal::NoSuchMessage`]: there is none that says something.
    /// - [`Refusal::TargetTooHigh`]: the author stands higher.
    pub(in crate::room) fn moderate_message(
        &mut self,
        now: Timestamp,
        from: &Arc<FullJid>,
        moderation: MessageModeration,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let moderator = self.moderator(from)?;
        let author = moderation
            .original
            .as_ref()
            .and_then(|original| original.author.as_ref());
        let affiliation = author.map_or(Affiliation::None, |author| self.affiliation_of(author));
        // Before anything is told of the message, that it exists for one.
        rights::may_moderate_message(moderator, affiliation)?;
        let original = moderation
            .original
            .filter(|original| says_something(original.kind))
            .ok_or(Refusal::NoSuchMessage)?;
        let inside = self.occupants.by_session(from);
        let moderated = MessageModerated {
            message: original.id.clone(),
            at: now,
            moderator: inside
                .map(|occupant| (occupant.nick().clone(), occupant.occupant_id().clone())),
            reason: moderation.reason.clone(),
            archive_id: moderation.archive_id,
            id: moderation.id,
        };
        effects.push(Effect::ModerateMessage(Box::new(moderated.clone())));
        effects.push(Effect::Record(Box::new(Act {
            at: now,
            actor: Some(from.to_bare()),
            deed: Deed::Moderated,
            message: Some(original.id),
            author: original.author,
            reason: moderation.reason.map(|reason| reason.text()),
        })));
        self.send_to_all(Stanza::MessageModerated(Box::new(moderated)), effects);
        effects.push(Effect::Answer(Answer::Done));
        Ok(())
    }

    /// Tells everybody inside of a message that the service itself took back. XEP-0425 §3
    /// (#usecase).
    pub fn tell_of_moderation(&mut self, moderated: MessageModerated, effects: &mut Vec<Effect>) {
        self.send_to_all(Stanza::MessageModerated(Box::new(moderated)), effects);
    }

    /// How somebody stands who wants to moderate.
    fn moderator(&self, from: &FullJid) -> Result<Standing, Refusal> {
        let person = self.standing_of(from);
        let role = match person.role {
            Role::None if person.affiliation >= Affiliation::Admin => Role::Moderator,
            Role::None => return Err(Refusal::NotAnOccupant),
            role => role,
        };
        Ok(Standing { role, ..person })
    }
}
