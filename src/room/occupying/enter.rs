//! Entering a room. XEP-0045 §7.2 (#enter).
//!
//! The lines of [`Room::enter`] follow the order of events of §7.1 (#order): the others' presence,
//! one's own, history, subject, and only then, for it concerns the others, one's own presence to
//! them: a newcomer is let in before the crowd is told.

use std::sync::Arc;

use jid::{BareJid, FullJid};

use crate::room::effect::{Effect, Recipients, Stanza, Status, Statuses};
use crate::room::occupant::{Manner, Session};
use crate::room::request::{Entry, HistoryRequest};
use crate::room::setting::configuration::Whois;
use crate::room::{Affiliation, Nick, OccupantId, Refusal, Role, Room, Standing, Timestamp};

/// The nick that somebody is let in with.
struct Admission {
    nick: Nick,
    person: Standing,
    statuses: Statuses,
}

impl Room {
    /// Enters the room under a nick. XEP-0045 §7.2.1 (#enter-muc).
    ///
    /// A session that is already inside has lost its view of the room and gets everything again.
    ///
    /// # Errors
    /// Those of [`Self::admit`].
    pub(in crate::room) fn enter(
        &mut self,
        now: Timestamp,
        from: Arc<FullJid>,
        entry: Entry,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if self.occupants.by_session(&from).is_some() {
            return self.synchronise(now, &from, entry, effects);
        }
        let bare_jid = from.to_bare();
        let Admission {
            nick,
            person,
            statuses,
        } = self.admit(&bare_jid, &entry)?;
        let role = self.role_on_entering(&bare_jid, &nick, person);
        let occupant_id = OccupantId::of(&bare_jid, &self.salt);
        let session = Session {
            real_jid: from.clone(),
            presence: entry.payload,
            entered_at: now,
            arrival: 0,
            shown: 0,
        };
        let is_new = self.occupants.by_nick(&nick).is_none();
        let manner = Manner {
            role,
            occupant_id,
            seen_below: is_new
                .then(|| self.thin_for_newcomer(role, effects))
                .flatten(),
        };
        self.occupants.add(nick, manner, session);
        self.save_entrance(&from, effects);
        self.welcome(now, &from, entry.id, statuses, &entry.history, effects);
        self.introduce(&from, effects);
        Ok(())
    }

    /// Sends a session everything that a newcomer gets. §7.2.1 (#enter-muc): "exactly the same
    /// stanzas […] as if it actually just joined". Under another nick, it is renamed before the
    /// eyes of the others.
    ///
    /// # Errors
    /// Those of [`Self::check_renaming`].
    fn synchronise(
        &mut self,
        now: Timestamp,
        from: &Arc<FullJid>,
        entry: Entry,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let Some(occupant) = self.occupants.by_session(from) else {
            return Ok(());
        };
        let nick = self.nick_for(&from.to_bare(), &entry.nick);
        let statuses = assigned(&nick, &entry.nick);
        if *occupant.nick() != nick {
            let renaming = self.check_renaming(from, &nick)?;
            self.carry_out_renaming(from, &renaming, entry.payload, effects);
            self.welcome(now, from, entry.id, statuses, &entry.history, effects);
            self.bid_farewell_to_old_nick(from, &renaming, effects);
            self.introduce_under_new_nick(from, effects);
            return Ok(());
        }
        let shown = occupant.shown();
        let changed = shown.real_jid != *from || shown.presence != entry.payload;
        self.occupants.show(from, entry.payload);
        self.save_session(from, effects);
        self.welcome(now, from, entry.id, statuses, &entry.history, effects);
        if changed {
            self.introduce(from, effects);
        }
        Ok(())
    }

    /// Tells the others who has come, or is shown differently, and then the person's other
    /// sessions.
    pub(in crate::room) fn introduce(&self, from: &Arc<FullJid>, effects: &mut Vec<Effect>) {
        let Some(mut announcement) = self.announcement_of(from) else {
            return;
        };
        self.announce_to_others(&announcement, effects);
        announcement.own.retain(|session| session != from);
        self.announce_to_own(&announcement, effects);
    }

    /// The same where the others have been told of another nick before, whoever is thinned out.
    pub(in crate::room) fn introduce_under_new_nick(
        &self,
        from: &Arc<FullJid>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(mut announcement) = self.announcement_of(from) else {
            return;
        };
        if self.is_shown(announcement.visible_as) {
            self.send_to_others(&announcement, effects);
        }
        announcement.own.retain(|session| session != from);
        self.announce_to_own(&announcement, effects);
    }

    /// Everything that a newcomer is sent, in the order of §7.1 (#order).
    fn welcome(
        &self,
        now: Timestamp,
        from: &Arc<FullJid>,
        id: Option<Arc<str>>,
        statuses: Statuses,
        history: &HistoryRequest,
        effects: &mut Vec<Effect>,
    ) {
        let Some(occupant) = self.occupants.by_session(from) else {
            return;
        };
        self.show_others_to(from, effects);

        let mut announcement = self.announcement(occupant);
        announcement.own = vec![from.clone()];
        announcement.own_statuses = self.warnings(statuses);
        announcement.caused_by = Some((from.clone(), id));
        announcement.presence.thinned = self.hides_some().then(|| self.occupants.count());
        self.announce_to_own(&announcement, effects);

        if let Some(limits) = self.history_limits(now, history) {
            effects.push(Effect::SendHistory {
                to: from.clone(),
                limits,
            });
        }
        effects.push(Effect::Send {
            stanza: Box::new(Stanza::Subject(self.subject.clone())),
            to: Recipients::One(from.clone()),
        });
    }

    /// What the newcomer must be warned of: status 100 (§7.2.3), 170 (§7.2.12), and 201 for a new
    /// room.
    fn warnings(&self, mut statuses: Statuses) -> Statuses {
        if self.configuration.whois == Whois::Anyone {
            statuses.add(Status::NonAnonymous);
        }
        if self.configuration.logged {
            statuses.add(Status::LoggingEnabled);
        }
        if self.lock.is_locked() {
            statuses.add(Status::Created);
        }
        statuses
    }

    /// Whether this person gets in, and under which nick: §7.2.5 (#enter-pw) to §7.2.9
    /// (#enter-maxusers).
    ///
    /// # Errors
    /// - Those of [`Door::lets_in`](crate::room::Door::lets_in).
    /// - [`Refusal::NickTaken`], §7.2.8 (#enter-conflict).
    /// - [`Refusal::Full`], §7.2.9 (#enter-maxusers).
    /// - [`Refusal::TooMany`]: the person has too many sessions in the room.
    fn admit(&self, bare_jid: &BareJid, entry: &Entry) -> Result<Admission, Refusal> {
        let person = self.standing_outside(bare_jid);
        match self.configuration.is_password(entry.password.as_deref()) {
            true => self.door().lets_in_by_password(person)?,
            false => self.door().lets_in(person)?,
        }
        let nick = self.nick_for(bare_jid, &entry.nick);
        self.check_nick(bare_jid, &nick)?;
        if self.occupants.by_nick(&nick).is_none() {
            self.check_space(person.affiliation)?;
        }
        let sessions: usize = self
            .occupants
            .of_person(bare_jid)
            .map(|occupant| occupant.sessions().len())
            .sum();
        if sessions >= self.terms.sessions_per_person_max {
            return Err(Refusal::TooMany);
        }
        Ok(Admission {
            statuses: assigned(&nick, &entry.nick),
            nick,
            person,
        })
    }

    /// The nick that a person gets who asks for this one: the registered one where nicks are
    /// locked, and the spelling under which they are already there.
    fn nick_for(&self, bare_jid: &BareJid, wanted: &Nick) -> Nick {
        let nick = self.locked_nick(bare_jid).unwrap_or(wanted);
        match self.occupants.by_nick(nick) {
            Some(occupant) if occupant.bare_jid() == bare_jid => occupant.nick().clone(),
            _ => nick.clone(),
        }
    }

    /// Whether a person may have this nick. §7.2.8 (#enter-conflict), §7.6 (#changenick).
    ///
    /// # Errors
    /// - [`Refusal::NickTaken`]: it is another's, now or by registration.
    pub(in crate::room) fn check_nick(
        &self,
        bare_jid: &BareJid,
        nick: &Nick,
    ) -> Result<(), Refusal> {
        let held = self
            .occupants
            .by_nick(nick)
            .is_some_and(|occupant| occupant.bare_jid() != bare_jid);
        let reserved = self
            .bonds
            .owner_of(nick)
            .is_some_and(|owner| owner != bare_jid);
        if held || reserved {
            return Err(Refusal::NickTaken);
        }
        Ok(())
    }

    /// §7.2.9 (#enter-maxusers): admins and owners get into a full room, "up to some reasonable
    /// number".
    pub(in crate::room) fn check_space(&self, affiliation: Affiliation) -> Result<(), Refusal> {
        let Some(limit) = self.configuration.occupants_max else {
            return Ok(());
        };
        let reserve = if affiliation >= Affiliation::Admin {
            self.terms.reserve_for_admins
        } else {
            0
        };
        let space = usize::try_from(limit.saturating_add(reserve)).unwrap_or(usize::MAX);
        if self.occupants.count() >= space {
            Err(Refusal::Full)
        } else {
            Ok(())
        }
    }

    /// The role somebody comes in with: that of the own other sessions, else the remembered, else
    /// the initial one. §5.1.2 (#roles-default).
    fn role_on_entering(&self, bare_jid: &BareJid, nick: &Nick, person: Standing) -> Role {
        match self.occupants.by_nick(nick) {
            Some(occupant) => occupant.role(),
            None => self.default_role(person, bare_jid),
        }
    }
}

/// Status 210, when the room has given another nick than the one asked for. §7.2.2 (#enter-pres).
pub(in crate::room) fn assigned(nick: &Nick, wanted: &Nick) -> Statuses {
    if nick == wanted {
        Statuses::none()
    } else {
        Statuses::one(Status::NickAssigned)
    }
}
