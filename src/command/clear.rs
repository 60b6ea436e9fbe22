//! `room clear`: the oldest messages of a room go, up to a time.

use jid::BareJid;

use super::answer::Outcome;
use super::change::Change;
use super::command::Moment;
use super::error::Error;
use super::tools::Tools;
use crate::room::Timestamp;
use crate::store::SLICE;
use crate::time;

/// Removes them slice by slice. That it was begun is on record before anything goes.
pub(super) fn clear(
    tools: &Tools,
    room: &BareJid,
    before: Moment,
    dry_run: bool,
) -> Result<Outcome, Error> {
    let until = Timestamp(before.0);
    let no_such_room = || Error::NoSuchRoom { room: room.clone() };
    let (boundary, count) = tools
        .survey
        .boundary(room, until)?
        .ok_or_else(no_such_room)?;
    if dry_run || count == 0 {
        return Ok(Outcome::Cleared { messages: count });
    }
    let reason = format!("{count} messages up to {}", time::format(until));
    let mut record = Some(reason.into());
    let mut messages = 0;
    loop {
        let removed = tools.change(Change::RemoveOldest {
            room: room.clone(),
            boundary,
            record: record.take(),
        })?;
        messages += removed;
        if removed < SLICE {
            return Ok(Outcome::Cleared { messages });
        }
        tools.progress(messages, Some(count))?;
    }
}
