//! Leaving a room, by oneself or because the session is gone. XEP-0045 §7.14 (#exit), §11.1
//! (#service-error-kick).

use std::sync::Arc;

use jid::FullJid;

use super::presence::send_one;
use crate::room::effect::{Effect, Leaver, Presence, Status, Statuses};
use crate::room::owning::destroy::{Destruction, Remains};
use crate::room::{Change, Nick, Payload, Refusal, Room};

/// How a session goes.
struct Parting {
    /// The id of the stanza that says so, reflected to its sender.
    id: Option<Arc<str>>,
    /// What the others are shown.
    payload: Payload,
    /// The codes that say why.
    statuses: Statuses,
}

impl Room {
    /// Lets a session go. XEP-0045 §7.14 (#exit).
    ///
    /// # Errors
    /// None: §17.3 (#bizrules-presence): "A room MUST silently ignore unavailable presence received
    /// from a user who has a role of 'none'."
    pub(in crate::room) fn exit(
        &mut self,
        from: &Arc<FullJid>,
        id: Option<Arc<str>>,
        payload: Payload,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let parting = Parting {
            id,
            payload,
            statuses: Statuses::none(),
        };
        self.part(from, parting, effects);
        Ok(())
    }

    /// Removes a session that is verified to be gone. XEP-0045 §11.1 (#service-error-kick).
    ///
    /// # Errors
    /// None; a session that has left meanwhile is ignored.
    pub(in crate::room) fn lose(
        &mut self,
        from: &Arc<FullJid>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let parting = Parting {
            id: None,
            payload: Payload::empty(),
            statuses: Statuses::one(Status::Unreachable),
        };
        self.part(from, parting, effects);
        Ok(())
    }

    fn part(&mut self, from: &Arc<FullJid>, parting: Parting, effects: &mut Vec<Effect>) {
        let Some(occupant) = self.occupants.by_session(from) else {
            return;
        };
        let nick = occupant.nick().clone();
        let was_shown = occupant.shown().real_jid == *from;
        let mut farewell = self.farewell(occupant, vec![from.clone()]);
        farewell.presence.payload = parting.payload;
        farewell.presence.statuses = parting.statuses;
        farewell.shown = from.clone();
        farewell.caused_by = Some((from.clone(), parting.id));
        if self.lock.is_locked() && self.occupants.session_count() == 1 {
            // §10.1.3 (#createroom-reserved): the owner is told with a <destroy/> element that the
            // room is gone.
            farewell.presence.destruction = Some(Arc::default());
        }
        self.occupants.remove(from);
        effects.push(Effect::Save(Change::Left(Leaver {
            real_jid: from.clone(),
            nick: nick.clone(),
        })));
        match self.occupants.by_nick(&nick) {
            None => self.announce(farewell, effects),
            Some(rest) => {
                // The person is still there with another client; only the one that went is told so,
                // and the others learn what is shown from now on.
                self.announce_to_own(&farewell, effects);
                if was_shown {
                    self.announce(self.announcement(rest), effects);
                }
            }
        }
        self.end_if_abandoned(effects);
    }

    /// A temporary room ends with its last occupant, §7.14 (#exit), and so does one that is still
    /// locked, §10.1.3 (#createroom-reserved).
    pub(in crate::room) fn end_if_abandoned(&mut self, effects: &mut Vec<Effect>) {
        let lasting = self.configuration.persistent && !self.lock.is_locked();
        if self.occupants.is_empty() && !lasting && !self.ended {
            self.end(Arc::new(Destruction::default()), Remains::Nothing, effects);
        }
    }
}

/// What somebody is told who believes to be inside and is not: an explicit kick with the codes 110,
/// 307 and 333. XEP-0045 §7.2.18 (#enter-gc). The same for a room that does not exist. `id` is that
/// of the stanza which it answers.
pub fn not_inside(nick: Nick, id: Option<Arc<str>>, to: Arc<FullJid>) -> Effect {
    let presence = Presence {
        id,
        statuses: Statuses::one(Status::SelfPresence)
            .and(Status::Kicked)
            .and(Status::Unreachable),
        ..Presence::of_nobody(nick)
    };
    send_one(presence, to)
}
