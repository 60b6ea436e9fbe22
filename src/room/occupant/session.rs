//! Sessions: the clients of those who are inside, and as what they are. XEP-0045 §4.1
//! (#terms-general).

use std::sync::Arc;

use jid::FullJid;

use crate::room::{Nick, OccupantId, Payload, Role, Timestamp};

/// One client of an occupant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its own address.
    pub real_jid: Arc<FullJid>,
    /// What it shows.
    pub presence: Payload,
    /// When it entered.
    pub entered_at: Timestamp,
    /// Sessions that enter later have higher numbers.
    pub(in crate::room) arrival: u64,
    /// Of two sessions under a nick, the higher number showed itself later.
    pub(in crate::room) shown: u64,
}

/// A session as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// Its own address.
    pub real_jid: Arc<FullJid>,
    /// Under which nick it is inside.
    pub nick: Nick,
    /// With which role.
    pub role: Role,
    /// The person's id in the room. XEP-0421.
    pub occupant_id: OccupantId,
    /// What it shows.
    pub presence: Payload,
    /// When it entered.
    pub entered_at: Timestamp,
    /// A number that grows with each time a session of the room shows itself.
    pub shown: u64,
    /// What that number was when it entered.
    pub arrival: u64,
    /// The occupant has been shown to the sessions whose arrival is below this number; `None`: to
    /// all. See `thinning.rs`.
    pub seen_below: Option<u64>,
}

/// Who asks, as the room knows them; a copy, so that the room can be changed meanwhile.
#[derive(Clone, Debug)]
pub struct Present {
    /// The nick as its owner spells it.
    pub nick: Nick,
    /// The session's address.
    pub real_jid: Arc<FullJid>,
    /// The person's id in the room.
    pub occupant_id: OccupantId,
    /// The role for this visit.
    pub role: Role,
}

/// As what somebody is inside, beside the nick.
pub(in crate::room) struct Manner {
    /// The role for this visit.
    pub role: Role,
    /// The id in the room.
    pub occupant_id: OccupantId,
    /// To which sessions they have been shown.
    pub seen_below: Option<u64>,
}
