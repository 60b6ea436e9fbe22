//! `room`: the rooms of a pool.

use super::table;

mod address;
mod clear;
pub(super) mod flags;
mod keep;
mod list;
mod make;
mod own;
mod remove;
mod set;

use clear::ClearRoom;
use keep::KeepRoom;
use list::{ListRooms, ShowRoom};
use make::MakeRoom;
use own::{ListManagedRooms, ListOwnRooms};
use remove::RemoveRoom;
use set::SetRoom;

table! {
    /// What there is to be done with rooms.
    RoomWish {
        New(MakeRoom),
        Set(SetRoom),
        Remove(RemoveRoom),
        List(ListRooms),
        Mine(ListOwnRooms),
        Managed(ListManagedRooms),
        Show(ShowRoom),
        Clear(ClearRoom),
        Keep(KeepRoom),
    }
}
