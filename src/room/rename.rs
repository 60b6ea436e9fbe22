//! Changing the nick. XEP-0045 §7.6 (#changenick).
//!
//! The hard thing is the multi-session nick: a session may split off from an occupant, or join another of the
//! same person. Everybody must then believe what is true: a nick that somebody still holds has not gone.

use std::sync::Arc;

use jid::FullJid;

use super::effect::{Effect, Status};
use super::request::Appearance;
use super::{Nick, Refusal, Room};

impl Room {
    /// Gives a session another nick. XEP-0045 §7.6 (#changenick).
    ///
    /// # Errors
    /// - [`Refusal::NickTaken`]: it is another's, now or by registration; or the nick differs only in case from
    ///   the one that other sessions of this person stay under.
    /// - [`Refusal::NickLocked`]: the person has a registered nick, and the room insists on it.
    pub(super) fn rename(
        &mut self,
        from: &Arc<FullJid>,
        appearance: Appearance,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let Some(occupant) = self.occupants.by_session(from) else {
            return Err(Refusal::NotAnOccupant);
        };
        let Appearance {
            nick: wanted,
            id,
            payload,
        } = appearance;
        let bare_jid = from.to_bare();
        self.check_nick(&bare_jid, &wanted)?;
        if self
            .locked_nick(&bare_jid)
            .is_some_and(|locked| *locked != wanted)
        {
            return Err(Refusal::NickLocked);
        }
        let old = occupant.nick().clone();
        let alone = occupant.sessions().len() == 1;
        if old.key() == wanted.key() && !alone {
            return Err(Refusal::NickTaken);
        }
        // A session that joins another occupant of the same person takes that one's spelling.
        let merged = self
            .occupants
            .by_nick(&wanted)
            .filter(|_| old.key() != wanted.key());
        let new = merged.map_or(wanted, |other| other.nick().clone());
        let role_before = occupant.role();

        let mut farewell = self.farewell(occupant, vec![from.clone()]);
        farewell.shown = from.clone();
        farewell.presence.role = role_before;
        farewell.presence.new_nick = Some(new.clone());
        farewell.presence.statuses.add(Status::NickChanged);

        self.occupants.rename(from, new);
        self.occupants.show(from, payload);
        self.save_session(from, effects);

        if alone {
            self.announce(farewell, effects);
        } else {
            self.announce_to_own(&farewell, effects);
            self.announce_rest(&old, effects);
        }
        self.announce_session(from, id, effects);
        Ok(())
    }

    /// After a split: the session that went sees the old nick as another's, and if it had been the one shown,
    /// everybody sees what the rest shows.
    fn announce_rest(&self, old: &Nick, effects: &mut Vec<Effect>) {
        if let Some(rest) = self.occupants.by_nick(old) {
            self.announce(self.announcement(rest), effects);
        }
    }
}
