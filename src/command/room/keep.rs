//! `room keep`: how long what is said in a room is kept.

use clap::{ArgGroup, Args};
use jid::BareJid;
use serde::{Deserialize, Serialize};

use super::RoomWish;
use crate::command::keep_limit::{self, KeepLimit};
use crate::command::report::counted_or;
use crate::command::{
    Command, Conclusion, Error, Facts, RoomName, StoredForm, Tools, Wish, Work, counted,
};

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
