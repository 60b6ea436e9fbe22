//! `message acts`: what is on record of messages that were removed.

use clap::Args;
use jid::BareJid;
use serde::{Deserialize, Serialize};

use super::pages;
use super::{Column, Command, Conclusion, Error, Layout, Moment, RoomName, Tools};
use crate::room::effect::Deed;
use crate::store::ActQuestion;
use crate::time;

/// Show what is on record: which messages were removed, replaced or taken back by moderators, by
/// whom, and why
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListActs {
    /// Of this room alone, which need not exist any longer
    room: Option<RoomName>,
    /// Not before this time
    #[arg(long, value_name = "TIME")]
    after: Option<Moment>,
    /// Not later than this time
    #[arg(long, value_name = "TIME")]
    before: Option<Moment>,
}

/// Something on record. Times are in RFC 3339.
#[derive(Serialize)]
struct ActFields {
    /// When it was done.
    at: String,
    /// The room it was done in.
    room: BareJid,
    /// By whom; `None`: the operator, on the command line.
    actor: Option<BareJid>,
    /// What: `moderated`, `removed`, `replaced` or `cleared`.
    deed: &'static str,
    /// To which message, by its stanza id; `None`: to many.
    message: Option<String>,
    /// Whose it was, if that is known.
    author: Option<BareJid>,
    /// Why, or how many.
    reason: Option<String>,
}

const LIST: &[Column] = &[
    Column::time("at", "TIME"),
    Column::words("room", "ROOM"),
    Column::words("deed", "DEED"),
    Column::words("actor", "BY").or_else("operator"),
    Column::words("message", "MESSAGE").or_else("-"),
    Column::words("author", "AUTHOR").or_else("-"),
    Column::words("reason", "REASON").or_else("-"),
];

impl Command for ListActs {
    fn room(&self) -> Option<&RoomName> {
        self.room.as_ref()
    }

    fn layout(&self) -> Layout {
        Layout::Table(LIST)
    }

    /// Tells of all acts that are meant, in the order in which they were put on record.
    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let question = ActQuestion {
            room: self.room.as_ref().map(|room| room.at(&tools.service)),
            after: self.after.map(Moment::at),
            before: self.before.map(Moment::at),
        };
        let is_anything = pages::each(
            |behind| Ok((tools.survey).acts(&question, behind.copied().unwrap_or(0), PAGE)?),
            |(number, _, _)| *number,
            |(_, room, act)| {
                tools.tell(&ActFields {
                    at: time::format(act.at),
                    room,
                    actor: act.actor,
                    deed: name(act.deed),
                    message: act.message.map(|id| id.to_string()),
                    author: act.author,
                    reason: act.reason.map(|reason| reason.to_string()),
                })
            },
        )?;
        Ok(Conclusion::new(match is_anything {
            true => "",
            false => "Nothing is on record.",
        }))
    }
}

fn name(deed: Deed) -> &'static str {
    match deed {
        Deed::Moderated => "moderated",
        Deed::Removed => "removed",
        Deed::Replaced => "replaced",
        Deed::Cleared => "cleared",
    }
}

/// Number of acts that are read at once.
const PAGE: u32 = 200;
