//! Changes of roles: kick, voice, moderators. XEP-0045 §8.2 (#kick) to §8.5, §9.6 (#grantmod) to §9.8.

use std::sync::Arc;

use jid::FullJid;

use super::effect::{Effect, Status, Statuses};
use super::moderate::Removals;
use super::request::Moderation;
use super::{Affiliation, Change, Nick, Role, Room};

/// Why somebody is shown out, and by whom.
#[derive(Clone, Debug)]
pub(super) struct Removal {
    pub statuses: Statuses,
    pub affiliation: Affiliation,
    pub actor: Option<Nick>,
    pub reason: Option<Arc<str>>,
}

impl Room {
    /// Carries out checked changes of roles.
    pub(super) fn apply_roles(
        &mut self,
        from: &FullJid,
        items: &[Moderation],
        effects: &mut Vec<Effect>,
        removals: &mut Removals,
    ) {
        let actor = self
            .occupants
            .by_session(from)
            .map(|occupant| occupant.nick().clone());
        for item in items {
            let Moderation::Role { nick, role, reason } = item else {
                continue;
            };
            if *role == Role::None {
                self.kick(nick, actor.clone(), reason.clone(), effects, removals);
            } else {
                self.give_role(
                    nick,
                    *role,
                    actor.clone(),
                    reason.clone(),
                    effects,
                    removals,
                );
            }
        }
    }

    /// §8.2 (#kick): status 307.
    fn kick(
        &mut self,
        nick: &Nick,
        actor: Option<Nick>,
        reason: Option<Arc<str>>,
        effects: &mut Vec<Effect>,
        removals: &mut Removals,
    ) {
        let Some(occupant) = self.occupants.by_nick(nick) else {
            return;
        };
        let removal = Removal {
            statuses: Statuses::one(Status::Kicked),
            affiliation: self.affiliation_of(occupant.bare_jid()),
            actor,
            reason,
        };
        self.remove(nick, removal, effects, removals);
    }

    /// Shows an occupant out with all sessions.
    pub(super) fn remove(
        &mut self,
        nick: &Nick,
        removal: Removal,
        effects: &mut Vec<Effect>,
        removals: &mut Removals,
    ) {
        let Some(occupant) = self.occupants.by_nick(nick) else {
            return;
        };
        let sessions: Vec<_> = occupant
            .sessions()
            .iter()
            .map(|session| session.real_jid.clone())
            .collect();
        let mut farewell = self.farewell(occupant, sessions.clone());
        farewell.presence.affiliation = removal.affiliation;
        farewell.presence.actor = removal.actor;
        farewell.presence.reason = removal.reason;
        farewell.presence.statuses = removal.statuses;
        for session in &sessions {
            self.occupants.remove(session);
            effects.push(Effect::Save(Change::Left(session.clone())));
        }
        self.announce_to_own(&farewell, &mut removals.to_removed);
        self.announce_to_others(&farewell, &mut removals.to_others);
    }

    /// Gives an occupant a role other than none, and tells everybody.
    pub(super) fn give_role(
        &mut self,
        nick: &Nick,
        role: Role,
        actor: Option<Nick>,
        reason: Option<Arc<str>>,
        effects: &mut Vec<Effect>,
        removals: &mut Removals,
    ) {
        let Some(occupant) = self.occupants.by_nick(nick) else {
            return;
        };
        let before = occupant.role();
        let bare_jid = occupant.bare_jid().clone();
        self.occupants.set_role(nick, role);
        self.remember_voice(&bare_jid, role, effects);
        self.save_all_sessions(nick, effects);
        self.announce_standing(nick, before, actor, reason, &mut removals.to_others);
    }

    /// Keeps all sessions of an occupant as they are now.
    pub(super) fn save_all_sessions(&self, nick: &Nick, effects: &mut Vec<Effect>) {
        let Some(occupant) = self.occupants.by_nick(nick) else {
            return;
        };
        for session in occupant.sessions() {
            self.save_session(&session.real_jid, effects);
        }
    }

    /// Tells everybody an occupant's new standing. A role whose presence is not broadcast disappears from the
    /// others' view, or appears in it; who becomes a moderator is shown what moderators see.
    pub(super) fn announce_standing(
        &self,
        nick: &Nick,
        role_before: Role,
        actor: Option<Nick>,
        reason: Option<Arc<str>>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(occupant) = self.occupants.by_nick(nick) else {
            return;
        };
        let mut announcement = self.announcement(occupant);
        announcement.presence.actor = actor;
        announcement.presence.reason = reason;
        self.announce(announcement, effects);
        let shown = |role| self.configuration.presence_broadcast.contains(&role);
        if shown(role_before) && !shown(occupant.role()) {
            self.hide(occupant.nick(), effects);
        }
        if !self.sees_real_jids(role_before) && self.sees_real_jids(occupant.role()) {
            for session in occupant.sessions() {
                self.show_others_to(&session.real_jid, occupant.role(), nick, effects);
            }
        }
    }

    /// Takes an occupant who is still inside out of the others' view.
    pub(super) fn hide(&self, nick: &Nick, effects: &mut Vec<Effect>) {
        let Some(occupant) = self.occupants.by_nick(nick) else {
            return;
        };
        let own = occupant
            .sessions()
            .iter()
            .map(|session| session.real_jid.clone())
            .collect();
        self.send_to_others(&self.farewell(occupant, own), effects);
    }
}
