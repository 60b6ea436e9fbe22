//! The lock of a new room. XEP-0045 §10.1 (#createroom), §7.2.10 (#enter-locked).
//!
//! A new room is open to its owner alone until they have configured it, or declined to. If they
//! leave before, the room is gone. Many clients never ask for the form (COMPAT(Dino)): whoever
//! speaks in the room, names its subject or invites others has begun to use it as it is, so that
//! opens it; and when nothing is said it opens after a time.

use std::sync::Arc;

use jid::FullJid;

use super::destroy::{Destruction, Remains};
use crate::room::aftermath::ToldBy;
use crate::room::effect::Answer;
use crate::room::moderating::change_standings::Planned;
use crate::room::{Affiliation, Change, Effect, Elapsed, Now, Refusal, Room, Terms, Timestamp};

/// Whether the room waits for its first configuration.
///
/// When it opens by itself is counted by the clock that nobody can set. That one does not outlive
/// the process, so of a room that has been woken it is known only when it is asked for the first
/// time; two locks are equal all the same.
#[derive(Clone, Copy, Debug)]
pub(in crate::room) struct Lock {
    since: Option<Timestamp>,
    /// When the room opens; `None` until [`Room::expire`] has found it out.
    opens: Option<Elapsed>,
    /// Copied from the terms when the lock was made, so that a deadline can be told without it.
    unlock_after_s: i64,
}

impl Lock {
    pub fn restore(since: Option<Timestamp>, terms: &Terms) -> Self {
        Self {
            since,
            opens: None,
            unlock_after_s: terms.unlock_after_s,
        }
    }

    pub fn is_locked(&self) -> bool {
        self.since.is_some()
    }

    pub fn since(&self) -> Option<Timestamp> {
        self.since
    }

    /// When the room opens by itself, or wants to be asked when that is.
    pub fn deadline(&self) -> Option<Elapsed> {
        self.since.map(|_| self.opens.unwrap_or(Elapsed::BEGINNING))
    }

    /// Finds out when the room opens. What has passed of the time by the calendar counts, but
    /// however the clock was set, the rest is neither less than nothing nor more than the whole.
    fn count_down(&mut self, now: Now) -> Option<Elapsed> {
        let since = self.since?;
        let whole_us = self.unlock_after_s.saturating_mul(1_000_000);
        let passed_us = now.at.0.saturating_sub(since.0).clamp(0, whole_us);
        let opens = *self
            .opens
            .get_or_insert(Elapsed(now.elapsed.0 + whole_us - passed_us));
        Some(opens)
    }
}

impl PartialEq for Lock {
    fn eq(&self, other: &Self) -> bool {
        (self.since, self.unlock_after_s) == (other.since, other.unlock_after_s)
    }
}

impl Eq for Lock {}

impl Room {
    /// Makes the room exist, locked, with its creator as owner. §10.1.1 (#createroom-general). What
    /// is no person owns nothing, §5.2 (#affil).
    pub(in crate::room) fn open_locked(
        &mut self,
        now: Now,
        creator: &Arc<FullJid>,
        effects: &mut Vec<Effect>,
    ) {
        self.lock = Lock::restore(Some(now.at), &self.terms);
        self.lock.count_down(now);
        effects.push(Effect::Save(Change::Created {
            configuration: Box::new(self.configuration.clone()),
            locked_since: Some(now.at),
            category: self.terms.category.id,
        }));
        if creator.node().is_none() {
            return;
        }
        let owner = Planned {
            jid: creator.to_bare(),
            before: Affiliation::None,
            affiliation: Affiliation::Owner,
            reserve: None,
            reason: None,
            told_by: ToldBy::Room,
        };
        // Nobody is inside to be told, and the creator is told on entering.
        let mut untold = self.look_around();
        self.set_affiliation(now.at, None, owner, effects, &mut untold);
    }

    /// Opens the room to others, if it is not open yet. §10.1.2 (#createroom-instant).
    pub(in crate::room) fn unlock(&mut self, effects: &mut Vec<Effect>) {
        if self.lock.since.take().is_some() {
            effects.push(Effect::Save(Change::Unlocked));
        }
    }

    /// Cancels the configuration: a room that is still locked is gone. §10.1.3
    /// (#createroom-reserved).
    ///
    /// # Errors
    /// - [`Refusal::NotPrivileged`]: the asker is no owner.
    pub(in crate::room) fn cancel_configuration(
        &mut self,
        from: &FullJid,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if self.affiliation_of(&from.to_bare()) != Affiliation::Owner {
            return Err(Refusal::NotPrivileged);
        }
        if self.lock.is_locked() {
            self.end(Arc::new(Destruction::default()), Remains::Nothing, effects);
        }
        effects.push(Effect::Answer(Answer::Done));
        Ok(())
    }

    /// A deadline has come: the room opens as it is, or tells of those who were hidden.
    ///
    /// # Errors
    /// None; a call that comes too early changes nothing.
    pub(in crate::room) fn expire(
        &mut self,
        now: Now,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let opens = self.lock.count_down(now);
        if opens.is_some_and(|opens| opens <= now.elapsed) {
            self.unlock(effects);
        }
        self.announce_hidden(now, effects);
        Ok(())
    }
}
