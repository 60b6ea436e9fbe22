//! The one vocabulary: what operators can have done, each command told once.
//!
//! A [`Command`] is carried out in the same way whether the service runs or not: by a thread of its own, which reads
//! on a connection of its own and so disturbs nobody, and which has an engine make each change. Long work is a row of
//! changes of a bounded size; each is committed before the next is asked for, so that the service goes on in between.
//! Where that thread and that engine come from is told in [`service::operate`](crate::service::operate).

mod acts;
mod answer;
mod attachment;
mod change;
mod clear;
#[allow(clippy::module_inception, reason = "gone with the table of commands")]
mod command;
mod error;
mod import;
mod keep;
mod messages;
mod rooms;
mod tools;

pub use answer::{ActRow, ImportOutcome, ImportedRow, MessageRow, Outcome, Reply, RoomRow, Row};
pub use attachment::{Attachment, AttachmentWriter, attachment};
pub use change::{Change, Job, TakeOut};
pub use command::{Command, Keep, Matching, Moment, Removal, Words};
pub use error::Error;
pub use tools::{Environment, Tools};

use crate::room::Timestamp;
use crate::store::ActQuestion;

/// Carries out a command, from its first row to its outcome.
///
/// # Errors
/// Why it was not carried out, or only in part.
pub fn carry_out(command: Command, tools: &mut Tools) -> Result<Outcome, Error> {
    match command {
        Command::ListRooms => rooms::list(tools),
        Command::ShowRoom { room } => rooms::show(tools, &room),
        Command::KeepRoom {
            room,
            days,
            messages,
            dry_run,
        } => keep::keep(tools, &room, (days, messages), dry_run),
        Command::ClearRoom {
            room,
            before,
            dry_run,
        } => clear::clear(tools, &room, before, dry_run),
        Command::Import {
            skip_existing,
            dry_run,
        } => import::import(tools, skip_existing, dry_run),
        Command::RemoveMessages(removal) => messages::remove(tools, &removal),
        Command::ListActs {
            room,
            after,
            before,
        } => acts::list(
            tools,
            &ActQuestion {
                room,
                after: after.map(|moment| Timestamp(moment.0)),
                before: before.map(|moment| Timestamp(moment.0)),
            },
        ),
    }
}
