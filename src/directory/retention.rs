//! How long what was said is kept.

/// What holds in every room that says nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Nothing is kept for more days than these; 0: for ever.
    pub days: u32,
    /// No more stanzas are kept than these, the newest; 0: all.
    pub messages: u32,
}

/// What one room says; `None`: what holds for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoomRetention {
    /// Nothing is kept for more days than these; 0: for ever.
    pub days: Option<u32>,
    /// No more stanzas are kept than these, the newest; 0: all.
    pub messages: Option<u32>,
}

impl Retention {
    /// Maximum number of days for which messages can be kept without being kept for ever: a hundred years.
    pub const DAYS_MAX: u32 = 36_525;
    /// Maximum number of messages that can be kept without all being kept.
    pub const MESSAGES_MAX: u32 = 1_000_000_000;

    /// What holds in a room.
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
