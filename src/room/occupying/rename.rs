//! Changing the nick. XEP-0045 §7.6 (#changenick).
//!
//! The hard thing is the multi-session nick: a session may split off from an occupant, or join
//! another of the same person. Everybody must then believe what is true: a nick that somebody still
//! holds has not gone.

use std::sync::Arc;

use jid::FullJid;

use super::enter::assigned;
use super::presence::Announcement;
use crate::room::effect::{Effect, Status, Statuses};
use crate::room::occupant::Occupant;
use crate::room::request::Appearance;
use crate::room::{Nick, Payload, Refusal, Room};

/// A change of nick that has been checked.
pub(in crate::room) struct Renaming {
    /// The nick until now.
    old: Nick,
    /// The nick from now on.
    new: Nick,
    /// Status 210, when that is not the one that was asked for.
    pub statuses: Statuses,
    /// Whether no other session stays under the old nick.
    alone: bool,
    /// To which sessions the new nick is known: those below a number; `None`: all.
    seen_below: Option<u64>,
    /// Whether the session becomes an occupant of its own.
    splits_off: bool,
    /// The end of the old nick, as it was shown.
    farewell: Announcement,
}

impl Room {
    /// Gives a session another nick. XEP-0045 §7.6 (#changenick).
    ///
    /// # Errors
    /// Those of [`Self::check_renaming`].
    pub(in crate::room) fn rename(
        &mut self,
        from: &Arc<FullJid>,
        appearance: Appearance,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let renaming = self.check_renaming(from, &appearance.nick)?;
        self.carry_out_renaming(from, &renaming, appearance.payload, effects);

        // Both presences answer the one stanza, so both bear its id.
        let caused_by = Some((from.clone(), appearance.id));
        let mut farewell = renaming.farewell_with_new_nick();
        farewell.caused_by = caused_by.clone();
        self.announce_to_own(&farewell, effects);
        self.bid_farewell_to_old_nick(from, &renaming, effects);
        if let Some(mut announcement) = self.announcement_of(from) {
            announcement.own = vec![from.clone()];
            announcement.own_statuses = renaming.statuses.clone();
            announcement.caused_by = caused_by;
            self.announce_to_own(&announcement, effects);
        }
        self.introduce_under_new_nick(from, effects);
        self.show_more_after_renaming(from, &renaming, effects);
        Ok(())
    }

    /// Moves the session, and keeps it.
    pub(in crate::room) fn carry_out_renaming(
        &mut self,
        from: &Arc<FullJid>,
        renaming: &Renaming,
        payload: Payload,
        effects: &mut Vec<Effect>,
    ) {
        let seen_below = match renaming.splits_off {
            true => self.thin_for_newcomer(renaming.farewell.visible_as, effects),
            false => renaming.seen_below,
        };
        self.occupants
            .rename(from, renaming.new.clone(), seen_below);
        self.occupants.show(from, payload);
        self.save_session(from, effects);
    }

    /// Tells the others that the old nick is another's from now on, or, when other sessions stay
    /// under it, what these show.
    pub(in crate::room) fn bid_farewell_to_old_nick(
        &self,
        from: &Arc<FullJid>,
        renaming: &Renaming,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(rest) = self
            .occupants
            .by_nick(&renaming.old)
            .filter(|_| !renaming.alone)
        {
            self.announce(self.announcement(rest), effects);
            // Who was one of them until now sees them as another, whether others hear of it or not.
            if self.is_quiet(rest.role()) && self.is_seen_by(rest, from) {
                let role = self.occupants.by_session(from).map(Occupant::role);
                let sees_real_jids = role.is_some_and(|role| self.sees_real_jids(role));
                self.show_one_to(rest, from, sees_real_jids, effects);
            }
            return;
        }
        // Whoever is not shown the new nick is not told of it: to them the old one has just left.
        let now = self.occupants.by_session(from);
        let now = now.filter(|occupant| self.is_shown(occupant.role()));
        let mut farewell = renaming.farewell.clone();
        if let Some(seen_below) = now.map(Occupant::seen_below) {
            let mut renamed = renaming.farewell_with_new_nick();
            renamed.viewers = farewell.viewers.and_below(seen_below);
            self.announce_to_others(&renamed, effects);
            farewell.viewers = farewell.viewers.but_those_below(seen_below);
        }
        self.announce_to_others(&farewell, effects);
    }

    /// A participant who joins their own session that is a moderator sees what moderators see.
    fn show_more_after_renaming(
        &self,
        from: &Arc<FullJid>,
        renaming: &Renaming,
        effects: &mut Vec<Effect>,
    ) {
        let Some(occupant) = self.occupants.by_session(from) else {
            return;
        };
        let role = occupant.role();
        if self.sees_real_jids(role) && !self.sees_real_jids(renaming.farewell.visible_as) {
            self.show_others_to(from, effects);
        }
    }

    /// Whether a session may have this nick, and what it then is called.
    ///
    /// # Errors
    /// - [`Refusal::NotAnOccupant`]: there is no such session.
    /// - [`Refusal::NickTaken`]: it is another's, now or by registration; or the nick differs only
    ///   in case from the one that other sessions of this person stay under.
    /// - [`Refusal::NickLocked`]: the person has a registered nick, and the room insists on it.
    /// - [`Refusal::Full`]: the session would become an occupant of its own, and the room is full.
    pub(in crate::room) fn check_renaming(
        &self,
        from: &Arc<FullJid>,
        wanted: &Nick,
    ) -> Result<Renaming, Refusal> {
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
        let other = merged.unwrap_or(occupant);
        let (seen_below, splits_off) = (other.seen_below(), merged.is_none() && !alone);
        let new = merged.map_or_else(|| wanted.clone(), |other| other.nick().clone());
        let mut farewell = self.farewell(occupant, vec![from.clone()]);
        farewell.shown = from.clone();
        Ok(Renaming {
            statuses: assigned(&new, wanted),
            old,
            new,
            alone,
            seen_below,
            splits_off,
            farewell,
        })
    }
}

impl Renaming {
    /// The unavailable presence of §7.6 (#changenick), with the new nick and status 303, and still
    /// with the role.
    fn farewell_with_new_nick(&self) -> Announcement {
        let mut farewell = self.farewell.clone();
        farewell.presence.role = farewell.visible_as;
        farewell.presence.new_nick = Some(self.new.clone());
        farewell.presence.statuses.add(Status::NickChanged);
        farewell
    }
}
