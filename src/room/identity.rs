//! The small values that come in from outside: the time, and ids made by chance.

use std::fmt;
use std::sync::Arc;

/// A moment by the calendar: microseconds since 1970-01-01 00:00 UTC.
///
/// It is for what is written down and told. The clock behind it may be set, forward and back, so
/// nothing may wait for it: what waits, or fills with time, goes by [`Elapsed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The moment that many seconds later.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// The moment that many seconds earlier.
    pub fn minus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_sub(seconds.saturating_mul(1_000_000)))
    }
}

/// A moment by a clock that nobody can set: microseconds since this process began.
///
/// It says nothing after a restart, so it is never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Elapsed(pub i64);

impl Elapsed {
    /// When the process began: whatever is due then is due at once.
    pub const BEGINNING: Self = Self(0);

    /// The moment that many seconds later.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// How long ago another moment was, in microseconds; 0 when it is still to come.
    pub fn micros_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).max(0)
    }
}

/// This moment, by both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// What the calendar says. It may have been set a moment ago.
    pub at: Timestamp,
    /// How long the process has run.
    pub elapsed: Elapsed,
}

impl Now {
    /// A moment at which both clocks tell the same number, for whoever needs only one of them and
    /// for tests.
    pub fn in_step(at: Timestamp) -> Self {
        Self {
            at,
            elapsed: Elapsed(at.0),
        }
    }

    /// The moment that many seconds later by both clocks.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self {
            at: self.at.plus_seconds(seconds),
            elapsed: self.elapsed.plus_seconds(seconds),
        }
    }
}

/// The lasting id of an archived message, its stanza id. XEP-0359. Unique everywhere, made by the
/// service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArchiveId(pub Arc<str>);

impl fmt::Display for ArchiveId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
