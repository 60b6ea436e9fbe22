//! The room's picture. XEP-0486.

use std::sync::Arc;

use jid::FullJid;

use super::effect::{Answer, Audience, Effect, Recipients, Stanza, Status, Statuses};
use super::occupant::{Occupant, Session};
use super::request::Avatar;
use super::{Affiliation, Change, Refusal, Room};

/// The picture, if there is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RoomAvatar {
    avatar: Option<Avatar>,
}

impl RoomAvatar {
    pub fn restore(avatar: Option<Avatar>) -> Self {
        Self { avatar }
    }

    pub fn get(&self) -> Option<&Avatar> {
        self.avatar.as_ref()
    }
}

impl Room {
    /// Gives the vCard with the picture to whoever may know of the room. XEP-0486 §3.
    ///
    /// # Errors
    /// None.
    pub(super) fn show_avatar(&self, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        effects.push(Effect::Answer(Answer::Avatar(self.avatar.get().cloned())));
        Ok(())
    }

    /// Sets the picture, and tells those inside that the configuration has changed. XEP-0486 §2.
    ///
    /// # Errors
    /// - [`Refusal::NotPrivileged`]: only owners configure.
    pub(super) fn set_avatar(
        &mut self,
        from: &FullJid,
        avatar: Option<Avatar>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if self.affiliation_of(&from.to_bare()) != Affiliation::Owner {
            return Err(Refusal::NotPrivileged);
        }
        let had_one = self.avatar.get().is_some();
        self.avatar = RoomAvatar {
            avatar: avatar.clone(),
        };
        effects.push(Effect::Save(Change::AvatarChanged(avatar)));
        effects.push(Effect::Answer(Answer::Done));
        let notice = Stanza::Notice(Statuses::one(Status::ConfigurationChanged));
        self.send_to_all(notice, effects);
        if had_one || self.avatar.get().is_some() {
            self.show_picture_to_all(effects);
        }
        Ok(())
    }

    /// Shows a newcomer the hash of the picture, if there is one, in presence of the room itself.
    ///
    /// XEP-0486 §5.2 (#presence): clients handle that "as a presence from a user with an empty nick". So a room without a
    /// picture sends none, and one with a picture only to sessions that look for pictures in presence.
    pub(super) fn show_picture_to(&self, session: &Arc<FullJid>, effects: &mut Vec<Effect>) {
        let looks = |occupant: &Occupant| {
            let mut sessions = occupant.sessions().iter();
            sessions.any(|one| one.real_jid == *session && looks_for_pictures(one))
        };
        if self.avatar.get().is_some() && self.occupants.by_session(session).is_some_and(looks) {
            effects.push(Effect::Send {
                stanza: self.room_presence_for(session),
                to: Recipients::One(session.clone()),
            });
        }
    }

    /// Tells those who were shown the picture, and with it the room's capabilities, that they are others from now on:
    /// else a client that remembers them would not ask again. XEP-0115 §4 (#protocol).
    pub(super) fn tell_capabilities(&self, effects: &mut Vec<Effect>) {
        if self.avatar.get().is_some() {
            self.show_picture_to_all(effects);
        }
    }

    fn show_picture_to_all(&self, effects: &mut Vec<Effect>) {
        let audience: Audience = self
            .occupants
            .iter()
            .flat_map(Occupant::sessions)
            .filter(|session| looks_for_pictures(session))
            .map(|session| session.real_jid.clone())
            .collect();
        if let Some(first) = audience.first() {
            let stanza = self.room_presence_for(first);
            let to = Recipients::Many(audience);
            effects.push(Effect::Send { stanza, to });
        }
    }

    fn room_presence_for(&self, session: &FullJid) -> Box<Stanza> {
        Box::new(Stanza::RoomPresence(Box::new(
            self.information_for(session),
        )))
    }
}

/// Whether a client looks for pictures in presence: then its own says so. XEP-0153 §4.1: a client that supports the
/// protocol MUST send the element in its presence, with or without a picture of its own. To ask each session for
/// its features would take a question for every client there is, and its answer would be lost with a restart.
fn looks_for_pictures(session: &Session) -> bool {
    session.presence.mentions("vcard-temp:x:update")
}
