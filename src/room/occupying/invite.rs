//! Mediated invitations and their refusals. XEP-0045 §7.8.2 (#invite-mediated).

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::{FullJid, Jid};

use crate::room::aftermath::ToldBy;
use crate::room::door::check_ban;
use crate::room::effect::{Effect, Invitation, Inviter, Recipients, Stanza};
use crate::room::moderating::change_standings::Planned;
use crate::room::occupant::Occupant;
use crate::room::request::Invite;
use crate::room::setting::configuration::Whois;
use crate::room::{Affiliation, Elapsed, Now, Refusal, Room, Timestamp, Words};

impl Room {
    /// Invites people on behalf of an occupant; into a members-only room this makes them members.
    /// XEP-0045 §7.8.2 (#invite-mediated), §9.5 (#modifymember). Who is named twice is invited
    /// once, by the first.
    ///
    /// # Errors
    /// - [`Refusal::NotAnOccupant`]: whoever is outside may invite only as admin or owner.
    /// - [`Refusal::InvitationNotAllowed`]: only moderators and admins invite here, or the invitee
    ///   is banned.
    /// - [`Refusal::OutOfScope`]: of one who is invited; to them there is no such room.
    /// - [`Refusal::ListFull`]: there is no space for all whom it would make members.
    /// - [`Refusal::NoInvitee`]: the list is empty, or longer than somebody of this affiliation may
    ///   send.
    pub(in crate::room) fn invite(
        &mut self,
        now: Now,
        from: &Arc<FullJid>,
        mut invites: Vec<Invite>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let inviter = self.may_invite(from)?;
        // To several clients of one person is twice to one person, too.
        let mut named = BTreeSet::new();
        invites.retain(|invite| named.insert(invite.to.to_bare()));
        let most = self.invitees_max(from);
        if invites.is_empty() || invites.len() > most {
            return Err(Refusal::NoInvitee { most });
        }
        let plan = self.plan_admissions(&invites)?;
        self.check_lists(&plan)?;
        self.unlock(effects);
        self.admit_invitees(now.at, from, plan, effects);
        for invite in &invites {
            self.invitations
                .note(now.elapsed, invite.to.to_bare(), from.to_bare());
        }
        for invite in invites {
            let stanza = Stanza::Invitation(Invitation {
                from: Some(inviter.clone()),
                reason: invite.reason,
                continuation: invite.continuation,
                password: self.configuration.password.clone(),
            });
            let to = Recipients::Absent(invite.to);
            effects.push(Effect::Send {
                stanza: Box::new(stanza),
                to,
            });
        }
        Ok(())
    }

    /// The members whom the invitations make.
    ///
    /// # Errors
    /// Those of [`Door::invited`](crate::room::Door::invited), and [`Refusal::OutOfScope`].
    fn plan_admissions(&self, invites: &[Invite]) -> Result<Vec<Planned>, Refusal> {
        let mut plan = Vec::new();
        for invite in invites {
            let jid = invite.to.to_bare();
            let before = self.affiliation_of(&jid);
            let affiliation = self.door().invited(before)?;
            self.check_in_scope(&jid)?;
            // A domain may be written to, a gateway for one; but its membership would be that of
            // all its users.
            if affiliation != before && jid.node().is_some() {
                plan.push(Planned {
                    jid,
                    before,
                    affiliation,
                    reserve: None,
                    reason: None,
                    told_by: ToldBy::Inviter,
                });
            }
        }
        Ok(plan)
    }

    /// How many people somebody may invite with one message. Each is one more stanza to somebody
    /// who did not ask for it, so a passer-by must not have the room send thousands.
    fn invitees_max(&self, from: &FullJid) -> usize {
        let items_max = self.terms.items_max;
        match self.affiliation_of(&from.to_bare()) {
            Affiliation::Outcast | Affiliation::None => items_max.min(STRANGERS_INVITEES_MAX),
            Affiliation::Member => items_max.min(MEMBERS_INVITEES_MAX),
            Affiliation::Admin | Affiliation::Owner => items_max,
        }
    }

    /// Who invites, as the invitee is told: the occupant JID where the room hides real ones.
    ///
    /// # Errors
    /// Those of [`Door::lets_invite`](crate::room::Door::lets_invite).
    fn may_invite(&self, from: &Arc<FullJid>) -> Result<Inviter, Refusal> {
        self.door().lets_invite(self.standing_of(from))?;
        Ok(match (self.configuration.whois, self.nick_of(from)) {
            (Whois::Moderators, Some(nick)) => Inviter::Nick(nick),
            (Whois::Anyone, _) | (_, None) => Inviter::Jid(Jid::from(from.to_bare())),
        })
    }

    /// Makes members of invitees. Those inside learn of a new member as they do when the list makes
    /// one.
    fn admit_invitees(
        &mut self,
        now: Timestamp,
        from: &FullJid,
        plan: Vec<Planned>,
        effects: &mut Vec<Effect>,
    ) {
        if plan.is_empty() {
            return;
        }
        let mut aftermath = self.look_around();
        for planned in plan {
            self.set_affiliation(now, Some(from), planned, effects, &mut aftermath);
        }
        self.tell(aftermath, None, effects);
    }

    /// Tells an inviter that the invitation is declined. Only somebody who is in the room is told,
    /// and only by somebody whom they invited; to pass on more would let strangers write to whom
    /// they like. When the inviter has left, or never invited, nothing happens: an error would tell
    /// anybody who asks who is inside. What was to be declined before a restart is forgotten, and
    /// nothing happens either.
    ///
    /// # Errors
    /// - [`Refusal::Banned`]: the sender is banned.
    pub(in crate::room) fn decline(
        &mut self,
        now: Elapsed,
        from: &FullJid,
        to: &Inviter,
        reason: Option<Words>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        check_ban(self.affiliation_of(&from.to_bare()))?;
        let is_inviter = |occupant: &Occupant| match to {
            Inviter::Nick(nick) => occupant.nick().key() == nick.key(),
            Inviter::Jid(jid) => *occupant.bare_jid() == jid.to_bare(),
        };
        let inviter = self.occupants.iter().find(|occupant| is_inviter(occupant));
        let Some(inviter) = inviter.map(|inviter| inviter.bare_jid().clone()) else {
            return Ok(());
        };
        if !self.invitations.take(now, from.to_bare(), inviter) {
            return Ok(());
        }
        let stanza = Stanza::Decline {
            from: from.to_bare(),
            reason,
        };
        self.send_to_those(stanza, is_inviter, effects);
        Ok(())
    }
}

/// Maximum number of people whom somebody without affiliation invites with one message.
const STRANGERS_INVITEES_MAX: usize = 10;

/// Maximum number of people whom a member invites with one message.
const MEMBERS_INVITEES_MAX: usize = 50;
