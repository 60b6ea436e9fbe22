//! Rooms and their archives on the way from one place to another: as records, in JSON Lines, and
//! out of the data of other servers.
//!
//! [`record`] says what a room and its archive are, [`json_lines`] is how we write and read them,
//! and a [`Source`] gives them one by one, wherever they are, so that no archive is ever in memory
//! as a whole.
//!
//! Two things this module leaves to others: writing records into a database, and reading them out
//! of one.

mod cursor;
mod ejabberd;
mod item;
pub mod json_lines;
pub mod lync;
mod name;
mod prosody;
pub mod record;
mod remark;
mod rooms;
mod selection;
mod skipped;
mod source;

pub use item::{Error, SourceItem, SourceItems};
pub use remark::{Remark, RemarkKind};
pub use selection::RoomSelection;
pub use skipped::{Reason, Skipped};
pub use source::Source;
