//! `room remove`: a room is destroyed. XEP-0045 §10.9 (#destroyroom).

use clap::Args;
use jid::{BareJid, Jid};
use serde::{Deserialize, Serialize};

use super::RoomWish;
use crate::command::{Command, Conclusion, Error, Facts, Rank, RoomName, Tools, Wish, counted};
use crate::room::Action;

/// Destroy a room: everybody is shown out, its lists and its archive are gone
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoveRoom {
    /// The room's address, or what stands in it before the @
    room: RoomName,
    /// Why; those inside are told, and whoever comes later
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// The room to go to instead, which they are told, too
    #[arg(long, value_name = "ROOM")]
    alternate: Option<RoomName>,
    /// Change nothing, and tell what would be gone
    #[arg(long)]
    dry_run: bool,
}

/// The room that is gone, or would be.
#[derive(Serialize)]
struct GoneFields {
    room: BareJid,
    /// The number of stanzas that were in its archive.
    messages: u64,
    /// The number of people that were inside.
    occupants: u64,
    dry_run: bool,
}

impl Command for RemoveRoom {
    fn facts() -> Facts {
        Facts {
            destroys: true,
            rank: Rank::Manager,
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
        (!self.dry_run).then_some(Wish::Room(RoomWish::Remove(rehearsed)))
    }

    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let summary = tools.room(&self.room)?;
        let (room, messages, occupants) = (summary.room, summary.messages, summary.occupants);
        let alternate = self.alternate.as_ref().map(|room| room.at(&tools.service));
        if alternate.as_ref() == Some(&room) {
            return Err(Error::BadFlag {
                flag: "alternate",
                why: "this is the room itself".to_owned(),
            });
        }
        let what = format!(
            "{room} with {} and {} inside",
            counted(messages, "message"),
            people(occupants)
        );
        let conclusion = match self.dry_run {
            true => Conclusion::new(format!("{what}; nothing was changed"))
                .asking(format!("Remove {what}?"), messages),
            false => {
                let destruction = Action::Destroy {
                    alternate: alternate.map(Jid::from),
                    password: None,
                    reason: self.reason.as_deref().map(Into::into),
                };
                tools.ask_room(&room, vec![destruction])?;
                Conclusion::new(format!("Removed {what}"))
            }
        };
        let dry_run = self.dry_run;
        tools.tell(&GoneFields {
            room,
            messages,
            occupants,
            dry_run,
        })?;
        Ok(conclusion)
    }
}

fn people(number: u64) -> String {
    match number {
        0 => "nobody".to_owned(),
        1 => "1 person".to_owned(),
        number => format!("{number} people"),
    }
}
