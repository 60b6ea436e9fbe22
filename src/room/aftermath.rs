//! What those inside are told when one request changes many things: lists, kicks, a new
//! configuration.
//!
//! The hard thing is that such a request may remove people, change roles and change who is shown
//! whom. Told step by step, somebody would hear of the second step after the first had removed
//! them, or never hear of a departure because the new configuration does not show that role. So
//! everything is changed first; then what was to be seen before is compared with what is to be seen
//! now, and only the difference is told.

use std::collections::BTreeMap;

use jid::BareJid;

use super::effect::{Answer, Effect};
use super::occupant::Occupant;
use super::occupying::presence::{Announcement, Viewers};
use super::{Affiliation, Hats, Nick, NickKey, Role, Room, Words};

/// What one request has brought about, until it is told.
pub(super) struct Aftermath {
    before: BTreeMap<NickKey, Seen>,
    causes: BTreeMap<NickKey, Cause>,
    farewells: Vec<Announcement>,
    absent: Vec<AbsentChange>,
}

/// How an occupant stood before.
struct Seen {
    affiliation: Affiliation,
    role: Role,
    hats: Hats,
    /// Whether the others were shown the occupant, as far as they are among the next.
    shown: bool,
    /// The sessions to whom the occupant had been shown: those below a number; `None`: all.
    seen_below: Option<u64>,
    /// Whether the occupant was shown real JIDs.
    sees_real_jids: bool,
}

/// Who changed somebody's standing, and why.
#[derive(Clone, Debug, Default)]
pub(super) struct Cause {
    pub actor: Option<Nick>,
    pub reason: Option<Words>,
}

/// That somebody who is not inside may have another affiliation in the end.
pub(super) struct AbsentChange {
    pub jid: BareJid,
    pub before: Affiliation,
    pub reason: Option<Words>,
    pub told_by: ToldBy,
}

/// Who tells the person outside; those inside are told by the room in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ToldBy {
    /// The room itself.
    Room,
    /// Whoever invites them, by the invitation that follows.
    Inviter,
}

impl Aftermath {
    /// Remembers why an occupant's standing changes.
    pub fn blame(&mut self, nick: &Nick, cause: Cause) {
        self.causes.insert(nick.key(), cause);
    }

    /// An occupant has been removed.
    pub fn part(&mut self, farewell: Announcement) {
        self.farewells.push(farewell);
    }

    /// Somebody who is not inside may have another affiliation.
    pub fn absent(&mut self, change: AbsentChange) {
        self.absent.push(change);
    }

    /// Whether the others were shown an occupant; for somebody who was not inside there is nothing
    /// to show.
    fn was_shown(&self, nick: &Nick) -> bool {
        self.before.get(&nick.key()).is_some_and(|seen| seen.shown)
    }
}

impl Room {
    /// Looks around before anything is changed.
    pub(super) fn look_around(&self) -> Aftermath {
        let seen = |occupant: &Occupant| Seen {
            affiliation: self.affiliation_of(occupant.bare_jid()),
            role: occupant.role(),
            hats: self.hats_of(occupant.bare_jid()),
            shown: self.is_shown(occupant.role()),
            seen_below: occupant.seen_below(),
            sees_real_jids: self.sees_real_jids(occupant.role()),
        };
        Aftermath {
            before: self
                .occupants
                .iter()
                .map(|occupant| (occupant.nick().key(), seen(occupant)))
                .collect(),
            causes: BTreeMap::new(),
            farewells: Vec::new(),
            absent: Vec::new(),
        }
    }

    /// Tells everybody what has changed, in the order of §8.2 (#kick): who is removed, then who
    /// asked for it, then the rest.
    pub(super) fn tell(
        &mut self,
        mut aftermath: Aftermath,
        answer: Option<Answer>,
        effects: &mut Vec<Effect>,
    ) {
        self.mark_after_changes(effects);
        let mut farewells = std::mem::take(&mut aftermath.farewells);
        for farewell in &mut farewells {
            let actor = farewell.presence.actor.take();
            farewell.presence.actor = actor.filter(|actor| aftermath.was_shown(actor));
            self.announce_to_own(farewell, effects);
        }
        effects.extend(answer.map(Effect::Answer));
        for farewell in &farewells {
            if aftermath.was_shown(&farewell.presence.nick) {
                self.send_to_others(farewell, effects);
            }
        }
        for occupant in self.occupants.iter() {
            if let Some(before) = aftermath.before.get(&occupant.nick().key()) {
                self.tell_of(occupant, before, &aftermath, effects);
            }
        }
        for change in aftermath.absent {
            self.tell_of_absent(change, effects);
        }
    }

    /// Tells what has become of one who is still inside.
    fn tell_of(
        &self,
        occupant: &Occupant,
        before: &Seen,
        aftermath: &Aftermath,
        effects: &mut Vec<Effect>,
    ) {
        let shown = self.is_shown(occupant.role());
        let affiliation = self.affiliation_of(occupant.bare_jid());
        let hats = self.hats_of(occupant.bare_jid());
        let changed =
            (affiliation, occupant.role(), hats) != (before.affiliation, before.role, before.hats);
        let mut announcement = self.announcement(occupant);
        if let Some(cause) = aftermath.causes.get(&occupant.nick().key()) {
            let actor = cause.actor.clone();
            announcement.presence.actor = actor.filter(|actor| aftermath.was_shown(actor));
            announcement.presence.reason = cause.reason.clone();
        }
        if changed {
            self.announce_to_own(&announcement, effects);
        }
        match (before.shown, shown) {
            (true, false) => self.hide(occupant, before, effects),
            (false, true) => self.send_to_others(&announcement, effects),
            (true, true) if changed => self.send_to_others(&announcement, effects),
            // Those learn of them who have not been shown them before.
            (true, true) => {
                announcement.viewers = announcement.viewers.but_those_below(before.seen_below);
                self.send_to_others(&announcement, effects);
            }
            (false, false) => {}
        }
        // Who becomes a moderator is shown whom the others are. That a whole room turns
        // non-anonymous is told by status 172 alone; everybody's presence to everybody would drown
        // it.
        let rose = before.role < Role::Moderator && occupant.role() == Role::Moderator;
        if rose && !before.sees_real_jids {
            for session in occupant.sessions() {
                self.show_others_to(&session.real_jid, effects);
            }
        }
    }

    /// Takes an occupant who is still inside out of the others' view.
    fn hide(&self, occupant: &Occupant, before: &Seen, effects: &mut Vec<Effect>) {
        let own = occupant.sessions().iter();
        let own = own.map(|session| session.real_jid.clone()).collect();
        let mut farewell = self.farewell(occupant, own);
        farewell.viewers = Viewers::below(before.seen_below);
        self.send_to_others(&farewell, effects);
    }
}
