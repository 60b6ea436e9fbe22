//! The categories of rooms that come: those that are here already by their names, and the others,
//! which are made.

use std::collections::BTreeMap;

use super::imported::{CategoryOutcome, ImportedCategory};
use super::{Conflict, ImportRooms};
use crate::command::work::Work;
use crate::command::{Error, Tools};
use crate::directory::{self, Category, CategoryList, CategoryWish, EditStep, ListEdit};
use crate::room::scope::{CategoryId, name_key};
use crate::transfer::record::CategoryRecord;

/// Categories by their names, compared without case.
#[derive(Default)]
pub(super) struct ComingCategories {
    known: BTreeMap<String, KnownCategory>,
}

struct KnownCategory {
    /// `None`: it would be made, but nothing is done.
    id: Option<CategoryId>,
    /// Whether the one that is here is for others than the one that came.
    differs: bool,
}

impl ComingCategories {
    /// Takes a category, and tells what becomes of it.
    pub fn take(
        &mut self,
        record: CategoryRecord,
        wish: &ImportRooms,
        tools: &Tools,
    ) -> Result<(), Error> {
        let here = tools.survey.category(&record.name)?;
        let outcome = match &here {
            Some(here) if is_for_the_same(here, &record) => CategoryOutcome::Exists,
            Some(_) => CategoryOutcome::Differs,
            None if wish.dry_run => CategoryOutcome::WouldBeImported,
            None => CategoryOutcome::Imported,
        };
        let id = match (here, outcome) {
            (Some(here), _) => Some(here.id),
            (None, CategoryOutcome::Imported) => Some(make(tools, &record)?),
            (None, _) => None,
        };
        let known = KnownCategory {
            id,
            differs: outcome == CategoryOutcome::Differs,
        };
        self.known.insert(name_key(&record.name), known);
        tools.tell(&ImportedCategory {
            category: record.name.to_string(),
            outcome,
        })
    }

    /// The category of a new room; without a name the one that there is out of the box.
    ///
    /// # Errors
    /// - [`Error::NoSuchCategory`]: it is neither here nor did it come.
    /// - [`Error::CategoryDiffers`]: the one that is here is for others.
    pub fn of_room(
        &mut self,
        name: Option<&str>,
        wish: &ImportRooms,
        tools: &Tools,
    ) -> Result<CategoryId, Error> {
        let Some(name) = name else {
            return Ok(CategoryId::GENERAL);
        };
        let category = name.to_owned();
        let key = name_key(name);
        if !self.known.contains_key(&key) {
            let here = tools.category(name)?;
            let known = KnownCategory {
                id: Some(here.id),
                differs: false,
            };
            self.known.insert(key.clone(), known);
        }
        match self.known.get(&key) {
            Some(known) if known.differs && wish.on_conflict == Conflict::Fail => {
                Err(Error::CategoryDiffers { category })
            }
            // Of what is only told, the number is of no use.
            Some(known) => Ok(known.id.unwrap_or(CategoryId::GENERAL)),
            None => Err(Error::NoSuchCategory { name: category }),
        }
    }
}

fn is_for_the_same(here: &Category, record: &CategoryRecord) -> bool {
    here.allowed == record.allowed
        && here.denied == record.denied
        && here.creators == record.creators
}

/// Makes a category as it comes.
fn make(tools: &Tools, record: &CategoryRecord) -> Result<CategoryId, Error> {
    let lists = [
        (CategoryList::Allowed, &record.allowed),
        (CategoryList::Denied, &record.denied),
        (CategoryList::Creators, &record.creators),
    ];
    let edits = lists.map(|(list, entries)| ListEdit {
        list,
        step: EditStep::Replace,
        entries: entries.iter().collect(),
    });
    let wish = CategoryWish {
        name: Some(record.name.clone()),
        description: Some(record.description.clone()),
        edits: edits.into(),
        history: Some(record.switches.history),
        invitations: Some(record.switches.invitations),
        uploads: Some(record.switches.uploads),
    };
    tools.change(Work::Directory(directory::Request::MakeCategory(wish)))?;
    let made = tools.survey.category(&record.name)?;
    made.map(|made| made.id)
        .ok_or_else(|| Error::NoSuchCategory {
            name: record.name.to_string(),
        })
}
