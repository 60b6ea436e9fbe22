//! Rooms that come from elsewhere, taken by the engine.

use jid::BareJid;

use crate::command::Error;
use crate::room::{NameKey, Now, Refusal, Room};
use crate::service::Engine;
use crate::store::{ArrivalStep, Arriving, WholeRoom};
use crate::wire::stanza::stanza_error;

impl Engine {
    /// Takes a part of an arriving room. With the last it is there for everybody; whoever enters
    /// before that is committed is sent no history, and finds it in the archive.
    pub(super) fn arrive(
        &mut self,
        now: Now,
        room: &Arriving,
        step: ArrivalStep,
    ) -> Result<(), Error> {
        if let ArrivalStep::Name(whole) = &step {
            self.expect_free_address(&whole.jid)?;
            self.expect_free_name(whole)?;
            self.welcome(whole);
            tracing::info!(room = %whole.jid, at = now.at.0, "a room has come from elsewhere");
        }
        self.store.arrive(room, step);
        Ok(())
    }

    /// A room can be made there: the address is one of the pool, and no room has it.
    pub(super) fn expect_free_address(&self, room: &BareJid) -> Result<(), Error> {
        let room = room.clone();
        if room.domain() != self.settings.service.domain() || room.node().is_none() {
            let pool = self.settings.service.clone();
            return Err(Error::ElsewhereRoom { room, pool });
        }
        match self.store.room_exists(&room)? {
            true => Err(Error::RoomExists { room }),
            false => Ok(()),
        }
    }

    /// No other room has its name.
    fn expect_free_name(&self, whole: &WholeRoom) -> Result<(), Error> {
        let Some(name) = NameKey::of(&whole.snapshot.configuration.name) else {
            return Ok(());
        };
        match self.store.is_name_taken(&whole.jid, &name)? {
            false => Ok(()),
            true => Err(Error::Refused {
                refusal: Refusal::RoomNameTaken,
                why: stanza_error::words(&Refusal::RoomNameTaken).into_owned(),
            }),
        }
    }

    /// Nobody can ask the store for it before it is committed, so it is awake.
    fn welcome(&mut self, whole: &WholeRoom) {
        let jid = &whole.jid;
        let room = Room::restore(
            self.directory.terms_in(whole.category).clone(),
            whole.salt,
            whole.snapshot.clone(),
        );
        let deadline = room.next_deadline();
        self.deadlines.extend(deadline.map(|at| (at, jid.clone())));
        self.rooms.add(jid.clone(), room);
        self.rooms.settle(jid);
    }
}
