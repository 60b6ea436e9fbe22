//! Memory that a burst has needed goes back to the system when it is over.
//!
//! The allocator of the GNU C library keeps what was freed for the next time; after a thousand
//! people have entered a room, or ten thousand rooms have gone to sleep, that is most of what the
//! process holds. So when a second has passed without work, it is told to give back what it keeps.

use std::time::{Duration, Instant};

/// How much was done since memory was last given back.
#[derive(Debug)]
pub struct Bustle {
    bytes: usize,
    last: Instant,
}

/// Number of bytes of stanzas below which nothing is left behind that is worth the trouble.
const BYTES_MIN: usize = 1024 * 1024;
/// How long it has to be quiet.
const QUIET: Duration = Duration::from_secs(1);

impl Bustle {
    /// Nothing was done yet.
    pub fn none() -> Self {
        Self {
            bytes: 0,
            last: Instant::now(),
        }
    }

    /// Adds the size of stanzas that were made, in bytes.
    pub fn add(&mut self, bytes: usize) {
        if bytes > 0 {
            self.bytes += bytes;
            self.last = Instant::now();
        }
    }

    /// For how long to sleep at most, so that [`Self::rest`] is called in time.
    pub fn pause(&self, pause: Duration) -> Duration {
        if self.bytes < BYTES_MIN {
            return pause;
        }
        pause.min(QUIET)
    }

    /// Gives memory back if it has been quiet for long enough after much was done.
    pub fn rest(&mut self) {
        if self.bytes >= BYTES_MIN && self.last.elapsed() >= QUIET {
            self.bytes = 0;
            give_back();
        }
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn give_back() {
    // SAFETY: malloc_trim(3) may be called at any time from any thread; it touches only what is
    // free.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Other allocators give memory back by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn give_back() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_given_back_once_after_a_burst() {
        let mut bustle = Bustle::none();
        let hour = Duration::from_secs(3600);
        bustle.add(10);
        assert_eq!(bustle.pause(hour), hour);
        bustle.add(BYTES_MIN);
        assert_eq!(bustle.pause(hour), QUIET);
        bustle.rest();
        assert_eq!(bustle.pause(hour), QUIET, "it was not quiet yet");
        bustle.last -= QUIET;
        bustle.rest();
        assert_eq!(bustle.pause(hour), hour);
    }
}
