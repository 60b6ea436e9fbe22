//! How the service carries out [`command`](crate::command)s: the thread that each runs on, and the
//! engine's part in what they change.
//!
//! The engine is that of the running service, or one without a link, made for the command
//! ([`offline`]).

mod arrive;
mod change;
mod offline;
mod order;
mod pending;
mod runner;

#[cfg(test)]
mod tests;

pub use offline::{Offline, offline};
pub use order::{CommandOrder, CommandOutcome};
pub use runner::{CommandRunner, Jobs};

pub(super) use order::{CommandFinding, CommandTask, Turn};
pub(super) use pending::Pending;
