//! The rooms of Lync Server 2013 and Skype for Business Server 2015 Persistent Chat, as the queries
//! of `docs/lync-export.sql` take them out of its database.
//!
//! What is built on is the published schema of the database; nobody who wrote this has seen a real
//! one. So what is not documented is kept as it is, taken for what lets the fewest in, and told.
//!
//! What comes over: categories with their lists and switches, rooms with their settings, people and
//! add-ins, and all that was said under ids that are the same each time. A room is known again by
//! the id that its old address had ([`origin`]), so a later export adds only what is new. Who has
//! no address here ([`Mapping`]) is left out of lists, and what they have said comes under their
//! name and an address that belongs to nobody.
//!
//! What stays behind: formatting, files, pending invitations, who followed what, compliance
//! records.

mod access;
mod address;
mod chat;
mod content;
mod enums;
mod export;
pub(super) mod fault;
mod lines;
mod mapping;
mod message;
mod node;
mod pool;
mod principal;
mod role;
mod room;
pub(super) mod row;
mod table;
mod ticks;

pub(super) use export::LyncExport;
pub use mapping::{Mapping, UnfitMapping, UnmappedGroups};
