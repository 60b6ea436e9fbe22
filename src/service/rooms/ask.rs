//! A request to a room: waking it, creating it, asking it, and settling what has become of it.

use std::sync::Arc;

use jid::{BareJid, FullJid};

use super::awake::look;
use crate::directory::{is_due, tombstones_due_before};
use crate::room::owning::create::Founding;
use crate::room::owning::destroy::Destruction;
use crate::room::request::Entry;
use crate::room::{Action, Effect, Elapsed, Now, Refusal, Request, Room, Timestamp, not_inside};
use crate::service::compliance::Witness;
use crate::service::engine::{Engine, Stanza};
use crate::service::fresh;
use crate::service::rate::quota;
use crate::store::{self, Store};
use crate::wire::content::hints;
use crate::wire::stanza::stanza_error::Problem;
use crate::wire::xml::header::StanzaKind;

/// Why a room did not do what it was asked for.
pub(in crate::service) enum Failure {
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
    pub(in crate::service) fn ask_room(
        &mut self,
        now: Now,
        room: &BareJid,
        from: Arc<FullJid>,
        action: Action,
        stanza: Stanza<'_>,
    ) {
        let mut effects = Vec::new();
        match self.decide(now, room, from, action, &mut effects) {
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
    pub(in crate::service) fn tell_room(
        &mut self,
        now: Now,
        room: &BareJid,
        from: Arc<FullJid>,
        action: Action,
    ) {
        let mut effects = Vec::new();
        match self.decide(now, room, from, action, &mut effects) {
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
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Failure> {
        let mut action = action;
        self.check_presence(&mut action).map_err(Failure::TooFar)?;
        self.recall_original(jid, &from.to_bare(), &mut action)?;
        if concerns_only_those_inside(&action)
            && !self.rooms.is_awake(jid)
            && !self.store.is_inside(jid, &from)?
        {
            return self.decide_without_room(now, jid, from, action, effects);
        }
        let mut looked_at = None;
        let found = match self.rooms.awake_mut(jid) {
            Some(awake) => Some(awake),
            None => {
                looked_at = look(jid, &self.settings.terms, &self.store)?;
                looked_at.as_mut()
            }
        };
        let Some(awake) = found.filter(|awake| !awake.has_ended()) else {
            return self.decide_without_room(now, jid, from, action, effects);
        };
        inform(&self.store, jid, awake, (&from, &action))?;
        let witness = self
            .settings
            .compliance
            .then(|| Witness::before(Some(awake), &from, &action));
        let reach = awake.reach(&action);
        let person = from.to_bare();
        // To whoever is not inside a room says no by itself, and tells nothing of what is said in it.
        let is_inside = awake.occupants().by_session(&from).is_some();
        let added = quota::added_by(&action).saturating_mul(usize::from(is_inside));
        let checked = self.rates.check_reach(now.elapsed, &person, reach);
        let checked = checked.and_then(|()| self.quotas.check(now.elapsed, &person, jid, added));
        if let Err(problem) = checked {
            self.rooms.settle(jid);
            return Err(Failure::TooFar(problem));
        }
        let deadline = awake.next_deadline();
        let outcome = awake.handle(now, Request { from, action }, effects);
        let has_ended = awake.has_ended();
        let deadline_now = awake.next_deadline().filter(|_| !has_ended);
        if let (Some(witness), Ok(())) = (witness, &outcome) {
            let events = witness.after(now.at, jid, awake, effects);
            events.into_iter().for_each(|event| self.store.log(event));
        }
        if outcome.is_ok() {
            self.rates.invited(now.elapsed, &person, reach.invitations);
            self.quotas.spend(now.elapsed, &person, jid, added);
        }
        self.postpone(jid, deadline, deadline_now);
        // A sleeping room that is the same as before sleeps on, whoever asked for whatever.
        let has_changed = effects.iter().any(Effect::is_change);
        if let Some(awake) = looked_at.filter(|awake| has_changed || !awake.is_empty()) {
            self.rooms.add(jid.clone(), awake);
        }
        self.rooms.settle(jid);
        outcome.map_err(Failure::from)
    }

    /// Notes when a room wants to be asked again, if that is another time than before.
    fn postpone(&mut self, jid: &BareJid, before: Option<Elapsed>, after: Option<Elapsed>) {
        if before != after {
            self.deadlines.extend(after.map(|at| (at, jid.clone())));
            if let Some(at) = before {
                self.deadlines.remove(&(at, jid.clone()));
            }
        }
    }

    /// What is asked of a room that is not there.
    fn decide_without_room(
        &mut self,
        now: Now,
        jid: &BareJid,
        from: Arc<FullJid>,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Failure> {
        match action {
            Action::Exit { .. } | Action::Lost | Action::Expire | Action::Probe { .. } => Ok(()),
            Action::Appear(appearance) => {
                effects.push(not_inside(appearance.nick, appearance.id, from));
                Ok(())
            }
            // The same as from a room that is there: XEP-0410 §3.3 (#performpingresults).
            Action::Ping { .. } => Err(Refusal::NotAnOccupant.into()),
            Action::Enter(entry) => self.create_room(now, jid, from, *entry, effects),
            _ => {
                self.check_grave(jid, Refusal::NoSuchRoom)?;
                Err(Refusal::NoSuchRoom.into())
            }
        }
    }

    /// §10.9 (#destroyroom): whoever comes to a room that was destroyed is told where it went; if it was secret,
    /// he is told what he would be if it had never been.
    ///
    /// `unknown` is what is said of a room that may not be known. As long as nobody knows what time it is, the address
    /// is not free again.
    fn check_grave(&self, jid: &BareJid, unknown: Refusal) -> Result<(), Failure> {
        match self.grave(jid)? {
            Some(destruction) => Err(gone(destruction, unknown).into()),
            None => Ok(()),
        }
    }

    /// What is left of the room that was destroyed under an address, until that is free for all again.
    fn grave(&self, jid: &BareJid) -> Result<Option<Arc<Destruction>>, Failure> {
        let now = self.calendar.believed();
        let found = self.store.tombstone(jid)?;
        Ok(found.filter(|destruction| !now.is_some_and(|now| is_due(destruction, now))))
    }

    /// Whether somebody may create a room at this address. §10.1.1 (#createroom-general).
    fn check_creation(&self, jid: &BareJid, person: &BareJid) -> Result<(), Failure> {
        let rules = &self.settings.creation;
        let grave = self.grave(jid)?;
        let now = self.calendar.believed();
        let since = now.map_or(Timestamp(i64::MIN), tombstones_due_before);
        let mut created = self.store.created_room_count(person, since)?;
        if let Some(destruction) = &grave {
            // The new room takes the place of the old one, in what its creator has created, too.
            if self.store.creator(jid)?.as_ref() == Some(person) {
                created = created.saturating_sub(1);
            }
            if !rules.may_make_anew(person, destruction) || !rules.may_create(person, created) {
                return Err(gone(destruction.clone(), Refusal::CreationNotAllowed).into());
            }
        }
        match rules.may_create(person, created) {
            true => Ok(()),
            false => Err(Refusal::CreationNotAllowed.into()),
        }
    }

    /// §10.1 (#createroom).
    fn create_room(
        &mut self,
        now: Now,
        jid: &BareJid,
        creator: Arc<FullJid>,
        entry: Entry,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Failure> {
        let person = creator.to_bare();
        self.check_creation(jid, &person)?;
        let salt = fresh::salt();
        let founding = Founding {
            terms: self.settings.terms.clone(),
            salt,
            configuration: self.settings.new_room.clone(),
        };
        let room = Room::create(founding, now, creator.clone(), entry, effects)?;
        if self.settings.compliance {
            let witness = Witness::before(None, &creator, &Action::ShowOccupants);
            let events = witness.after(now.at, jid, &room, effects);
            events.into_iter().for_each(|event| self.store.log(event));
        }
        self.store.create(jid, salt, now.at);
        self.store.set_creator(jid, &person);
        self.deadlines
            .extend(room.next_deadline().map(|at| (at, jid.clone())));
        self.rooms.add(jid.clone(), room);
        Ok(())
    }

    /// Asks every room whose time has come.
    pub(in crate::service) fn expire_rooms(&mut self, now: Now) {
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
    pub(in crate::service) fn recall_deadlines(&mut self) -> Result<(), store::Error> {
        for jid in self.store.locked_rooms()? {
            let looked_at = look(&jid, &self.settings.terms, &self.store)?;
            let deadline = looked_at.and_then(|looked_at| looked_at.next_deadline());
            self.deadlines.extend(deadline.map(|at| (at, jid)));
        }
        Ok(())
    }
}

/// Whether something is asked that a room which the asker is not in answers as one that does not exist.
fn concerns_only_those_inside(action: &Action) -> bool {
    matches!(
        action,
        Action::Exit { .. }
            | Action::Lost
            | Action::Appear(_)
            | Action::Probe { .. }
            | Action::Ping { .. }
    )
}

/// Tells a room what it must know of people to decide what is asked of it.
fn inform(
    store: &Store,
    jid: &BareJid,
    room: &mut Room,
    (from, action): (&FullJid, &Action),
) -> Result<(), store::Error> {
    room.forget_absent();
    let people = room.needs(from, action);
    room.learn(store.known(jid, &people)?);
    let lists = room.needs_whole(from, action);
    room.learn(store.known(jid, &lists)?);
    Ok(())
}

/// What is said of a destroyed room; `unknown`, if it was one that may not be known.
fn gone(destruction: Arc<Destruction>, unknown: Refusal) -> Refusal {
    match destruction.secret {
        true => unknown,
        false => Refusal::Gone(destruction),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Surroundings};
    use crate::service::settings;
    use crate::wire::xml::frame::{Frame, Received};

    fn receive(engine: &mut Engine, stanza: &str) {
        let frame = Frame::from_xml(stanza.as_bytes()).unwrap();
        engine.receive(Now::in_step(Timestamp(1)), Received::Stanza(frame));
        engine.finish();
    }

    /// What somebody may send to a room who has nothing to do with it.
    const STRANGERS: &[&str] = &[
        "<message TO' type='groupchat'><body>Hi</body></message>",
        "<message TO/Ann' type='chat'><body>Hi</body></message>",
        "<message TO'><x xmlns='MUC#user'><invite to='bob@example.org'/></x></message>",
        "<message TO'><x xmlns='MUC#user'><decline to='ann@example.org'/></x></message>",
        "<presence TO/Eve' type='unavailable'/>",
        "<presence TO/Eve'/>",
        "<presence TO/Eve'><x xmlns='MUC'><password>guess</password></x></presence>",
        "<presence TO/Eve' type='subscribe'/>",
        "<presence TO/Ann' type='probe'/>",
        "<presence TO/Eve' type='error'/>",
        "<message TO/Eve' type='error'/>",
        "<iq TO' type='get' id='1'><query xmlns='INFO#info'/></iq>",
        "<iq TO' type='get' id='1'><query xmlns='INFO#items'/></iq>",
        "<iq TO' type='get' id='1'><query xmlns='INFO#info' node='x-roomuser-item'/></iq>",
        "<iq TO' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
        "<iq TO/Ann' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
        "<iq TO/Ann' type='get' id='1'><vCard xmlns='vcard-temp'/></iq>",
        "<iq TO' type='get' id='1'><vCard xmlns='vcard-temp'/></iq>",
        "<iq TO' type='get' id='1'><query xmlns='jabber:iq:register'/></iq>",
        "<iq TO' type='set' id='1'><query xmlns='jabber:iq:register'><remove/></query></iq>",
        "<iq TO' type='set' id='1'><query xmlns='urn:xmpp:mam:2'/></iq>",
        "<iq TO' type='get' id='1'><query xmlns='MUC#admin'><item affiliation='outcast'/></query></iq>",
        "<iq TO' type='set' id='1'><query xmlns='MUC#admin'><item affiliation='owner' jid='eve@example.org'/></query></iq>",
        "<iq TO' type='get' id='1'><query xmlns='MUC#owner'/></iq>",
        "<iq TO' type='set' id='1'><query xmlns='MUC#owner'><destroy/></query></iq>",
    ];

    #[test]
    fn no_stanza_of_a_stranger_wakes_a_room() {
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
        let password = "<field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>\
            <field var='muc#roomconfig_roomsecret'><value>secret</value></field>";
        let form = format!(
            "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'>{password}</x></query>"
        );
        receive(
            &mut engine,
            &format!("<iq {room}' type='set' id='1'>{form}</iq>"),
        );
        receive(
            &mut engine,
            &format!("<presence {room}/Ann' type='unavailable'/>"),
        );
        assert_eq!(engine.rooms_awake(), 0);
        for stanza in STRANGERS {
            let stanza = stanza
                .replace("MUC", "http://jabber.org/protocol/muc")
                .replace("INFO", "http://jabber.org/protocol/disco")
                .replace("TO", "from='eve@example.org/a' to='hall@rooms.example.org");
            let frame = Frame::from_xml(stanza.as_bytes()).unwrap();
            engine.receive(Now::in_step(Timestamp(1)), Received::Stanza(frame));
            assert_eq!(engine.rooms_awake(), 0, "{stanza}");
            engine.finish();
        }
    }
}
