//! Roles: what an occupant may do during this visit. XEP-0045 §5.1 (#roles).

use std::collections::BTreeSet;

/// An occupant's standing for one visit, lowest first, so that `<` compares power.
/// XEP-0045 §5.1 (#roles).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Not, or no longer, in the room.
    None,
    /// In a moderated room: hears, does not speak.
    Visitor,
    /// Has voice: may speak to all.
    Participant,
    /// Has voice, kicks, gives and takes voice.
    Moderator,
}

/// The roles somebody picked, as in `muc#roomconfig_presencebroadcast`.
pub type Roles = BTreeSet<Role>;

impl Role {
    /// Every role, lowest first.
    pub const ALL: [Self; 4] = [
        Self::None,
        Self::Visitor,
        Self::Participant,
        Self::Moderator,
    ];

    /// The name of the wire and of the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Visitor => "visitor",
            Self::Participant => "participant",
            Self::Moderator => "moderator",
        }
    }

    /// The role of that name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}
