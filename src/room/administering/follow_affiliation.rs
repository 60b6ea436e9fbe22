//! Changes of affiliation: bans, members, admins, owners. XEP-0045 §9.1 (#ban) to §9.5, §10.3
//! (#grantowner) to §10.8.

use jid::{BareJid, FullJid, Jid};

use crate::room::aftermath::{AbsentChange, Aftermath, Cause, ToldBy};
use crate::room::effect::{Effect, Invitation, Recipients, Stanza, Status};
use crate::room::moderating::change_standings::Planned;
use crate::room::moderating::kick::Removal;
use crate::room::occupant::Occupant;
use crate::room::{
    Affiliated, Affiliation, Change, Nick, Refusal, Role, Room, Standing, Timestamp,
};

/// Somebody inside whose standing may change: nick, who, and how they stood, wherever they are.
pub(in crate::room) type Affected = (Nick, BareJid, Standing);

impl Room {
    /// Sets one affiliation, and does to those inside what follows from it; every change of an
    /// affiliation passes here, so that all are kept and told alike. `by` is `None` when nobody
    /// gave it: a registration, a creator.
    pub(in crate::room) fn set_affiliation(
        &mut self,
        now: Timestamp,
        by: Option<&FullJid>,
        planned: Planned,
        effects: &mut Vec<Effect>,
        aftermath: &mut Aftermath,
    ) {
        let Planned {
            jid,
            before,
            affiliation,
            reserve,
            reason,
            told_by,
        } = planned;
        let affected = self.affected_by(&jid);
        let entry = (affiliation != Affiliation::None).then(|| Affiliated {
            affiliation,
            reason: reason.clone(),
            given_by: by.map(|by| by.to_bare()),
            given_at: now,
        });
        self.affiliations.set(jid.clone(), entry.clone());
        effects.push(Effect::Save(Change::Affiliated {
            jid: jid.clone(),
            entry,
        }));
        self.reserve(&jid, affiliation, reserve, effects);
        // Whose membership is revoked is no longer let in, §9.4 (#revokemember); by being a
        // presenter neither, of whom the asker's client need not know.
        if affiliation < Affiliation::Member {
            self.dismiss(&jid, effects);
        }
        if affiliation != Affiliation::None {
            self.forget_request(&jid, effects);
        }
        // What holds may be another than the entry says: that of the domain, or an operator's.
        let affiliation = self.affiliation_of(&jid);
        if before != affiliation {
            self.forget_voice(&jid, effects);
        }

        let cause = Cause {
            actor: by.and_then(|by| self.nick_of(by)),
            reason: reason.clone(),
        };
        let mut is_inside = false;
        for one in &affected {
            is_inside |= self.follow_standing(one, cause.clone(), effects, aftermath);
        }
        if !is_inside {
            aftermath.absent(AbsentChange {
                jid,
                before,
                reason,
                told_by,
            });
        }
    }

    /// Whether an affiliation given to this JID would be honoured.
    ///
    /// # Errors
    /// - [`Refusal::NotAPerson`]: owners and admins are people, §5.2 (#affil); nobody has the power
    ///   that a domain has.
    /// - [`Refusal::OperatorAnyway`]: the person is an owner of every room, whatever its lists say.
    ///   An entry that is left from before may be taken away.
    /// - [`Refusal::OutOfScope`]: but whoever is out of scope may be banned.
    pub(in crate::room) fn check_can_be(
        &self,
        jid: &BareJid,
        affiliation: Affiliation,
    ) -> Result<(), Refusal> {
        if jid.node().is_none() && affiliation >= Affiliation::Admin {
            return Err(Refusal::NotAPerson(jid.clone()));
        }
        let cleared =
            affiliation == Affiliation::None && self.affiliations.stored(jid) != Affiliation::None;
        if affiliation != Affiliation::Owner && !cleared && self.terms.operators.contains(jid) {
            return Err(Refusal::OperatorAnyway);
        }
        if affiliation > Affiliation::None {
            self.check_in_scope(jid)?;
        }
        Ok(())
    }

    /// Whether the room can be for somebody, or for anybody of a domain.
    ///
    /// # Errors
    /// - [`Refusal::OutOfScope`]
    pub(in crate::room) fn check_in_scope(&self, jid: &BareJid) -> Result<(), Refusal> {
        match self.terms.admits(jid) {
            true => Ok(()),
            false => Err(Refusal::OutOfScope(jid.clone())),
        }
    }

    /// The entries of one affiliation that hold; lists tell these and no others. Without effect are
    /// those of operators, who may have become ones after they were listed, of domains with the
    /// power of people, and of whoever is out of scope.
    pub(in crate::room) fn honoured(
        &self,
        affiliation: Affiliation,
    ) -> impl Iterator<Item = (&BareJid, &Affiliated)> {
        self.affiliations
            .with(affiliation)
            .filter(move |(jid, _)| self.affiliation_of(jid) == affiliation)
    }

    /// Everybody inside whom an entry for this JID concerns: the person, or all of a domain.
    pub(super) fn affected_by(&self, jid: &BareJid) -> Vec<Affected> {
        self.occupants
            .concerned_by(jid)
            .into_iter()
            .map(|occupant| self.affected(occupant))
            .collect()
    }

    /// Everybody inside: new terms may concern anyone.
    pub(in crate::room) fn affected_by_terms(&self) -> Vec<Affected> {
        self.occupants
            .iter()
            .map(|occupant| self.affected(occupant))
            .collect()
    }

    fn affected(&self, occupant: &Occupant) -> Affected {
        let bare_jid = occupant.bare_jid().clone();
        let before = self.standing_outside(&bare_jid);
        (occupant.nick().clone(), bare_jid, before)
    }

    /// §9.1 (#ban): a ban takes the reserved nick away; §9.5 (#modifymember): a list may give one
    /// or take it.
    fn reserve(
        &mut self,
        jid: &BareJid,
        affiliation: Affiliation,
        reserve: Option<Option<Nick>>,
        effects: &mut Vec<Effect>,
    ) {
        match (affiliation, reserve) {
            (Affiliation::Outcast | Affiliation::None, _) => self.set_nick(jid, None, effects),
            (_, Some(nick)) => self.set_nick(jid, nick, effects),
            (_, None) => {}
        }
    }

    /// What becomes of somebody inside: removed, or given the role that goes with the new standing.
    /// Tells whether the standing is another.
    pub(in crate::room) fn follow_standing(
        &mut self,
        (nick, bare_jid, before): &Affected,
        cause: Cause,
        effects: &mut Vec<Effect>,
        aftermath: &mut Aftermath,
    ) -> bool {
        let now = self.standing_outside(bare_jid);
        let Some(occupant) = self.occupants.by_nick(nick) else {
            return false;
        };
        if now == *before && now.in_scope {
            return false;
        }
        let status = match self.door().is_for(now) {
            Ok(()) if !now.in_scope => Some(Status::AffiliationLost),
            Ok(()) => None,
            Err(Refusal::Banned) => Some(Status::Banned),
            Err(_) => Some(Status::AffiliationLost),
        };
        match status {
            Some(status) => {
                let removal = Removal {
                    status,
                    affiliation: now.affiliation,
                    cause,
                };
                self.remove(nick, removal, effects, aftermath);
            }
            None => {
                let role = self.role_after(occupant.role(), *before, now);
                self.set_role(nick, role, cause, effects, aftermath);
            }
        }
        true
    }

    /// §5.1.3 (#roles-change), its note: a higher affiliation brings its role; an admin's or
    /// owner's fall brings the role that goes with the new affiliation; a lost membership leaves
    /// the visit's role as it is. Who becomes a presenter of an auditorium has voice from now on,
    /// and who is none any more has lost it, unless a moderator's power was given for this visit.
    fn role_after(&self, role: Role, before: Standing, now: Standing) -> Role {
        let is_auditorium = self.configuration.moderated;
        let initial = now.initial_role(is_auditorium);
        if now.affiliation > before.affiliation {
            role.max(initial)
        } else if before.affiliation >= Affiliation::Admin && before.affiliation > now.affiliation {
            initial
        } else {
            match (before.is_presenter, now.is_presenter) {
                (false, true) if is_auditorium => role.max(initial),
                (true, false) if is_auditorium && role == Role::Participant => initial,
                _ => role,
            }
        }
    }

    /// Somebody who is not inside: those who may know the JID are told, and so is the person. A new
    /// member of a members-only room gets an invitation, §9.5 (#modifymember); others a message
    /// with status 101, §18.1. Nobody is written to about a ban.
    pub(in crate::room) fn tell_of_absent(&self, change: AbsentChange, effects: &mut Vec<Effect>) {
        let AbsentChange {
            jid,
            before,
            reason,
            told_by,
        } = change;
        // Of one list, one entry may undo what another does: that of a domain, say.
        let affiliation = self.affiliation_of(&jid);
        if affiliation == before {
            return;
        }
        let notice = Stanza::AffiliationNotice {
            jid: jid.clone(),
            affiliation,
            reason: reason.clone(),
        };
        self.send_to_those(
            notice,
            |occupant| self.sees_real_jids(occupant.role()),
            effects,
        );
        let admitted = before < Affiliation::Member && affiliation >= Affiliation::Member;
        let concerns_ban = before.min(affiliation) == Affiliation::Outcast;
        let untold = told_by == ToldBy::Room && jid.node().is_some();
        if !untold || (concerns_ban && !admitted) {
            return;
        }
        let door = self.door();
        let is_invited =
            door.is_for_members() && door.has_invitations() && door.is_enabled().is_ok();
        let stanza = if is_invited && admitted {
            Stanza::Invitation(Invitation {
                from: None,
                reason,
                continuation: None,
                password: self.configuration.password.clone(),
            })
        } else {
            Stanza::AffiliationChanged {
                affiliation,
                reason,
            }
        };
        let to = Recipients::Absent(Jid::from(jid));
        effects.push(Effect::Send {
            stanza: Box::new(stanza),
            to,
        });
    }
}
