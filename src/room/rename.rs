//! Changing the nick. XEP-0045 §7.6 (#changenick).
//!
//! The hard thing is the multi-session nick: a session may split off from an occupant, or join another of the
//! same person. Everybody must then believe what is true: a nick that somebody still holds has not gone.

use std::sync::Arc;

use jid::FullJid;

use super::effect::{Effect, Status, Statuses};
use super::enter::assigned;
use super::request::Appearance;
use super::{Nick, Refusal, Role, Room};

/// A change of nick that has been checked.
struct Renaming {
    /// The nick until now.
    old: Nick,
    /// The nick from now on.
    new: Nick,
    /// Status 210, when that is not the one that was asked for.
    statuses: Statuses,
    /// Whether no other session stays under the old nick.
    alone: bool,
    /// The role until now; who joins another of his occupants takes that one's.
    role: Role,
}

impl Room {
    /// Gives a session another nick. XEP-0045 §7.6 (#changenick).
    ///
    /// # Errors
    /// Those of [`Self::check_renaming`].
    pub(super) fn rename(
        &mut self,
        from: &Arc<FullJid>,
        appearance: Appearance,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let renaming = self.check_renaming(from, &appearance.nick)?;
        let Some(occupant) = self.occupants.by_session(from) else {
            return Err(Refusal::NotAnOccupant);
        };
        let mut farewell = self.farewell(occupant, vec![from.clone()]);
        farewell.shown = from.clone();

        self.occupants.rename(from, renaming.new.clone());
        self.occupants.show(from, appearance.payload);
        self.save_session(from, effects);

        let role = self
            .occupants
            .by_session(from)
            .map_or(Role::None, |occupant| occupant.role());
        let plain = farewell.clone();
        farewell.presence.role = renaming.role;
        farewell.presence.new_nick = Some(renaming.new.clone());
        farewell.presence.statuses.add(Status::NickChanged);
        self.announce_to_own(&farewell, effects);
        if renaming.alone {
            // Whoever is not shown the new nick is not told of it: to him the old one has just left.
            let told = if self.is_shown(role) { farewell } else { plain };
            self.announce_to_others(&told, effects);
        } else {
            self.announce_rest(&renaming.old, effects);
        }
        self.announce_renamed(from, appearance.id, renaming.statuses, effects);
        if role == Role::Moderator && renaming.role != role {
            self.show_others_to(from, role, &renaming.new, effects);
        }
        Ok(())
    }

    /// Whether a session may have this nick, and what it then is called.
    ///
    /// # Errors
    /// - [`Refusal::NotAnOccupant`]: there is no such session.
    /// - [`Refusal::NickTaken`]: it is another's, now or by registration; or the nick differs only in case from
    ///   the one that other sessions of this person stay under.
    /// - [`Refusal::NickLocked`]: the person has a registered nick, and the room insists on it.
    /// - [`Refusal::Full`]: the session would become an occupant of its own, and the room is full.
    fn check_renaming(&self, from: &Arc<FullJid>, wanted: &Nick) -> Result<Renaming, Refusal> {
        let bare_jid = from.to_bare();
        let occupant = self
            .occupants
            .by_session(from)
            .ok_or(Refusal::NotAnOccupant)?;
        self.check_nick(&bare_jid, wanted)?;
        if self
            .locked_nick(&bare_jid)
            .is_some_and(|locked| locked != wanted)
        {
            return Err(Refusal::NickLocked);
        }
        let old = occupant.nick().clone();
        let alone = occupant.sessions().len() == 1;
        let same_key = old.key() == wanted.key();
        if same_key && !alone {
            return Err(Refusal::NickTaken);
        }
        // A session that joins another occupant of the same person takes that one's spelling.
        let merged = self.occupants.by_nick(wanted).filter(|_| !same_key);
        if merged.is_none() && !alone {
            self.check_space(self.affiliation_of(&bare_jid))?;
        }
        let new = merged.map_or_else(|| wanted.clone(), |other| other.nick().clone());
        Ok(Renaming {
            statuses: assigned(&new, wanted),
            old,
            new,
            alone,
            role: occupant.role(),
        })
    }

    /// After a split: the session that went sees the old nick as another's, and if it had been the one shown,
    /// everybody sees what the rest shows.
    fn announce_rest(&self, old: &Nick, effects: &mut Vec<Effect>) {
        if let Some(rest) = self.occupants.by_nick(old) {
            self.announce(self.announcement(rest), effects);
        }
    }

    /// Shows the session under the new nick; it alone learns that the nick is not the one it asked for.
    fn announce_renamed(
        &self,
        from: &Arc<FullJid>,
        id: Option<Arc<str>>,
        statuses: Statuses,
        effects: &mut Vec<Effect>,
    ) {
        let Some(occupant) = self.occupants.by_session(from) else {
            return;
        };
        let mut announcement = self.announcement(occupant);
        announcement.caused_by = Some((from.clone(), id));
        let own = std::mem::take(&mut announcement.own);
        for session in &own {
            announcement.own = vec![session.clone()];
            announcement.own_statuses = if session == from {
                statuses.clone()
            } else {
                Statuses::none()
            };
            self.announce_to_own(&announcement, effects);
        }
        announcement.own = own;
        self.announce_to_others(&announcement, effects);
    }
}
