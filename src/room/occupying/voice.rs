//! Voice: asking for it, answering, and remembering it. XEP-0045 §7.13 (#requestvoice), §8.6 (#voiceapprove).
//!
//! In a moderated room a person keeps the voice that was given or taken when he comes back: §5.1 (#roles) says
//! that roles "SHOULD" persist there. Moderators' power never does.

use std::collections::BTreeMap;

use jid::BareJid;

use super::recent::Recent;
use crate::room::administering::lists::{Lengths, List};
use crate::room::effect::{Effect, Stanza};
use crate::room::occupant::Present;
use crate::room::request::Moderation;
use crate::room::{Affiliation, Change, Elapsed, Nick, Refusal, Role, Room};

/// Whose voice is remembered, and who asked for it lately.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::room) struct Voices {
    remembered: BTreeMap<BareJid, Role>,
    /// How many are remembered, known or not.
    length: usize,
    asked: Recent,
}

impl Voices {
    /// Those that are known of as many as there are.
    pub fn restore(voices: Vec<(BareJid, Role)>, lengths: &Lengths) -> Self {
        Self {
            remembered: voices.into_iter().collect(),
            length: lengths.of(List::Voices),
            asked: Recent::default(),
        }
    }

    /// Takes note of one that there is.
    pub fn learn(&mut self, jid: BareJid, role: Role) {
        self.remembered.insert(jid, role);
    }

    /// Whether somebody's is remembered.
    pub fn is_known(&self, jid: &BareJid) -> bool {
        self.remembered.contains_key(jid)
    }

    /// How many there are.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Forgets those of people who are not near, if more than so many are known.
    pub fn forget_all_but(&mut self, most: usize, is_near: impl Fn(&BareJid) -> bool) {
        if self.remembered.len() > most {
            self.remembered.retain(|jid, _| is_near(jid));
        }
    }

    /// Those that are known.
    pub fn iter(&self) -> impl Iterator<Item = (BareJid, Role)> + '_ {
        self.remembered
            .iter()
            .map(|(jid, role)| (jid.clone(), *role))
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
        self.voices
            .asked
            .ask(now, &who.real_jid.to_bare(), interval_s)?;
        let stanza = Stanza::VoiceRequest {
            nick: who.nick.clone(),
            real_jid: who.real_jid.clone(),
        };
        self.send_to_those(
            stanza,
            |occupant| occupant.role() == Role::Moderator,
            effects,
        );
        Ok(())
    }

    /// A moderator's answer. XEP-0045 §8.6 (#voiceapprove). A refused request stays without effect.
    ///
    /// # Errors
    /// Those of giving voice.
    pub(in crate::room) fn answer_voice_request(
        &mut self,
        who: &Present,
        nick: &Nick,
        granted: bool,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if who.role != Role::Moderator {
            return Err(Refusal::NotPrivileged);
        }
        let Some(occupant) = self.occupants.by_nick(nick) else {
            return Err(Refusal::NoSuchOccupant);
        };
        if !granted || occupant.role() != Role::Visitor {
            return Ok(());
        }
        let nick = occupant.nick().clone();
        let item = Moderation::Role {
            nick,
            role: Role::Participant,
            reason: None,
        };
        self.change_roles(&who.real_jid, &[item], effects)
    }

    /// The role of somebody who is not in the room, were he to enter.
    pub(in crate::room) fn default_role(
        &self,
        bare_jid: &BareJid,
        affiliation: Affiliation,
    ) -> Role {
        let initial = Role::initial(affiliation, self.configuration.moderated);
        match self.voices.remembered.get(bare_jid) {
            Some(role) if self.configuration.moderated && affiliation < Affiliation::Admin => *role,
            _ => initial,
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
        self.set_remembered_voice(bare_jid, kept, effects);
    }

    /// Whether a role that somebody is given is another than they would have anyway.
    pub(in crate::room) fn is_remembered(&self, bare_jid: &BareJid, role: Role) -> bool {
        let initial = Role::initial(self.affiliation_of(bare_jid), true);
        self.configuration.moderated
            && matches!(role, Role::Visitor | Role::Participant)
            && role != initial
    }

    /// Forgets a voice, because a change of affiliation decides anew.
    pub(in crate::room) fn forget_voice(&mut self, bare_jid: &BareJid, effects: &mut Vec<Effect>) {
        self.set_remembered_voice(bare_jid, None, effects);
    }

    fn set_remembered_voice(
        &mut self,
        bare_jid: &BareJid,
        role: Option<Role>,
        effects: &mut Vec<Effect>,
    ) {
        let before = match role {
            Some(role) => self.voices.remembered.insert(bare_jid.clone(), role),
            None => self.voices.remembered.remove(bare_jid),
        };
        self.voices.length += usize::from(role.is_some());
        self.voices.length = self
            .voices
            .length
            .saturating_sub(usize::from(before.is_some()));
        if before != role {
            effects.push(Effect::Save(Change::Voiced {
                jid: bare_jid.clone(),
                role,
            }));
        }
    }
}
