//! Lists of changes: all of them, or none. XEP-0045 §9.2 (#modifyban), §17.4 (#bizrules-iq).

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::{BareJid, FullJid};

use super::effect::{Answer, Effect};
use super::occupant::Occupant;
use super::request::{AffiliationTarget, Moderation};
use super::rights::{Standing, may_change_affiliation, may_change_role};
use super::{Affiliation, Nick, Refusal, Role, Room, Timestamp};

/// Effects in the order that §8.2 (#kick) wants: who is removed is told first, then the moderator that it is
/// done, then the rest.
#[derive(Default)]
pub(super) struct Removals {
    pub to_removed: Vec<Effect>,
    pub to_others: Vec<Effect>,
}

impl Room {
    /// Changes roles and affiliations, all as asked or none.
    ///
    /// # Errors
    /// - [`Refusal::Malformed`]: the list is empty or too long, or an affiliation is reserved a nick that it
    ///   can't have.
    /// - [`Refusal::NotPrivileged`], [`Refusal::TargetTooHigh`]: see `rights.rs`.
    /// - [`Refusal::NotToOneself`], [`Refusal::LastOwner`], [`Refusal::NoSuchOccupant`],
    ///   [`Refusal::RegistrationConflict`].
    pub(super) fn moderate(
        &mut self,
        now: Timestamp,
        from: &Arc<FullJid>,
        items: Vec<Moderation>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if items.is_empty() || items.len() > self.policy.items_max {
            return Err(Refusal::Malformed);
        }
        let (roles, affiliations): (Vec<_>, Vec<_>) = items
            .into_iter()
            .partition(|item| matches!(item, Moderation::Role { .. }));
        let plan = self.plan_affiliations(from, affiliations)?;
        self.check_roles(from, &roles)?;

        let mut removals = Removals::default();
        self.apply_affiliations(now, from, plan, effects, &mut removals);
        self.apply_roles(from, &roles, effects, &mut removals);
        effects.append(&mut removals.to_removed);
        effects.push(Effect::Answer(Answer::Done));
        effects.append(&mut removals.to_others);
        self.end_if_abandoned(effects);
        Ok(())
    }

    /// Changes roles without an answer to an IQ.
    ///
    /// # Errors
    /// As for [`Self::moderate`].
    pub(super) fn change_roles(
        &mut self,
        from: &Arc<FullJid>,
        items: &[Moderation],
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        self.check_roles(from, items)?;
        let mut removals = Removals::default();
        self.apply_roles(from, items, effects, &mut removals);
        effects.append(&mut removals.to_removed);
        effects.append(&mut removals.to_others);
        Ok(())
    }

    fn check_roles(&self, from: &Arc<FullJid>, items: &[Moderation]) -> Result<(), Refusal> {
        for item in items {
            let Moderation::Role { nick, role, .. } = item else {
                continue;
            };
            let actor = self
                .occupants
                .by_session(from)
                .ok_or(Refusal::NotPrivileged)?;
            let target = self
                .occupants
                .by_nick(nick)
                .ok_or(Refusal::NoSuchOccupant)?;
            may_change_role(self.standing(actor), self.standing(target), *role)?;
            // §8.2 (#kick): "the service MAY deny the request and return a <conflict/> error".
            if *role == Role::None && target.bare_jid() == actor.bare_jid() {
                return Err(Refusal::NotToOneself);
            }
        }
        Ok(())
    }

    fn standing(&self, occupant: &Occupant) -> Standing {
        Standing {
            affiliation: self.affiliation_of(occupant.bare_jid()),
            role: occupant.role(),
        }
    }

    /// Checks every change of affiliation against what it would find, and the owners that would be left.
    fn plan_affiliations(
        &self,
        from: &FullJid,
        items: Vec<Moderation>,
    ) -> Result<Vec<Planned>, Refusal> {
        let actor = from.to_bare();
        let mut owners: BTreeSet<BareJid> = self
            .affiliations
            .with(Affiliation::Owner)
            .map(|(jid, _)| jid.clone())
            .collect();
        let mut plan = Vec::with_capacity(items.len());
        for item in items {
            let Moderation::Affiliation {
                target,
                affiliation,
                reserve,
                reason,
            } = item
            else {
                continue;
            };
            let jid = self.resolve(target)?;
            let before = self
                .affiliations
                .entry(&jid)
                .map_or(Affiliation::None, |entry| entry.affiliation);
            let held = before.max(self.affiliation_of(&jid));
            may_change_affiliation(self.affiliation_of(&actor), held, affiliation)?;
            if affiliation == Affiliation::Outcast && jid == actor {
                return Err(Refusal::NotToOneself);
            }
            if affiliation == Affiliation::Owner {
                owners.insert(jid.clone());
            } else {
                owners.remove(&jid);
            }
            if let Some(Some(nick)) = &reserve {
                self.check_reservation(&jid, nick)?;
            }
            plan.push(Planned {
                jid,
                before,
                affiliation,
                reserve,
                reason,
            });
        }
        if owners.is_empty() && !plan.is_empty() {
            return Err(Refusal::LastOwner);
        }
        Ok(plan)
    }

    fn resolve(&self, target: AffiliationTarget) -> Result<BareJid, Refusal> {
        match target {
            AffiliationTarget::Jid(jid) => Ok(jid),
            AffiliationTarget::Nick(nick) => self
                .occupants
                .by_nick(&nick)
                .map(|occupant| occupant.bare_jid().clone())
                .ok_or(Refusal::NoSuchOccupant),
        }
    }

    /// A nick can be reserved for a person, not for a domain, and only if it is not another's.
    fn check_reservation(&self, jid: &BareJid, nick: &Nick) -> Result<(), Refusal> {
        if jid.node().is_none() {
            return Err(Refusal::Malformed);
        }
        self.check_nick(jid, nick)
            .map_err(|_| Refusal::RegistrationConflict)
    }
}

/// A change of affiliation that has been checked.
pub(super) struct Planned {
    pub jid: BareJid,
    pub before: Affiliation,
    pub affiliation: Affiliation,
    pub reserve: Option<Option<Nick>>,
    pub reason: Option<Arc<str>>,
}
