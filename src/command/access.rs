//! `access`: asking to be let into a closed room, and answering who asks. DESIGN §1.

use clap::{ArgGroup, Args};
use jid::BareJid;
use serde::{Deserialize, Serialize};

use super::pages;
use super::person::a_person;
use super::{
    Asker, Column, Command, Conclusion, Error, Facts, Layout, Rank, RoomName, Tools, table,
};
use crate::room::request::AccessWish;
use crate::room::{Action, Nick, Refusal, Words};
use crate::store::{AccessRequest, AccessRequestsOf};

table! {
    /// What there is to be done about access to closed rooms.
    AccessCommandWish {
        New(NewAccess),
        List(ListAccess),
        Answer(AnswerAccess),
        Remove(RemoveAccess),
    }
}

/// Ask to be let into a closed room; its managers are asked, and you are told what they answer
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAccess {
    /// The room's address, or what stands in it before the @
    #[arg(long, value_name = "ROOM")]
    room: RoomName,
}

/// List who asks to be let into rooms that you manage, and what you have asked for yourself
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListAccess {}

/// Answer somebody who asks to be let into a room; they are told
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[command(group = ArgGroup::new("answer").args(["approve", "deny"]).required(true))]
pub struct AnswerAccess {
    /// The room's address, or what stands in it before the @
    #[arg(long, value_name = "ROOM")]
    room: RoomName,
    /// The person who asks for it
    #[arg(long, value_name = "JID", value_parser = a_person)]
    user: BareJid,
    /// Make them a member of the room
    #[arg(long)]
    approve: bool,
    /// Refuse the person access
    #[arg(long)]
    deny: bool,
    /// Why, as they are told
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Take back that you have asked to be let into a room
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoveAccess {
    /// The room's address, or what stands in it before the @
    #[arg(long, value_name = "ROOM")]
    room: RoomName,
}

/// A request as it is listed.
#[derive(Serialize)]
struct RequestFields {
    room: BareJid,
    user: BareJid,
    /// The nick that they are to have in the room.
    nick: String,
}

const LIST: &[Column] = &[
    Column::words("room", "ROOM"),
    Column::words("user", "WHO ASKS"),
    Column::words("nick", "NICKNAME"),
];

impl Command for NewAccess {
    fn facts() -> Facts {
        Facts::for_rank(Rank::Anybody)
    }

    fn room(&self) -> Option<&RoomName> {
        Some(&self.room)
    }

    /// Asks under the name of the asker's account, or, where that is another's nick, under the
    /// whole address.
    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let room = self.room.at(&tools.service);
        let person = asker(tools);
        let account = person.node().map_or("", |node| node.as_str());
        let nicks = [account, person.as_str()].map(Nick::new);
        let mut outcome = Err(Error::NoSuchRoom { room: room.clone() });
        for nick in nicks.into_iter().flatten() {
            let wish = Action::WishForAccess(AccessWish::Ask(nick));
            outcome = tools.ask_room(&room, vec![wish]);
            let is_taken = matches!(
                outcome,
                Err(Error::Refused {
                    refusal: Refusal::RegistrationConflict,
                    ..
                })
            );
            if !is_taken {
                break;
            }
        }
        outcome?;
        Ok(Conclusion::new(format!(
            "The managers of {room} are asked; you are told what they answer"
        )))
    }
}

impl Command for ListAccess {
    fn facts() -> Facts {
        Facts::for_rank(Rank::Anybody)
    }

    fn layout(&self) -> Layout {
        Layout::Table(LIST)
    }

    /// Operators see all requests; everybody else those in the rooms that they manage, and their
    /// own.
    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let mut count = 0;
        match (tools.rank(None)?, &tools.asker) {
            (Rank::Operator, _) | (_, Asker::Operator) => {
                count += tell_all(tools, &AccessRequestsOf::Everybody, |_| true)?;
            }
            (Rank::Manager | Rank::Anybody, Asker::Person(person)) => {
                let managed = AccessRequestsOf::RoomsManagedBy(person.clone());
                count += tell_all(tools, &managed, |_| true)?;
                // A room that has become secret, or another's, is not told of any longer.
                let own = AccessRequestsOf::Person(person.clone());
                count += tell_all(tools, &own, |request| {
                    tools
                        .ask_room(&request.room, vec![Action::ShowRegistration])
                        .is_ok()
                })?;
            }
        }
        Ok(Conclusion::new(match count {
            0 => "Nobody waits for an answer.",
            _ => "",
        }))
    }
}

impl Command for AnswerAccess {
    fn facts() -> Facts {
        Facts::for_rank(Rank::Manager)
    }

    fn room(&self) -> Option<&RoomName> {
        Some(&self.room)
    }

    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let room = self.room.at(&tools.service);
        let own = AccessRequestsOf::Person(self.user.clone());
        let found = find(tools, &own, &room)?;
        let Some(request) = found else {
            return Err(Error::NoSuchRequest {
                user: self.user.clone(),
                room,
            });
        };
        let answer = Action::AnswerRegistration {
            jid: self.user.clone(),
            nick: request.nick,
            granted: self.approve,
            reason: self.reason.as_deref().map(Words::from),
        };
        tools.ask_room(&room, vec![answer])?;
        let user = &self.user;
        Ok(Conclusion::new(match self.approve {
            true => format!("{user} is a member of {room}, and is told so"),
            false => format!("{user} is told that the answer of {room} is no"),
        }))
    }
}

impl Command for RemoveAccess {
    fn facts() -> Facts {
        Facts::for_rank(Rank::Anybody)
    }

    fn room(&self) -> Option<&RoomName> {
        Some(&self.room)
    }

    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let room = self.room.at(&tools.service);
        let withdrawal = Action::WishForAccess(AccessWish::Withdraw);
        tools.ask_room(&room, vec![withdrawal])?;
        Ok(Conclusion::new(format!(
            "You ask {room} for nothing any longer"
        )))
    }
}

/// Who wants it; the operator at the command line is the service itself to rooms.
fn asker(tools: &Tools) -> BareJid {
    let person = tools.asker.jid();
    person.unwrap_or(&tools.service).clone()
}

/// Tells of all requests that are meant. Returns how many they are.
fn tell_all(
    tools: &Tools,
    of: &AccessRequestsOf,
    is_told: impl Fn(&AccessRequest) -> bool,
) -> Result<u64, Error> {
    let mut count = 0;
    pages::each(
        |after| Ok(tools.survey.access_requests(of, after, PAGE)?),
        AccessRequest::clone,
        |request| {
            if !is_told(&request) {
                return Ok(());
            }
            count += 1;
            tools.tell(&RequestFields {
                room: request.room,
                user: request.jid,
                nick: request.nick.as_str().to_owned(),
            })
        },
    )?;
    Ok(count)
}

/// The request of somebody in a room.
fn find(
    tools: &Tools,
    of: &AccessRequestsOf,
    room: &BareJid,
) -> Result<Option<AccessRequest>, Error> {
    let mut after = None;
    loop {
        let page = tools.survey.access_requests(of, after.as_ref(), PAGE)?;
        let Some(last) = page.last() else {
            return Ok(None);
        };
        after = Some(last.clone());
        if let Some(found) = page.into_iter().find(|request| request.room == *room) {
            return Ok(Some(found));
        }
    }
}

/// Number of requests that are read at once.
const PAGE: u32 = 100;
