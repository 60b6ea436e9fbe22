//! `lyceum room clear`: the oldest messages of a room go.

use clap::Args;
use jid::BareJid;
use serde::Serialize;

use super::confirm::{self, Consent};
use super::print::counted;
use super::road::{self, RoomName};
use super::text::Text;
use super::{Failure, Where, print};
use crate::command::{self, Moment, Outcome};
use crate::config::Pool;

/// What `lyceum room clear` is told.
#[derive(Debug, Args)]
pub struct ClearCommand {
    #[command(flatten)]
    place: Where,
    /// The room's address, or what stands in it before the @
    room: RoomName,
    /// The time: 2026-11-21 (its first moment, in UTC) or 2026-11-21T14:30:00Z
    #[arg(long, value_name = "TIME")]
    before: Moment,
    /// Change nothing, and tell how many messages would go
    #[arg(long)]
    dry_run: bool,
    /// Don't ask
    #[arg(long)]
    yes: bool,
}

/// What was done, for a program.
#[derive(Debug, Serialize)]
struct Cleared {
    room: BareJid,
    messages: u64,
    dry_run: bool,
}

/// Does what the command line says.
///
/// # Errors
/// [`Failure`]
pub(super) fn run(wish: &ClearCommand) -> Result<(), Failure> {
    let pool = wish.place.pool(Some(&wish.room))?;
    let room = wish.room.of(&pool);
    let command = |dry_run| command::Command::ClearRoom {
        room: room.clone(),
        before: wish.before,
        dry_run,
    };
    if !wish.dry_run && confirm::consent(wish.yes)? == Consent::ToBeAsked {
        let messages = cleared(&pool, &command(true))?;
        Consent::ToBeAsked.ask(&format!(
            "Remove {} of {room}?",
            counted(messages, "message")
        ))?;
    }
    let messages = cleared(&pool, &command(wish.dry_run))?;
    let counted = counted(messages, "message");
    let text = match wish.dry_run {
        true => format!("{counted}; nothing was changed"),
        false => format!("Removed {counted} of {room}"),
    };
    let done = Cleared {
        room,
        messages,
        dry_run: wish.dry_run,
    };
    Ok(print::one(wish.place.json, &done, &Text::line(text))?)
}

fn cleared(pool: &Pool, command: &command::Command) -> Result<u64, Failure> {
    match road::outcome(pool, command)? {
        Outcome::Cleared { messages } => Ok(messages),
        Outcome::Told | Outcome::Kept { .. } | Outcome::Removed { .. } => Ok(0),
    }
}
