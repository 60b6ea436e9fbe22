//! `member`, `manager`, `presenter`: who is in which list of a room. One table over the lists.
//!
//! XMPP knows one affiliation for each person and room, so whoever manages a room is not beside
//! that on its list of members; they may do all that members may, and asking for them to be a
//! member changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use jid::BareJid;
use serde::{Deserialize, Serialize};

use super::pages;
use super::person::{a_person, a_person_or_domain};
use super::{
    Column, Command, Conclusion, Error, Facts, Layout, Rank, RoomName, Tools, counted, table,
};
use crate::room::request::{AffiliationTarget, Moderation};
use crate::room::{Action, Affiliation};
use crate::store::PeopleList;
use crate::time;

/// Makes the commands of a list: what somebody on it is called, the list, how an entry is read and
/// what its value is called, and what the commands are for.
macro_rules! people {
    (
        $wish:ident { $new:ident: $new_about:literal, $remove:ident: $remove_about:literal,
            $list:ident: $list_about:literal },
        $listing:ident, $what:literal, $read:ident, $value:literal, $whose:literal
    ) => {
        table! {
            /// What there is to be done with a list of people.
            $wish {
                New($new),
                Remove($remove),
                List($list),
            }
        }

        #[doc = "Puts people on a list."]
        #[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[command(about = $new_about, long_about = None)]
        pub struct $new {
            #[arg(long, value_name = "ROOM", help = ROOM)]
            room: RoomName,
            #[arg(long, value_name = $value, value_parser = $read, required = true, help = $whose)]
            user: Vec<BareJid>,
        }

        #[doc = "Takes people off a list."]
        #[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[command(about = $remove_about, long_about = None)]
        pub struct $remove {
            #[arg(long, value_name = "ROOM", help = ROOM)]
            room: RoomName,
            #[arg(long, value_name = $value, value_parser = $read, required = true, help = $whose)]
            user: Vec<BareJid>,
        }

        #[doc = "Shows a list."]
        #[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[command(about = $list_about, long_about = None)]
        pub struct $list {
            #[arg(long, value_name = "ROOM", help = ROOM)]
            room: RoomName,
        }

        impl Command for $new {
            fn facts() -> Facts {
                Facts::for_rank(Rank::Manager)
            }

            fn room(&self) -> Option<&RoomName> {
                Some(&self.room)
            }

            fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
                put_on(tools, &self.room, (PeopleList::$listing, $what), &self.user)
            }
        }

        impl Command for $remove {
            fn facts() -> Facts {
                Facts::for_rank(Rank::Manager)
            }

            fn room(&self) -> Option<&RoomName> {
                Some(&self.room)
            }

            fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
                take_off(tools, &self.room, (PeopleList::$listing, $what), &self.user)
            }
        }

        impl Command for $list {
            fn facts() -> Facts {
                Facts::for_rank(Rank::Manager)
            }

            fn room(&self) -> Option<&RoomName> {
                Some(&self.room)
            }

            fn layout(&self) -> Layout {
                Layout::Table(LIST)
            }

            fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
                show(tools, &self.room, (PeopleList::$listing, $what))
            }
        }
    };
}

people! {
    MemberWish {
        NewMember: "Make people members of a room; who manages it is more than that already",
        RemoveMember: "Take people off the members of a room",
        ListMembers: "List the members of a room"
    },
    Members, "member", a_person_or_domain, "JID",
    "A person, or a domain, which stands for everybody there; may be given several times"
}

people! {
    ManagerWish {
        NewManager: "Make people managers of a room: they configure it, and name its people",
        RemoveManager: "Take people off the managers of a room; they are in none of its lists then",
        ListManagers: "List the managers of a room"
    },
    Managers, "manager", a_person, "PERSON",
    "A person; may be given several times"
}

people! {
    PresenterWish {
        NewPresenter: "Make people presenters of a room: they enter it, and speak in an auditorium",
        RemovePresenter: "Take people off the presenters of a room",
        ListPresenters: "List the presenters of a room"
    },
    Presenters, "presenter", a_person_or_domain, "JID",
    "A person, or a domain, which stands for everybody there; may be given several times"
}

/// An entry of a list.
#[derive(Serialize)]
struct EntryFields {
    room: BareJid,
    /// Who: a person, or a domain, which stands for everybody there.
    user: BareJid,
    /// Who has put them there, if that is known; the domain of the pool: the operator at the
    /// command line.
    given_by: Option<BareJid>,
    /// When, in RFC 3339.
    given_at: Option<String>,
    /// Why, in their words.
    reason: Option<String>,
}

/// What was changed of a list.
#[derive(Serialize)]
struct ChangeFields<'a> {
    room: BareJid,
    /// Who is on it who was not before.
    added: &'a [BareJid],
    /// Who is off it who was on it before.
    removed: &'a [BareJid],
}

const LIST: &[Column] = &[
    Column::words("user", "USER"),
    Column::time("given_at", "SINCE"),
    Column::words("given_by", "BY").or_else("-"),
    Column::words("reason", "REASON").or_else("-"),
];

/// Puts people on a list, all or none.
fn put_on(
    tools: &Tools,
    room: &RoomName,
    (listing, what): (PeopleList, &str),
    people: &[BareJid],
) -> Result<Conclusion, Error> {
    let room = tools.room(room)?.room;
    let mut added = Vec::new();
    for person in BTreeSet::from_iter(people) {
        let listed = |listing| tools.survey.is_listed(&room, listing, person);
        let is_more = listing == PeopleList::Members && listed(PeopleList::Managers)? == Some(true);
        if !is_more && listed(listing)? == Some(false) {
            added.push(person.clone());
        }
    }
    tools.ask_room(&room, changes(tools, listing, &added, &[]))?;
    tools.tell(&ChangeFields {
        room: room.clone(),
        added: &added,
        removed: &[],
    })?;
    Ok(Conclusion::new(match added.len() {
        0 => format!("All of them are so already; nothing of {room} was changed"),
        number => format!("{room} has {} more", counted(number as u64, what)),
    }))
}

/// Takes people off a list, all or none.
fn take_off(
    tools: &Tools,
    room: &RoomName,
    (listing, what): (PeopleList, &str),
    people: &[BareJid],
) -> Result<Conclusion, Error> {
    let room = tools.room(room)?.room;
    let removed: Vec<_> = BTreeSet::from_iter(people).into_iter().cloned().collect();
    for person in &removed {
        expect_listed(tools, &room, (listing, what, "user"), person)?;
    }
    tools.ask_room(&room, changes(tools, listing, &[], &removed))?;
    tools.tell(&ChangeFields {
        room: room.clone(),
        added: &[],
        removed: &removed,
    })?;
    let counted = counted(removed.len() as u64, what);
    Ok(Conclusion::new(format!("{room} has {counted} less")))
}

fn show(
    tools: &Tools,
    room: &RoomName,
    (listing, what): (PeopleList, &str),
) -> Result<Conclusion, Error> {
    let room = room.at(&tools.service);
    let is_anybody = pages::each(
        |after| {
            let page = tools.survey.listed(&room, listing, after, PAGE)?;
            page.ok_or_else(|| Error::NoSuchRoom { room: room.clone() })
        },
        |entry| entry.jid.clone(),
        |entry| {
            let (by, at, reason) = entry.given.map_or((None, None, None), |(by, at, reason)| {
                (by, Some(at), reason)
            });
            tools.tell(&EntryFields {
                room: room.clone(),
                user: entry.jid,
                given_by: by,
                given_at: at.map(time::format),
                reason: reason.map(|reason| reason.to_string()),
            })
        },
    )?;
    Ok(Conclusion::new(match is_anybody {
        false => format!("{room} has no {what}s."),
        true => String::new(),
    }))
}

/// Whoever is to be taken off a list must be on it, or the wrong one is meant.
///
/// # Errors
/// - [`Error::BadFlag`]: they are not.
pub(super) fn expect_listed(
    tools: &Tools,
    room: &BareJid,
    (listing, what, flag): (PeopleList, &str, &'static str),
    person: &BareJid,
) -> Result<(), Error> {
    match tools.survey.is_listed(room, listing, person)? {
        Some(true) => Ok(()),
        Some(false) | None => Err(Error::BadFlag {
            flag,
            why: format!("{person} is no {what} of {room}; nothing was changed"),
        }),
    }
}

/// The affiliations of a room's people; who is to be a manager need not be a member beside that.
pub(super) fn affiliations(
    managers: impl IntoIterator<Item = BareJid>,
    members: impl IntoIterator<Item = BareJid>,
) -> BTreeMap<BareJid, Affiliation> {
    let members = members.into_iter().map(|jid| (jid, Affiliation::Member));
    let managers = managers.into_iter().map(|jid| (jid, Affiliation::Owner));
    members.chain(managers).collect()
}

/// What gives people these affiliations, in requests of the size that a room takes.
pub(super) fn moderations(tools: &Tools, wanted: BTreeMap<BareJid, Affiliation>) -> Vec<Action> {
    let items = wanted
        .into_iter()
        .map(|(jid, affiliation)| Moderation::Affiliation {
            target: AffiliationTarget::Jid(jid),
            affiliation,
            reserve: None,
            reason: None,
        });
    let items: Vec<_> = items.collect();
    let requests = items.chunks(tools.items_max.max(1));
    requests
        .map(|items| Action::Moderate(items.to_vec()))
        .collect()
}

/// What makes people presenters, and takes it from others, in requests of the size that a room
/// takes.
pub(super) fn appointments(
    tools: &Tools,
    appointed: impl IntoIterator<Item = BareJid>,
    dismissed: impl IntoIterator<Item = BareJid>,
) -> Vec<Action> {
    let appointed = appointed.into_iter().map(|jid| (jid, true));
    let dismissed = dismissed.into_iter().map(|jid| (jid, false));
    let all: Vec<_> = appointed.chain(dismissed).collect();
    let of = |some: &[(BareJid, bool)], wanted: bool| {
        let some = some.iter().filter(|(_, presents)| *presents == wanted);
        some.map(|(jid, _)| jid.clone()).collect()
    };
    let requests = all.chunks(tools.items_max.max(1));
    let requests = requests.map(|some| Action::ChangePresenters {
        appointed: of(some, true),
        dismissed: of(some, false),
    });
    requests.collect()
}

/// What puts some on a list, and takes others off it.
fn changes(tools: &Tools, listing: PeopleList, come: &[BareJid], go: &[BareJid]) -> Vec<Action> {
    let affiliation = match listing {
        PeopleList::Managers => Affiliation::Owner,
        PeopleList::Members => Affiliation::Member,
        PeopleList::Presenters => {
            return appointments(tools, come.iter().cloned(), go.iter().cloned());
        }
    };
    let come = come.iter().map(|jid| (jid.clone(), affiliation));
    let go = go.iter().map(|jid| (jid.clone(), Affiliation::None));
    moderations(tools, come.chain(go).collect())
}

const ROOM: &str = "The room's address, or what stands in it before the @";

/// Number of entries that are read at once.
const PAGE: usize = 500;
