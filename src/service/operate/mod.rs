//! What an operator has done from the command line.
//!
//! A [`Command`] is carried out in the same way whether the service runs or not: by a thread of its own, which reads
//! on a connection of its own and so disturbs nobody, and which has an [`Engine`](super::Engine) make each change. Long
//! work is a row of changes of a bounded size; each is committed before the next is asked for, so that the service goes
//! on in between. The engine is that of the running service, or one without a link, made for the command
//! ([`alone`]).
//!
//! To add a command: a variant of [`Command`], the [`Row`]s or the [`Outcome`] it answers with, its function beside
//! those in this folder, and if it changes anything a [`Change`].

mod acts;
mod alone;
mod answer;
mod arrive;
mod change;
mod clear;
mod command;
mod desk;
mod error;
mod import;
mod keep;
mod messages;
mod rooms;
mod supply;

#[cfg(test)]
mod tests;

pub use alone::{Alone, alone};
pub use answer::{ActRow, ImportOutcome, ImportedRow, MessageRow, Outcome, Reply, RoomRow, Row};
pub use change::{Change, Job, TakeOut};
pub use command::{Command, Keep, Matching, Moment, Removal, Words};
pub use desk::{Desk, Jobs};
pub use error::Error;
pub use supply::{Supplier, Supply, supply};

use crate::room::Timestamp;
use crate::store::ActQuestion;
pub(super) use change::Pending;
use desk::Hands;

/// Carries out a command, from its first row to its outcome.
fn carry_out(command: Command, hands: &mut Hands) -> Result<Outcome, Error> {
    match command {
        Command::ListRooms => rooms::list(hands),
        Command::ShowRoom { room } => rooms::show(hands, &room),
        Command::KeepRoom {
            room,
            days,
            messages,
            dry_run,
        } => keep::keep(hands, &room, (days, messages), dry_run),
        Command::ClearRoom {
            room,
            before,
            dry_run,
        } => clear::clear(hands, &room, before, dry_run),
        Command::Import {
            skip_existing,
            dry_run,
        } => import::import(hands, skip_existing, dry_run),
        Command::RemoveMessages(removal) => messages::remove(hands, &removal),
        Command::ListActs {
            room,
            after,
            before,
        } => acts::list(
            hands,
            &ActQuestion {
                room,
                after: after.map(|moment| Timestamp(moment.0)),
                before: before.map(|moment| Timestamp(moment.0)),
            },
        ),
    }
}
