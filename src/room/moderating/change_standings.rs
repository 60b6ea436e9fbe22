//! Lists of changes: all of them, or none. XEP-0045 §9.2 (#modifyban), §17.4 (#bizrules-iq).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jid::{BareJid, FullJid};

use crate::room::aftermath::ToldBy;
use crate::room::effect::{Answer, Effect};
use crate::room::occupant::Occupant;
use crate::room::request::{AffiliationTarget, Moderation};
use crate::room::rights::{Standing, may_change_affiliation, may_change_role};
use crate::room::{Affiliation, Nick, Refusal, Role, Room, Timestamp, Words};

impl Room {
    /// Changes roles and affiliations, all as asked or none.
    ///
    /// # Errors
    /// - [`Refusal::WrongNumberOfItems`], [`Refusal::RolesWithAffiliations`],
    ///   [`Refusal::Contradiction`],
    ///   [`Refusal::NickForDomain`]: what the list is.
    /// - [`Refusal::NotPrivileged`], [`Refusal::TargetTooHigh`]: see `rights.rs`.
    /// - [`Refusal::NotAPerson`], [`Refusal::OperatorAnyway`]: the change would be without effect.
    /// - [`Refusal::NotToOneself`], [`Refusal::LastOwner`], [`Refusal::NoSuchOccupant`],
    ///   [`Refusal::RegistrationConflict`], [`Refusal::ListFull`].
    pub(in crate::room) fn moderate(
        &mut self,
        now: Timestamp,
        from: &Arc<FullJid>,
        items: Vec<Moderation>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let most = self.terms.items_max;
        if items.is_empty() || items.len() > most {
            return Err(Refusal::WrongNumberOfItems { most });
        }
        let (roles, affiliations): (Vec<_>, Vec<_>) = items
            .into_iter()
            .partition(|item| matches!(item, Moderation::Role { .. }));
        // Each is checked against the room as it is; with both in one list a role could be given
        // that the new affiliation forbids. §17.4 (#bizrules-iq) forbids both in one item.
        if !roles.is_empty() && !affiliations.is_empty() {
            return Err(Refusal::RolesWithAffiliations);
        }
        let plan = self.plan_affiliations(from, affiliations)?;
        self.check_roles(from, &roles)?;

        let mut aftermath = self.look_around();
        for planned in plan {
            self.set_affiliation(now, Some(from), planned, effects, &mut aftermath);
        }
        effects.extend(roles.iter().filter_map(role_given));
        self.apply_roles(from, &roles, effects, &mut aftermath);
        self.tell(aftermath, Some(Answer::Done), effects);
        self.end_if_abandoned(effects);
        Ok(())
    }

    fn check_roles(&self, from: &Arc<FullJid>, items: &[Moderation]) -> Result<(), Refusal> {
        for item in items {
            let Moderation::Role { nick, role, .. } = item else {
                continue;
            };
            // §8 (#moderator): who is no moderator is told so before anything is said of whom they
            // name.
            let actor = self
                .occupants
                .by_session(from)
                .filter(|actor| actor.role() == Role::Moderator)
                .ok_or(Refusal::NotPrivileged)?;
            let target = self
                .occupants
                .by_nick(nick)
                .ok_or(Refusal::NoSuchOccupant)?;
            // §8.2 (#kick): "the service MAY deny the request and return a <conflict/> error".
            if *role == Role::None && target.bare_jid() == actor.bare_jid() {
                return Err(Refusal::NotToOneself);
            }
            may_change_role(
                self.standing_inside(actor),
                self.standing_inside(target),
                *role,
            )?;
        }
        self.check_voices(items)
    }

    /// How somebody inside stands.
    pub(in crate::room) fn standing_inside(&self, occupant: &Occupant) -> Standing {
        self.standing(occupant.bare_jid(), occupant.role())
    }

    /// Checks every change of affiliation, and the owners that would be left.
    ///
    /// Each person has one place in the plan. §9.2 (#modifyban) sends only the difference between
    /// two lists, in which nobody is twice; who is named twice (by two nicks, maybe) must be meant
    /// to become the same both times. Otherwise one list would have a person written to as often as
    /// it goes back and forth.
    fn plan_affiliations(
        &self,
        from: &FullJid,
        items: Vec<Moderation>,
    ) -> Result<Vec<Planned>, Refusal> {
        let actor = from.to_bare();
        // §9 (#admin): who is no admin is told so before anything is said of whom they name.
        if !items.is_empty() && self.affiliation_of(&actor) < Affiliation::Admin {
            return Err(Refusal::NotPrivileged);
        }
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let mut owners: BTreeSet<BareJid> = self
            .honoured(Affiliation::Owner)
            .map(|(jid, _)| jid.clone())
            .collect();
        let had_owner = !owners.is_empty();
        let mut plan: Vec<Planned> = Vec::with_capacity(items.len());
        let mut places = BTreeMap::new();
        let mut reserved = BTreeMap::new();
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
            if let Some(place) = places.insert(jid.clone(), plan.len()) {
                let planned: &Planned = &plan[place];
                if (planned.affiliation, &planned.reserve) != (affiliation, &reserve) {
                    return Err(Refusal::Contradiction);
                }
                places.insert(jid, place);
                continue;
            }
            let before = self.affiliation_of(&jid);
            self.check_change(&actor, &jid, affiliation)?;
            if affiliation == Affiliation::Owner {
                owners.insert(jid.clone());
            } else {
                owners.remove(&jid);
            }
            if let Some(Some(nick)) = &reserve {
                self.check_reservation(&jid, nick)?;
                let first = reserved.entry(nick.key()).or_insert_with(|| jid.clone());
                if *first != jid {
                    return Err(Refusal::RegistrationConflict);
                }
            }
            plan.push(Planned {
                jid,
                before,
                affiliation,
                reserve,
                reason,
                told_by: ToldBy::Room,
            });
        }
        if had_owner && owners.is_empty() {
            return Err(Refusal::LastOwner);
        }
        self.check_lists(&plan)?;
        Ok(plan)
    }

    /// Whether somebody may be given an affiliation. The order of refusals is that of the sections:
    /// first who it is, then what the asker may do to them, then what they can be.
    fn check_change(
        &self,
        actor: &BareJid,
        jid: &BareJid,
        affiliation: Affiliation,
    ) -> Result<(), Refusal> {
        // §9.1 (#ban): "If an admin or owner attempts to ban himself, the service MUST deny the
        // request and return a <conflict/> error".
        if affiliation == Affiliation::Outcast && jid == actor {
            return Err(Refusal::NotToOneself);
        }
        let held = self.affiliation_of(jid).max(self.affiliations.stored(jid));
        may_change_affiliation(self.affiliation_of(actor), held, affiliation)?;
        self.check_can_be(jid, affiliation)
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
            return Err(Refusal::NickForDomain);
        }
        self.check_nick(jid, nick)
            .map_err(|_| Refusal::RegistrationConflict)
    }
}

/// A change of affiliation that has been checked.
pub(in crate::room) struct Planned {
    pub jid: BareJid,
    /// What holds for the person before anything of the request is done.
    pub before: Affiliation,
    pub affiliation: Affiliation,
    pub reserve: Option<Option<Nick>>,
    pub reason: Option<Words>,
    pub told_by: ToldBy,
}

/// The role that an item gives.
fn role_given(item: &Moderation) -> Option<Effect> {
    match item {
        Moderation::Role { nick, role, reason } => Some(Effect::RoleGiven {
            nick: nick.clone(),
            role: *role,
            reason: reason.clone(),
        }),
        Moderation::Affiliation { .. } => None,
    }
}
