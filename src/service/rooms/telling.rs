//! Telling those inside rooms that an add-in has another name or address: room after room, in a
//! walk that goes on where it was after a restart. DESIGN §1.

use jid::BareJid;

use super::hindrance::Hindrance;
use super::walking::PAGE;
use crate::directory;
use crate::room::setting::addin::AddInId;
use crate::room::{Action, Elapsed, Now};
use crate::service::engine::Engine;
use crate::store;

impl Engine {
    /// When the next rooms are to be told: not before people can be told anything, and what was
    /// before has left.
    pub(in crate::service) fn telling_deadline(&self) -> Option<Elapsed> {
        self.when_to_walk(self.directory.untold_addin().is_some())
    }

    /// Tells those inside the next rooms, if it is time.
    pub(in crate::service) fn tell_next_of_addins(&mut self, now: Now) {
        if self.telling_deadline().is_none_or(|at| at > now.elapsed) {
            return;
        }
        let Some((addin, after)) = self.directory.untold_addin() else {
            return;
        };
        match self.store.rooms_with_addin(addin, after, PAGE) {
            Ok(page) => self.tell_page_of_addin(now, addin, page),
            Err(error) => {
                let trouble = "rooms can't be told that their add-in has changed";
                self.pause_walks(now, &error, trouble);
            }
        }
    }

    fn tell_page_of_addin(&mut self, now: Now, addin: AddInId, page: Vec<BareJid>) {
        let is_last = page.is_empty();
        let reached = self.walk_page(now, page, |engine, room| {
            engine.tell_room_of_addin(now, room, addin)
        });
        if reached.is_some() || is_last {
            let request = directory::Request::AddInTold {
                addin,
                up_to: reached,
            };
            self.tell_directory(now, request);
        }
    }

    /// Tells those inside one room; of one that nobody is in not more is read than that.
    fn tell_room_of_addin(
        &mut self,
        now: Now,
        room: &BareJid,
        addin: AddInId,
    ) -> Result<(), Hindrance> {
        if !self.rooms.is_awake(room) && !self.store.is_anybody_inside(room)? {
            return Ok(());
        }
        self.have_room_do(now, room, Action::AddInChanged(addin))
    }

    /// Takes an add-in away from some rooms, for it is to be removed.
    ///
    /// # Errors
    /// A room can't be read.
    pub(in crate::service) fn clear_addin(
        &mut self,
        now: Now,
        addin: AddInId,
        rooms: &[BareJid],
    ) -> Result<(), store::Error> {
        for room in rooms {
            let done = self.have_room_do(now, room, Action::ClearAddIn(addin));
            // With another hindrance it has ended meanwhile.
            if let Err(Hindrance::Store(error)) = done {
                return Err(error);
            }
        }
        Ok(())
    }

    /// How many rooms have an add-in; those too that have just chosen it.
    ///
    /// # Errors
    /// The database can't be read.
    pub(in crate::service) fn addin_room_count(&self, addin: AddInId) -> Result<u64, store::Error> {
        let awake = self.rooms.all_awake();
        let awake = awake.filter(|room| room.addin_id() == Some(addin)).count();
        Ok(self.store.addin_room_count(addin)?.max(awake as u64))
    }
}
