//! A request to a room: waking it, creating it, asking it, and settling what has become of it.

use std::sync::Arc;

use jid::{BareJid, FullJid};

use super::awake::look;
use super::hindrance::Hindrance;
use crate::room::{Action, Effect, Elapsed, Now, Refusal, Request, Room, not_inside};
use crate::service::compliance;
use crate::service::engine::{AskedStanza, Engine};
use crate::service::rate::quota;
use crate::store::{self, Store};
use crate::wire::content::hints;
use crate::wire::xml::header::StanzaKind;

impl Engine {
    /// Lets a user ask a room for something, and tells them when it is not done.
    pub(in crate::service) fn ask_room(
        &mut self,
        now: Now,
        room: &BareJid,
        from: Arc<FullJid>,
        action: Action,
        stanza: AskedStanza<'_>,
    ) {
        // It is an operator of its rooms, and nobody else speaks for it.
        if from.domain() == self.settings.service.domain() && from.node().is_none() {
            let problem = Hindrance::from(Refusal::NotPrivileged).into();
            return self.answer_problem(stanza.envelope, &problem);
        }
        let mut effects = Vec::new();
        match self.decide(now, room, from, action, &mut effects) {
            Ok(()) => self.perform(now, room, Some(stanza), effects),
            Err(hindrance) => {
                hindrance.log(room, stanza.envelope.asker.as_str());
                // Where there is no room, nobody waits to hear that it was not told that they type.
                // A room that is kept from the asker is silent alike.
                let is_in_vain = hindrance.is_absence()
                    && stanza.envelope.kind == StanzaKind::Message
                    && hints::is_passing_sign(stanza.frame, room);
                if !is_in_vain {
                    self.answer_problem(stanza.envelope, &hindrance.into());
                }
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
        match self.decide(now, room, from.clone(), action, &mut effects) {
            Ok(()) => self.perform(now, room, None, effects),
            Err(hindrance) => hindrance.log(room, from.as_str()),
        }
    }

    pub(in crate::service) fn decide(
        &mut self,
        now: Now,
        jid: &BareJid,
        from: Arc<FullJid>,
        action: Action,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Hindrance> {
        let mut action = action;
        self.prepare(now, jid, &from, &mut action)?;
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
                let directory = &self.directory;
                let terms = |category| match &action {
                    Action::Govern(_) => directory.terms_of(jid, category),
                    _ => directory.terms_in(category).clone(),
                };
                looked_at = look(jid, terms, &self.store)?;
                looked_at.as_mut()
            }
        };
        let Some(awake) = found.filter(|awake| !awake.has_ended()) else {
            return self.decide_without_room(now, jid, from, action, effects);
        };
        inform(&self.store, jid, awake, (&from, &action))?;
        let reach = awake.reach(&action);
        let person = from.to_bare();
        // To whoever is not inside a room says no by itself, and tells nothing of what is said.
        let nick_before = awake.nick_of(&from);
        let is_inside = nick_before.is_some();
        let added = quota::added_by(&action).saturating_mul(usize::from(is_inside));
        let checked = self.rates.check_reach(now.elapsed, &person, reach);
        let checked = checked.and_then(|()| self.quotas.check(now.elapsed, &person, jid, added));
        if let Err(problem) = checked {
            self.rooms.settle(jid);
            return Err(Hindrance::TooFar(problem));
        }
        let deadline = awake.next_deadline();
        let asker = from.clone();
        let outcome = awake.handle(now, Request { from, action }, effects);
        let has_ended = awake.has_ended();
        let deadline_now = awake.next_deadline().filter(|_| !has_ended);
        if self.settings.compliance && outcome.is_ok() {
            let nick = awake.nick_of(&asker).or(nick_before);
            let events =
                compliance::happened(now.at, jid, &asker, nick, effects, self.directory.addins());
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
        outcome.map_err(Hindrance::from)
    }

    /// What comes before a room is asked: it stands under today's terms, and the request has in it
    /// what the archive knows of the message that it is about.
    fn prepare(
        &mut self,
        now: Now,
        jid: &BareJid,
        from: &FullJid,
        action: &mut Action,
    ) -> Result<(), Hindrance> {
        if !matches!(action, Action::Govern(_)) {
            self.govern(now, jid)?;
        }
        self.check_presence(action).map_err(Hindrance::TooFar)?;
        self.recall_original(jid, &from.to_bare(), action)?;
        Ok(())
    }

    /// Notes when a room wants to be asked again, if that is another time than before.
    pub(super) fn postpone(
        &mut self,
        jid: &BareJid,
        before: Option<Elapsed>,
        after: Option<Elapsed>,
    ) {
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
    ) -> Result<(), Hindrance> {
        match action {
            Action::Exit { .. }
            | Action::Lost
            | Action::Govern(_)
            | Action::AddInChanged(_)
            | Action::ClearAddIn(_)
            | Action::Expire
            | Action::Probe { .. } => Ok(()),
            Action::Appear(appearance) => {
                effects.push(not_inside(appearance.nick, appearance.id, from));
                Ok(())
            }
            // The same as from a room that is there: XEP-0410 §3.3 (#performpingresults).
            Action::Ping { .. } => Err(Refusal::NotAnOccupant.into()),
            Action::Enter(entry) => self.create_room(now, jid, from, *entry, effects),
            _ => self.seek_room(now, jid, from.to_bare()),
        }
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
        for jid in self.store.rooms_with_deadlines()? {
            let terms = |category| self.directory.terms_of(&jid, category);
            let looked_at = look(&jid, terms, &self.store)?;
            let deadline = looked_at.and_then(|looked_at| looked_at.next_deadline());
            self.deadlines.extend(deadline.map(|at| (at, jid)));
        }
        Ok(())
    }
}

/// Whether something is asked that a room which the asker is not in answers as one that does not
/// exist.
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
pub(super) fn inform(
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

#[cfg(test)]
mod tests {
    use crate::service::tests::scene::ServiceScene;

    /// Stanzas to a room, of somebody who has nothing to do with it.
    const STRANGERS: &[&str] = &[
        "<message from='EVE' to='HALL' type='groupchat'><body>Hi</body></message>",
        "<message from='EVE' to='HALL/Ann' type='chat'><body>Hi</body></message>",
        "<message from='EVE' to='HALL'><x xmlns='MUC#user'><invite to='bob@example.org'/></x></message>",
        "<message from='EVE' to='HALL'><x xmlns='MUC#user'><decline to='ann@example.org'/></x></message>",
        "<presence from='EVE' to='HALL/Eve' type='unavailable'/>",
        "<presence from='EVE' to='HALL/Eve'/>",
        "<presence from='EVE' to='HALL/Eve'><x xmlns='MUC'><password>guess</password></x></presence>",
        "<presence from='EVE' to='HALL/Eve' type='subscribe'/>",
        "<presence from='EVE' to='HALL/Ann' type='probe'/>",
        "<presence from='EVE' to='HALL/Eve' type='error'/>",
        "<message from='EVE' to='HALL/Eve' type='error'/>",
        "<iq from='EVE' to='HALL' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
        "<iq from='EVE' to='HALL' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>",
        "<iq from='EVE' to='HALL' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#info' node='x-roomuser-item'/></iq>",
        "<iq from='EVE' to='HALL' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
        "<iq from='EVE' to='HALL/Ann' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
        "<iq from='EVE' to='HALL/Ann' type='get' id='1'><vCard xmlns='vcard-temp'/></iq>",
        "<iq from='EVE' to='HALL' type='get' id='1'><vCard xmlns='vcard-temp'/></iq>",
        "<iq from='EVE' to='HALL' type='get' id='1'><query xmlns='jabber:iq:register'/></iq>",
        "<iq from='EVE' to='HALL' type='set' id='1'><query xmlns='jabber:iq:register'><remove/></query></iq>",
        "<iq from='EVE' to='HALL' type='set' id='1'><query xmlns='urn:xmpp:mam:2'/></iq>",
        "<iq from='EVE' to='HALL' type='get' id='1'><query xmlns='MUC#admin'><item affiliation='outcast'/></query></iq>",
        "<iq from='EVE' to='HALL' type='set' id='1'><query xmlns='MUC#admin'><item affiliation='owner' jid='eve@example.org'/></query></iq>",
        "<iq from='EVE' to='HALL' type='get' id='1'><query xmlns='MUC#owner'/></iq>",
        "<iq from='EVE' to='HALL' type='set' id='1'><query xmlns='MUC#owner'><destroy/></query></iq>",
    ];

    #[test]
    fn no_stanza_of_a_stranger_wakes_a_room() {
        let mut scene = ServiceScene::new("").with_hall();
        scene.configure("muc#roomconfig_roomsecret", "secret");
        scene.leave("ann");
        scene.told();
        assert_eq!(scene.engine.rooms_awake(), 0);
        for stanza in STRANGERS {
            scene.receive(stanza);
            assert_eq!(scene.engine.rooms_awake(), 0, "{stanza}");
            scene.told();
        }
    }
}
