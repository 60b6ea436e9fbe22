//! Presenters: who speaks in an auditorium. An extension of our own; XEP-0045 §5.1.2
//! (#roles-default).
//!
//! An auditorium is a moderated room. In it presenters have voice, and those who run it; everybody
//! else reads. Presenters stand in a list of their own: people, and domains for all their users.
//! They need not be members: an auditorium that is closed or secret is open to them. A room that is
//! no auditorium keeps the list, which means nothing there.

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::{BareJid, FullJid};

use super::follow_affiliation::Affected;
use crate::room::aftermath::{Aftermath, Cause};
use crate::room::bond::known::KnownBonds;
use crate::room::bond::{Bond, BondKind, List};
use crate::room::effect::{Answer, Effect};
use crate::room::setting::Assignment;
use crate::room::{Action, Affiliation, Refusal, Room};

/// A change of the list of presenters that has been checked: only what is otherwise by it.
pub(in crate::room) struct Appointments {
    appointed: BTreeSet<BareJid>,
    dismissed: BTreeSet<BareJid>,
}

impl KnownBonds {
    /// Whether somebody is a presenter, by an entry of their own or of their domain.
    pub(in crate::room) fn presents(&self, jid: &BareJid) -> bool {
        // Hardly any room that is no auditorium has presenters, and then none is looked for.
        if self.known().of_kind(BondKind::Presenter).next().is_none() {
            return false;
        }
        let is_listed = |jid| self.of(BondKind::Presenter, jid).is_some();
        is_listed(jid) || is_listed(&BareJid::from_parts(None, jid.domain()))
    }
}

impl Room {
    /// Makes presenters, and takes it from others, all as asked or none.
    ///
    /// # Errors
    /// - [`Refusal::NotPrivileged`]: the asker is no admin.
    /// - [`Refusal::Contradiction`]: somebody is named for both.
    /// - [`Refusal::WrongNumberOfItems`], [`Refusal::OutOfScope`], [`Refusal::ListFull`]
    pub(in crate::room) fn change_presenters(
        &mut self,
        from: &Arc<FullJid>,
        appointed: BTreeSet<BareJid>,
        dismissed: BTreeSet<BareJid>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        self.appoint(from, appointed, dismissed, Some(Answer::Done), effects)
    }

    /// The same with another answer, or none.
    ///
    /// # Errors
    /// Those of [`Self::change_presenters`].
    pub(in crate::room) fn appoint(
        &mut self,
        from: &FullJid,
        appointed: BTreeSet<BareJid>,
        dismissed: BTreeSet<BareJid>,
        answer: Option<Answer>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if self.affiliation_of(&from.to_bare()) < Affiliation::Admin {
            return Err(Refusal::NotPrivileged);
        }
        let most = self.terms.items_max;
        let named = appointed.len() + dismissed.len();
        if named == 0 || named > most {
            return Err(Refusal::WrongNumberOfItems { most });
        }
        if !appointed.is_disjoint(&dismissed) {
            return Err(Refusal::Contradiction);
        }
        let is_listed = |jid: &BareJid| self.bonds.of(BondKind::Presenter, jid).is_some();
        let appointments = Appointments {
            appointed: appointed
                .into_iter()
                .filter(|jid| !is_listed(jid))
                .collect(),
            dismissed: dismissed.into_iter().filter(|jid| is_listed(jid)).collect(),
        };
        self.check_appointments(&appointments)?;
        let mut aftermath = self.look_around();
        self.carry_out_appointments(from, appointments, effects, &mut aftermath);
        self.tell(aftermath, answer, effects);
        self.end_if_abandoned(effects);
        Ok(())
    }

    /// The presenters as the configuration form shows them; `None` where they are more than a form
    /// may change, for half a list, sent back, would take the others away.
    pub(in crate::room) fn presenters_for_form(&self) -> Option<Vec<BareJid>> {
        self.has_presenters_in_form().then(|| {
            let listed = self.bonds.known().of_kind(BondKind::Presenter);
            listed.map(|(jid, _)| jid.clone()).collect()
        })
    }

    /// What the full list of a form changes.
    ///
    /// # Errors
    /// - [`Refusal::ConfigurationNotAcceptable`]: the form did not show the list, or it changes
    ///   more than one request may.
    /// - [`Refusal::OutOfScope`], [`Refusal::ListFull`]
    pub(in crate::room) fn plan_presenters(
        &self,
        wanted: BTreeSet<BareJid>,
    ) -> Result<Appointments, Refusal> {
        let unacceptable = |problem| {
            Err(Refusal::ConfigurationNotAcceptable {
                field: PRESENTERS,
                problem,
            })
        };
        let Some(listed) = self.presenters_for_form() else {
            return unacceptable("the list is too long for a form; change it by a command");
        };
        let listed: BTreeSet<_> = listed.into_iter().collect();
        let appointments = Appointments {
            appointed: wanted.difference(&listed).cloned().collect(),
            dismissed: listed.difference(&wanted).cloned().collect(),
        };
        if appointments.appointed.len() + appointments.dismissed.len() > self.terms.items_max {
            return unacceptable("more changes than the service allows at once");
        }
        self.check_appointments(&appointments)?;
        Ok(appointments)
    }

    /// Carries out what has been checked, and gives those inside the roles that go with it.
    pub(in crate::room) fn carry_out_appointments(
        &mut self,
        from: &FullJid,
        appointments: Appointments,
        effects: &mut Vec<Effect>,
        aftermath: &mut Aftermath,
    ) {
        let Appointments {
            appointed,
            dismissed,
        } = appointments;
        let changes = appointed.iter().map(|jid| (jid, true));
        let changes = changes.chain(dismissed.iter().map(|jid| (jid, false)));
        let cause = Cause {
            actor: self.nick_of(from),
            reason: None,
        };
        // An entry of a person and one of their domain may change at once; so how everybody stood
        // is noted before the first of them.
        let affected: Vec<Affected> = changes
            .clone()
            .flat_map(|(jid, _)| self.affected_by(jid))
            .collect();
        for (jid, presents) in changes {
            self.set_bond(jid, Bond::Presenter(presents), effects);
            // What was given and taken before is decided anew.
            self.forget_voice(jid, effects);
        }
        for one in &affected {
            self.follow_standing(one, cause.clone(), effects, aftermath);
        }
    }

    /// Somebody is no presenter any more, who loses more than that.
    pub(super) fn dismiss(&mut self, jid: &BareJid, effects: &mut Vec<Effect>) {
        self.set_bond(jid, Bond::Presenter(false), effects);
    }

    /// Whether all presenters must be known for this.
    pub(super) fn needs_presenters(&self, action: &Action) -> bool {
        let concerned = match action {
            Action::ShowConfiguration => true,
            // The version is made of them, too.
            Action::Configure(assignments) => assignments.iter().any(|assignment| {
                matches!(
                    assignment,
                    Assignment::Presenters(_) | Assignment::Version(_)
                )
            }),
            _ => false,
        };
        concerned && self.has_presenters_in_form()
    }

    fn has_presenters_in_form(&self) -> bool {
        self.bonds.lengths().of(List::Presenters) <= self.terms.items_max
    }

    /// # Errors
    /// - [`Refusal::OutOfScope`]: the room's category does not admit somebody.
    /// - [`Refusal::ListFull`]
    fn check_appointments(&self, appointments: &Appointments) -> Result<(), Refusal> {
        let mut appointed = appointments.appointed.iter();
        if let Some(jid) = appointed.find(|jid| !self.terms.admits(jid)) {
            return Err(Refusal::OutOfScope(jid.clone()));
        }
        let changed = (appointments.appointed.len(), appointments.dismissed.len());
        self.check_exchange(List::Presenters, changed)
    }
}

/// The field of all presenters.
const PRESENTERS: &str = "{urn:lyceum:0}presenters";
