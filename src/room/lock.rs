//! The lock of a new room. XEP-0045 §10.1 (#createroom), §7.2.10 (#enter-locked).
//!
//! A new room is open to its owner alone until he has configured it, or declined to. If he leaves before, the
//! room is gone; if he stays and says nothing, it opens as it is: many clients never ask for the form.

use std::sync::Arc;

use jid::FullJid;

use super::aftermath::ToldBy;
use super::destroy::{Destruction, Remains};
use super::effect::Answer;
use super::moderate::Planned;
use super::{Affiliation, Change, Effect, Policy, Refusal, Room, Timestamp};

/// Whether the room waits for its first configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lock {
    since: Option<Timestamp>,
    /// Copied from the policy when the lock was made, so that a deadline can be told without it.
    unlock_after_s: i64,
}

impl Lock {
    pub fn restore(since: Option<Timestamp>, policy: &Policy) -> Self {
        Self {
            since,
            unlock_after_s: policy.unlock_after_s,
        }
    }

    pub fn is_locked(&self) -> bool {
        self.since.is_some()
    }

    pub fn since(&self) -> Option<Timestamp> {
        self.since
    }

    /// When the room opens by itself.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.since
            .map(|since| since.plus_seconds(self.unlock_after_s))
    }
}

impl Room {
    /// Makes the room exist, locked, with its creator as owner. §10.1.1 (#createroom-general).
    pub(super) fn open_locked(
        &mut self,
        now: Timestamp,
        creator: &Arc<FullJid>,
        effects: &mut Vec<Effect>,
    ) {
        self.lock = Lock::restore(Some(now), &self.policy);
        effects.push(Effect::Save(Change::Created {
            configuration: Box::new(self.configuration.clone()),
            locked_since: Some(now),
        }));
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
        self.set_affiliation(now, None, owner, effects, &mut untold);
    }

    /// Opens the room to others. §10.1.2 (#createroom-instant).
    pub(super) fn unlock(&mut self, effects: &mut Vec<Effect>) {
        if self.lock.since.take().is_some() {
            effects.push(Effect::Save(Change::Unlocked));
        }
    }

    /// Cancels the configuration: a room that is still locked is gone. §10.1.3 (#createroom-reserved).
    ///
    /// # Errors
    /// - [`Refusal::NotPrivileged`]: the asker is no owner.
    pub(super) fn cancel_configuration(
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

    /// The deadline has come: the room opens as it is.
    ///
    /// # Errors
    /// None; a call that comes too early changes nothing.
    pub(super) fn expire(
        &mut self,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if self.lock.deadline().is_some_and(|deadline| deadline <= now) {
            self.unlock(effects);
        }
        Ok(())
    }
}
