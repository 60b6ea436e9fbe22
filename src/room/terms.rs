//! The terms under which a room lives: what the service lays down for it, as opposed to what its
//! owners set.
//!
//! The directory makes them, and a room is handed them when it wakes. Rooms under the same terms
//! share them: those of one category.

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::{BareJid, DomainPart};

use super::Affiliation;
use super::Lengths;
use super::scope::{Categories, CategoryTerms};
use super::setting::addin::AddIns;

/// Who may destroy a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RoomDelete {
    /// Whoever owns it may, and every operator. §10.9 (#destroyroom).
    #[default]
    Managers,
    /// None but operators may.
    Operators,
}

/// What holds in a room whatever its owners want.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Who may do everything in every room, as its owner may.
    pub operators: Arc<BTreeSet<BareJid>>,
    /// The domains whose users the service is for.
    pub served: Arc<BTreeSet<DomainPart>>,
    /// The category that the room is in.
    pub category: Arc<CategoryTerms>,
    /// All categories of the pool.
    pub categories: Arc<Categories>,
    /// Maximum number of messages that a room sends on entering.
    pub history_ceiling: u32,
    /// Maximum number of sessions that one person has in the room.
    pub sessions_per_person_max: usize,
    /// Number of admins and owners who still get into a full room. §7.2.9 (#enter-maxusers).
    pub reserve_for_admins: u32,
    /// How long a new room waits for its configuration, in seconds; after that it opens as it is.
    pub unlock_after_s: i64,
    /// How long a person waits before they ask again for voice, or to be registered, in seconds.
    pub voice_request_interval_s: i64,
    /// Maximum number of people invited at once, and of changes made in one request.
    pub items_max: usize,
    /// Maximum number of entries in each list of the room; a list that is brought from elsewhere
    /// may be longer.
    pub lists_max: Lengths,
    /// Maximum number of corrections of one message. XEP-0308.
    pub corrections_max: u32,
    /// Who may destroy the room, and so all that was said in it.
    pub room_delete: RoomDelete,
    /// The add-ins that are registered, of which the room may have one.
    pub addins: Arc<AddIns>,
}

impl Terms {
    /// Whether the room is for somebody at all: whoever is out of its category's scope gets what a
    /// room gives that is not there. Operators are in scope everywhere.
    pub fn is_in_scope(&self, person: &BareJid) -> bool {
        self.category.scope.contains(person) || self.operators.contains(person)
    }

    /// Whether an address may stand in a list of the room that gives something: that of somebody
    /// who is in scope, or of a domain of which somebody may be.
    pub fn admits(&self, address: &BareJid) -> bool {
        self.category.scope.admits(address) || self.operators.contains(address)
    }

    /// The same pool's terms for a room in another category.
    #[must_use]
    pub fn in_category(&self, category: Arc<CategoryTerms>) -> Self {
        Self {
            category,
            ..self.clone()
        }
    }

    /// Whether an entry of a list has effect. An operator's has none (they may have become one
    /// after they were listed), and neither has a domain's that gives the power of a person, nor
    /// what is given to somebody out of scope.
    pub fn honours(&self, jid: &BareJid, affiliation: Affiliation) -> bool {
        if self.operators.contains(jid) {
            return affiliation == Affiliation::Owner;
        }
        if affiliation > Affiliation::None && !self.category.scope.admits(jid) {
            return false;
        }
        jid.node().is_some() || affiliation <= Affiliation::Member
    }
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            operators: Arc::default(),
            served: Arc::default(),
            category: Arc::default(),
            categories: Arc::default(),
            history_ceiling: 500,
            sessions_per_person_max: 20,
            reserve_for_admins: 50,
            unlock_after_s: 600,
            voice_request_interval_s: 60,
            items_max: 1000,
            lists_max: Lengths::limits(),
            corrections_max: 1000,
            room_delete: RoomDelete::Managers,
            addins: Arc::default(),
        }
    }
}
