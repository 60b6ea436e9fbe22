//! What commands have rooms do: what their asker could have by stanzas, in one piece or not at all.
//!
//! The room decides on each request as it decides on a stanza, and under the same terms; but on a
//! copy, which takes the room's place when all of them are granted. So whoever sets ten things at
//! once has all of them or none, and what is stored, logged and told is what it would be
//! otherwise. The operator at the command line has no address; the service speaks for them under
//! its own, and is an operator of its rooms.

use std::sync::Arc;

use jid::{BareJid, FullJid, Jid};

use super::ask::inform;
use super::awake::look;
use super::hindrance::Hindrance;
use crate::command::Asker;
use crate::directory::NewRoom;
use crate::room::owning::create::Founding;
use crate::room::{Action, Effect, Elapsed, Now, Refusal, Request, Room};
use crate::service::compliance;
use crate::service::engine::Engine;
use crate::service::fresh;

/// In whose name a room is asked.
struct Acting {
    from: Arc<FullJid>,
    /// As whom they are logged; `None`: as the operator.
    logged: Option<Jid>,
}

/// A copy of a room, and what has been asked of it so far.
struct AskedCopy {
    room: Room,
    /// When the room wants to be asked again, before anything was asked of the copy.
    deadline: Option<Elapsed>,
    effects: Vec<Effect>,
}

impl Engine {
    /// Asks several things of a room: all of them are done, or none.
    ///
    /// # Errors
    /// What hinders the first that is not granted.
    pub(in crate::service) fn command_room(
        &mut self,
        now: Now,
        asker: &Asker,
        jid: &BareJid,
        actions: Vec<Action>,
    ) -> Result<(), Hindrance> {
        self.govern(now, jid)?;
        let room = match self.rooms.awake(jid) {
            Some(awake) => Some(awake.clone()),
            None => {
                let terms = |category| self.directory.terms_in(category).clone();
                look(jid, terms, &self.store)?
            }
        };
        let room = room.filter(|room| !room.has_ended());
        let room = room.ok_or(Refusal::NoSuchRoom)?;
        let acting = self.acting(asker, Some(&room));
        let copy = AskedCopy {
            deadline: room.next_deadline(),
            room,
            effects: Vec::new(),
        };
        let copy = self.try_all(now, (&acting.from, jid), copy, actions)?;
        self.adopt(now, jid, acting, copy);
        Ok(())
    }

    /// Makes a room, and asks several things of it: all of them are done, or there is none.
    ///
    /// # Errors
    /// Why the directory doesn't let them have it, or what hinders the first that is not granted.
    pub(in crate::service) fn command_new_room(
        &mut self,
        now: Now,
        asker: &Asker,
        jid: &BareJid,
        actions: Vec<Action>,
    ) -> Result<(), Hindrance> {
        let acting = self.acting(asker, None);
        let NewRoom {
            jid,
            creator,
            terms,
            configuration,
        } = self.decide_creation(now, jid, acting.from.to_bare())?;
        let salt = fresh::salt();
        let founding = Founding {
            terms,
            salt,
            configuration,
        };
        let mut effects = Vec::new();
        let room = Room::found(founding, now, &acting.from, &mut effects);
        let copy = AskedCopy {
            room,
            deadline: None,
            effects,
        };
        let copy = self.try_all(now, (&acting.from, &jid), copy, actions)?;
        self.store.create(&jid, salt, now.at);
        if asker.jid().is_some() {
            self.store.set_creator(&jid, &creator);
        }
        self.adopt(now, &jid, acting, copy);
        Ok(())
    }

    /// Has everything asked of a copy, and gives that back if all is granted.
    fn try_all(
        &mut self,
        now: Now,
        (from, jid): (&Arc<FullJid>, &BareJid),
        copy: AskedCopy,
        actions: Vec<Action>,
    ) -> Result<AskedCopy, Hindrance> {
        let AskedCopy {
            mut room,
            deadline,
            mut effects,
        } = copy;
        // Before anything is changed: what was changed is not in the store yet.
        for action in &actions {
            inform(&self.store, jid, &mut room, (from, action))?;
        }
        let person = from.to_bare();
        let is_limited = person != self.settings.service;
        for action in actions {
            let reach = room.reach(&action);
            if is_limited {
                let checked = self.rates.check_reach(now.elapsed, &person, reach);
                checked.map_err(Hindrance::TooFar)?;
            }
            let from = from.clone();
            room.handle(now, Request { from, action }, &mut effects)?;
            if is_limited {
                self.rates.invited(now.elapsed, &person, reach.invitations);
            }
        }
        Ok(AskedCopy {
            room,
            deadline,
            effects,
        })
    }

    /// Puts a copy in the place of its room, and carries out what was decided on it.
    fn adopt(&mut self, now: Now, jid: &BareJid, acting: Acting, copy: AskedCopy) {
        let AskedCopy {
            room,
            deadline,
            effects,
        } = copy;
        if self.settings.compliance {
            let nick = room.nick_of(&acting.from);
            let events = compliance::happened(
                now.at,
                jid,
                &acting.from,
                nick,
                &effects,
                self.directory.addins(),
            );
            for mut event in events {
                if event.person.as_ref().and_then(|jid| jid.try_as_full().ok())
                    == Some(&acting.from)
                {
                    event.person.clone_from(&acting.logged);
                }
                self.store.log(event);
            }
        }
        let deadline_now = room.next_deadline().filter(|_| !room.has_ended());
        self.postpone(jid, deadline, deadline_now);
        // A sleeping room that is the same as before sleeps on.
        let has_changed = effects.iter().any(Effect::is_change);
        if has_changed || self.rooms.is_awake(jid) || !room.is_empty() {
            self.rooms.add(jid.clone(), room);
        }
        self.rooms.settle(jid);
        self.perform(now, jid, None, effects);
    }

    /// In whose name a room is asked: of somebody who is inside, in that of a session there, so
    /// that the others see who has done it.
    fn acting(&self, asker: &Asker, room: Option<&Room>) -> Acting {
        let Some(person) = asker.jid() else {
            return Acting {
                from: self.sessions.own_address(&self.settings.service),
                logged: None,
            };
        };
        let occupants = room.into_iter().flat_map(|room| room.occupants().iter());
        let inside = occupants
            .filter(|occupant| occupant.bare_jid() == person)
            .find_map(|occupant| occupant.sessions().first());
        match inside {
            Some(session) => Acting {
                from: session.real_jid.clone(),
                logged: Some(Jid::from((*session.real_jid).clone())),
            },
            None => Acting {
                from: Arc::new(
                    person
                        .with_resource_str("command")
                        .expect("a plain word is a resource"),
                ),
                logged: Some(Jid::from(person.clone())),
            },
        }
    }
}
