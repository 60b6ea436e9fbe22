//! How long a question may take.
//!
//! SQLite asks now and then whether it shall go on, and gives up when the time is over: wherever it
//! is, also in the middle of a list of words.

use std::ffi::c_int;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::{Connection, Result};

/// The patience of a thread that answers one question after the other on a connection of its own.
#[derive(Clone, Debug)]
pub(in crate::store) struct Patience(Arc<SharedPatience>);

#[derive(Debug)]
struct SharedPatience {
    /// In microseconds, as all that follows.
    limit: AtomicU64,
    base: Instant,
    /// When the question that is being answered has had its time, since the base.
    end: AtomicU64,
    is_lost: AtomicBool,
}

impl Patience {
    /// Lets a connection give up what takes longer than this.
    pub fn on(connection: &mut Connection, limit: Duration) -> Result<Self> {
        let patience = Self(Arc::new(SharedPatience {
            limit: AtomicU64::new(micros(limit)),
            base: Instant::now(),
            end: AtomicU64::new(u64::MAX),
            is_lost: AtomicBool::new(false),
        }));
        let asked = patience.clone();
        connection.progress_handler(OPERATIONS, Some(move || asked.ends()))?;
        Ok(patience)
    }

    /// The time of a question begins.
    pub fn begin(&self) {
        let now = micros(self.0.base.elapsed());
        let limit = self.0.limit.load(Ordering::Relaxed);
        self.0.is_lost.store(false, Ordering::Relaxed);
        self.0
            .end
            .store(now.saturating_add(limit), Ordering::Relaxed);
    }

    /// The question is answered, or given up; tells whether it was given up.
    pub fn end(&self) -> bool {
        self.0.end.store(u64::MAX, Ordering::Relaxed);
        self.0.is_lost.load(Ordering::Relaxed)
    }

    /// Changes how long one may take.
    #[cfg(test)]
    pub fn change(&self, limit: Duration) {
        self.0.limit.store(micros(limit), Ordering::Relaxed);
    }

    fn ends(&self) -> bool {
        let is_over = micros(self.0.base.elapsed()) >= self.0.end.load(Ordering::Relaxed);
        if is_over {
            self.0.is_lost.store(true, Ordering::Relaxed);
        }
        is_over
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Number of its operations after which SQLite asks: some ten microseconds.
const OPERATIONS: c_int = 1_000;
