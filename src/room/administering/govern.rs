//! New terms for a room that is awake. XEP-0045 §5.2.2 (#affil-change), §9.4 (#revokemember).
//!
//! What the service lays down may change while people are inside: somebody has become an operator,
//! or is none any more. An operator is an owner of every room, so this is to those inside what any
//! other change of affiliation is, and is told as one. And somebody may have fallen out of the
//! scope of the room's category: they are shown out like somebody whose membership was revoked. Of
//! people who are not inside nothing is told: no list of the room has changed.

use std::sync::Arc;

use crate::room::aftermath::Cause;
use crate::room::{Effect, Refusal, Room, Terms};

impl Room {
    /// Lives under these terms from now on. Those inside whose affiliation they change get the role
    /// that goes with it, §5.1.3 (#roles-change), or are shown out if the room is not for them any
    /// more.
    ///
    /// # Errors
    /// None; terms that change nothing for those inside are told to nobody.
    pub(in crate::room) fn govern(
        &mut self,
        terms: Arc<Terms>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let mut aftermath = self.look_around();
        let everybody = self.affected_by_terms();
        self.terms = terms;
        for one in &everybody {
            self.follow_standing(one, Cause::default(), effects, &mut aftermath);
        }
        self.tell(aftermath, None, effects);
        self.end_if_abandoned(effects);
        Ok(())
    }

    /// The terms under which it lives.
    pub fn terms(&self) -> &Arc<Terms> {
        &self.terms
    }
}
