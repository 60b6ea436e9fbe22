//! Presence probes. XEP-0045 §17.3 (#bizrules-presence).
//!
//! "A MUC service MAY handle presence probes sent to the room JID or an occupant JID": by a server,
//! say, that has lost what it knew. Who is inside is shown what a newcomer would be shown, and
//! nobody else anything.

use std::sync::Arc;

use jid::FullJid;

use super::presence::send_one;
use crate::room::effect::{Effect, Presence};
use crate::room::{Nick, Refusal, Room};

impl Room {
    /// Tells how an occupant is, as far as the asker may know it, §17.3 (#bizrules-presence);
    /// without a nick, how the asker is. Whoever is not inside is told nothing, as where there is
    /// no room.
    ///
    /// # Errors
    /// None: a probe is answered by a presence, or not at all.
    pub(in crate::room) fn probe(
        &self,
        from: &Arc<FullJid>,
        nick: Option<Nick>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let Some(asker) = self.occupants.by_session(from) else {
            return Ok(());
        };
        let wanted = nick.as_ref().unwrap_or(asker.nick());
        if wanted.key() == asker.nick().key() {
            let mut announcement = self.announcement(asker);
            announcement.own = vec![from.clone()];
            self.announce_to_own(&announcement, effects);
            return Ok(());
        }
        let found = self.occupants.by_nick(wanted);
        let presence = match found.filter(|occupant| self.is_seen_by(occupant, from)) {
            Some(occupant) => {
                let mut presence = self.announcement(occupant).presence;
                let sees_real_jids = self.sees_real_jids(asker.role());
                presence.real_jid = sees_real_jids.then(|| occupant.shown().real_jid.clone());
                presence
            }
            None => Presence::of_nobody(wanted.clone()),
        };
        effects.push(send_one(presence, from.clone()));
        Ok(())
    }
}
