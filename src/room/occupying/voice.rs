//! Voice: asking for it, answering, and remembering it. XEP-0045 §7.13 (#requestvoice), §8.6
//! (#voiceapprove).
//!
//! In a moderated room, which is an auditorium, a person keeps the voice that a moderator gave or
//! took when they come back: §5.1 (#roles) says that roles "SHOULD" persist there. Moderators'
//! power never does. DEVIATION: a voice that was asked for is given for the visit, or for good to
//! whoever becomes a presenter by it; a question from the floor is no seat on the podium.

use jid::BareJid;

use std::collections::BTreeSet;

use crate::room::aftermath::Cause;
use crate::room::bond::known::KnownBonds;
use crate::room::bond::{Bond, BondKind};
use crate::room::effect::{Effect, Stanza};
use crate::room::occupant::{Occupant, Present};
use crate::room::request::VoiceAnswer;
use crate::room::{Affiliation, Elapsed, Nick, Refusal, Role, Room, Standing};

impl KnownBonds {
    /// The role that somebody has again at the next visit, if one is remembered.
    pub(in crate::room) fn voice_of(&self, jid: &BareJid) -> Option<Role> {
        let Some(Bond::Voice(role)) = self.of(BondKind::Voice, jid) else {
            return None;
        };
        *role
    }
}

impl Room {
    /// Asks the moderators for voice. XEP-0045 §7.13 (#requestvoice).
    ///
    /// # Errors
    /// - [`Refusal::NotAnOccupant`]: the sender is not in the room.
    /// - [`Refusal::VoiceNotNeeded`]: the sender has voice.
    /// - [`Refusal::TooSoon`]: the sender asked a moment ago.
    pub(in crate::room) fn request_voice(
        &mut self,
        now: Elapsed,
        who: &Present,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if who.role != Role::Visitor {
            return Err(Refusal::VoiceNotNeeded);
        }
        let interval_s = self.terms.voice_request_interval_s;
        self.voice_requests
            .ask(now, &who.real_jid.to_bare(), interval_s)?;
        let appoints = |occupant: &Occupant| {
            self.configuration.moderated
                && self.affiliation_of(occupant.bare_jid()) >= Affiliation::Admin
        };
        for may_appoint in [true, false] {
            let stanza = Stanza::VoiceRequest {
                nick: who.nick.clone(),
                real_jid: who.real_jid.clone(),
                may_appoint,
            };
            let asked = |occupant: &Occupant| {
                occupant.role() == Role::Moderator && appoints(occupant) == may_appoint
            };
            self.send_to_those(stanza, asked, effects);
        }
        Ok(())
    }

    /// A moderator's answer. XEP-0045 §8.6 (#voiceapprove). A refused request stays without effect.
    ///
    /// # Errors
    /// - [`Refusal::NotPrivileged`]: the asker is no moderator; or voice is to be given for good,
    ///   and they are no admin.
    /// - [`Refusal::NoSuchOccupant`]
    /// - [`Refusal::ListFull`]: of presenters.
    pub(in crate::room) fn answer_voice_request(
        &mut self,
        who: &Present,
        nick: &Nick,
        answer: VoiceAnswer,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if who.role != Role::Moderator {
            return Err(Refusal::NotPrivileged);
        }
        let Some(occupant) = self.occupants.by_nick(nick) else {
            return Err(Refusal::NoSuchOccupant);
        };
        let (nick, person) = (occupant.nick().clone(), occupant.bare_jid().clone());
        let role = occupant.role();
        match answer {
            VoiceAnswer::Denied => {}
            VoiceAnswer::ForGood if self.configuration.moderated => {
                let appointed = BTreeSet::from([person]);
                self.appoint(&who.real_jid, appointed, BTreeSet::new(), None, effects)?;
            }
            // In a room that is no auditorium anybody has voice who comes back.
            VoiceAnswer::ForThisVisit | VoiceAnswer::ForGood => {
                if role == Role::Visitor {
                    self.give_voice_for_visit(who, nick, effects);
                }
            }
        }
        Ok(())
    }

    /// Gives voice that is not remembered when the visit is over.
    fn give_voice_for_visit(&mut self, who: &Present, nick: Nick, effects: &mut Vec<Effect>) {
        let role = Role::Participant;
        effects.push(Effect::RoleGiven {
            nick: nick.clone(),
            role,
            reason: None,
        });
        let cause = Cause {
            actor: Some(who.nick.clone()),
            reason: None,
        };
        let mut aftermath = self.look_around();
        self.set_role(&nick, role, cause, effects, &mut aftermath);
        self.tell(aftermath, None, effects);
    }

    /// The role of somebody who is not in the room, were they to enter.
    pub(in crate::room) fn default_role(&self, person: Standing, bare_jid: &BareJid) -> Role {
        let is_auditorium = self.configuration.moderated;
        match self.bonds.voice_of(bare_jid) {
            Some(role) if is_auditorium && person.affiliation < Affiliation::Admin => role,
            _ => person.initial_role(is_auditorium),
        }
    }

    /// Remembers, in a moderated room, a voice that was given or taken.
    pub(in crate::room) fn remember_voice(
        &mut self,
        bare_jid: &BareJid,
        role: Role,
        effects: &mut Vec<Effect>,
    ) {
        if !self.configuration.moderated || !matches!(role, Role::Visitor | Role::Participant) {
            return;
        }
        let kept = Some(role).filter(|role| self.is_remembered(bare_jid, *role));
        self.set_bond(bare_jid, Bond::Voice(kept), effects);
    }

    /// Whether a role that somebody is given is another than they would have anyway.
    pub(in crate::room) fn is_remembered(&self, bare_jid: &BareJid, role: Role) -> bool {
        let initial = self.standing_outside(bare_jid).initial_role(true);
        self.configuration.moderated
            && matches!(role, Role::Visitor | Role::Participant)
            && role != initial
    }

    /// Forgets a voice, because a change of affiliation decides anew.
    pub(in crate::room) fn forget_voice(&mut self, bare_jid: &BareJid, effects: &mut Vec<Effect>) {
        self.set_bond(bare_jid, Bond::Voice(None), effects);
    }
}
