//! What all walks through rooms have in common: one room after the other is had do something, so
//! that nobody who waits is held up by it.

use jid::BareJid;

use super::hindrance::Hindrance;
use crate::room::{Action, Elapsed, Now};
use crate::service::engine::Engine;
use crate::store;

/// Maximum number of rooms that are gone through before somebody who waits may go first.
pub(super) const PAGE: u32 = 32;
/// Nor are there more once they have brought about this number of bytes.
const PAGE_BYTES: usize = 128 * 1024;

impl Engine {
    /// When a walk goes on, if one is under way: not before people can be told of it, and what was
    /// before has left.
    pub(super) fn when_to_walk(&self, is_under_way: bool) -> Option<Elapsed> {
        let may_proceed = is_under_way
            && self.sessions.was_up()
            && self.store.outstanding().is_none()
            && !self.has_much_to_send();
        may_proceed.then_some(self.governing.not_before)
    }

    /// Waits for a trouble of the store to pass.
    pub(super) fn pause_walks(&mut self, now: Now, error: &store::Error, trouble: &str) {
        let error = error as &dyn std::error::Error;
        tracing::error!(error, "{trouble}");
        self.governing.pause(now.elapsed);
    }

    /// Does something with each of these rooms, as far as it goes. Returns the last with which it
    /// was done.
    pub(super) fn walk_page(
        &mut self,
        now: Now,
        page: Vec<BareJid>,
        mut act: impl FnMut(&mut Self, &BareJid) -> Result<(), Hindrance>,
    ) -> Option<BareJid> {
        let full = self.road().size() + PAGE_BYTES;
        let mut reached = None;
        for room in page {
            if let Err(hindrance) = act(self, &room) {
                hindrance.log(&room, self.settings.service.as_str());
                self.governing.pause(now.elapsed);
                break;
            }
            reached = Some(room);
            if self.road().size() > full {
                break;
            }
        }
        reached
    }

    /// Has a room do something in the service's own name.
    pub(super) fn have_room_do(
        &mut self,
        now: Now,
        room: &BareJid,
        action: Action,
    ) -> Result<(), Hindrance> {
        let from = self.sessions.own_address(&self.settings.service);
        let mut effects = Vec::new();
        self.decide(now, room, from, action, &mut effects)?;
        self.perform(now, room, None, effects);
        Ok(())
    }
}
