//! `room set`: a room becomes another.

use std::collections::{BTreeMap, BTreeSet};

use clap::{ArgGroup, Args};
use jid::BareJid;
use serde::{Deserialize, Serialize};

use super::flags::{
    InvitationsFlag, PrivacyFlag, Switch, TypeFlag, description, disabled_reason, name, word,
};
use crate::command::form::Filled;
use crate::command::people;
use crate::command::person::{a_person, a_person_or_domain};
use crate::command::{Command, Conclusion, Error, Facts, Rank, RoomName, StoredForm, Tools};
use crate::room::setting::addin::{AddIns, NONE};
use crate::room::setting::{Assignment, Setting};
use crate::room::{Action, Affiliation};
use crate::store::PeopleList;

/// Change a room; what no flag names stays as it is
///
/// All of it is done, or nothing. A list is replaced by its flag, given once for each entry, and
/// changed by `--add-…` and `--remove-…`.
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[command(group = ArgGroup::new("what").required(true).multiple(true).args([
    "name", "description", "privacy", "kind", "invitations", "disabled", "manager", "add_manager", "remove_manager",
    "member", "add_member", "remove_member", "presenter", "add_presenter", "remove_presenter",
    "addin",
]))]
pub struct SetRoom {
    /// The room's address, or what stands in it before the @
    room: RoomName,
    /// Another name; the address stays
    #[arg(long, value_name = "NAME", value_parser = name)]
    name: Option<String>,
    /// What it is for; empty: nothing is said of that
    #[arg(long, value_name = "TEXT", value_parser = description)]
    description: Option<String>,
    /// Who may know of it, and enter
    #[arg(long)]
    privacy: Option<PrivacyFlag>,
    /// Who speaks in it
    #[arg(long = "type")]
    kind: Option<TypeFlag>,
    /// Whether people invite others
    #[arg(long)]
    invitations: Option<InvitationsFlag>,
    /// Whether it is out of use: everybody is shown out, and all of it is kept; only operators
    /// switch it off again
    #[arg(long)]
    disabled: Option<Switch>,
    /// Why it is disabled, which is what those read who are shown out
    #[arg(long, value_name = "TEXT", value_parser = disabled_reason, requires = "disabled")]
    reason: Option<String>,
    /// The web page that is shown beside it, by the name under which it is registered; or `none`
    #[arg(long, value_name = "NAME")]
    addin: Option<String>,
    #[command(flatten)]
    people: RoomPeople,
}

/// What becomes of a room's lists.
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoomPeople {
    /// The managers, in place of those there are
    #[arg(long, value_name = "PERSON", value_parser = a_person)]
    manager: Vec<BareJid>,
    /// One more manager
    #[arg(long, value_name = "PERSON", value_parser = a_person, conflicts_with = "manager")]
    add_manager: Vec<BareJid>,
    /// A manager who is to be none
    #[arg(long, value_name = "PERSON", value_parser = a_person, conflicts_with = "manager")]
    remove_manager: Vec<BareJid>,
    /// The members, in place of those there are: people, and domains
    #[arg(long, value_name = "JID", value_parser = a_person_or_domain)]
    member: Vec<BareJid>,
    /// One more member
    #[arg(long, value_name = "JID", value_parser = a_person_or_domain, conflicts_with = "member")]
    add_member: Vec<BareJid>,
    /// A member who is to be none
    #[arg(long, value_name = "JID", value_parser = a_person_or_domain, conflicts_with = "member")]
    remove_member: Vec<BareJid>,
    /// The presenters, in place of those there are: people, and domains
    #[arg(long, value_name = "JID", value_parser = a_person_or_domain)]
    presenter: Vec<BareJid>,
    /// One more presenter
    #[arg(long, value_name = "JID", value_parser = a_person_or_domain, conflicts_with = "presenter")]
    add_presenter: Vec<BareJid>,
    /// A presenter who is to be none
    #[arg(long, value_name = "JID", value_parser = a_person_or_domain, conflicts_with = "presenter")]
    remove_presenter: Vec<BareJid>,
}

/// The room that was changed.
#[derive(Serialize)]
struct SetFields {
    room: BareJid,
    /// What a client enters it by.
    link: String,
}

impl Command for SetRoom {
    fn facts() -> Facts {
        let stored = StoredForm {
            of: &["room"],
            read: stored,
        };
        Facts {
            rank: Rank::Manager,
            stored: Some(stored),
            ..Facts::default()
        }
    }

    fn room(&self) -> Option<&RoomName> {
        Some(&self.room)
    }

    /// Whoever comes into its lists comes before, and who goes goes after the settings: so nobody
    /// is shown out in between who is to stay.
    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let room = tools.room(&self.room)?.room;
        let (gone, come): (BTreeMap<_, _>, BTreeMap<_, _>) = (self.people.changes(tools, &room)?)
            .into_iter()
            .partition(|(_, affiliation)| *affiliation == Affiliation::None);
        let presenters = ListChange::of(
            tools,
            (&room, PeopleList::Presenters),
            &self.people.presenter,
            (&self.people.add_presenter, &self.people.remove_presenter),
        )?;
        let mut actions = people::moderations(tools, come);
        actions.extend(people::appointments(tools, presenters.come, []));
        let assignments = self.assignments();
        if !assignments.is_empty() {
            actions.push(Action::Configure(assignments));
        }
        actions.extend(people::appointments(tools, [], presenters.go));
        actions.extend(people::moderations(tools, gone));
        let nothing = actions.is_empty();
        tools.ask_room(&room, actions)?;
        tools.tell(&SetFields {
            link: (tools.environment.link)(&room),
            room: room.clone(),
        })?;
        Ok(Conclusion::new(match nothing {
            true => format!("{room} is like that already"),
            false => format!("Changed {room}"),
        }))
    }
}

/// What a room is like, as it would be set. A list that is too long to be read is left out.
fn stored(about: &[(String, Vec<String>)], tools: &Tools) -> Result<Filled, Error> {
    let summary = tools.room_filled_in(about)?;
    let configuration = &summary.configuration;
    let addins: AddIns = tools.survey.addins()?.into_iter().collect();
    let addin = configuration.addin.and_then(|id| addins.get(id));
    let disabled = match configuration.disabled {
        true => Switch::On,
        false => Switch::Off,
    };
    let fields = [
        ("name", configuration.name.to_string()),
        ("description", configuration.description.to_string()),
        ("privacy", word(PrivacyFlag::of(configuration))),
        ("type", word(TypeFlag::of(configuration))),
        ("invitations", word(InvitationsFlag::of(configuration))),
        ("disabled", word(disabled)),
        ("reason", configuration.disabled_reason.to_string()),
        (
            "addin",
            addin.map_or(NONE.to_owned(), |addin| addin.name.to_string()),
        ),
    ];
    let fields = fields.map(|(name, value)| (name.to_owned(), vec![value]));
    let mut filled: Filled = fields.into_iter().collect();
    for (list, name) in [
        (PeopleList::Managers, "manager"),
        (PeopleList::Members, "member"),
        (PeopleList::Presenters, "presenter"),
    ] {
        let entries = tools
            .survey
            .listed(&summary.room, list, None, SHOWN_MAX + 1)?;
        let entries = entries.unwrap_or_default();
        if entries.len() <= SHOWN_MAX {
            let people = entries.into_iter().map(|entry| entry.jid.to_string());
            filled.push((name.to_owned(), people.collect()));
        }
    }
    Ok(filled)
}

/// Maximum number of entries of a list that are shown in a form.
const SHOWN_MAX: usize = 100;

impl SetRoom {
    fn assignments(&self) -> Vec<Assignment> {
        let name = self.name.iter().map(|name| Setting::Name.to(&**name));
        let description = self.description.iter();
        let description = description.map(|text| Setting::Description.to(&**text));
        let privacy = self.privacy.map(PrivacyFlag::assignment);
        let kind = self.kind.map(TypeFlag::assignment);
        let invitations = self.invitations.map(InvitationsFlag::assignment);
        let words = [privacy, kind, invitations].into_iter().flatten();
        let disabled = self.disabled.into_iter().flat_map(|disabled| {
            let reason = self.reason.as_deref().unwrap_or_default();
            [
                Setting::Disabled.to(disabled.is_on()),
                Setting::DisabledReason.to(reason),
            ]
        });
        let addin = self.addin.iter();
        let addin = addin.map(|addin| Assignment::AddIn(addin.as_str().into()));
        let all = name.chain(description).chain(words).chain(disabled);
        all.chain(addin).collect()
    }
}

/// Who comes into a list, and who goes.
#[derive(Default)]
struct ListChange {
    come: BTreeSet<BareJid>,
    go: BTreeSet<BareJid>,
}

impl RoomPeople {
    /// The affiliations that are to be others. Who manages the room is no member beside that, and
    /// who manages it no more is one if they are to be.
    fn changes(
        &self,
        tools: &Tools,
        room: &BareJid,
    ) -> Result<BTreeMap<BareJid, Affiliation>, Error> {
        let managers = ListChange::of(
            tools,
            (room, PeopleList::Managers),
            &self.manager,
            (&self.add_manager, &self.remove_manager),
        )?;
        let mut members = ListChange::of(
            tools,
            (room, PeopleList::Members),
            &self.member,
            (&self.add_member, &self.remove_member),
        )?;
        let mut kept = BTreeSet::new();
        for jid in &members.come {
            let is_manager = tools.survey.is_listed(room, PeopleList::Managers, jid)?;
            if is_manager == Some(true) && !managers.go.contains(jid) {
                kept.insert(jid.clone());
            }
        }
        members.come.retain(|jid| !kept.contains(jid));
        let gone = members.go.into_iter().chain(managers.go);
        let mut changes: BTreeMap<_, _> = gone.map(|jid| (jid, Affiliation::None)).collect();
        changes.extend(people::affiliations(managers.come, members.come));
        Ok(changes)
    }
}

impl ListChange {
    /// What a list becomes: these, if there are any; else what it is, with some more and less.
    fn of(
        tools: &Tools,
        (room, listing): (&BareJid, PeopleList),
        whole: &[BareJid],
        (more, less): (&[BareJid], &[BareJid]),
    ) -> Result<Self, Error> {
        if !whole.is_empty() {
            let now = tools.survey.listed(room, listing, None, usize::MAX)?;
            let now = now.ok_or_else(|| Error::NoSuchRoom { room: room.clone() })?;
            let now: BTreeSet<_> = now.into_iter().map(|entry| entry.jid).collect();
            let whole: BTreeSet<_> = whole.iter().cloned().collect();
            return Ok(Self {
                come: &whole - &now,
                go: &now - &whole,
            });
        }
        let mut change = Self::default();
        for jid in more {
            if tools.survey.is_listed(room, listing, jid)? == Some(false) {
                change.come.insert(jid.clone());
            }
        }
        let of_list = match listing {
            PeopleList::Managers => (listing, "manager", "remove-manager"),
            PeopleList::Members => (listing, "member", "remove-member"),
            PeopleList::Presenters => (listing, "presenter", "remove-presenter"),
        };
        for jid in less {
            people::expect_listed(tools, room, of_list, jid)?;
            change.go.insert(jid.clone());
        }
        Ok(change)
    }
}
