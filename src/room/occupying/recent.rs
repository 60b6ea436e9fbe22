//! Who asked for something a moment ago, so that nobody makes others be asked again and again.

use std::collections::BTreeMap;

use jid::BareJid;

use crate::room::{Elapsed, Refusal};

/// The last time that each person asked. It is not kept over a restart, so two of them are always
/// equal.
#[derive(Clone, Debug, Default)]
pub(in crate::room) struct Recent {
    asked: BTreeMap<BareJid, Elapsed>,
}

impl Recent {
    /// Notes that somebody asks, who must not have done so within the interval.
    ///
    /// # Errors
    /// - [`Refusal::TooSoon`]: they asked a moment ago.
    pub fn ask(&mut self, now: Elapsed, who: &BareJid, interval_s: i64) -> Result<(), Refusal> {
        let is_recent = |asked: &Elapsed| asked.plus_seconds(interval_s) > now;
        if self.asked.get(who).is_some_and(is_recent) {
            return Err(Refusal::TooSoon);
        }
        self.asked.retain(|_, asked| is_recent(asked));
        self.asked.insert(who.clone(), now);
        Ok(())
    }
}

impl PartialEq for Recent {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Recent {}
