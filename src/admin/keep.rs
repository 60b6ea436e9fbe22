//! `lyceum room keep`: how long a room keeps what is said in it.

use clap::{ArgGroup, Args};
use jid::BareJid;
use serde::Serialize;

use super::print::{self, counted, number};
use super::road::{self, RoomName};
use super::text::Text;
use super::{Failure, Where, confirm};
use crate::command::{self, Keep, Outcome};
use crate::config::{KEEP_DAYS_CEILING, KEEP_MESSAGES_CEILING};

/// What `lyceum room keep` is told.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").args(["days", "messages"]).required(true).multiple(true))]
pub struct KeepCommand {
    #[command(flatten)]
    place: Where,
    /// The room's address, or what stands in it before the @
    room: RoomName,
    /// For how many days, 1 to 36525; `forever`; or `default`: as the configuration says
    #[arg(long, value_name = "NUMBER", value_parser = days)]
    days: Option<Keep>,
    /// How many messages, the newest, 1 to 1000000000; `unlimited`; or `default`: as the configuration says
    #[arg(long, value_name = "NUMBER", value_parser = messages)]
    messages: Option<Keep>,
    /// Change nothing, and tell how many messages would go
    #[arg(long)]
    dry_run: bool,
    /// Don't ask
    #[arg(long)]
    yes: bool,
}

/// What a room keeps, for a program.
#[derive(Debug, Serialize)]
struct Kept {
    room: BareJid,
    /// 0: for ever.
    keep_days: u32,
    /// 0: all.
    keep_messages: u32,
    /// How many go.
    messages: u64,
    dry_run: bool,
}

/// Does what the command line says.
///
/// # Errors
/// [`Failure`]
pub(super) fn run(wish: &KeepCommand) -> Result<(), Failure> {
    let pool = wish.place.pool(Some(&wish.room))?;
    let room = wish.room.of(&pool);
    let command = |dry_run| command::Command::KeepRoom {
        room: room.clone(),
        days: wish.days,
        messages: wish.messages,
        dry_run,
    };
    let mut kept = kept(road::outcome(&pool, &command(true))?, &room);
    if !wish.dry_run {
        if kept.messages > 0 {
            let question = format!(
                "Remove {} of {room} by that?",
                counted(kept.messages, "message")
            );
            confirm::consent(wish.yes)?.ask(&question)?;
        }
        road::outcome(&pool, &command(false))?;
    }
    kept.dry_run = wish.dry_run;
    let text = format!(
        "{room} keeps {} for {}; {} {}",
        number(kept.keep_messages, "all", "message"),
        number(kept.keep_days, "ever", "day"),
        counted(kept.messages, "message"),
        match kept.messages {
            _ if wish.dry_run => "would go",
            1 => "goes",
            _ => "go",
        },
    );
    Ok(print::one(wish.place.json, &kept, &Text::line(text))?)
}

fn kept(outcome: Outcome, room: &BareJid) -> Kept {
    let (keep_days, keep_messages, messages) = match outcome {
        Outcome::Kept {
            keep_days,
            keep_messages,
            messages,
        } => (keep_days, keep_messages, messages),
        Outcome::Told | Outcome::Cleared { .. } | Outcome::Removed { .. } => (0, 0, 0),
    };
    Kept {
        room: room.clone(),
        keep_days,
        keep_messages,
        messages,
        dry_run: true,
    }
}

fn days(text: &str) -> Result<Keep, String> {
    keep_of(text, "forever", KEEP_DAYS_CEILING)
}

fn messages(text: &str) -> Result<Keep, String> {
    keep_of(text, "unlimited", KEEP_MESSAGES_CEILING)
}

/// A number from 1 to the ceiling, or a word for all, or for what the configuration says.
fn keep_of(text: &str, all: &str, ceiling: u32) -> Result<Keep, String> {
    match text.parse() {
        _ if text == "default" => Ok(Keep::Default),
        _ if text == all => Ok(Keep::Exactly(0)),
        Ok(number) if (1..=ceiling).contains(&number) => Ok(Keep::Exactly(number)),
        _ => Err(format!(
            "write a number from 1 to {ceiling}, `{all}` or `default`"
        )),
    }
}
