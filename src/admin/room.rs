//! `lyceum room`: the rooms of a pool.

use clap::Subcommand;

use super::clear::{self, ClearCommand};
use super::keep::{self, KeepCommand};
use super::print::{self, Printer, counted, number};
use super::road::{self, RoomName};
use super::table::Column;
use super::text::Text;
use super::{Failure, Where};
use crate::command::{self, Reply, RoomRow, Row};
use crate::time;

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
    Clear(ClearCommand),
    /// Set how long a room keeps what is said in it
    ///
    /// What it keeps no longer goes from the old end of its archive, when the service has time for it.
    Keep(KeepCommand),
}

/// Does what the command line says.
///
/// # Errors
/// [`Failure`]
pub(super) fn run(command: &RoomCommand) -> Result<(), Failure> {
    match command {
        RoomCommand::List { place } => list(place),
        RoomCommand::Show { place, room } => show(place, room),
        RoomCommand::Clear(command) => clear::run(command),
        RoomCommand::Keep(command) => keep::run(command),
    }
}

fn list(place: &Where) -> Result<(), Failure> {
    let pool = place.pool(None)?;
    let mut printer = Printer::new(place.json, COLUMNS);
    road::carry_out(&pool, &command::Command::ListRooms, &mut |reply| {
        printer.take(&reply, |row| match row {
            Row::Room(room) => cells(room),
            Row::Imported(_) | Row::Message(_) | Row::Act(_) => Vec::new(),
        })
    })?;
    Ok(printer.finish("There are no rooms.")?)
}

const COLUMNS: &[Column] = &[
    Column::Words("ROOM"),
    Column::Number("INSIDE"),
    Column::Number("MESSAGES"),
    Column::Words("LAST"),
    Column::Words("NAME"),
];

fn cells(room: &RoomRow) -> Vec<String> {
    let last = room.last.as_deref().map_or("-".to_owned(), time::local);
    vec![
        room.room.to_string(),
        room.occupants.to_string(),
        room.messages.to_string(),
        last,
        room.name.clone(),
    ]
}

fn show(place: &Where, room: &RoomName) -> Result<(), Failure> {
    let pool = place.pool(Some(room))?;
    let command = command::Command::ShowRoom {
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
fn description(room: &RoomRow) -> Text {
    let time = |time: &Option<String>| time.as_deref().map_or("-".to_owned(), time::local);
    let lines = [
        ("room", room.room.to_string()),
        ("name", room.name.clone()),
        ("people inside", room.occupants.to_string()),
        ("messages", room.messages.to_string()),
        ("first", time(&room.first)),
        ("last", time(&room.last)),
        ("kept for", number(room.keep_days, "ever", "day")),
        ("kept at most", number(room.keep_messages, "all", "message")),
        ("content", counted(room.content_bytes.unwrap_or(0), "byte")),
    ];
    let lines = lines.map(|(key, value)| format!("{key:<14} {value}").trim_end().to_owned());
    Text::lines(lines)
}
