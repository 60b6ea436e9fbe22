//! `principal`: the people whom a category is for.

use std::collections::BTreeMap;

use clap::{ArgGroup, Args};
use serde::{Deserialize, Serialize};

use super::{Column, Command, Conclusion, Error, Layout, RoomName, Tools, table};
use crate::directory::{Category, Groups};
use crate::room::scope::{Principal, Principals};

table! {
    /// What there is to be done with people and groups.
    PrincipalWish {
        List(ListPrincipals),
    }
}

/// List who is eligible for the rooms of a category: the people of its groups one by one, domains
/// and * as such
///
/// Whoever is denied is left out; if a domain that is listed, or *, would let them in, they are
/// listed as denied. Groups from outside are as they were read last.
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[command(group = ArgGroup::new("whose").args(["category", "room"]).required(true))]
pub struct ListPrincipals {
    /// The name of the category
    #[arg(long, value_name = "NAME")]
    category: Option<String>,
    /// A room, by its address or what stands in it before the @: that of its category
    #[arg(long)]
    room: Option<RoomName>,
}

/// Whom a list means: people, domains and everybody, each with the entries that do.
#[derive(Default)]
struct Means(BTreeMap<Principal, Vec<String>>);

/// Somebody who is eligible, or whom somebody might take for that.
#[derive(Serialize)]
struct PrincipalFields {
    /// A person, a domain, or `*`.
    principal: String,
    /// Whether they are in scope; of a domain or `*`: whether those are who aren't denied.
    eligible: bool,
    /// The entries of the category because of which they are, or aren't.
    through: Vec<String>,
}

const LIST: &[Column] = &[
    Column::words("principal", "PRINCIPAL"),
    Column::words("eligible", "ELIGIBLE"),
    Column::words("through", "THROUGH"),
];

impl Command for ListPrincipals {
    fn room(&self) -> Option<&RoomName> {
        self.room.as_ref()
    }

    fn layout(&self) -> Layout {
        Layout::Table(LIST)
    }

    /// Tells of those who are eligible, and then of those who are denied.
    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let category = self.category(tools)?;
        let mut groups = Groups::new(&tools.served);
        for news in tools.survey.known_groups()?.into_news() {
            groups.learn(news);
        }
        let allowed = Means::of(&category.allowed, &mut groups);
        let denied = Means::of(&category.denied, &mut groups);
        let mut people = 0;
        let mut is_anybody = false;
        for (principal, through) in &allowed.0 {
            if denied.cover(principal) {
                continue;
            }
            is_anybody = true;
            people += u64::from(matches!(principal, Principal::Person(_)));
            tools.tell(&PrincipalFields::of(principal, true, through))?;
        }
        for (principal, through) in &denied.0 {
            if allowed.cover(principal) || allowed.reach_into(principal) {
                tools.tell(&PrincipalFields::of(principal, false, through))?;
            }
        }
        let name = &category.name;
        Ok(Conclusion::new(match is_anybody {
            false => format!("Nobody is eligible in {name} but operators"),
            true => format!("{} by name in {name}", counted_people(people)),
        }))
    }
}

impl ListPrincipals {
    fn category(&self, tools: &Tools) -> Result<Category, Error> {
        match (&self.category, &self.room) {
            (Some(name), _) => tools.category(name),
            (None, Some(room)) => {
                let room = tools.room(room)?.room;
                let id = tools.survey.category_of(&room)?;
                let mut all = tools.survey.categories()?.into_iter();
                let found = all.find(|category| Some(category.id) == id);
                found.ok_or_else(no_category)
            }
            (None, None) => Err(no_category()),
        }
    }
}

/// What nobody has named.
fn no_category() -> Error {
    Error::NoSuchCategory {
        name: String::new(),
    }
}

impl Means {
    fn of(list: &Principals, groups: &mut Groups) -> Self {
        let mut means = Self::default();
        for entry in list.iter() {
            let text = entry.to_string();
            for principal in groups.spell_out(&[entry].into_iter().collect()) {
                means.0.entry(principal).or_default().push(text.clone());
            }
        }
        means
    }

    /// Whether all whom an entry means are meant.
    fn cover(&self, principal: &Principal) -> bool {
        let by_domain = match principal {
            Principal::Person(person) => {
                let domain = Principal::Domain(person.domain().to_owned());
                self.0.contains_key(&domain)
            }
            Principal::Everybody
            | Principal::Domain(_)
            | Principal::Group(_)
            | Principal::Ldap(_) => false,
        };
        by_domain || self.0.contains_key(principal) || self.0.contains_key(&Principal::Everybody)
    }

    /// Whether some whom an entry means are meant, but not all.
    fn reach_into(&self, principal: &Principal) -> bool {
        self.0.keys().any(|own| match (principal, own) {
            (Principal::Everybody, _) => true,
            (Principal::Domain(domain), Principal::Person(person)) => **domain == *person.domain(),
            _ => false,
        })
    }
}

impl PrincipalFields {
    fn of(principal: &Principal, eligible: bool, through: &[String]) -> Self {
        Self {
            principal: principal.to_string(),
            eligible,
            through: through.to_vec(),
        }
    }
}

fn counted_people(number: u64) -> String {
    match number {
        1 => "1 person".to_owned(),
        number => format!("{number} people"),
    }
}
