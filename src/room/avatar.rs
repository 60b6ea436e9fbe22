//! The room's picture. XEP-0486.
//!
//! Its hash is in disco#info, and a change is told by status 104. The room sends no presence of its
//! own: XEP-0486 §5.2 (#presence) "doesn't encourage this way", for clients handle it "as a
//! presence from a user with an empty nick"; and who looks for pictures there can't be told from
//! others, since servers put the element of XEP-0153 into the presence of everybody.

use jid::FullJid;

use super::effect::{Answer, Effect, Stanza, Status, Statuses};
use super::owning::picture::Avatar;
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
        self.avatar = RoomAvatar {
            avatar: avatar.clone(),
        };
        effects.push(Effect::Save(Change::AvatarChanged(avatar)));
        effects.push(Effect::Answer(Answer::Done));
        let notice = Stanza::Notice(Statuses::one(Status::ConfigurationChanged));
        self.send_to_all(notice, effects);
        Ok(())
    }
}
