//! Everything that can happen to the directory.

use std::sync::Arc;

use jid::BareJid;

use super::{Category, CategoryWish, GroupNews, KeptAddIns, RoomRetention, Site, Stretch};
use crate::room::setting::addin::{AddIn, AddInId};

/// One thing that happens to the directory, with what the store knows of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// The service has started, or has to go on from what is stored.
    Begin {
        /// Under which operators the people in rooms are; empty when that is not known.
        governed: Vec<Stretch>,
        /// All categories there are.
        categories: Vec<Category>,
        /// What was known last of groups from outside.
        groups: [GroupNews; 2],
        /// All that are registered.
        addins: KeptAddIns,
    },
    /// Rooms have been governed anew, as [`Effect::Govern`](super::Effect::Govern) has asked.
    Governed {
        /// All up to this one, in the order of addresses; `None`: all that there are.
        up_to: Option<BareJid>,
    },
    /// Somebody wants something of a room, and there is none.
    Seek {
        /// Who wants it.
        person: BareJid,
        /// The address of the room.
        site: Site,
    },
    /// Somebody enters where there is no room, and so wants to create it. XEP-0045 §10.1.1
    /// (#createroom-general).
    Create {
        /// The person who enters.
        creator: BareJid,
        /// How many of the rooms that are there, or whose graves are, they have created.
        created: u64,
        /// The address where they enter.
        site: Site,
    },
    /// Groups have changed outside.
    Learn(GroupNews),
    /// An operator registers an add-in.
    NewAddIn(AddIn),
    /// An operator gives an add-in another name or address.
    SetAddIn {
        /// What people call it until now.
        addin: Arc<str>,
        /// What they call it from now on.
        new_name: Option<Arc<str>>,
        /// Where it is from now on.
        url: Option<Arc<str>>,
    },
    /// An operator removes an add-in.
    RemoveAddIn {
        /// What people call it.
        addin: Arc<str>,
        /// How many rooms have it.
        rooms: u64,
    },
    /// People were told that an add-in has changed.
    AddInTold {
        /// Of which add-in.
        addin: AddInId,
        /// In all rooms up to this one, in the order of addresses; `None`: in all.
        up_to: Option<BareJid>,
    },
    /// An operator sets how long one room keeps what is said in it.
    Keep {
        /// An address at which there is a room.
        room: BareJid,
        /// What the room says from now on.
        keep: RoomRetention,
    },
    /// An operator makes a category.
    MakeCategory(CategoryWish),
    /// An operator changes a category.
    SetCategory {
        /// Its name, compared without case.
        name: Arc<str>,
        /// What is to be another.
        wish: CategoryWish,
    },
    /// An operator removes a category.
    RemoveCategory {
        /// Its name, compared without case.
        name: Arc<str>,
        /// How many rooms are in it.
        rooms: u64,
    },
    /// The calendar was set, or is believed again, so that other things are due.
    CalendarSet,
    /// [`Directory::next_deadline`](super::Directory::next_deadline) has come.
    Expire,
}
