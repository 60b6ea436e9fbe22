//! `category`: whom rooms are for, who may create them, and what they do.

use std::sync::Arc;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::room::flags::Switch;
use super::work::Work;
use super::{Column, Command, Conclusion, Error, Layout, Tools, table};
use crate::directory::{self, Category, CategoryList, CategoryWish, EditStep, ListEdit};
use crate::room::scope::{NoPrincipal, Principal, name_key};

table! {
    /// What there is to be done with categories.
    CategoryVerb {
        List(ListCategories),
        Show(ShowCategory),
        New(NewCategory),
        Set(SetCategory),
        Remove(RemoveCategory),
    }
}

/// List the categories: name, number of rooms, how many entries their lists have
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListCategories {}

/// Show one category: whom its rooms are for, who may create them, what they do
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShowCategory {
    /// The category's name
    #[arg(value_name = "NAME")]
    category: String,
}

/// Make a category
///
/// An entry of a list is an address, a domain, * for everybody, group:NAME or ldap:DN. Without
/// --allowed its rooms are for nobody but operators.
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCategory {
    /// What people call it
    name: String,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Who may know its rooms and enter them; more of them by more of this
    #[arg(long, value_name = "ENTRY")]
    #[serde(default)]
    allowed: Vec<String>,
    /// Who of these may not; more of them by more of this
    #[arg(long, value_name = "ENTRY")]
    #[serde(default)]
    denied: Vec<String>,
    /// Who may create rooms in it, if they are allowed; more of them by more of this
    #[arg(long, value_name = "ENTRY")]
    #[serde(default)]
    creators: Vec<String>,
    #[command(flatten)]
    switches: CategorySwitches,
}

/// Change a category; whoever falls out of scope is shown out of its rooms
///
/// An entry of a list is an address, a domain, * for everybody, group:NAME or ldap:DN.
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetCategory {
    /// The category's name
    #[arg(value_name = "NAME")]
    category: String,
    /// Its name from now on
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Who may know its rooms and enter them, in place of all that were allowed
    #[arg(long, value_name = "ENTRY")]
    #[serde(default)]
    allowed: Vec<String>,
    /// Who may know its rooms and enter them, too
    #[arg(long, value_name = "ENTRY")]
    #[serde(default)]
    add_allowed: Vec<String>,
    /// Who is allowed no longer
    #[arg(long, value_name = "ENTRY")]
    #[serde(default)]
    remove_allowed: Vec<String>,
    /// Who may not, in place of all that were denied
    #[arg(long, value_name = "ENTRY")]
    #[serde(default)]
    denied: Vec<String>,
    /// Who may not, too
    #[arg(long, value_name = "ENTRY")]
    #[serde(default)]
    add_denied: Vec<String>,
    /// Who is denied no longer
    #[arg(long, value_name = "ENTRY")]
    #[serde(default)]
    remove_denied: Vec<String>,
    /// Who may create rooms, in place of all who might
    #[arg(long, value_name = "ENTRY")]
    #[serde(default)]
    creators: Vec<String>,
    /// Who may create rooms, too
    #[arg(long, value_name = "ENTRY")]
    #[serde(default)]
    add_creators: Vec<String>,
    /// Who may create rooms no longer
    #[arg(long, value_name = "ENTRY")]
    #[serde(default)]
    remove_creators: Vec<String>,
    #[command(flatten)]
    switches: CategorySwitches,
}

/// What the rooms of a category do.
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CategorySwitches {
    /// Whether what is said is kept for reading
    #[arg(long, value_name = "SWITCH")]
    history: Option<Switch>,
    /// Whether its rooms send invitations
    #[arg(long, value_name = "SWITCH")]
    invitations: Option<Switch>,
    /// Whether clients are told that files may be sent
    #[arg(long, value_name = "SWITCH")]
    uploads: Option<Switch>,
}

/// Remove a category in which there are no rooms
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoveCategory {
    /// The category's name
    #[arg(value_name = "NAME")]
    category: String,
}

/// A category in a list of them.
#[derive(Serialize)]
struct CategorySummary {
    name: String,
    description: String,
    /// The number of rooms in it.
    rooms: u64,
    /// The number of entries of its lists.
    allowed: usize,
    denied: usize,
    creators: usize,
}

/// All that is to be known of a category.
#[derive(Serialize)]
struct CategoryFields {
    name: String,
    description: String,
    /// The number of rooms in it.
    room_count: u64,
    allowed: Vec<String>,
    denied: Vec<String>,
    creators: Vec<String>,
    history: bool,
    invitations: bool,
    uploads: bool,
}

/// A category that was removed.
#[derive(Serialize)]
struct RemovedCategoryFields {
    removed: String,
}

const LIST: &[Column] = &[
    Column::words("name", "NAME"),
    Column::number("rooms", "ROOMS"),
    Column::number("allowed", "ALLOWED"),
    Column::number("denied", "DENIED"),
    Column::number("creators", "CREATORS"),
    Column::words("description", "DESCRIPTION"),
];

const CARD: &[Column] = &[
    Column::words("name", "name"),
    Column::words("description", "description").or_else("-"),
    Column::amount("room_count", "holds", "room").or_else("no room"),
    Column::words("allowed", "allowed").or_else("nobody"),
    Column::words("denied", "denied").or_else("nobody"),
    Column::words("creators", "creators").or_else("operators alone"),
    Column::words("history", "history"),
    Column::words("invitations", "invitations"),
    Column::words("uploads", "uploads"),
];

impl Command for ListCategories {
    fn layout(&self) -> Layout {
        Layout::Table(LIST)
    }

    /// Tells of all categories, in the order of their names.
    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let mut categories = tools.survey.categories()?;
        categories.sort_by_cached_key(|category| name_key(&category.name));
        for category in categories {
            tools.tell(&CategorySummary {
                rooms: tools.survey.category_room_count(category.id)?,
                name: category.name.to_string(),
                description: category.description.to_string(),
                allowed: category.allowed.len(),
                denied: category.denied.len(),
                creators: category.creators.len(),
            })?;
        }
        Ok(Conclusion::default())
    }
}

impl Command for ShowCategory {
    fn layout(&self) -> Layout {
        Layout::Card(CARD)
    }

    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let category = tools.category(&self.category)?;
        tell(tools, &category)?;
        Ok(Conclusion::default())
    }
}

impl Command for NewCategory {
    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let lists = [
            (CategoryList::Allowed, &self.allowed),
            (CategoryList::Denied, &self.denied),
            (CategoryList::Creators, &self.creators),
        ];
        let wish = CategoryWish {
            name: Some(self.name.as_str().into()),
            description: self.description.as_deref().map(Into::into),
            edits: edits(lists.map(|(list, entries)| (list, EditStep::Replace, entries)))?,
            ..self.switches.wish()
        };
        tools.change(Work::Directory(directory::Request::MakeCategory(wish)))?;
        let made = tools.category(&self.name)?;
        tell(tools, &made)?;
        let hint = match made.allowed.is_empty() {
            true => "; nobody is allowed yet: lyceum category set … --allowed ENTRY",
            false => "",
        };
        Ok(Conclusion::new(format!(
            "{} is a category{hint}",
            made.name
        )))
    }
}

impl Command for SetCategory {
    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        use CategoryList::{Allowed, Creators, Denied};
        use EditStep::{Add, Remove, Replace};
        let wish = CategoryWish {
            name: self.name.as_deref().map(Into::into),
            description: self.description.as_deref().map(Into::into),
            edits: edits([
                (Allowed, Replace, &self.allowed),
                (Allowed, Add, &self.add_allowed),
                (Allowed, Remove, &self.remove_allowed),
                (Denied, Replace, &self.denied),
                (Denied, Add, &self.add_denied),
                (Denied, Remove, &self.remove_denied),
                (Creators, Replace, &self.creators),
                (Creators, Add, &self.add_creators),
                (Creators, Remove, &self.remove_creators),
            ])?,
            ..self.switches.wish()
        };
        if wish == CategoryWish::default() {
            return Err(Error::NothingToChange);
        }
        let name = Arc::from(self.category.as_str());
        tools.change(Work::Directory(directory::Request::SetCategory {
            name,
            wish,
        }))?;
        let now = self.name.as_deref().unwrap_or(&self.category);
        let category = tools.category(now)?;
        tell(tools, &category)?;
        Ok(Conclusion::new(format!("{} is changed", category.name)))
    }
}

impl Command for RemoveCategory {
    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let category = tools.category(&self.category)?;
        let count = tools.survey.category_room_count(category.id)?;
        if count > 0 {
            return Err(Error::CategoryInUse {
                rooms: tools.survey.rooms_in_category(category.id, NAMED_MAX)?,
                name: category.name,
                count,
            });
        }
        // Whoever makes a room in it meanwhile is asked again.
        let id = category.id;
        let name = category.name.clone();
        tools.change(Work::RemoveCategory { id, name })?;
        let removed = category.name.to_string();
        tools.tell(&RemovedCategoryFields { removed })?;
        Ok(Conclusion::new(format!("Removed {}", category.name)))
    }
}

impl CategorySwitches {
    /// A wish for them alone.
    fn wish(&self) -> CategoryWish {
        CategoryWish {
            history: self.history.map(Switch::is_on),
            invitations: self.invitations.map(Switch::is_on),
            uploads: self.uploads.map(Switch::is_on),
            ..CategoryWish::default()
        }
    }
}

/// The changes of lists, of those flags that were given.
fn edits<'a>(
    flags: impl IntoIterator<Item = (CategoryList, EditStep, &'a Vec<String>)>,
) -> Result<Vec<ListEdit>, NoPrincipal> {
    let given = flags
        .into_iter()
        .filter(|(.., entries)| !entries.is_empty());
    let edits = given.map(|(list, step, entries)| {
        let entries: Result<Vec<Principal>, _> =
            entries.iter().map(|entry| entry.parse()).collect();
        Ok(ListEdit {
            list,
            step,
            entries: entries?,
        })
    });
    edits.collect()
}

fn tell(tools: &Tools, category: &Category) -> Result<(), Error> {
    let entries = |list| {
        category
            .list(list)
            .iter()
            .map(|entry| entry.to_string())
            .collect()
    };
    tools.tell(&CategoryFields {
        name: category.name.to_string(),
        description: category.description.to_string(),
        room_count: tools.survey.category_room_count(category.id)?,
        allowed: entries(CategoryList::Allowed),
        denied: entries(CategoryList::Denied),
        creators: entries(CategoryList::Creators),
        history: category.switches.history,
        invitations: category.switches.invitations,
        uploads: category.switches.uploads,
    })
}

/// Number of rooms that are named where a category can't be removed.
const NAMED_MAX: u32 = 20;
