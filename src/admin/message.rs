//! `lyceum message`: messages in the archives of rooms.

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use jid::BareJid;
use serde::Serialize;

use super::confirm::{self, Consent};
use super::print::{self, Printer, counted};
use super::road::{self, RoomName};
use super::table::Column;
use super::text::Text;
use super::{Failure, Where};
use crate::command::{self, ActRow, MessageRow, Moment, Outcome, Removal, Reply, Row};
use crate::config::Pool;
use crate::room::text::address;
use crate::time;

/// What stands in a message's place if nobody says anything else.
const NOTICE: &str = "This message was removed by the operator.";

/// What there is to be done with messages.
#[derive(Debug, Subcommand)]
pub enum MessageCommand {
    /// Remove messages: of each only its place, time and sender stay
    ///
    /// Everybody inside is told, as when a moderator takes a message back, and it is put on record.
    Remove(Conditions),
    /// Put a notice in the place of messages
    ///
    /// Everybody inside is told, as when a moderator takes a message back, and it is put on record.
    Replace {
        #[command(flatten)]
        #[allow(missing_docs, reason = "the type's documentation says it")]
        conditions: Conditions,
        /// The notice
        #[arg(long, value_name = "NOTICE", default_value = NOTICE)]
        text: String,
    },
    /// Show what is on record: which messages were removed, replaced or taken back by moderators, by
    /// whom, and why
    Acts {
        #[command(flatten)]
        #[allow(missing_docs, reason = "the type's documentation says it")]
        place: Where,
        /// Of this room alone, which need not exist any longer
        room: Option<RoomName>,
        /// Not before this time
        #[arg(long, value_name = "TIME")]
        after: Option<Moment>,
        /// Not later than this time
        #[arg(long, value_name = "TIME")]
        before: Option<Moment>,
    },
}

/// Which messages are meant: those that meet all conditions.
///
/// A time is a date, 2026-11-21, which is its first moment in UTC, or RFC 3339, 2026-11-21T14:30:00Z.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("where").args(["room", "all_rooms"]).required(true))]
#[command(group = ArgGroup::new("which").args(["author", "after", "before", "words", "id"])
    .required(true).multiple(true))]
pub struct Conditions {
    #[command(flatten)]
    place: Where,
    /// In this room: its address, or what stands in it before the @
    room: Option<RoomName>,
    /// In all rooms of the pool
    #[arg(long)]
    all_rooms: bool,
    /// Said by this person
    #[arg(long, value_name = "JID", value_parser = address::parse_bare)]
    author: Option<BareJid>,
    /// Not before this time: 2026-11-21 (its first moment, in UTC) or 2026-11-21T14:30:00Z
    #[arg(long, value_name = "TIME")]
    after: Option<Moment>,
    /// Not later than this time
    #[arg(long, value_name = "TIME")]
    before: Option<Moment>,
    /// With these words, case and accents aside
    #[arg(long, value_name = "TEXT")]
    words: Option<String>,
    /// How the words must be there: all of them, any of them, or exactly so one after the other
    #[arg(
        long = "match",
        value_name = "HOW",
        default_value = "all",
        requires = "words"
    )]
    matching: Matching,
    /// This message, by its stanza id; may be given several times
    #[arg(long, value_name = "STANZA-ID")]
    id: Vec<String>,
    /// Why; those inside are told, and it is put on record
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// No more than so many, the oldest
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// Change nothing, and show which messages are meant
    #[arg(long)]
    dry_run: bool,
    /// Don't ask
    #[arg(long)]
    yes: bool,
}

/// How words must be in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Matching {
    All,
    Any,
    Exact,
}

/// What was done, for a program.
#[derive(Debug, Serialize)]
struct Done {
    messages: u64,
    rooms: u64,
}

/// Does what the command line says.
///
/// # Errors
/// [`Failure`]
pub(super) fn run(command: &MessageCommand) -> Result<(), Failure> {
    match command {
        MessageCommand::Remove(conditions) => remove(conditions, None),
        MessageCommand::Replace { conditions, text } => remove(conditions, Some(text)),
        MessageCommand::Acts {
            place,
            room,
            after,
            before,
        } => list_acts(place, room.as_ref(), (*after, *before)),
    }
}

fn remove(conditions: &Conditions, notice: Option<&String>) -> Result<(), Failure> {
    let pool = conditions.place.pool(conditions.room.as_ref())?;
    let mut removal = conditions.removal(&pool);
    removal.notice = notice.cloned();
    if conditions.dry_run {
        return show(&pool, removal, conditions.place.json);
    }
    let consent = confirm::consent(conditions.yes)?;
    let verb = if notice.is_some() {
        "Replace"
    } else {
        "Remove"
    };
    let mut printer = Printer::quiet();
    if consent == Consent::ToBeAsked || printer.progress().is_seen() {
        let (messages, rooms) = count(&pool, &removal)?;
        printer.progress().expect(messages);
        consent.ask(&format!("{verb} {}?", told(messages, rooms)))?;
    }
    let command = command::Command::RemoveMessages(Box::new(removal));
    let outcome = road::carry_out(&pool, &command, &mut |reply| {
        printer.take(&reply, |_| Vec::new())
    });
    printer.finish("")?;
    if let Outcome::Removed { messages, rooms } = outcome? {
        let text = format!("{verb}d {}", told(messages, rooms));
        print::one(
            conditions.place.json,
            &Done { messages, rooms },
            &Text::line(text),
        )?;
    }
    Ok(())
}

/// Shows which messages would go.
fn show(pool: &Pool, mut removal: Removal, json: bool) -> Result<(), Failure> {
    removal.dry_run = true;
    let mut printer = Printer::new(json, MESSAGE_COLUMNS);
    let command = command::Command::RemoveMessages(Box::new(removal));
    let outcome = road::carry_out(pool, &command, &mut |reply| {
        printer.take(&reply, |row| match row {
            Row::Message(message) => message_cells(message),
            Row::Room(_) | Row::Act(_) | Row::Imported(_) => Vec::new(),
        })
    })?;
    printer.finish("")?;
    if let (Outcome::Removed { messages, rooms }, false) = (outcome, json) {
        let text = format!("{}; nothing was changed", told(messages, rooms));
        print::one(false, &(), &Text::line(text))?;
    }
    Ok(())
}

/// How many messages would go, and in how many rooms.
fn count(pool: &Pool, removal: &Removal) -> Result<(u64, u64), Failure> {
    let mut removal = removal.clone();
    removal.dry_run = true;
    let command = command::Command::RemoveMessages(Box::new(removal));
    match road::carry_out(pool, &command, &mut |_| Ok(()))? {
        Outcome::Removed { messages, rooms } => Ok((messages, rooms)),
        Outcome::Told | Outcome::Kept { .. } | Outcome::Cleared { .. } => Ok((0, 0)),
    }
}

impl Conditions {
    fn removal(&self, pool: &Pool) -> Removal {
        let words = self.words.clone().map(|text| command::Words {
            text,
            matching: match self.matching {
                Matching::All => command::Matching::All,
                Matching::Any => command::Matching::Any,
                Matching::Exact => command::Matching::Exact,
            },
        });
        Removal {
            room: self.room.as_ref().map(|room| room.of(pool)),
            author: self.author.clone(),
            after: self.after,
            before: self.before,
            words,
            ids: self.id.clone(),
            notice: None,
            reason: self.reason.clone(),
            limit: self.limit,
            dry_run: false,
        }
    }
}

const MESSAGE_COLUMNS: &[Column] = &[
    Column::Words("ROOM"),
    Column::Words("TIME"),
    Column::Words("AUTHOR"),
    Column::Words("ID"),
    Column::Words("WORDS"),
];

fn message_cells(message: &MessageRow) -> Vec<String> {
    let author = message.author.as_ref().map(ToString::to_string);
    let author = author.or_else(|| message.nick.clone()).unwrap_or_default();
    vec![
        message.room.to_string(),
        time::local(&message.at),
        author,
        message.id.clone(),
        message.words.clone(),
    ]
}

/// `1 message in 1 room`.
fn told(messages: u64, rooms: u64) -> String {
    let (messages, rooms) = (counted(messages, "message"), counted(rooms, "room"));
    format!("{messages} in {rooms}")
}

fn list_acts(
    place: &Where,
    room: Option<&RoomName>,
    (after, before): (Option<Moment>, Option<Moment>),
) -> Result<(), Failure> {
    let pool = place.pool(room)?;
    let command = command::Command::ListActs {
        room: room.map(|room| room.of(&pool)),
        after: after,
        before: before,
    };
    let mut printer = Printer::new(place.json, ACT_COLUMNS);
    road::carry_out(&pool, &command, &mut |reply| match &reply {
        Reply::Row(Row::Act(_)) => printer.take(&reply, |row| match row {
            Row::Act(act) => act_cells(act),
            Row::Room(_) | Row::Message(_) | Row::Imported(_) => Vec::new(),
        }),
        _ => Ok(()),
    })?;
    Ok(printer.finish("Nothing is on record.")?)
}

const ACT_COLUMNS: &[Column] = &[
    Column::Words("TIME"),
    Column::Words("ROOM"),
    Column::Words("DEED"),
    Column::Words("BY"),
    Column::Words("MESSAGE"),
    Column::Words("AUTHOR"),
    Column::Words("REASON"),
];

fn act_cells(act: &ActRow) -> Vec<String> {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let actor = act.actor.as_ref();
    vec![
        time::local(&act.at),
        act.room.to_string(),
        act.deed.clone(),
        actor.map_or("operator".to_owned(), ToString::to_string),
        or_dash(act.message.clone()),
        or_dash(act.author.as_ref().map(ToString::to_string)),
        or_dash(act.reason.clone()),
    ]
}
