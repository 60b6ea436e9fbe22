//! How long what was said is kept.

use jid::BareJid;

use super::{Change, Directory, Effect};
use crate::room::{Now, Refusal};

/// What holds in every room that says nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Maximum age of what is kept, in days; 0: any.
    pub days: u32,
    /// Maximum number of stanzas that are kept, the newest; 0: any.
    pub messages: u32,
}

/// What one room says; `None`: what holds for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoomRetention {
    /// Maximum age of what is kept, in days; 0: any.
    pub days: Option<u32>,
    /// Maximum number of stanzas that are kept, the newest; 0: any.
    pub messages: Option<u32>,
}

/// Interval between looks for what rooms keep no longer, in seconds.
const RETENTION_INTERVAL_S: i64 = 60 * 60;

impl Directory {
    /// Sets how long one room keeps what is said in it, and looks at once for what that is too
    /// much.
    ///
    /// # Errors
    /// None.
    pub(super) fn keep(
        &mut self,
        room: BareJid,
        keep: RoomRetention,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let retention = self.retention();
        effects.push(Effect::Save(Change::Kept { room, keep }));
        effects.push(Effect::Expire { retention });
        Ok(())
    }

    /// By another calendar, other messages are too old.
    ///
    /// # Errors
    /// None.
    pub(super) fn look_again(&mut self, now: Now) -> Result<(), Refusal> {
        self.retention_due = now.elapsed;
        Ok(())
    }

    /// Looks for what rooms keep no longer. A call that comes too early changes nothing.
    ///
    /// # Errors
    /// None.
    pub(super) fn expire(&mut self, now: Now, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        if self.retention_due <= now.elapsed {
            self.retention_due = now.elapsed.plus_seconds(RETENTION_INTERVAL_S);
            let retention = self.retention();
            effects.push(Effect::Expire { retention });
        }
        Ok(())
    }
}

impl Retention {
    /// Maximum number of days for which messages can be kept without being kept for ever: a hundred
    /// years.
    pub const DAYS_MAX: u32 = 36_525;
    /// Maximum number of messages that can be kept without all being kept.
    pub const MESSAGES_MAX: u32 = 1_000_000_000;

    /// What holds in a room that says this.
    #[must_use]
    pub fn unless(self, room: RoomRetention) -> Self {
        Self {
            days: room.days.unwrap_or(self.days),
            messages: room.messages.unwrap_or(self.messages),
        }
    }

    /// Whether nothing ever goes.
    pub fn is_endless(self) -> bool {
        self.days == 0 && self.messages == 0
    }
}
