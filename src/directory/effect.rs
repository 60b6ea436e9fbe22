//! Everything the directory can ask for. As with a room's, effects are carried out in order, and
//! nobody is told of anything before it is committed.

use std::sync::Arc;

use jid::BareJid;

use super::{
    AddInNews, Among, Category, CategoryList, GroupNews, KeptAddIn, Retention, RoomRetention,
    Stretch,
};
use crate::room::Terms;
use crate::room::scope::{CategoryId, Principal};
use crate::room::setting::addin::AddInId;
use crate::room::setting::configuration::Configuration;

/// One thing the service is to do for the directory.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Keep this change of the directory.
    Save(Change),
    /// Create a room, and let its creator in.
    Create(Box<NewRoom>),
    /// Give each room that people are in its terms of today, one after the other in the order of
    /// their addresses, and tell how far that has come.
    Govern {
        /// The address after which to begin; `None`: with the first room.
        after: Option<BareJid>,
        /// Which rooms; others are passed by.
        among: Among,
    },
    /// Remove what rooms keep no longer.
    Expire {
        /// What holds in rooms that say nothing else.
        retention: Retention,
    },
}

/// A lasting change of the directory.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Under which operators, and by which scopes, the people in all rooms are, in the order of
    /// addresses.
    Governed(Vec<Stretch>),
    /// There is a category like this, lists left aside; if there is one with its number, it is that
    /// one.
    CategorySet(Box<Category>),
    /// A list of a category is another.
    CategoryListed {
        /// A category that there is.
        category: CategoryId,
        /// The list that is changed.
        list: CategoryList,
        /// Entries, each with whether it comes, or goes.
        entries: Vec<(Principal, bool)>,
    },
    /// There is no such category any more.
    CategoryRemoved(CategoryId),
    /// Groups are known to be these.
    Learned(GroupNews),
    /// An add-in is registered, or is another.
    AddIn(KeptAddIn),
    /// People know of an add-in's change.
    AddInTold {
        /// Of which add-in.
        id: AddInId,
        /// How far they know.
        news: AddInNews,
    },
    /// An add-in is registered no longer.
    AddInRemoved(AddInId),
    /// A room keeps what is said in it for this long.
    Kept {
        /// An address at which there is a room.
        room: BareJid,
        /// What it says.
        keep: RoomRetention,
    },
}

/// A room that is to be created.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRoom {
    /// The address that it will have.
    pub jid: BareJid,
    /// Who counts as its creator, and will be its owner.
    pub creator: BareJid,
    /// The terms under which it begins.
    pub terms: Arc<Terms>,
    /// What it is like at first.
    pub configuration: Configuration,
}
