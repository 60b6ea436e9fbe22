//! `room clear`: the oldest messages of a room go.

use clap::Args;
use jid::BareJid;
use serde::{Deserialize, Serialize};

use super::RoomWish;
use crate::command::{
    Command, Conclusion, Error, Facts, Moment, RoomName, Tools, Wish, Work, counted,
};
use crate::store::SLICE;
use crate::time;

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

/// What was cleared, or would be.
#[derive(Serialize)]
struct ClearedFields {
    room: BareJid,
    messages: u64,
    dry_run: bool,
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
