//! `room list` and `room show`.

use jid::BareJid;

use super::answer::{Outcome, RoomRow, Row};
use super::error::Error;
use super::tools::Tools;
use crate::store::RoomSummary;
use crate::time;

/// So many rooms are read at once.
const PAGE: u32 = 100;

/// Tells of all rooms, in the order of their addresses.
pub(super) fn list(tools: &Tools) -> Result<Outcome, Error> {
    let mut after = None;
    loop {
        let page = tools.survey.rooms(after.as_ref(), PAGE)?;
        let Some(last) = page.last() else {
            return Ok(Outcome::Told);
        };
        after = Some(last.room.clone());
        for summary in page {
            tools.tell(Row::Room(row(tools, summary, None)))?;
        }
    }
}

/// Tells of one.
pub(super) fn show(tools: &Tools, room: &BareJid) -> Result<Outcome, Error> {
    let no_such_room = || Error::NoSuchRoom { room: room.clone() };
    let summary = tools.survey.room(room)?.ok_or_else(no_such_room)?;
    let bytes = tools.survey.content_bytes(room)?;
    tools.tell(Row::Room(row(tools, summary, Some(bytes))))?;
    Ok(Outcome::Told)
}

fn row(tools: &Tools, summary: RoomSummary, content_bytes: Option<u64>) -> RoomRow {
    let keep = tools.retention.unless(summary.keep);
    RoomRow {
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
