//! A request to a room: waking it, creating it, asking it, and settling what has become of it.

use std::sync::Arc;

use jid::{BareJid, FullJid};

use super::compliance::Witness;
use super::engine::{Engine, Stanza};
use super::occupant_id::occupant_id;
use super::rooms::Awake;
use super::{fresh, quota};
use crate::room::destroy::Destruction;
use crate::room::{Action, Effect, Now, Refusal, Request, Room, Timestamp, not_inside};
use crate::store;
use crate::wire::decode::Asked;
use crate::wire::enter::Arrival;
use crate::wire::frame::StanzaKind;
use crate::wire::hints;
use crate::wire::stanza_error::Problem;

/// A destroyed room's address answers for so long where it went, in days; then it is free again.
const TOMBSTONE_DAYS: i64 = 31;

/// Why a room did not do what it was asked for.
pub(super) enum Failure {
    Refused(Refusal),
    Store(store::Error),
    /// It would reach further than this person may have sent.
    TooFar(Problem),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl Engine {
    /// Lets a user ask a room for something, and tells him when that is refused.
    pub(super) fn ask_room(
        &mut self,
        now: Now,
        room: &BareJid,
        from: Arc<FullJid>,
        asked: Asked,
        stanza: Stanza<'_>,
    ) {
        let mut effects = Vec::new();
        match self.decide(now, room, from, asked, &mut effects) {
            Ok(()) => self.perform(now, room, Some(stanza), effects),
            Err(Failure::Refused(refusal)) => {
                tracing::debug!(%room, from = %stanza.envelope.asker, ?refusal, "refused");
                // Where there is no room, nobody waits to hear that it was not told that they type. A room that is kept
                // from the asker is silent alike.
                let gone = matches!(
                    refusal,
                    Refusal::NoSuchRoom | Refusal::Locked | Refusal::Gone(_)
                );
                let kind = stanza.envelope.kind;
                if gone && kind == StanzaKind::Message && hints::is_passing_sign(stanza.frame, room)
                {
                    return;
                }
                self.answer_problem(stanza.envelope, &Problem::Refused(refusal));
            }
            Err(Failure::TooFar(problem)) => {
                tracing::debug!(%room, from = %stanza.envelope.asker, ?problem, "refused");
                self.answer_problem(stanza.envelope, &problem);
            }
            Err(Failure::Store(error)) => {
                tracing::error!(%room, error = &error as &dyn std::error::Error, "the room can't be read");
                self.answer_problem(stanza.envelope, &Problem::Internal);
            }
        }
    }

    /// Lets the service itself tell a room something; there is nobody to answer.
    pub(super) fn tell_room(
        &mut self,
        now: Now,
        room: &BareJid,
        from: Arc<FullJid>,
        action: Action,
    ) {
        let mut effects = Vec::new();
        match self.decide(now, room, from, Asked::Act(action), &mut effects) {
            Ok(()) => self.perform(now, room, None, effects),
            Err(Failure::Refused(refusal)) => tracing::debug!(%room, ?refusal, "refused"),
            Err(Failure::TooFar(problem)) => tracing::debug!(%room, ?problem, "refused"),
            Err(Failure::Store(error)) => {
                tracing::error!(%room, error = &error as &dyn std::error::Error, "the room can't be read");
            }
        }
    }

    fn decide(
        &mut self,
        now: Now,
        jid: &BareJid,
        from: Arc<FullJid>,
        asked: Asked,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Failure> {
        let mut asked = asked;
        self.check_presence(&mut asked).map_err(Failure::TooFar)?;
        if let Asked::Act(action) = &mut asked {
            self.recall_original(jid, &from.to_bare(), action)?;
        }
        let awake = self.rooms.wake(jid, &self.settings.policy, &self.store)?;
        let Some(awake) = awake.filter(|awake| !awake.room.has_ended()) else {
            return self.decide_without_room(now, jid, from, asked, effects);
        };
        let action = match asked {
            Asked::Act(action) => action,
            Asked::Enter(arrival) => {
                let occupant_id = occupant_id(&awake.salt, &from.to_bare());
                Action::Enter(Box::new(arrival.entry(occupant_id)))
            }
        };
        let witness = self
            .settings
            .compliance
            .then(|| Witness::before(Some(&awake.room), &from, &action));
        let reach = awake.room.reach(&action);
        let person = from.to_bare();
        // To whoever is not inside a room says no by itself, and tells nothing of what is said in it.
        let is_inside = awake.room.occupants().by_session(&from).is_some();
        let added = quota::added_by(&action).saturating_mul(usize::from(is_inside));
        let checked = self.rates.check_reach(now.elapsed, &person, reach);
        let checked = checked.and_then(|()| self.quotas.check(now.elapsed, &person, jid, added));
        if let Err(problem) = checked {
            self.rooms.settle(jid);
            return Err(Failure::TooFar(problem));
        }
        let deadline = awake.room.next_deadline();
        let outcome = awake.room.handle(now, Request { from, action }, effects);
        let deadline_now = awake
            .room
            .next_deadline()
            .filter(|_| !awake.room.has_ended());
        if deadline != deadline_now {
            self.deadlines
                .extend(deadline_now.map(|at| (at, jid.clone())));
            if let Some(at) = deadline {
                self.deadlines.remove(&(at, jid.clone()));
            }
        }
        if let (Some(witness), Ok(())) = (witness, &outcome) {
            let events = witness.after(now.at, jid, &awake.room, effects);
            events.into_iter().for_each(|event| self.store.log(event));
        }
        if outcome.is_ok() {
            self.rates.invited(now.elapsed, &person, reach.invitations);
            self.quotas.spend(now.elapsed, &person, jid, added);
        }
        // A refusal, too, has woken the room.
        self.rooms.settle(jid);
        outcome.map_err(Failure::from)
    }

    /// What is asked of a room that is not there.
    fn decide_without_room(
        &mut self,
        now: Now,
        jid: &BareJid,
        from: Arc<FullJid>,
        asked: Asked,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Failure> {
        match asked {
            Asked::Act(
                Action::Exit { .. } | Action::Lost | Action::Expire | Action::Probe { .. },
            ) => Ok(()),
            Asked::Act(Action::Appear(appearance)) => {
                effects.push(not_inside(appearance.nick, appearance.id, from));
                Ok(())
            }
            // The same as from a room that is there: XEP-0410 §3.3 (#performpingresults).
            Asked::Act(Action::Ping { .. }) => Err(Refusal::NotAnOccupant.into()),
            Asked::Act(_) => {
                self.check_grave(jid, Refusal::NoSuchRoom)?;
                Err(Refusal::NoSuchRoom.into())
            }
            Asked::Enter(arrival) => {
                self.check_grave(jid, Refusal::CreationNotAllowed)?;
                self.create_room(now, jid, from, arrival, effects)
            }
        }
    }

    /// §10.9 (#destroyroom): whoever comes to a room that was destroyed is told where it went; if it was secret,
    /// he is told what he would be if it had never been.
    ///
    /// `unknown` is what is said of a room that may not be known. As long as nobody knows what time it is, the address
    /// is not free again.
    fn check_grave(&self, jid: &BareJid, unknown: Refusal) -> Result<(), Failure> {
        let now = self.calendar.believed();
        let expired = |destruction: &Destruction| {
            let due = |at: Timestamp| at.plus_seconds(TOMBSTONE_DAYS * 24 * 60 * 60);
            let due = destruction.at.map(due);
            due.zip(now).is_some_and(|(due, now)| due < now)
        };
        match self
            .store
            .tombstone(jid)?
            .filter(|destruction| !expired(destruction))
        {
            Some(destruction) if destruction.secret => Err(unknown.into()),
            Some(destruction) => Err(Refusal::Gone(destruction).into()),
            None => Ok(()),
        }
    }

    /// §10.1 (#createroom).
    fn create_room(
        &mut self,
        now: Now,
        jid: &BareJid,
        creator: Arc<FullJid>,
        arrival: Arrival,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Failure> {
        let person = creator.to_bare();
        let created = self.store.created_room_count(&person)?;
        if !self.settings.creation.may_create(&person, created) {
            return Err(Refusal::CreationNotAllowed.into());
        }
        let salt = fresh::salt();
        let entry = arrival.entry(occupant_id(&salt, &person));
        let (policy, configuration) =
            (self.settings.policy.clone(), self.settings.new_room.clone());
        let room = Room::create(policy, configuration, now, creator.clone(), entry, effects)?;
        if self.settings.compliance {
            let witness = Witness::before(None, &creator, &Action::ShowOccupants);
            let events = witness.after(now.at, jid, &room, effects);
            events.into_iter().for_each(|event| self.store.log(event));
        }
        self.store.create(jid, salt, now.at);
        self.store.set_creator(jid, &person);
        self.deadlines
            .extend(room.next_deadline().map(|at| (at, jid.clone())));
        self.rooms.add(jid.clone(), Awake { room, salt });
        Ok(())
    }

    /// Asks every room whose time has come.
    pub(super) fn expire_rooms(&mut self, now: Now) {
        while let Some((at, room)) = self
            .deadlines
            .first()
            .cloned()
            .filter(|(at, _)| *at <= now.elapsed)
        {
            self.deadlines.remove(&(at, room.clone()));
            let from = self.sessions.own_address(&self.settings.service);
            self.tell_room(now, &room, from, Action::Expire);
        }
    }

    /// After a start: the rooms that wait for their configuration.
    pub(super) fn recall_deadlines(&mut self) -> Result<(), store::Error> {
        for jid in self.store.locked_rooms()? {
            let awake = self.rooms.wake(&jid, &self.settings.policy, &self.store)?;
            let deadline = awake.and_then(|awake| awake.room.next_deadline());
            self.deadlines.extend(deadline.map(|at| (at, jid)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings;
    use super::*;
    use crate::config::{Config, Surroundings};
    use crate::store::Store;
    use crate::wire::frame::{Frame, Received};

    fn receive(engine: &mut Engine, stanza: &str) {
        let frame = Frame::from_xml(stanza.as_bytes()).unwrap();
        engine.receive(Now::in_step(Timestamp(1)), Received::Stanza(frame));
        engine.finish();
    }

    #[test]
    fn a_room_that_was_woken_to_refuse_sleeps_again() {
        let text = "[[pool]]\ndomain = 'rooms.example.org'\nsecret = 'x'";
        let surroundings = Surroundings {
            path: "lyceum.toml".into(),
            secret: None,
        };
        let config = Config::parse(text, &surroundings).unwrap();
        let settings = settings::engine(&config.pools[0]);
        let mut engine = Engine::new(
            settings,
            Store::in_memory().unwrap(),
            Now::in_step(Timestamp(1)),
        )
        .unwrap();
        let room = "from='ann@example.org/a' to='hall@rooms.example.org";
        let enter = "<x xmlns='http://jabber.org/protocol/muc'/>";
        receive(
            &mut engine,
            &format!("<presence {room}/Ann'>{enter}</presence>"),
        );
        let form = "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query>";
        receive(
            &mut engine,
            &format!("<iq {room}' type='set' id='1'>{form}</iq>"),
        );
        receive(
            &mut engine,
            &format!("<presence {room}/Ann' type='unavailable'/>"),
        );
        assert_eq!(engine.rooms_awake(), 0);
        let stranger = "from='eve@example.org/a' to='hall@rooms.example.org' type='groupchat'";
        receive(
            &mut engine,
            &format!("<message {stranger}><body>Hi</body></message>"),
        );
        assert_eq!(engine.rooms_awake(), 0, "refused");
    }
}
