//! `addin`: the web pages that are registered in a pool, of which each room may show one.

use std::sync::Arc;

use clap::{ArgGroup, Args};
use jid::BareJid;
use serde::{Deserialize, Serialize};

use super::form::{self, Filled};
use super::work::Work;
use super::{Column, Command, Conclusion, Error, Facts, Layout, StoredForm, Tools, table};
use crate::directory;
use crate::room::setting::addin::{AddIn, AddInId, AddIns};

table! {
    /// What there is to be done with add-ins.
    AddInWish {
        New(NewAddIn),
        List(ListAddIns),
        Show(ShowAddIn),
        Set(SetAddIn),
        Remove(RemoveAddIn),
    }
}

/// Register a web page that rooms can show beside themselves
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAddIn {
    /// What people call it
    name: String,
    /// Its address, http or https
    #[arg(long, value_name = "URL")]
    url: String,
}

/// List the add-ins: name, number of rooms that show it, address
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListAddIns {}

/// Show one add-in, and the rooms that show it
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShowAddIn {
    /// The add-in's name
    #[arg(value_name = "NAME")]
    addin: String,
}

/// Give an add-in another name or address; the rooms that show it keep it
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[command(group = ArgGroup::new("what").args(["name", "url"]).required(true).multiple(true))]
pub struct SetAddIn {
    /// The add-in's name
    #[arg(value_name = "NAME")]
    addin: String,
    /// Its name from now on
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Its address from now on
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

/// Remove an add-in that no room shows
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoveAddIn {
    /// The add-in's name
    #[arg(value_name = "NAME")]
    addin: String,
    /// Take it away from the rooms that show it
    #[arg(long)]
    force: bool,
}

/// What is to be known of an add-in.
#[derive(Serialize)]
struct AddInFields {
    name: String,
    url: String,
    /// The number of rooms that have it.
    room_count: u64,
    /// The first of them, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    rooms: Option<Vec<BareJid>>,
}

/// An add-in that was changed.
#[derive(Serialize)]
struct ChangedFields {
    name: String,
    url: String,
}

/// An add-in that was removed.
#[derive(Serialize)]
struct RemovedAddInFields {
    name: String,
    /// The number of rooms that it was taken away from.
    cleared: u64,
}

const LIST: &[Column] = &[
    Column::words("name", "NAME"),
    Column::number("room_count", "ROOMS"),
    Column::words("url", "URL"),
];

const CARD: &[Column] = &[
    Column::words("name", "name"),
    Column::words("url", "address"),
    Column::amount("room_count", "shown by", "room").or_else("no room"),
    Column::words("rooms", "rooms").or_else("-"),
];

impl Command for NewAddIn {
    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let addin = AddIn {
            name: self.name.as_str().into(),
            url: self.url.as_str().into(),
        };
        tools.change(Work::Directory(directory::Request::NewAddIn(addin)))?;
        tools.tell(&ChangedFields {
            name: self.name.clone(),
            url: self.url.clone(),
        })?;
        Ok(Conclusion::new(format!(
            "{} can be chosen as add-in of rooms",
            self.name
        )))
    }
}

impl Command for ListAddIns {
    fn layout(&self) -> Layout {
        Layout::Table(LIST)
    }

    /// Tells of all add-ins, in the order of their names.
    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let addins = tools.survey.addins()?;
        let nothing = match addins.is_empty() {
            true => "There are no add-ins.",
            false => "",
        };
        for (id, addin) in addins {
            tools.tell(&AddInFields {
                room_count: tools.survey.addin_room_count(id)?,
                name: addin.name.to_string(),
                url: addin.url.to_string(),
                rooms: None,
            })?;
        }
        Ok(Conclusion::new(nothing))
    }
}

impl Command for ShowAddIn {
    fn layout(&self) -> Layout {
        Layout::Card(CARD)
    }

    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let (id, addin) = find(tools, &self.addin)?;
        let rooms = tools.survey.rooms_with_addin(id, SHOWN_MAX)?;
        tools.tell(&AddInFields {
            room_count: tools.survey.addin_room_count(id)?,
            name: addin.name.to_string(),
            url: addin.url.to_string(),
            rooms: Some(rooms),
        })?;
        Ok(Conclusion::default())
    }
}

/// What an add-in is called, and where it is.
fn stored(about: &[(String, Vec<String>)], tools: &Tools) -> Result<Filled, Error> {
    let name = form::value(about, "addin").unwrap_or_default();
    let (_, addin) = find(tools, name)?;
    Ok(vec![
        ("name".to_owned(), vec![addin.name.to_string()]),
        ("url".to_owned(), vec![addin.url.to_string()]),
    ])
}

impl Command for SetAddIn {
    fn facts() -> Facts {
        let stored = StoredForm {
            of: &["addin"],
            read: stored,
        };
        Facts {
            stored: Some(stored),
            ..Facts::default()
        }
    }

    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let (id, addin) = find(tools, &self.addin)?;
        let given = |text: &Option<String>| text.as_deref().map(Arc::<str>::from);
        let (new_name, url) = (given(&self.name), given(&self.url));
        let now = ChangedFields {
            name: new_name.as_deref().unwrap_or(&addin.name).to_owned(),
            url: url.as_deref().unwrap_or(&addin.url).to_owned(),
        };
        tools.change(Work::Directory(directory::Request::SetAddIn {
            addin: addin.name,
            new_name,
            url,
        }))?;
        let rooms = tools.survey.addin_room_count(id)?;
        let conclusion = format!(
            "{} is at {}; {} it",
            now.name,
            now.url,
            match rooms {
                0 => "no room shows".to_owned(),
                1 => "1 room shows".to_owned(),
                rooms => format!("{rooms} rooms show"),
            }
        );
        tools.tell(&now)?;
        Ok(Conclusion::new(conclusion))
    }
}

impl Command for RemoveAddIn {
    /// Takes it away from the rooms that have it, if that is wanted, and then removes it. Whoever
    /// chooses it meanwhile is asked again.
    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let (id, addin) = find(tools, &self.addin)?;
        let count = tools.survey.addin_room_count(id)?;
        if count > 0 && !self.force {
            let rooms = tools.survey.rooms_with_addin(id, NAMED_MAX)?;
            return Err(Error::AddInInUse {
                name: addin.name,
                rooms,
                count,
            });
        }
        let mut cleared = 0;
        if self.force {
            cleared = clear(tools, id, count)?;
        }
        let name = addin.name.clone();
        tools.change(Work::RemoveAddIn { id, name })?;
        tools.tell(&RemovedAddInFields {
            name: addin.name.to_string(),
            cleared,
        })?;
        let from = match cleared {
            0 => String::new(),
            1 => ", and took it away from 1 room".to_owned(),
            cleared => format!(", and took it away from {cleared} rooms"),
        };
        Ok(Conclusion::new(format!("Removed {}{from}", addin.name)))
    }
}

/// Takes an add-in away from all rooms, some at a time. Returns how many they were.
fn clear(tools: &Tools, id: AddInId, count: u64) -> Result<u64, Error> {
    let mut cleared = 0;
    loop {
        let rooms = tools.survey.rooms_with_addin(id, SLICE)?;
        if rooms.is_empty() {
            return Ok(cleared);
        }
        cleared += rooms.len() as u64;
        tools.change(Work::ClearAddIn { id, rooms })?;
        tools.progress(cleared, Some(count))?;
    }
}

/// The add-in of a name, however its letters are written.
fn find(tools: &Tools, name: &str) -> Result<(AddInId, AddIn), Error> {
    let addins: AddIns = tools.survey.addins()?.into_iter().collect();
    let found = addins.named(name);
    let found = found.and_then(|id| Some((id, addins.get(id)?.clone())));
    let name = || name.to_owned();
    found.ok_or_else(|| Error::NoSuchAddIn { name: name() })
}

/// Number of rooms that are changed at a time.
const SLICE: u32 = 50;
/// Number of rooms that are shown of those that have an add-in.
const SHOWN_MAX: u32 = 1000;
/// Number of rooms that are named where an add-in can't be removed.
const NAMED_MAX: u32 = 20;
