//! `room keep`: how long one room keeps what is said in it.

use jid::BareJid;

use super::answer::Outcome;
use super::change::Change;
use super::command::Keep;
use super::error::Error;
use super::tools::Tools;

/// Sets it, and tells how many messages go by that. The service removes them when it has time for it.
pub(super) fn keep(
    tools: &Tools,
    room: &BareJid,
    (days, messages): (Option<Keep>, Option<Keep>),
    dry_run: bool,
) -> Result<Outcome, Error> {
    let no_such_room = || Error::NoSuchRoom { room: room.clone() };
    let mut keep = tools.survey.room(room)?.ok_or_else(no_such_room)?.keep;
    if let Some(days) = days {
        keep.days = as_kept(days);
    }
    if let Some(messages) = messages {
        keep.messages = as_kept(messages);
    }
    let effective = tools.retention.unless(keep);
    let expired = tools
        .survey
        .expired(room, effective, (tools.environment.now)())?;
    if !dry_run {
        let room = room.clone();
        tools.change(Change::Keep { room, keep })?;
    }
    Ok(Outcome::Kept {
        keep_days: effective.days,
        keep_messages: effective.messages,
        messages: expired.unwrap_or(0),
    })
}

fn as_kept(keep: Keep) -> Option<u32> {
    match keep {
        Keep::Default => None,
        Keep::Exactly(number) => Some(number),
    }
}
