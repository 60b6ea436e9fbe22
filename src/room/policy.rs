//! What the service lays down for every room; the same for all, shared.

use std::collections::BTreeSet;

use jid::{BareJid, DomainPart};

use super::Affiliation;
use super::administering::lists::{Lengths, List};

/// The rules that come from the configuration file rather than from a room's owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Who may do everything in every room, as its owner may.
    pub operators: BTreeSet<BareJid>,
    /// The domains whose users the service is for.
    pub served: BTreeSet<DomainPart>,
    /// No room may send more messages on entering than so many.
    pub history_ceiling: u32,
    /// No person may have more sessions in a room.
    pub sessions_per_person_max: usize,
    /// So many admins and owners still get into a full room. §7.2.9 (#enter-maxusers).
    pub reserve_for_admins: u32,
    /// How long a new room waits for its configuration, in seconds; then it opens as it is.
    pub unlock_after_s: i64,
    /// How long somebody waits before asking again for voice, or to be registered, in seconds.
    pub voice_request_interval_s: i64,
    /// At most so many people are invited at once, and so many changes made in one request.
    pub items_max: usize,
    /// No list of a room may have more entries; what is brought from elsewhere may.
    pub lists_max: Lengths,
    /// No message may have more corrections. XEP-0308.
    pub corrections_max: u32,
}

impl Policy {
    /// Whether an entry of a list holds. Without effect are those of operators, who may have become ones after they were
    /// listed, and of domains with the power of people.
    pub fn honours(&self, jid: &BareJid, affiliation: Affiliation) -> bool {
        if self.operators.contains(jid) {
            return affiliation == Affiliation::Owner;
        }
        jid.node().is_some() || affiliation <= Affiliation::Member
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            operators: BTreeSet::new(),
            served: BTreeSet::new(),
            history_ceiling: 500,
            sessions_per_person_max: 20,
            reserve_for_admins: 50,
            unlock_after_s: 600,
            voice_request_interval_s: 60,
            items_max: 1000,
            lists_max: default_lists_max(),
            corrections_max: 1000,
        }
    }
}

/// More than any organisation has been seen to need.
fn default_lists_max() -> Lengths {
    let mut most = Lengths::default();
    for list in List::ALL {
        let entries = match list {
            List::Owners | List::Admins => 1_000,
            List::Outcasts | List::Voices => 20_000,
            List::Members | List::Registrations => 100_000,
        };
        most.set(list, entries);
    }
    most
}
