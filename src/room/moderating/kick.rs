//! Changes of roles: kick, voice, moderators. XEP-0045 §8.2 (#kick) to §8.5, §9.6 (#grantmod) to
//! §9.8.

use jid::FullJid;

use crate::room::aftermath::{Aftermath, Cause};
use crate::room::effect::{Effect, Status, Statuses};
use crate::room::request::Moderation;
use crate::room::{Affiliation, Change, Nick, Role, Room};

/// How somebody is shown out.
pub(in crate::room) struct Removal {
    pub status: Status,
    pub affiliation: Affiliation,
    pub cause: Cause,
}

impl Room {
    /// Carries out checked changes of roles.
    pub(in crate::room) fn apply_roles(
        &mut self,
        from: &FullJid,
        items: &[Moderation],
        effects: &mut Vec<Effect>,
        aftermath: &mut Aftermath,
    ) {
        let actor = self.nick_of(from);
        for item in items {
            let Moderation::Role { nick, role, reason } = item else {
                continue;
            };
            let cause = Cause {
                actor: actor.clone(),
                reason: reason.clone(),
            };
            if *role == Role::None {
                self.kick(nick, cause, effects, aftermath);
            } else {
                self.give_role(nick, *role, cause, effects, aftermath);
            }
        }
    }

    /// §8.2 (#kick): status 307.
    fn kick(
        &mut self,
        nick: &Nick,
        cause: Cause,
        effects: &mut Vec<Effect>,
        aftermath: &mut Aftermath,
    ) {
        let Some(occupant) = self.occupants.by_nick(nick) else {
            return;
        };
        let removal = Removal {
            status: Status::Kicked,
            affiliation: self.affiliation_of(occupant.bare_jid()),
            cause,
        };
        self.remove(nick, removal, effects, aftermath);
    }

    /// Shows an occupant out with all sessions.
    pub(in crate::room) fn remove(
        &mut self,
        nick: &Nick,
        removal: Removal,
        effects: &mut Vec<Effect>,
        aftermath: &mut Aftermath,
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
        farewell.presence.actor = removal.cause.actor;
        farewell.presence.reason = removal.cause.reason;
        farewell.presence.statuses = Statuses::one(removal.status);
        for session in sessions {
            self.occupants.remove(&session);
            effects.push(Effect::Save(Change::Left(session)));
        }
        aftermath.part(farewell);
    }

    /// Gives an occupant a role other than none.
    pub(in crate::room) fn give_role(
        &mut self,
        nick: &Nick,
        role: Role,
        cause: Cause,
        effects: &mut Vec<Effect>,
        aftermath: &mut Aftermath,
    ) {
        let Some(occupant) = self.occupants.by_nick(nick) else {
            return;
        };
        let bare_jid = occupant.bare_jid().clone();
        self.remember_voice(&bare_jid, role, effects);
        self.set_role(nick, role, cause, effects, aftermath);
    }

    /// Sets the role, which is told later, and keeps it.
    pub(in crate::room) fn set_role(
        &mut self,
        nick: &Nick,
        role: Role,
        cause: Cause,
        effects: &mut Vec<Effect>,
        aftermath: &mut Aftermath,
    ) {
        aftermath.blame(nick, cause);
        if !self.occupants.set_role(nick, role) {
            return;
        }
        let Some(occupant) = self.occupants.by_nick(nick) else {
            return;
        };
        for session in occupant.sessions() {
            self.save_session(&session.real_jid, effects);
        }
    }

    /// The nick under which a session is inside, if it is.
    pub(in crate::room) fn nick_of(&self, real_jid: &FullJid) -> Option<Nick> {
        let occupant = self.occupants.by_session(real_jid)?;
        Some(occupant.nick().clone())
    }
}
