//! Presence inside a room: what is shown, and to whom. XEP-0045 §7.2.2 (#enter-pres), §7.7
//! (#changepres).
//!
//! The hard thing is that one change has up to four faces: the session that caused it (with the id
//! of its stanza), the person's other sessions (status 110, as the first), those who may see real
//! JIDs, and everybody else. [`Room::announce`] makes them; every verb goes through it.

use std::sync::Arc;

use jid::FullJid;

use crate::room::effect::{
    Audience, Availability, Effect, Presence, Recipients, Stanza, Status, Statuses,
};
use crate::room::occupant::{Occupant, Session};
use crate::room::request::Appearance;
use crate::room::{Change, Destruction, Hats, Payload, Refusal, Role, Room};

/// A change of an occupant that the room is to be told of.
#[derive(Clone, Debug)]
pub(in crate::room) struct Announcement {
    /// What everybody learns.
    pub presence: Presence,
    /// The session that is shown, for those who see real JIDs.
    pub shown: Arc<FullJid>,
    /// The sessions that are told with status 110; they need no longer be in the room.
    pub own: Vec<Arc<FullJid>>,
    /// What only these are told besides 110.
    pub own_statuses: Statuses,
    /// The session whose stanza this answers, and the stanza's id.
    pub caused_by: Option<(Arc<FullJid>, Option<Arc<str>>)>,
    /// The role by which it is decided who of the others is told; the role in `presence` may be
    /// none.
    pub visible_as: Role,
    /// The others who are told, or would be: those who have seen the occupant.
    pub viewers: Viewers,
}

/// Sessions by their arrival: from a number, and below another.
#[derive(Clone, Copy, Debug)]
pub(in crate::room) struct Viewers {
    from: u64,
    below: Option<u64>,
}

impl Viewers {
    /// Those below a number; `None`: all.
    pub fn below(below: Option<u64>) -> Self {
        Self { from: 0, below }
    }

    /// Those among them who are not among the sessions below another number.
    pub fn but_those_below(self, other: Option<u64>) -> Self {
        Self {
            // Nobody has that number.
            from: self.from.max(other.unwrap_or(u64::MAX)),
            ..self
        }
    }

    /// Those among them who are also below another number.
    pub fn and_below(self, other: Option<u64>) -> Self {
        let below = [self.below, other].into_iter().flatten().min();
        Self { below, ..self }
    }

    /// Whether a session is among them.
    fn contain(self, session: &Session) -> bool {
        let is_below = |below| session.arrival < below;
        session.arrival >= self.from && self.below.is_none_or(is_below)
    }
}

impl Room {
    /// Shows a new availability, or another nick. XEP-0045 §7.6 (#changenick), §7.7 (#changepres).
    ///
    /// From somebody who is not inside it is answered as §7.2.18 (#enter-gc) recommends.
    ///
    /// # Errors
    /// Those of changing the nick.
    pub(in crate::room) fn appear(
        &mut self,
        from: &Arc<FullJid>,
        appearance: Appearance,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let Some(occupant) = self.occupants.by_session(from) else {
            effects.push(crate::room::not_inside(
                appearance.nick,
                appearance.id,
                from.clone(),
            ));
            return Ok(());
        };
        if *occupant.nick() != appearance.nick {
            return self.rename(from, appearance, effects);
        }
        self.occupants.show(from, appearance.payload);
        self.save_session(from, effects);
        self.announce_session(from, appearance.id, effects);
        Ok(())
    }

    /// Tells everybody how the occupant of this session is now, because of a stanza of this
    /// session.
    pub(in crate::room) fn announce_session(
        &mut self,
        from: &Arc<FullJid>,
        id: Option<Arc<str>>,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(mut announcement) = self.announcement_of(from) {
            announcement.caused_by = Some((from.clone(), id));
            self.announce(announcement, effects);
        }
    }

    /// How the occupant of this session is now.
    pub(in crate::room) fn announcement_of(&self, real_jid: &FullJid) -> Option<Announcement> {
        let occupant = self.occupants.by_session(real_jid)?;
        Some(self.announcement(occupant))
    }

    /// How an occupant is now.
    pub(in crate::room) fn announcement(&self, occupant: &Occupant) -> Announcement {
        let shown = occupant.shown();
        Announcement {
            presence: self.presence_of(occupant),
            shown: shown.real_jid.clone(),
            own: occupant
                .sessions()
                .iter()
                .map(|session| session.real_jid.clone())
                .collect(),
            own_statuses: Statuses::none(),
            caused_by: None,
            visible_as: occupant.role(),
            viewers: Viewers::below(occupant.seen_below()),
        }
    }

    /// That an occupant, or these sessions of one, are gone. Role and visibility are those of
    /// before.
    pub(in crate::room) fn farewell(
        &self,
        occupant: &Occupant,
        own: Vec<Arc<FullJid>>,
    ) -> Announcement {
        let mut announcement = self.announcement(occupant);
        announcement.presence.state = Availability::Unavailable;
        announcement.presence.role = Role::None;
        announcement.presence.hats = Hats::NONE;
        announcement.presence.payload = Payload::empty();
        announcement.own = own;
        announcement
    }

    /// Sends an announcement in all its faces: to the own sessions, then to the others who may
    /// know.
    pub(in crate::room) fn announce(&self, announcement: Announcement, effects: &mut Vec<Effect>) {
        self.announce_to_own(&announcement, effects);
        self.announce_to_others(&announcement, effects);
    }

    /// The face with status 110.
    pub(in crate::room) fn announce_to_own(
        &self,
        announcement: &Announcement,
        effects: &mut Vec<Effect>,
    ) {
        let mut presence = announcement.presence.clone();
        presence.statuses.add(Status::SelfPresence);
        for status in announcement.own_statuses.iter() {
            presence.statuses.add(status);
        }
        if self.sees_real_jids(announcement.visible_as) {
            presence.real_jid = Some(announcement.shown.clone());
        }
        for session in &announcement.own {
            let mut presence = presence.clone();
            if let Some((cause, id)) = &announcement.caused_by {
                presence.id = id.clone().filter(|_| cause == session);
            }
            effects.push(send_one(presence, session.clone()));
        }
    }

    /// The one face of a room's end: each session is told once, of itself, and nobody of others. It
    /// shows no real JID, which nobody needs any more. §10.9 (#destroyroom).
    pub(in crate::room) fn announce_end(
        occupant: &Occupant,
        destruction: &Arc<Destruction>,
        effects: &mut Vec<Effect>,
    ) {
        for session in occupant.sessions() {
            let presence = Presence {
                occupant_id: Some(occupant.occupant_id().clone()),
                statuses: Statuses::one(Status::SelfPresence),
                destruction: Some(destruction.clone()),
                ..Presence::of_nobody(occupant.nick().clone())
            };
            effects.push(send_one(presence, session.real_jid.clone()));
        }
    }

    /// The faces of the others, if this role's presence is broadcast; in a room that is thinned,
    /// that somebody shows something else is not.
    pub(in crate::room) fn announce_to_others(
        &self,
        announcement: &Announcement,
        effects: &mut Vec<Effect>,
    ) {
        let is_news = announcement.presence.state == Availability::Unavailable
            || !self.is_quiet(announcement.visible_as);
        if is_news && self.is_shown(announcement.visible_as) {
            self.send_to_others(announcement, effects);
        }
    }

    /// Whether the presence of occupants of this role is broadcast. §5.1.1 (#roles-priv).
    pub(in crate::room) fn is_shown(&self, role: Role) -> bool {
        self.configuration.presence_broadcast.contains(&role)
    }

    /// The same, whatever is broadcast, to those who have seen the occupant.
    pub(in crate::room) fn send_to_others(
        &self,
        announcement: &Announcement,
        effects: &mut Vec<Effect>,
    ) {
        let (knowing, others) = self.audiences(|session| {
            announcement.viewers.contain(session) && !announcement.own.contains(&session.real_jid)
        });
        if !knowing.is_empty() {
            let mut presence = announcement.presence.clone();
            presence.real_jid = Some(announcement.shown.clone());
            effects.push(send_many(presence, knowing));
        }
        if !others.is_empty() {
            effects.push(send_many(announcement.presence.clone(), others));
        }
    }

    /// Tells one session how everybody else is whom it sees. §7.2.2 (#enter-pres).
    pub(in crate::room) fn show_others_to(&self, viewer: &Arc<FullJid>, effects: &mut Vec<Effect>) {
        // Looked up once, and not for each of those who are not shown.
        let Some((own, session)) = self
            .occupants
            .by_session(viewer)
            .zip(self.occupants.session(viewer))
        else {
            return;
        };
        let sees_real_jids = self.sees_real_jids(own.role());
        for occupant in self.occupants.iter() {
            let is_seen = Viewers::below(occupant.seen_below()).contain(session)
                && self.is_shown(occupant.role());
            if !is_seen || occupant.nick() == own.nick() {
                continue;
            }
            self.show_one_to(occupant, viewer, sees_real_jids, effects);
        }
    }

    /// Tells one session how somebody else is.
    pub(in crate::room) fn show_one_to(
        &self,
        occupant: &Occupant,
        viewer: &Arc<FullJid>,
        sees_real_jids: bool,
        effects: &mut Vec<Effect>,
    ) {
        let mut presence = self.presence_of(occupant);
        presence.real_jid = sees_real_jids.then(|| occupant.shown().real_jid.clone());
        effects.push(send_one(presence, viewer.clone()));
    }

    /// Whether somebody else has been shown to a session, or is shown now.
    pub(in crate::room) fn is_seen_by(&self, occupant: &Occupant, viewer: &FullJid) -> bool {
        if !self.is_shown(occupant.role()) {
            return false;
        }
        // Most have been shown to all, and then nobody needs to be looked up.
        occupant.seen_below().is_none()
            || self
                .occupants
                .session(viewer)
                .is_some_and(|viewer| Viewers::below(occupant.seen_below()).contain(viewer))
    }

    /// Keeps that a session has entered.
    pub(in crate::room) fn save_entrance(&self, real_jid: &FullJid, effects: &mut Vec<Effect>) {
        if let Some(record) = self.occupants.record(real_jid) {
            effects.push(Effect::Save(Change::Entered(Box::new(record))));
        }
    }

    /// Keeps how a session that was inside already is now.
    pub(in crate::room) fn save_session(&self, real_jid: &FullJid, effects: &mut Vec<Effect>) {
        if let Some(record) = self.occupants.record(real_jid) {
            effects.push(Effect::Save(Change::Present(Box::new(record))));
        }
    }

    /// All sessions that `wanted` picks, apart: those who see real JIDs, and the others.
    fn audiences(&self, wanted: impl Fn(&Session) -> bool) -> (Audience, Audience) {
        let mut knowing = Vec::new();
        let mut others = Vec::new();
        for occupant in self.occupants.iter() {
            let group = if self.sees_real_jids(occupant.role()) {
                &mut knowing
            } else {
                &mut others
            };
            let sessions = occupant.sessions().iter();
            let sessions = sessions.filter(|session| wanted(session));
            group.extend(sessions.map(|session| session.real_jid.clone()));
        }
        (knowing.into(), others.into())
    }

    fn presence_of(&self, occupant: &Occupant) -> Presence {
        Presence {
            state: Availability::Available,
            payload: occupant.shown().presence.clone(),
            occupant_id: Some(occupant.occupant_id().clone()),
            affiliation: self.affiliation_of(occupant.bare_jid()),
            role: occupant.role(),
            hats: self.hats_of(occupant.bare_jid()),
            ..Presence::of_nobody(occupant.nick().clone())
        }
    }

    /// Sends a stanza to every session in the room.
    pub(in crate::room) fn send_to_all(&mut self, stanza: Stanza, effects: &mut Vec<Effect>) {
        let everyone = self.occupants.everyone();
        if !everyone.is_empty() {
            let to = Recipients::Many(everyone);
            effects.push(Effect::Send {
                stanza: Box::new(stanza),
                to,
            });
        }
    }

    /// Sends a stanza to the sessions of all occupants that `wanted` picks.
    pub(in crate::room) fn send_to_those(
        &self,
        stanza: Stanza,
        wanted: impl Fn(&Occupant) -> bool,
        effects: &mut Vec<Effect>,
    ) {
        let audience: Audience = self
            .occupants
            .iter()
            .filter(|occupant| wanted(occupant))
            .flat_map(|occupant| occupant.sessions())
            .map(|session| session.real_jid.clone())
            .collect();
        if !audience.is_empty() {
            let to = Recipients::Many(audience);
            effects.push(Effect::Send {
                stanza: Box::new(stanza),
                to,
            });
        }
    }
}

pub(in crate::room) fn send_one(presence: Presence, to: Arc<FullJid>) -> Effect {
    Effect::Send {
        stanza: Box::new(Stanza::Presence(presence)),
        to: Recipients::One(to),
    }
}

fn send_many(presence: Presence, to: Audience) -> Effect {
    Effect::Send {
        stanza: Box::new(Stanza::Presence(presence)),
        to: Recipients::Many(to),
    }
}
