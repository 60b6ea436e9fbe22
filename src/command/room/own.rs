//! `room mine`, `room managed`: the rooms that somebody has to do with, for themselves.

use std::collections::BTreeMap;

use clap::Args;
use jid::BareJid;
use serde::{Deserialize, Serialize};

use super::flags::{PrivacyFlag, TypeFlag, word};
use crate::command::person::a_person_or_domain;
use crate::command::{Column, Command, Conclusion, Error, Facts, Layout, Rank, Tools};
use crate::store::{PeopleList, RoomSummary, RosterSelection};

/// List the rooms that you manage, present in, or are a member of
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListOwnRooms {}

/// List the rooms that you manage
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListManagedRooms {
    /// Of these, those with this person, or domain, among the members
    #[arg(long, value_name = "JID", value_parser = a_person_or_domain)]
    member: Option<BareJid>,
    /// Of these, those with this person, or domain, among the presenters
    #[arg(long, value_name = "JID", value_parser = a_person_or_domain)]
    presenter: Option<BareJid>,
}

/// A room that somebody has to do with.
#[derive(Serialize)]
struct OwnRoomFields {
    room: BareJid,
    /// Its name; empty: none.
    name: String,
    /// What they are in it: `manager`, `presenter` or `member`.
    listed_as: &'static str,
    /// `open`, `closed` or `secret`.
    privacy: String,
    /// `normal` or `auditorium`.
    #[serde(rename = "type")]
    kind: String,
    /// Whether it is out of use.
    disabled: bool,
    /// The number of people inside.
    occupants: u64,
    /// What a client enters it by.
    link: String,
}

const LIST: &[Column] = &[
    Column::words("room", "ROOM"),
    Column::words("listed_as", "YOU ARE"),
    Column::number("occupants", "INSIDE"),
    Column::words("privacy", "PRIVACY"),
    Column::words("type", "TYPE"),
    Column::words("name", "NAME"),
];

/// What somebody is by a list; by the first that they are in.
const LISTED_AS: [(PeopleList, &str); 3] = [
    (PeopleList::Managers, "manager"),
    (PeopleList::Presenters, "presenter"),
    (PeopleList::Members, "member"),
];

impl Command for ListOwnRooms {
    fn facts() -> Facts {
        ListManagedRooms::facts()
    }

    fn layout(&self) -> Layout {
        Layout::Table(LIST)
    }

    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let person = person(tools)?;
        let mut rooms = BTreeMap::new();
        for (listing, name) in LISTED_AS {
            for jid in [person.clone(), BareJid::from_parts(None, person.domain())] {
                // The power of a person is no domain's.
                if listing == PeopleList::Managers && jid != person {
                    continue;
                }
                for summary in select(tools, vec![(listing, jid)])? {
                    rooms.entry(summary.room.clone()).or_insert((summary, name));
                }
            }
        }
        tell(tools, rooms.into_values())
    }
}

impl Command for ListManagedRooms {
    fn facts() -> Facts {
        Facts::for_rank(Rank::Anybody)
    }

    fn layout(&self) -> Layout {
        Layout::Table(LIST)
    }

    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let managed = (PeopleList::Managers, person(tools)?);
        let member = self
            .member
            .iter()
            .map(|jid| (PeopleList::Members, jid.clone()));
        let presenter = (self.presenter.iter()).map(|jid| (PeopleList::Presenters, jid.clone()));
        let listed = [managed].into_iter().chain(member).chain(presenter);
        let rooms = select(tools, listed.collect())?;
        tell(tools, rooms.into_iter().map(|summary| (summary, "manager")))
    }
}

/// Who asks; the operator at the command line is nobody in particular.
fn person(tools: &Tools) -> Result<BareJid, Error> {
    tools.asker.jid().cloned().ok_or(Error::NoAddress)
}

fn select(tools: &Tools, listed: Vec<(PeopleList, BareJid)>) -> Result<Vec<RoomSummary>, Error> {
    let selection = RosterSelection { listed };
    Ok(tools
        .survey
        .rooms(&selection, &|_| true, None, usize::MAX)?)
}

fn tell(
    tools: &Tools,
    rooms: impl Iterator<Item = (RoomSummary, &'static str)>,
) -> Result<Conclusion, Error> {
    let mut nothing = "There are no such rooms.";
    for (summary, listed_as) in rooms {
        nothing = "";
        let configuration = &summary.configuration;
        tools.tell(&OwnRoomFields {
            name: configuration.name.to_string(),
            listed_as,
            privacy: word(PrivacyFlag::of(configuration)),
            kind: word(TypeFlag::of(configuration)),
            disabled: configuration.disabled,
            occupants: summary.occupants,
            link: (tools.environment.link)(&summary.room),
            room: summary.room,
        })?;
    }
    Ok(Conclusion::new(nothing))
}
