//! Disabling a room: nobody is inside, nothing of it is seen, and all of it is kept. DESIGN §1.
//!
//! It is an owner's to disable a room, and an operator's alone to enable it again. Unlike a room
//! that is destroyed it comes back, so clients must not forget it: those inside are shown out as
//! somebody is who is kicked, without a `<destroy/>`.

use jid::FullJid;

use crate::room::aftermath::{Aftermath, Cause};
use crate::room::effect::{Effect, Status};
use crate::room::moderating::kick::Removal;
use crate::room::setting::configuration::Configuration;
use crate::room::{Refusal, Room, Words};

impl Room {
    /// Whether somebody may have it so.
    ///
    /// # Errors
    /// - [`Refusal::EnablingNotAllowed`]: only operators enable a room.
    pub(in crate::room) fn check_enabling(
        &self,
        from: &FullJid,
        wanted: &Configuration,
    ) -> Result<(), Refusal> {
        let enables = self.configuration.disabled && !wanted.disabled;
        if enables && !self.terms.operators.contains(&from.to_bare()) {
            return Err(Refusal::EnablingNotAllowed);
        }
        Ok(())
    }

    /// Shows everybody out of a room that has been disabled, with the reason. §8.2 (#kick): status
    /// 307.
    pub(in crate::room) fn show_everybody_out(
        &mut self,
        before: &Configuration,
        effects: &mut Vec<Effect>,
        aftermath: &mut Aftermath,
    ) {
        if before.disabled || !self.configuration.disabled {
            return;
        }
        let reason = match &*self.configuration.disabled_reason {
            "" => Words::from("This room has been disabled"),
            reason => Words::from(reason),
        };
        for (nick, person) in self.standings() {
            let removal = Removal {
                status: Status::Kicked,
                affiliation: person.affiliation,
                cause: Cause {
                    actor: None,
                    reason: Some(reason.clone()),
                },
            };
            self.remove(&nick, removal, effects, aftermath);
        }
    }
}
