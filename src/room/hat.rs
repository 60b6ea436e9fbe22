//! Hats: what somebody is to a room beside role and affiliation. XEP-0317.
//!
//! A room tells them of its occupants in their presence, and nowhere else: each element of a
//! message would be paid for by the server for every recipient.

use jid::BareJid;

use super::{Affiliation, Room};

/// What occupants are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hat {
    /// A manager of the room: an owner.
    Manager,
    /// A presenter of an auditorium.
    Presenter,
}

/// The hats of one occupant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hats {
    manages: bool,
    presents: bool,
}

impl Hats {
    /// Nobody's: of somebody who has left, for one.
    pub const NONE: Self = Self {
        manages: false,
        presents: false,
    };

    /// The hats, in the order in which they are told.
    pub fn iter(self) -> impl Iterator<Item = Hat> {
        let manager = self.manages.then_some(Hat::Manager);
        manager
            .into_iter()
            .chain(self.presents.then_some(Hat::Presenter))
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }
}

impl Hat {
    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Manager => "Manager",
            Self::Presenter => "Presenter",
        }
    }

    /// The name for programs.
    pub fn uri(self) -> &'static str {
        match self {
            Self::Manager => "urn:lyceum:0#manager",
            Self::Presenter => "urn:lyceum:0#presenter",
        }
    }
}

impl Room {
    /// The hats that somebody inside wears.
    pub(super) fn hats_of(&self, bare_jid: &BareJid) -> Hats {
        Hats {
            manages: self.affiliation_of(bare_jid) == Affiliation::Owner,
            presents: self.configuration.moderated && self.bonds.presents(bare_jid),
        }
    }
}
