//! `lyceum room`: the rooms of a pool.

use clap::{ArgGroup, Subcommand};
use jid::BareJid;
use serde::Serialize;

use super::confirm::{self, Consent};
use super::moment::Moment;
use super::print::{self, Printer};
use super::road::{self, RoomName};
use super::{Failure, Where};
use crate::config::{KEEP_DAYS_CEILING, KEEP_MESSAGES_CEILING, Pool};
use crate::service::operate::{self, Keep, Outcome, Reply, RoomRow, Row};

/// What there is to be done with rooms.
#[derive(Debug, Subcommand)]
pub enum RoomCommand {
    /// List the rooms: address, people inside, stanzas in the archive, time of the last, name
    List {
        #[command(flatten)]
        #[allow(missing_docs, reason = "the type's documentation says it")]
        place: Where,
    },
    /// Show one room: who is inside, how much its archive holds and from when, how long that is kept
    Show {
        #[command(flatten)]
        #[allow(missing_docs, reason = "the type's documentation says it")]
        place: Where,
        /// The room's address, or what stands in it before the @
        room: RoomName,
    },
    /// Remove the oldest messages of a room, up to and with a time; nothing is left of them
    Clear {
        #[command(flatten)]
        #[allow(missing_docs, reason = "the type's documentation says it")]
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
    },
    /// Set how long a room keeps what is said in it
    ///
    /// What it keeps no longer goes from the old end of its archive, when the service has time for it.
    #[command(group = ArgGroup::new("what").args(["days", "messages"]).required(true).multiple(true))]
    Keep {
        #[command(flatten)]
        #[allow(missing_docs, reason = "the type's documentation says it")]
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
    },
}

/// What was done, for a program.
#[derive(Debug, Serialize)]
struct Cleared {
    room: BareJid,
    messages: u64,
    dry_run: bool,
}

/// The same of what a room keeps.
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
pub(super) fn run(command: &RoomCommand) -> Result<(), Failure> {
    match command {
        RoomCommand::List { place } => list(place),
        RoomCommand::Show { place, room } => show(place, room),
        RoomCommand::Clear {
            place,
            room,
            before,
            dry_run,
            yes,
        } => {
            let pool = place.pool(Some(room))?;
            let wish = Wish {
                dry_run: *dry_run,
                yes: *yes,
                json: place.json,
            };
            clear(&pool, room.of(&pool), *before, wish)
        }
        RoomCommand::Keep {
            place,
            room,
            days,
            messages,
            dry_run,
            yes,
        } => {
            let pool = place.pool(Some(room))?;
            let wish = Wish {
                dry_run: *dry_run,
                yes: *yes,
                json: place.json,
            };
            keep(&pool, room.of(&pool), (*days, *messages), wish)
        }
    }
}

fn list(place: &Where) -> Result<(), Failure> {
    let pool = place.pool(None)?;
    let mut printer = Printer::new(place.json);
    road::carry_out(&pool, &operate::Command::ListRooms, &mut |reply| {
        printer.take(&reply, |row| match row {
            Row::Room(room) => line(room),
            Row::Imported(_) | Row::Message(_) | Row::Act(_) => String::new(),
        })
    })?;
    Ok(printer.finish()?)
}

/// How something is to be done.
#[derive(Clone, Copy, Debug)]
struct Wish {
    dry_run: bool,
    yes: bool,
    json: bool,
}

fn clear(pool: &Pool, room: BareJid, before: Moment, wish: Wish) -> Result<(), Failure> {
    let command = |dry_run| operate::Command::ClearRoom {
        room: room.clone(),
        before: before.0,
        dry_run,
    };
    if !wish.dry_run && confirm::consent(wish.yes)? == Consent::ToBeAsked {
        let messages = cleared(pool, &command(true))?;
        Consent::ToBeAsked.ask(&format!("Remove {messages} messages of {room}?"))?;
    }
    let messages = cleared(pool, &command(wish.dry_run))?;
    let text = match wish.dry_run {
        true => format!("{messages} messages; nothing was changed"),
        false => format!("Removed {messages} messages of {room}"),
    };
    let done = Cleared {
        room,
        messages,
        dry_run: wish.dry_run,
    };
    Ok(print::one(wish.json, &done, &text)?)
}

fn cleared(pool: &Pool, command: &operate::Command) -> Result<u64, Failure> {
    match outcome(pool, command)? {
        Outcome::Cleared { messages } => Ok(messages),
        Outcome::Told | Outcome::Kept { .. } | Outcome::Removed { .. } => Ok(0),
    }
}

fn keep(
    pool: &Pool,
    room: BareJid,
    (days, messages): (Option<Keep>, Option<Keep>),
    wish: Wish,
) -> Result<(), Failure> {
    let command = |dry_run| operate::Command::KeepRoom {
        room: room.clone(),
        days,
        messages,
        dry_run,
    };
    let mut kept = kept(outcome(pool, &command(true))?, &room);
    if !wish.dry_run {
        if kept.messages > 0 {
            let question = format!("Remove {} messages of {room} by that?", kept.messages);
            confirm::consent(wish.yes)?.ask(&question)?;
        }
        outcome(pool, &command(false))?;
    }
    kept.dry_run = wish.dry_run;
    let text = format!(
        "{room} keeps {} for {}; {} messages {}",
        number(kept.keep_messages, "all", "messages"),
        number(kept.keep_days, "ever", "days"),
        kept.messages,
        if wish.dry_run { "would go" } else { "go" },
    );
    Ok(print::one(wish.json, &kept, &text)?)
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

/// Has a command carried out that gives no rows.
fn outcome(pool: &Pool, command: &operate::Command) -> Result<Outcome, Failure> {
    let mut printer = Printer::quiet();
    let outcome = road::carry_out(pool, command, &mut |reply| {
        printer.take(&reply, |_| String::new())
    });
    printer.finish()?;
    outcome
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

/// A number that stands for something else when it is 0.
fn number(number: u32, none: &str, unit: &str) -> String {
    match number {
        0 => none.to_owned(),
        number => format!("{number} {unit}"),
    }
}

/// One room in a line.
fn line(room: &RoomRow) -> String {
    let RoomRow {
        room,
        name,
        occupants,
        messages,
        last,
        ..
    } = room;
    let last = last.as_deref().unwrap_or("-");
    format!("{room}\t{occupants}\t{messages}\t{last}\t{name}")
}

fn show(place: &Where, room: &RoomName) -> Result<(), Failure> {
    let pool = place.pool(Some(room))?;
    let command = operate::Command::ShowRoom {
        room: room.of(&pool),
    };
    let mut found = None;
    road::carry_out(&pool, &command, &mut |reply| {
        if let Reply::Row(Row::Room(room)) = reply {
            found = Some(room);
        }
        Ok(())
    })?;
    match found {
        Some(room) => Ok(print::one(place.json, &room, &description(&room))?),
        None => Ok(()),
    }
}

/// One room in many lines.
fn description(room: &RoomRow) -> String {
    let time = |time: &Option<String>| time.as_deref().unwrap_or("-").to_owned();
    let lines = [
        ("room", room.room.to_string()),
        ("name", room.name.clone()),
        ("people inside", room.occupants.to_string()),
        ("messages", room.messages.to_string()),
        ("first", time(&room.first)),
        ("last", time(&room.last)),
        ("kept for", number(room.keep_days, "ever", "days")),
        (
            "kept at most",
            number(room.keep_messages, "all", "messages"),
        ),
        (
            "content",
            format!("{} bytes", room.content_bytes.unwrap_or(0)),
        ),
    ];
    let lines = lines.map(|(key, value)| format!("{key:<14} {value}").trim_end().to_owned());
    lines.join("\n")
}
