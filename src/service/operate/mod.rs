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

mod alone;
mod answer;
mod change;
mod command;
mod desk;
mod error;
mod rooms;

pub use alone::{Alone, alone};
pub use answer::{Outcome, Reply, RoomRow, Row};
pub use change::{Change, Job};
pub use command::Command;
pub use desk::{Desk, Jobs};
pub use error::Error;

pub(super) use change::Pending;
use desk::Hands;

/// Carries out a command, from its first row to its outcome.
fn carry_out(command: Command, hands: &Hands) -> Result<Outcome, Error> {
    match command {
        Command::ListRooms => rooms::list(hands),
        Command::ShowRoom { room } => rooms::show(hands, &room),
    }
}
