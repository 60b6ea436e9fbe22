//! Categories as rows, and their lists.

use jid::BareJid;
use rusqlite::{Connection, Result, params};

use crate::directory::{Category, CategoryList};
use crate::room::scope::{CategoryId, Principal, name_key};
use crate::store::batch::Operation;
use crate::store::directory::category_lists;
use crate::store::error::Error;
use crate::store::{Store, Survey, column};

/// Something that is written of a category.
#[derive(Debug)]
pub(in crate::store) enum CategoryOperation {
    /// It is like this, lists left aside.
    Set(Box<Category>),
    /// Entries of one of its lists come, or go.
    Listed {
        category: CategoryId,
        list: CategoryList,
        entries: Vec<(Principal, bool)>,
    },
    /// It is no more.
    Removed(CategoryId),
}

impl Store {
    /// Collects that there is a category like this, lists left aside.
    pub fn set_category(&mut self, category: Box<Category>) {
        let operation = CategoryOperation::Set(category);
        self.collected.push(Operation::Categorise(operation));
    }

    /// Collects entries of a list of a category, each with whether it comes, or goes.
    pub fn set_category_list(
        &mut self,
        category: CategoryId,
        list: CategoryList,
        entries: Vec<(Principal, bool)>,
    ) {
        let operation = CategoryOperation::Listed {
            category,
            list,
            entries,
        };
        self.collected.push(Operation::Categorise(operation));
    }

    /// Collects that a category is no more. There must be no room in it.
    pub fn remove_category(&mut self, category: CategoryId) {
        let operation = CategoryOperation::Removed(category);
        self.collected.push(Operation::Categorise(operation));
    }

    /// How many rooms are in a category, those too of which that is not committed yet. (Some that
    /// have just left it may be among them.)
    ///
    /// # Errors
    /// The database can't be read.
    pub fn rooms_in_category(&self, category: CategoryId) -> std::result::Result<u64, Error> {
        let coming = self.overlay.coming_into(category);
        let committed = self.reader.read("count a category's rooms", |connection| {
            count(connection, category)
        })?;
        Ok(committed.max(coming))
    }

    /// Every category there is.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn categories(&self) -> std::result::Result<Vec<Category>, Error> {
        self.reader.read("list categories", category_lists::all)
    }
}

impl CategoryOperation {
    /// Carries it out, inside the transaction that is open.
    pub fn apply(&self, connection: &Connection) -> Result<()> {
        match self {
            Self::Set(category) => {
                let switches = category.switches;
                connection.prepare_cached(SET)?.execute(params![
                    category.id.0,
                    category.name,
                    name_key(&category.name),
                    category.description,
                    switches.history,
                    switches.invitations,
                    switches.uploads,
                ])?;
            }
            Self::Listed {
                category,
                list,
                entries,
            } => {
                let mut add = connection.prepare_cached(ADD)?;
                let mut remove = connection.prepare_cached(REMOVE)?;
                for (entry, comes) in entries {
                    let statement = if *comes { &mut add } else { &mut remove };
                    statement.execute(params![category.0, list.name(), entry.to_string()])?;
                }
            }
            Self::Removed(category) => {
                connection.prepare_cached(FORGET)?.execute([category.0])?;
            }
        }
        Ok(())
    }
}

impl Survey {
    /// Every category there is, in the order in which they were made.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn categories(&self) -> std::result::Result<Vec<Category>, Error> {
        self.read("list categories", category_lists::all)
    }

    /// The category of a name, compared without case.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn category(&self, name: &str) -> std::result::Result<Option<Category>, Error> {
        let key = name_key(name);
        let mut all = self.categories()?.into_iter();
        Ok(all.find(|category| name_key(&category.name) == key))
    }

    /// How many rooms are in a category.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn category_room_count(&self, category: CategoryId) -> std::result::Result<u64, Error> {
        self.read("count a category's rooms", |connection| {
            count(connection, category)
        })
    }

    /// The first rooms of a category, in the order of their addresses.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn rooms_in_category(
        &self,
        category: CategoryId,
        rooms_max: u32,
    ) -> std::result::Result<Vec<BareJid>, Error> {
        self.read("list a category's rooms", |connection| {
            connection
                .prepare_cached(ROOMS)?
                .query_map(params![category.0, rooms_max], |row| {
                    column::bare_jid(row, 0)
                })?
                .collect()
        })
    }
}

fn count(connection: &Connection, category: CategoryId) -> Result<u64> {
    connection
        .prepare_cached(COUNT)?
        .query_row([category.0], |row| row.get(0).map(i64::cast_unsigned))
}

const SET: &str =
    "INSERT INTO category (id, name, name_key, description, history, invitations, uploads)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
     ON CONFLICT (id) DO UPDATE SET name = ?2, name_key = ?3, description = ?4, history = ?5,
         invitations = ?6, uploads = ?7";

const ROOMS: &str =
    "SELECT jid FROM room WHERE category = ?1 AND jid IS NOT NULL ORDER BY jid LIMIT ?2";

const FORGET: &str = "DELETE FROM category WHERE id = ?1";

const ADD: &str =
    "INSERT OR IGNORE INTO category_principal (category, list, principal) VALUES (?1, ?2, ?3)";

const REMOVE: &str =
    "DELETE FROM category_principal WHERE category = ?1 AND list = ?2 AND principal = ?3";

pub(in crate::store) const COUNT: &str =
    "SELECT count(*) FROM room WHERE category = ?1 AND jid IS NOT NULL";
