//! Changes of affiliation: bans, members, admins, owners. XEP-0045 §9.1 (#ban) to §9.5, §10.3 (#grantowner) to
//! §10.8.

use std::sync::Arc;

use jid::{BareJid, FullJid, Jid};

use super::effect::{Effect, Recipients, Stanza, Status, Statuses};
use super::kick::Removal;
use super::moderate::{Planned, Removals};
use super::{Affiliated, Affiliation, Change, Nick, Role, Room, Timestamp};

/// Somebody inside whose affiliation may change: nick, who, and what it was.
type Affected = (Nick, BareJid, Affiliation);

impl Room {
    /// Carries out checked changes of affiliation.
    pub(super) fn apply_affiliations(
        &mut self,
        now: Timestamp,
        from: &FullJid,
        plan: Vec<Planned>,
        effects: &mut Vec<Effect>,
        removals: &mut Removals,
    ) {
        for planned in plan {
            self.set_affiliation(now, from, planned, effects, removals);
        }
    }

    /// Sets one affiliation, and does to those inside what follows from it.
    pub(super) fn set_affiliation(
        &mut self,
        now: Timestamp,
        from: &FullJid,
        planned: Planned,
        effects: &mut Vec<Effect>,
        removals: &mut Removals,
    ) {
        let Planned {
            jid,
            before,
            affiliation,
            reserve,
            reason,
        } = planned;
        let affected = self.affected_by(&jid);
        let entry = (affiliation != Affiliation::None).then(|| Affiliated {
            affiliation,
            reason: reason.clone(),
            given_by: Some(from.to_bare()),
            given_at: now,
        });
        self.affiliations.set(jid.clone(), entry.clone());
        effects.push(Effect::Save(Change::Affiliated {
            jid: jid.clone(),
            entry,
        }));
        self.reserve(&jid, affiliation, reserve, effects);

        let actor = self
            .occupants
            .by_session(from)
            .map(|occupant| occupant.nick().clone());
        for one in &affected {
            self.follow_affiliation(one, actor.clone(), reason.clone(), effects, removals);
        }
        if affected.is_empty() && before != affiliation {
            self.tell_of_absent(jid, before, affiliation, reason, &mut removals.to_others);
        }
    }

    /// Everybody inside whom an entry for this JID concerns: the person, or all of a domain.
    fn affected_by(&self, jid: &BareJid) -> Vec<Affected> {
        self.occupants
            .iter()
            .filter(|occupant| {
                let bare_jid = occupant.bare_jid();
                bare_jid == jid || (jid.node().is_none() && bare_jid.domain() == jid.domain())
            })
            .map(|occupant| {
                let bare_jid = occupant.bare_jid().clone();
                let before = self.affiliation_of(&bare_jid);
                (occupant.nick().clone(), bare_jid, before)
            })
            .collect()
    }

    /// §9.1 (#ban): a ban takes the reserved nick away; §9.5 (#modifymember): a list may give one or take it.
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

    /// What becomes of somebody inside: removed, or shown with the new standing.
    fn follow_affiliation(
        &mut self,
        (nick, bare_jid, before): &Affected,
        actor: Option<Nick>,
        reason: Option<Arc<str>>,
        effects: &mut Vec<Effect>,
        removals: &mut Removals,
    ) {
        let affiliation = self.affiliation_of(bare_jid);
        if affiliation == *before {
            return;
        }
        let status = if affiliation == Affiliation::Outcast {
            Some(Status::Banned)
        } else if self.check_membership(affiliation).is_err() {
            Some(Status::AffiliationLost)
        } else {
            None
        };
        if let Some(status) = status {
            let statuses = Statuses::one(status);
            let removal = Removal {
                statuses,
                affiliation,
                actor,
                reason,
            };
            self.remove(nick, removal, effects, removals);
            return;
        }
        self.forget_voice(bare_jid, effects);
        let Some(occupant) = self.occupants.by_nick(nick) else {
            return;
        };
        let role_before = occupant.role();
        let role = self.role_after(role_before, *before, affiliation);
        self.occupants.set_role(nick, role);
        self.save_all_sessions(nick, effects);
        self.announce_standing(nick, role_before, actor, reason, &mut removals.to_others);
    }

    /// §5.1.3 (#roles-change), its note: a higher affiliation brings its role; an admin's or owner's fall brings
    /// the role that goes with the new affiliation; a lost membership leaves the visit's role as it is.
    fn role_after(&self, role: Role, before: Affiliation, now: Affiliation) -> Role {
        let initial = Role::initial(now, self.configuration.moderated);
        if now > before {
            role.max(initial)
        } else if before >= Affiliation::Admin {
            initial
        } else {
            role
        }
    }

    /// Somebody who is not inside: those who may know the JID are told, and so is the person. A new member of a
    /// members-only room gets an invitation, §9.5 (#modifymember); others a message with status 101, §18.1.
    fn tell_of_absent(
        &self,
        jid: BareJid,
        before: Affiliation,
        affiliation: Affiliation,
        reason: Option<Arc<str>>,
        effects: &mut Vec<Effect>,
    ) {
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
        let is_person = jid.node().is_some();
        if !is_person || affiliation == Affiliation::Outcast || before == Affiliation::Outcast {
            return;
        }
        let invited = self.configuration.members_only
            && before < Affiliation::Member
            && affiliation >= Affiliation::Member;
        let stanza = if invited {
            Stanza::Invitation {
                from: None,
                reason,
                continuation: None,
                password: self.configuration.password.clone(),
            }
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
