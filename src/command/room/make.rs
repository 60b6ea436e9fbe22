//! `room new`: a room is made.

use std::collections::BTreeSet;

use clap::Args;
use jid::BareJid;
use serde::{Deserialize, Serialize};

use super::address;
use super::flags::{InvitationsFlag, PrivacyFlag, TypeFlag, description, name};
use crate::command::people;
use crate::command::person::{a_person, a_person_or_domain};
use crate::command::{Column, Command, Conclusion, Error, Facts, Layout, Rank, Tools, Work};
use crate::room::Action;
use crate::room::setting::{Assignment, Setting};

/// Make a room, and print its address and the link that opens it in a client
///
/// All of it is done, or there is no room. Whoever makes it from a client is its first manager.
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MakeRoom {
    /// What it is called
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
    /// What stands in its address before the @; made of the name unless it is given, or by chance
    /// for a secret room
    #[arg(long, value_name = "LOCALPART")]
    address: Option<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT", value_parser = description)]
    description: Option<String>,
    /// Who may know of it, and enter
    #[arg(long, default_value = "open")]
    privacy: PrivacyFlag,
    /// Who speaks in it
    #[arg(long = "type", default_value = "normal")]
    kind: TypeFlag,
    /// Whether people invite others
    #[arg(long, default_value = "inherit")]
    invitations: InvitationsFlag,
    /// A manager; may be given several times
    #[arg(long, value_name = "PERSON", value_parser = a_person)]
    manager: Vec<BareJid>,
    /// A member: a person, or a domain, whose people are members then; may be given several times
    #[arg(long, value_name = "JID", value_parser = a_person_or_domain)]
    member: Vec<BareJid>,
    /// Who speaks when it is an auditorium: a person, or a domain; may be given several times
    #[arg(long, value_name = "JID", value_parser = a_person_or_domain)]
    presenter: Vec<BareJid>,
    /// The web page that is shown beside it, by the name under which it is registered
    #[arg(long, value_name = "NAME")]
    addin: Option<String>,
}

/// The room that was made.
#[derive(Serialize)]
struct MadeFields {
    room: BareJid,
    name: String,
    /// What a client enters it by.
    link: String,
}

const CARD: &[Column] = &[Column::words("room", "room"), Column::words("link", "link")];

impl Command for MakeRoom {
    fn facts() -> Facts {
        Facts::for_rank(Rank::Anybody)
    }

    fn layout(&self) -> Layout {
        Layout::Card(CARD)
    }

    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let room = self.place(tools)?;
        let mut actions = vec![Action::Configure(self.assignments())];
        let people = people::affiliations(self.manager.clone(), self.member.clone());
        actions.extend(people::moderations(tools, people));
        let presenters: BTreeSet<_> = self.presenter.iter().cloned().collect();
        actions.extend(people::appointments(tools, presenters, []));
        tools.change(Work::Make {
            room: room.clone(),
            actions,
        })?;
        tools.tell(&MadeFields {
            name: self.name.clone(),
            link: (tools.environment.link)(&room),
            room,
        })?;
        Ok(Conclusion::default())
    }
}

impl MakeRoom {
    /// Where it is to be.
    fn place(&self, tools: &Tools) -> Result<BareJid, Error> {
        match &self.address {
            Some(localpart) => {
                let room = address::at(localpart, &tools.service);
                room.ok_or_else(|| Error::BadFlag {
                    flag: "address",
                    why: format!("{localpart:?} can't stand before the @ of an address"),
                })
            }
            None if self.privacy == PrivacyFlag::Secret => Ok(address::unguessable(tools)),
            None => address::of_name(tools, &self.name),
        }
    }

    fn assignments(&self) -> Vec<Assignment> {
        let description = self.description.as_deref().unwrap_or_default();
        let addin = self.addin.iter();
        let mut assignments = vec![
            Setting::Name.to(&*self.name),
            Setting::Description.to(description),
            // Nobody is inside, so another one would be gone at once.
            Setting::Persistent.to(true),
            self.privacy.assignment(),
            self.kind.assignment(),
            self.invitations.assignment(),
        ];
        assignments.extend(addin.map(|addin| Assignment::AddIn(addin.as_str().into())));
        assignments
    }
}
