//! How much history a newcomer gets. XEP-0045 §7.2.13 (#enter-history), §7.2.14
//! (#enter-managehistory).
//!
//! The room decides the limits; the messages lie in the archive, and only who encodes them can
//! count characters. So the room's part ends with [`HistoryLimits`].

use crate::room::request::HistoryRequest;
use crate::room::{Room, Timestamp};

/// What is to be sent of the archive: the newest messages that meet all of these, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLimits {
    /// Maximum number of messages.
    pub messages_max: u32,
    /// Maximum number of characters of whole stanzas; `None`: no limit.
    pub characters_max: Option<u64>,
    /// None from before; `None`: no limit.
    pub since: Option<Timestamp>,
}

impl Room {
    /// What a newcomer gets who asks for this much: the smallest amount that meets every wish and
    /// the room's own bound. `None` when that is nothing, or the category has no history. XEP-0045
    /// §7.2.14 (#enter-managehistory).
    pub(in crate::room) fn history_limits(
        &self,
        now: Timestamp,
        request: &HistoryRequest,
    ) -> Option<HistoryLimits> {
        let recent = request
            .seconds
            .map(|seconds| now.minus_seconds(i64::try_from(seconds).unwrap_or(i64::MAX)));
        if !self.door().has_history() {
            return None;
        }
        // The service's bound may have become lower than what the room was given once.
        let bound = self
            .configuration
            .history_max
            .min(self.terms.history_ceiling);
        let messages_max = request.maxstanzas.map_or(bound, |wish| wish.min(bound));
        let limits = HistoryLimits {
            messages_max,
            characters_max: request.maxchars,
            since: recent.max(request.since),
        };
        (limits.messages_max > 0 && limits.characters_max != Some(0)).then_some(limits)
    }
}
