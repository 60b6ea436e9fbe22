//! Asking to be let into a closed room, from outside. DESIGN §1; XEP-0045 §7.10 (#register), §9.9
//! (#regapprove).
//!
//! A request for access is a registration that waits for a manager's answer, of somebody who may
//! know of the room and not enter it. Whoever may enter has nothing to ask for. The answer is told
//! in words, to the account: who asked need not be there any more.

use jid::{BareJid, FullJid, Jid};

use crate::room::effect::{Effect, Recipients, Stanza};
use crate::room::request::AccessWish;
use crate::room::{Enrolment, Nick, Now, Refusal, Room, Words};

impl Room {
    /// Asks for access, or takes the request back.
    ///
    /// # Errors
    /// - [`Refusal::AccessNotNeeded`]: the asker may enter, or nobody is kept out here.
    /// - [`Refusal::RegistrationNotAllowed`]: they are banned.
    /// - [`Refusal::RegistrationConflict`]: the nick is another's.
    /// - [`Refusal::TooManyRequests`]: as many people wait as may.
    /// - [`Refusal::NoSuchRequest`]: there is nothing to take back.
    pub(in crate::room) fn wish_for_access(
        &mut self,
        now: Now,
        from: &FullJid,
        wish: AccessWish,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let person = from.to_bare();
        match wish {
            AccessWish::Ask(nick) => self.ask_for_access(now, &person, &nick, effects),
            AccessWish::Withdraw => match self.forget_request(&person, effects) {
                true => Ok(()),
                false => Err(Refusal::NoSuchRequest),
            },
        }
    }

    fn ask_for_access(
        &mut self,
        now: Now,
        person: &BareJid,
        nick: &Nick,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        match self.door().enrolment(self.standing_outside(person)) {
            Ok(Enrolment::OnApproval) => {}
            Ok(Enrolment::AtOnce) | Err(Refusal::RegistrationClosed) => {
                return Err(Refusal::AccessNotNeeded);
            }
            Err(refusal) => return Err(refusal),
        }
        self.check_nick(person, nick)
            .map_err(|_| Refusal::RegistrationConflict)?;
        self.ask_for_approval(now.elapsed, person, nick, effects)
    }

    /// Tells somebody how their request was answered.
    pub(in crate::room) fn tell_answer(
        &self,
        person: &BareJid,
        granted: bool,
        reason: Option<Words>,
        effects: &mut Vec<Effect>,
    ) {
        effects.push(Effect::Send {
            stanza: Box::new(Stanza::AccessAnswered { granted, reason }),
            to: Recipients::Absent(Jid::from(person.clone())),
        });
    }
}
