//! `room`: the rooms of a pool, and how long what is said in them is kept.

use clap::{ArgGroup, Args};
use jid::BareJid;
use serde::{Deserialize, Serialize};

use super::keep_limit::{self, KeepLimit};
use super::report::counted_or;
use super::work::Work;
use super::{
    Column, Command, Conclusion, Error, Facts, Layout, Moment, Rank, RoomName, StoredForm, Tools,
    Wish, counted, table,
};
use crate::store::{RoomSummary, SLICE};
use crate::time;

table! {
    /// What there is to be done with rooms.
    RoomWish {
        List(ListRooms),
        Show(ShowRoom),
        Clear(ClearRoom),
        Keep(KeepRoom),
    }
}

/// List the rooms: address, people inside, stanzas in the archive, time of the last, name
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListRooms {}

/// Show one room: who is inside, how much its archive holds and from when, how long that is kept
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShowRoom {
    /// The room's address, or what stands in it before the @
    room: RoomName,
}

/// Remove the oldest messages of a room, up to and with a time; nothing is left of them
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClearRoom {
    /// The room's address, or what stands in it before the @
    room: RoomName,
    /// The time: 2026-11-21 (its first moment, in UTC) or 2026-11-21T14:30:00Z
    #[arg(long, value_name = "TIME")]
    before: Moment,
    /// Change nothing, and tell how many messages would go
    #[arg(long)]
    dry_run: bool,
}

/// Set how long a room keeps what is said in it
///
/// What it keeps no longer goes from the old end of its archive, when the service has time for it.
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[command(group = ArgGroup::new("what").args(["days", "messages"]).required(true).multiple(true))]
pub struct KeepRoom {
    /// The room's address, or what stands in it before the @
    room: RoomName,
    /// For how many days, 1 to 36525; `forever`; or `default`: as the configuration says
    #[arg(long, value_name = "NUMBER", value_parser = KeepLimit::of_days)]
    days: Option<KeepLimit>,
    /// How many messages, the newest, 1 to 1000000000; `unlimited`; or `default`: as the
    /// configuration says
    #[arg(long, value_name = "NUMBER", value_parser = KeepLimit::of_messages)]
    messages: Option<KeepLimit>,
    /// Change nothing, and tell how many messages would go
    #[arg(long)]
    dry_run: bool,
}

/// What is to be known of a room. Times are in RFC 3339.
#[derive(Serialize)]
struct RoomFields {
    room: BareJid,
    /// Its name; empty: none.
    name: String,
    /// The number of people inside.
    occupants: u64,
    /// The number of stanzas in its archive.
    messages: u64,
    /// When the first of them was said.
    first: Option<String>,
    /// When the last of them was said.
    last: Option<String>,
    /// For how many days they are kept; 0: for ever.
    keep_days: u32,
    /// How many of them are kept; 0: all.
    keep_messages: u32,
    /// The number of bytes of their content, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    content_bytes: Option<u64>,
}

/// What was cleared, or would be.
#[derive(Serialize)]
struct ClearedFields {
    room: BareJid,
    messages: u64,
    dry_run: bool,
}

/// What a room keeps from now on, or would keep.
#[derive(Serialize)]
struct KeptFields {
    room: BareJid,
    /// 0: for ever.
    keep_days: u32,
    /// 0: all of them.
    keep_messages: u32,
    /// The number of messages that are not among these, and go when the service has time for it.
    messages: u64,
    dry_run: bool,
}

const LIST: &[Column] = &[
    Column::words("room", "ROOM"),
    Column::number("occupants", "INSIDE"),
    Column::number("messages", "MESSAGES"),
    Column::time("last", "LAST"),
    Column::words("name", "NAME"),
];

const CARD: &[Column] = &[
    Column::words("room", "room"),
    Column::words("name", "name"),
    Column::number("occupants", "people inside"),
    Column::number("messages", "messages"),
    Column::time("first", "first"),
    Column::time("last", "last"),
    Column::amount("keep_days", "kept for", "day").or_else("ever"),
    Column::amount("keep_messages", "kept at most", "message").or_else("all"),
    Column::amount("content_bytes", "content", "byte"),
];

impl Command for ListRooms {
    fn layout(&self) -> Layout {
        Layout::Table(LIST)
    }

    /// Tells of all rooms, in the order of their addresses.
    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let mut after = None;
        loop {
            let page = tools.survey.rooms(after.as_ref(), PAGE)?;
            let Some(last) = page.last() else {
                let nothing = if after.is_none() {
                    "There are no rooms."
                } else {
                    ""
                };
                return Ok(Conclusion::new(nothing));
            };
            after = Some(last.room.clone());
            for summary in page {
                tools.tell(&RoomFields::of(tools, summary, None))?;
            }
        }
    }
}

impl Command for ShowRoom {
    fn facts() -> Facts {
        Facts {
            rank: Rank::Manager,
            ..Facts::default()
        }
    }

    fn room(&self) -> Option<&RoomName> {
        Some(&self.room)
    }

    fn layout(&self) -> Layout {
        Layout::Card(CARD)
    }

    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let summary = tools.room(&self.room)?;
        let bytes = tools.survey.content_bytes(&summary.room)?;
        tools.tell(&RoomFields::of(tools, summary, Some(bytes)))?;
        Ok(Conclusion::default())
    }
}

impl Command for ClearRoom {
    fn facts() -> Facts {
        Facts {
            destroys: true,
            ..Facts::default()
        }
    }

    fn room(&self) -> Option<&RoomName> {
        Some(&self.room)
    }

    fn rehearsal(&self) -> Option<Wish> {
        let rehearsed = Self {
            dry_run: true,
            ..self.clone()
        };
        (!self.dry_run).then_some(Wish::Room(RoomWish::Clear(rehearsed)))
    }

    /// Removes them slice by slice. That it was begun is on record before anything goes.
    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let room = tools.room(&self.room)?.room;
        let until = self.before.at();
        let found = tools.survey.boundary(&room, until)?;
        let (boundary, count) = found.ok_or_else(|| Error::NoSuchRoom { room: room.clone() })?;
        let messages = match self.dry_run || count == 0 {
            true => count,
            false => clear(tools, &room, boundary, (count, time::format(until)))?,
        };
        let counted = counted(messages, "message");
        let conclusion = match self.dry_run {
            true => Conclusion::new(format!("{counted}; nothing was changed"))
                .asking(format!("Remove {counted} of {room}?"), messages),
            false => Conclusion::new(format!("Removed {counted} of {room}")),
        };
        let dry_run = self.dry_run;
        tools.tell(&ClearedFields {
            room,
            messages,
            dry_run,
        })?;
        Ok(conclusion)
    }
}

/// Removes what is below a row of the archive. Returns the number of messages.
fn clear(
    tools: &Tools,
    room: &BareJid,
    boundary: i64,
    (count, until): (u64, String),
) -> Result<u64, Error> {
    let reason = format!("{count} messages up to {until}");
    let mut record = Some(reason.into());
    let mut messages = 0;
    loop {
        let removed = tools.change(Work::RemoveOldest {
            room: room.clone(),
            boundary,
            record: record.take(),
        })?;
        messages += removed;
        if removed < SLICE {
            return Ok(messages);
        }
        tools.progress(messages, Some(count))?;
    }
}

impl Command for KeepRoom {
    fn facts() -> Facts {
        let stored = StoredForm {
            of: &["room"],
            read: keep_limit::stored,
        };
        Facts {
            destroys: true,
            stored: Some(stored),
            ..Facts::default()
        }
    }

    fn room(&self) -> Option<&RoomName> {
        Some(&self.room)
    }

    fn rehearsal(&self) -> Option<Wish> {
        let rehearsed = Self {
            dry_run: true,
            ..self.clone()
        };
        (!self.dry_run).then_some(Wish::Room(RoomWish::Keep(rehearsed)))
    }

    /// Sets it, and tells how many messages go by that. The service removes them when it has time
    /// for it.
    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let found = tools.room(&self.room)?;
        let (room, mut keep) = (found.room, found.keep);
        if let Some(days) = self.days {
            keep.days = days.number();
        }
        if let Some(messages) = self.messages {
            keep.messages = messages.number();
        }
        let effective = tools.retention.unless(keep);
        let now = (tools.environment.now)();
        let expired = tools.survey.expired(&room, effective, now)?.unwrap_or(0);
        if !self.dry_run {
            let room = room.clone();
            tools.change(Work::Keep { room, keep })?;
        }
        let counted = counted(expired, "message");
        let sentence = format!(
            "{room} keeps {} for {}; {counted} {}",
            counted_or(effective.messages, "all", "message"),
            counted_or(effective.days, "ever", "day"),
            match expired {
                _ if self.dry_run => "would go",
                1 => "goes",
                _ => "go",
            },
        );
        let question = (expired > 0).then(|| format!("Remove {counted} of {room} by that?"));
        tools.tell(&KeptFields {
            room,
            keep_days: effective.days,
            keep_messages: effective.messages,
            messages: expired,
            dry_run: self.dry_run,
        })?;
        Ok(Conclusion::new(sentence).asking(question, expired))
    }
}

impl RoomFields {
    fn of(tools: &Tools, summary: RoomSummary, content_bytes: Option<u64>) -> Self {
        let keep = tools.retention.unless(summary.keep);
        Self {
            room: summary.room,
            name: summary.name.to_string(),
            occupants: summary.occupants,
            messages: summary.messages,
            first: summary.first.map(time::format),
            last: summary.last.map(time::format),
            keep_days: keep.days,
            keep_messages: keep.messages,
            content_bytes,
        }
    }
}

/// Number of rooms that are read at once.
const PAGE: u32 = 100;
