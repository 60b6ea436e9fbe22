//! Registrations that wait for a manager's answer. XEP-0045 §9.9 (#regapprove).
//!
//! The hard thing is whom to tell: a room may have tens of thousands of admins, and whoever asks
//! would have as many messages sent. So those are told who are inside; if none is, a few of the
//! others. Nobody misses anything by that: what waits is kept, and whoever may answer finds it by
//! asking the room.

use jid::{BareJid, FullJid, Jid};

use super::recent::Recent;
use crate::room::bond::known::KnownBonds;
use crate::room::bond::{Bond, BondKind};
use crate::room::effect::{Answer, Effect, Recipients, Stanza};
use crate::room::{Affiliation, Elapsed, Nick, Refusal, Room};

/// Who was told of those who wait. They themselves are among the bonds: one request of each person,
/// for one nick.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::room) struct Approvals {
    /// Who made managers be told lately.
    told: Recent,
}

impl KnownBonds {
    /// The nick that somebody waits for.
    pub(in crate::room) fn asked_for_by(&self, jid: &BareJid) -> Option<&Nick> {
        let Some(Bond::RegistrationRequest(nick)) = self.of(BondKind::RegistrationRequest, jid)
        else {
            return None;
        };
        nick.as_ref()
    }
}

impl Room {
    /// Lets a registration wait for a manager, in place of the one that the person has asked for
    /// before. Managers are told once in a while; what is changed meanwhile they find by asking.
    ///
    /// # Errors
    /// - [`Refusal::TooManyRequests`]: as many people wait as may.
    pub(in crate::room) fn ask_for_approval(
        &mut self,
        now: Elapsed,
        jid: &BareJid,
        nick: &Nick,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let waits = self.bonds.asked_for_by(jid).is_some();
        let waiting = self.bonds.known().of_kind(BondKind::RegistrationRequest);
        let waiting = waiting.count();
        if !waits && waiting >= WAITING_MAX {
            return Err(Refusal::TooManyRequests { most: WAITING_MAX });
        }
        let bond = Bond::RegistrationRequest(Some(nick.clone()));
        if !self.set_bond(jid, bond, effects) {
            return Ok(());
        }
        let interval_s = self.terms.voice_request_interval_s;
        if self.approvals.told.ask(now, jid, interval_s).is_ok() {
            self.tell_managers(jid, nick, effects);
        }
        Ok(())
    }

    /// Forgets what somebody has asked for: it was answered, or has become needless, or was
    /// withdrawn. Tells whether there was anything.
    pub(in crate::room) fn forget_request(
        &mut self,
        jid: &BareJid,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let is_known = self.bonds.is_whole(BondKind::RegistrationRequest);
        debug_assert!(is_known, "who waits is not known");
        self.set_bond(jid, Bond::RegistrationRequest(None), effects)
    }

    /// Tells what waits to be answered. An extension of our own: XEP-0045 knows only the messages
    /// of §9.9 (#regapprove), which reach whoever is there.
    ///
    /// # Errors
    /// - [`Refusal::NotPrivileged`]: only admins and owners may answer.
    pub(in crate::room) fn show_requests(
        &self,
        from: &FullJid,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if self.affiliation_of(&from.to_bare()) < Affiliation::Admin {
            return Err(Refusal::NotPrivileged);
        }
        // An entry for a domain, say, may have given them meanwhile what they asked for.
        let waiting = self.bonds.known().of_kind(BondKind::RegistrationRequest);
        let waiting = waiting
            .filter(|(jid, _)| self.affiliation_of(jid) == Affiliation::None)
            .filter_map(|(jid, _)| Some((jid.clone(), self.bonds.asked_for_by(jid)?.clone())));
        effects.push(Effect::Answer(Answer::Requests(waiting.collect())));
        Ok(())
    }

    fn tell_managers(&self, jid: &BareJid, nick: &Nick, effects: &mut Vec<Effect>) {
        let stanza = Stanza::RegistrationRequest {
            jid: jid.clone(),
            nick: nick.clone(),
        };
        let told = effects.len();
        self.send_to_those(
            stanza.clone(),
            |occupant| self.affiliation_of(occupant.bare_jid()) >= Affiliation::Admin,
            effects,
        );
        if effects.len() > told {
            return;
        }
        let managers = [Affiliation::Owner, Affiliation::Admin];
        let managers = managers
            .into_iter()
            .flat_map(|affiliation| self.honoured(affiliation));
        for (manager, _) in managers.take(TOLD_OUTSIDE_MAX) {
            effects.push(Effect::Send {
                stanza: Box::new(stanza.clone()),
                to: Recipients::Absent(Jid::from(manager.clone())),
            });
        }
    }
}

/// Maximum number of people who wait in one room.
const WAITING_MAX: usize = 1000;

/// Maximum number of managers who are told while none of them is inside; owners before admins.
const TOLD_OUTSIDE_MAX: usize = 5;
