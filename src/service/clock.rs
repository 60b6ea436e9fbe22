//! The time, as the engine is told it.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::room::Timestamp;

/// The time of the machine.
pub fn now() -> Timestamp {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
}

/// Time that never goes back, though the machine's clock may be set: the order of what was said must stay.
#[derive(Debug)]
pub struct Forward {
    latest: Timestamp,
}

impl Forward {
    /// Starts at this moment.
    pub fn from(start: Timestamp) -> Self {
        Self { latest: start }
    }

    /// The latest moment that was seen.
    pub fn latest(&self) -> Timestamp {
        self.latest
    }

    /// This moment, or the latest that was seen if that is later.
    pub fn at(&mut self, now: Timestamp) -> Timestamp {
        self.latest = self.latest.max(now);
        self.latest
    }
}
