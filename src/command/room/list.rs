//! `room list`, `room show`: what there is to be known of rooms.

use std::collections::BTreeSet;

use clap::Args;
use jid::BareJid;
use serde::{Deserialize, Serialize};

use super::flags::{InvitationsFlag, PrivacyFlag, Switch, TypeFlag, word};
use crate::command::pages;
use crate::command::person::{a_person, a_person_or_domain};
use crate::command::{Column, Command, Conclusion, Error, Facts, Layout, Rank, RoomName, Tools};
use crate::room::List;
use crate::room::setting::addin::{AddInId, AddIns};
use crate::room::setting::configuration::Configuration;
use crate::store::{PeopleList, RoomSummary, RosterSelection};
use crate::time;

/// List the rooms: address, people inside, stanzas in the archive, time of the last, name
///
/// Those that meet all conditions are listed.
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListRooms {
    #[command(flatten)]
    which: WhichRooms,
}

/// Which rooms are meant: those that meet all conditions.
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhichRooms {
    /// Of this privacy
    #[arg(long)]
    privacy: Option<PrivacyFlag>,
    /// Of this type
    #[arg(long = "type")]
    kind: Option<TypeFlag>,
    /// Disabled, or not
    #[arg(long)]
    disabled: Option<Switch>,
    /// With this person, or domain, among the members
    #[arg(long, value_name = "JID", value_parser = a_person_or_domain)]
    member: Option<BareJid>,
    /// With this person among the managers
    #[arg(long, value_name = "PERSON", value_parser = a_person)]
    manager: Option<BareJid>,
    /// With this person, or domain, among the presenters
    #[arg(long, value_name = "JID", value_parser = a_person_or_domain)]
    presenter: Option<BareJid>,
    /// With this add-in, or `none`
    #[arg(long, value_name = "NAME")]
    addin: Option<String>,
    /// With these words in the name, case aside
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
}

/// Show one room: what it is like, who is in its lists, how much its archive holds and from when
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShowRoom {
    /// The room's address, or what stands in it before the @
    room: RoomName,
}

/// What is to be known of a room. Times are in RFC 3339.
#[derive(Serialize)]
struct RoomFields {
    room: BareJid,
    /// Its name; empty: none.
    name: String,
    /// What it is for; empty: unsaid.
    description: String,
    /// `open`, `closed` or `secret`.
    privacy: String,
    /// `normal` or `auditorium`.
    #[serde(rename = "type")]
    kind: String,
    /// Whether people invite others: `inherit` or `off`.
    invitations: String,
    /// Whether it is out of use.
    disabled: bool,
    /// Why; empty: unsaid.
    disabled_reason: String,
    /// The number of its managers.
    managers: usize,
    /// The number of entries in its list of members.
    members: usize,
    /// The number of entries in its list of presenters.
    presenters: usize,
    /// The name of its add-in, if it has one.
    addin: Option<String>,
    /// The number of people inside.
    occupants: u64,
    /// The number of stanzas in its archive.
    messages: u64,
    /// When the first of them was said.
    first: Option<String>,
    /// When the last of them was said.
    last: Option<String>,
    /// For how many days they are kept; 0: for ever.
    keep_days: u32,
    /// How many of them are kept; 0: all.
    keep_messages: u32,
    /// The number of bytes of their content, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    content_bytes: Option<u64>,
    /// What a client enters it by.
    link: String,
}

const LIST: &[Column] = &[
    Column::words("room", "ROOM"),
    Column::number("occupants", "INSIDE"),
    Column::number("messages", "MESSAGES"),
    Column::time("last", "LAST"),
    Column::words("name", "NAME"),
];

const CARD: &[Column] = &[
    Column::words("room", "room"),
    Column::words("name", "name"),
    Column::words("description", "description"),
    Column::words("privacy", "privacy"),
    Column::words("type", "type"),
    Column::words("invitations", "invitations"),
    Column::words("disabled", "disabled"),
    Column::words("disabled_reason", "why disabled"),
    Column::number("managers", "managers"),
    Column::number("members", "members"),
    Column::number("presenters", "presenters"),
    Column::words("addin", "add-in").or_else("none"),
    Column::number("occupants", "people inside"),
    Column::number("messages", "messages"),
    Column::time("first", "first"),
    Column::time("last", "last"),
    Column::amount("keep_days", "kept for", "day").or_else("ever"),
    Column::amount("keep_messages", "kept at most", "message").or_else("all"),
    Column::amount("content_bytes", "content", "byte"),
    Column::words("link", "link"),
];

impl Command for ListRooms {
    fn layout(&self) -> Layout {
        Layout::Table(LIST)
    }

    /// Tells of all rooms that are meant, in the order of their addresses.
    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let selection = self.which.selection();
        let addins = addins(tools)?;
        let wanted = self.which.wanted(&addins)?;
        let is_wanted = |configuration: &Configuration| wanted.fits(configuration);
        let is_anything = pages::each(
            |after| Ok((tools.survey).rooms(&selection, &is_wanted, after, PAGE)?),
            |summary| summary.room.clone(),
            |summary| tools.tell(&RoomFields::of(tools, &addins, summary, None)),
        )?;
        Ok(Conclusion::new(match is_anything {
            true => "",
            false if self.which == WhichRooms::ALL => "There are no rooms.",
            false => "There are no such rooms.",
        }))
    }
}

impl Command for ShowRoom {
    fn facts() -> Facts {
        Facts::for_rank(Rank::Manager)
    }

    fn room(&self) -> Option<&RoomName> {
        Some(&self.room)
    }

    fn layout(&self) -> Layout {
        Layout::Card(CARD)
    }

    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let summary = tools.room(&self.room)?;
        let bytes = tools.survey.content_bytes(&summary.room)?;
        let addins = addins(tools)?;
        tools.tell(&RoomFields::of(tools, &addins, summary, Some(bytes)))?;
        Ok(Conclusion::default())
    }
}

/// What is wanted of a room's own settings.
struct WantedSettings {
    privacy: Option<PrivacyFlag>,
    kind: Option<TypeFlag>,
    disabled: Option<bool>,
    addin: Option<Option<AddInId>>,
    /// In lower case.
    words: BTreeSet<String>,
}

impl WhichRooms {
    /// All that there are.
    const ALL: Self = Self {
        privacy: None,
        kind: None,
        disabled: None,
        member: None,
        manager: None,
        presenter: None,
        addin: None,
        name: None,
    };

    fn selection(&self) -> RosterSelection {
        let members = self.member.iter().map(|jid| (PeopleList::Members, jid));
        let managers = self.manager.iter().map(|jid| (PeopleList::Managers, jid));
        let presenters = (self.presenter.iter()).map(|jid| (PeopleList::Presenters, jid));
        let listed = members.chain(managers).chain(presenters);
        RosterSelection {
            listed: listed.map(|(list, jid)| (list, jid.clone())).collect(),
        }
    }

    fn wanted(&self, addins: &AddIns) -> Result<WantedSettings, Error> {
        let words = self.name.iter().flat_map(|name| name.split_whitespace());
        let chosen = |name: &String| {
            let unknown = || Error::NoSuchAddIn { name: name.clone() };
            addins.chosen(name).map_err(|_| unknown())
        };
        Ok(WantedSettings {
            addin: self.addin.as_ref().map(chosen).transpose()?,
            privacy: self.privacy,
            kind: self.kind,
            disabled: self.disabled.map(Switch::is_on),
            words: words.map(str::to_lowercase).collect(),
        })
    }
}

impl WantedSettings {
    fn fits(&self, configuration: &Configuration) -> bool {
        let name = configuration.name.to_lowercase();
        (self.privacy).is_none_or(|privacy| PrivacyFlag::of(configuration) == privacy)
            && (self.kind).is_none_or(|kind| TypeFlag::of(configuration) == kind)
            && (self.disabled).is_none_or(|disabled| configuration.disabled == disabled)
            && (self.addin).is_none_or(|addin| configuration.addin == addin)
            && self.words.iter().all(|word| name.contains(word))
    }
}

impl RoomFields {
    fn of(
        tools: &Tools,
        addins: &AddIns,
        summary: RoomSummary,
        content_bytes: Option<u64>,
    ) -> Self {
        let keep = tools.retention.unless(summary.keep);
        let configuration = &summary.configuration;
        Self {
            name: configuration.name.to_string(),
            description: configuration.description.to_string(),
            privacy: word(PrivacyFlag::of(configuration)),
            kind: word(TypeFlag::of(configuration)),
            invitations: word(InvitationsFlag::of(configuration)),
            disabled: configuration.disabled,
            disabled_reason: configuration.disabled_reason.to_string(),
            managers: summary.lengths.of(List::Owners),
            members: summary.lengths.of(List::Members),
            presenters: summary.lengths.of(List::Presenters),
            addin: (configuration.addin)
                .and_then(|id| addins.get(id))
                .map(|addin| addin.name.to_string()),
            occupants: summary.occupants,
            messages: summary.messages,
            first: summary.first.map(time::format),
            last: summary.last.map(time::format),
            keep_days: keep.days,
            keep_messages: keep.messages,
            content_bytes,
            link: (tools.environment.link)(&summary.room),
            room: summary.room,
        }
    }
}

fn addins(tools: &Tools) -> Result<AddIns, Error> {
    Ok(tools.survey.addins()?.into_iter().collect())
}

/// Number of rooms that are read at once.
const PAGE: usize = 100;
