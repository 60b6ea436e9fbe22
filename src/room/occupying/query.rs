//! IQs to an occupant. XEP-0045 §17.4 (#bizrules-iq), §6.6 (#disco-occupant), XEP-0410.

use std::sync::Arc;

use jid::FullJid;

use crate::room::effect::{Answer, Effect};
use crate::room::request::QueryTarget;
use crate::room::{Nick, Refusal, Room};

impl Room {
    /// A ping. To one's own nick the room itself answers, as XEP-0410 §3.3 allows: that one is
    /// inside is all that is asked. To another it is passed on.
    ///
    /// # Errors
    /// - [`Refusal::NotAnOccupant`]: the asker is not inside.
    /// - [`Refusal::NoSuchOccupant`]: nobody has that nick.
    pub(in crate::room) fn ping(
        &self,
        from: &Arc<FullJid>,
        to: &Nick,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let own = self
            .occupants
            .by_session(from)
            .ok_or(Refusal::NotAnOccupant)?;
        if own.nick().key() == to.key() {
            effects.push(Effect::Answer(Answer::Done));
            return Ok(());
        }
        self.pass_on(own.nick().clone(), to, QueryTarget::Client, effects)
    }

    /// Any other IQ is passed on, and the answer back; neither side learns the other's real JID.
    ///
    /// # Errors
    /// - [`Refusal::NotAnOccupantAsking`]: "the service MUST return a <bad-request/> error", §6.6.
    /// - [`Refusal::NoSuchOccupant`]: nobody has that nick.
    pub(in crate::room) fn query(
        &self,
        from: &Arc<FullJid>,
        to: &Nick,
        target: QueryTarget,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let own = self
            .occupants
            .by_session(from)
            .ok_or(Refusal::NotAnOccupantAsking)?;
        self.pass_on(own.nick().clone(), to, target, effects)
    }

    fn pass_on(
        &self,
        from: Nick,
        to: &Nick,
        target: QueryTarget,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let listener = self.occupants.by_nick(to).ok_or(Refusal::NoSuchOccupant)?;
        let to = listener.shown().real_jid.clone();
        effects.push(Effect::PassOn { from, to, target });
        Ok(())
    }
}
