//! The time, as the engine is told it.

use std::sync::LazyLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::room::{Elapsed, Now, Timestamp};

/// When it was first asked what time it is.
static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);

/// This moment, by the machine's calendar, which may be set, and by its clock that nobody sets.
pub fn now() -> Now {
    // Asked for first, lest the very first answer be of a moment before the beginning.
    let beginning = *BEGINNING;
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Now {
        at: Timestamp(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX)),
        elapsed: Elapsed(i64::try_from(beginning.elapsed().as_micros()).unwrap_or(i64::MAX)),
    }
}
