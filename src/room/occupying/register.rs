//! Registration and reserved nicks. XEP-0045 §7.10 (#register), §7.12 (#reservednick), §9.9
//! (#regapprove).

use jid::{BareJid, FullJid};

use crate::room::aftermath::ToldBy;
use crate::room::bond::known::KnownBonds;
use crate::room::bond::{Bond, BondKind, List};
use crate::room::effect::{Answer, Effect};
use crate::room::moderating::change_standings::Planned;
use crate::room::{Affiliation, Enrolment, Nick, Now, Refusal, Room, Timestamp, Words};

/// Reserved nicks: one for a person, one person for a nick.
impl KnownBonds {
    /// The nick that is reserved for somebody.
    pub(in crate::room) fn nick_of(&self, jid: &BareJid) -> Option<&Nick> {
        let Some(Bond::Registration(nick)) = self.of(BondKind::Registration, jid) else {
            return None;
        };
        nick.as_ref()
    }

    /// For whom a nick is reserved.
    pub(in crate::room) fn owner_of(&self, nick: &Nick) -> Option<&BareJid> {
        self.first_with(BondKind::Registration, &nick.key())
    }
}

impl Room {
    /// Tells what registration needs, or that it is done. XEP-0045 §7.10 (#register).
    ///
    /// # Errors
    /// - [`Refusal::RegistrationNotAllowed`], [`Refusal::RegistrationClosed`]: the asker is banned;
    ///   nobody may ask.
    pub(in crate::room) fn show_registration(
        &self,
        from: &FullJid,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let bare_jid = from.to_bare();
        if let Some(nick) = self.bonds.nick_of(&bare_jid) {
            effects.push(Effect::Answer(Answer::AlreadyRegistered(Some(
                nick.clone(),
            ))));
            return Ok(());
        }
        let enrolment = self.door().enrolment(self.standing_outside(&bare_jid))?;
        effects.push(Effect::Answer(Answer::RegistrationForm {
            needs_approval: enrolment == Enrolment::OnApproval,
            asked_for: self.bonds.asked_for_by(&bare_jid).cloned(),
        }));
        Ok(())
    }

    /// Reserves a nick, and makes a member of somebody who has no affiliation: at once, or when an
    /// admin approves. XEP-0045 §7.10 (#register).
    ///
    /// # Errors
    /// - [`Refusal::RegistrationNotAllowed`], [`Refusal::RegistrationClosed`]: the asker is banned;
    ///   nobody may ask.
    /// - [`Refusal::RegistrationConflict`]: the nick is another's.
    /// - [`Refusal::TooManyRequests`]: as many people wait for approval as may.
    /// - [`Refusal::ListFull`]: of members, or of reserved nicks.
    pub(in crate::room) fn register(
        &mut self,
        now: Now,
        from: &FullJid,
        nick: Nick,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let bare_jid = from.to_bare();
        let affiliation = self.affiliation_of(&bare_jid);
        let enrolment = self.door().enrolment(self.standing_outside(&bare_jid))?;
        self.check_nick(&bare_jid, &nick)
            .map_err(|_| Refusal::RegistrationConflict)?;
        self.check_enrolment(&bare_jid, affiliation)?;
        if enrolment == Enrolment::OnApproval {
            self.ask_for_approval(now.elapsed, &bare_jid, &nick, effects)?;
            effects.push(Effect::Answer(Answer::Done));
            return Ok(());
        }
        self.enrol(now.at, None, bare_jid, nick, Some(Answer::Done), effects);
        Ok(())
    }

    /// Gives nick and membership back, or the request for them. XEP-0077 §3.2 (#usecases-cancel).
    /// An admin or owner keeps that affiliation, and so does a member by the domain.
    ///
    /// # Errors
    /// - [`Refusal::NotRegistered`]: there is nothing to give back.
    pub(in crate::room) fn unregister(
        &mut self,
        now: Timestamp,
        from: &FullJid,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let bare_jid = from.to_bare();
        let is_member = self.affiliations.stored(&bare_jid) == Affiliation::Member;
        let registered = self.bonds.nick_of(&bare_jid).is_some();
        let waited = self.forget_request(&bare_jid, effects);
        if !registered && !is_member && !waited {
            return Err(Refusal::NotRegistered);
        }
        self.set_nick(&bare_jid, None, effects);
        let mut aftermath = self.look_around();
        if is_member {
            let planned = Planned {
                before: self.affiliation_of(&bare_jid),
                jid: bare_jid,
                affiliation: Affiliation::None,
                reserve: None,
                reason: None,
                told_by: ToldBy::Room,
            };
            self.set_affiliation(now, None, planned, effects, &mut aftermath);
        }
        self.tell(aftermath, Some(Answer::Done), effects);
        self.end_if_abandoned(effects);
        Ok(())
    }

    /// An admin's answer to a registration that waits. XEP-0045 §9.9 (#regapprove). Whoever waits
    /// is told either way.
    ///
    /// # Errors
    /// - [`Refusal::NotPrivileged`]: only admins and owners may approve.
    /// - [`Refusal::NoSuchRequest`]: it was withdrawn, or somebody else has answered it.
    /// - [`Refusal::RegistrationConflict`]: the nick has become another's.
    /// - [`Refusal::TargetTooHigh`]: the person has been banned meanwhile.
    /// - [`Refusal::ListFull`]: of members, or of reserved nicks.
    pub(in crate::room) fn answer_registration(
        &mut self,
        now: Timestamp,
        from: &FullJid,
        (jid, nick): (BareJid, Nick),
        (granted, reason): (bool, Option<Words>),
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if self.affiliation_of(&from.to_bare()) < Affiliation::Admin {
            return Err(Refusal::NotPrivileged);
        }
        if !granted {
            if self.forget_request(&jid, effects) {
                self.tell_answer(&jid, false, reason, effects);
            }
            return Ok(());
        }
        if self.bonds.asked_for_by(&jid).is_none() {
            return Err(Refusal::NoSuchRequest);
        }
        if self.affiliation_of(&jid) == Affiliation::Outcast {
            return Err(Refusal::TargetTooHigh);
        }
        if jid.node().is_none() {
            return Err(Refusal::NickForDomain);
        }
        self.check_in_scope(&jid)?;
        self.check_nick(&jid, &nick)
            .map_err(|_| Refusal::RegistrationConflict)?;
        self.check_enrolment(&jid, self.affiliation_of(&jid))?;
        self.enrol(now, Some(from), jid.clone(), nick, None, effects);
        self.tell_answer(&jid, true, reason, effects);
        Ok(())
    }

    /// One's reserved nick. XEP-0045 §7.12 (#reservednick).
    ///
    /// # Errors
    /// None.
    pub(in crate::room) fn show_reserved_nick(
        &self,
        from: &FullJid,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let nick = self.bonds.nick_of(&from.to_bare()).cloned();
        effects.push(Effect::Answer(Answer::ReservedNick(nick)));
        Ok(())
    }

    /// The nick that a person must use here, if nicks are locked and they have one.
    pub(in crate::room) fn locked_nick(&self, bare_jid: &BareJid) -> Option<&Nick> {
        if !self.configuration.nick_locked {
            return None;
        }
        self.bonds.nick_of(bare_jid)
    }

    /// Reserves a nick for somebody, or gives it back.
    pub(in crate::room) fn set_nick(
        &mut self,
        jid: &BareJid,
        nick: Option<Nick>,
        effects: &mut Vec<Effect>,
    ) {
        self.set_bond(jid, Bond::Registration(nick), effects);
    }

    /// Whether there is space for one more member, if it would be one, and for one more nick.
    fn check_enrolment(&self, jid: &BareJid, affiliation: Affiliation) -> Result<(), Refusal> {
        if affiliation == Affiliation::None {
            self.check_one_more(List::Members)?;
        }
        match self.bonds.nick_of(jid) {
            Some(_) => Ok(()),
            None => self.check_one_more(List::Registrations),
        }
    }

    /// Makes somebody a member who has no affiliation, and reserves the nick.
    fn enrol(
        &mut self,
        now: Timestamp,
        by: Option<&FullJid>,
        jid: BareJid,
        nick: Nick,
        answer: Option<Answer>,
        effects: &mut Vec<Effect>,
    ) {
        let mut aftermath = self.look_around();
        if self.affiliation_of(&jid) == Affiliation::None {
            let planned = Planned {
                before: Affiliation::None,
                jid,
                affiliation: Affiliation::Member,
                reserve: Some(Some(nick)),
                reason: None,
                told_by: ToldBy::Room,
            };
            self.set_affiliation(now, by, planned, effects, &mut aftermath);
        } else {
            self.set_nick(&jid, Some(nick), effects);
        }
        self.tell(aftermath, answer, effects);
    }
}
