//! How far the walk through all rooms has come in which they are given other terms.

use jid::BareJid;

use crate::directory::Among;
use crate::room::Elapsed;
use crate::service::walk::Walk;

/// How far the rooms that people are in have been governed anew.
#[derive(Debug)]
pub struct Governing {
    pub(super) walk: Walk<BareJid>,
    /// Which of the rooms it governs.
    pub(super) among: Among,
    /// After a trouble it is tried again then.
    pub(super) not_before: Elapsed,
}

/// How long a trouble of the store is given to pass, in seconds.
const TROUBLE_S: i64 = 60;

impl Governing {
    /// No room is being governed.
    pub fn none() -> Self {
        Self {
            walk: Walk::none(),
            among: Among::All,
            not_before: Elapsed::BEGINNING,
        }
    }

    /// Begins with the rooms after this address.
    pub fn begin(&mut self, after: Option<BareJid>, among: Among) {
        self.among = among;
        self.walk.begin(after);
    }

    /// Waits for a trouble to pass.
    pub fn pause(&mut self, now: Elapsed) {
        self.not_before = now.plus_seconds(TROUBLE_S);
    }
}
