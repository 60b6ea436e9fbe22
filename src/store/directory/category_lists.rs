//! The categories with their lists, as they are read.

use rusqlite::{Connection, Result};

use crate::directory::{Category, CategoryList};
use crate::room::scope::{CategoryId, Principal, Switches};
use crate::store::column;

/// Every category there is, with its lists.
pub(in crate::store) fn all(connection: &Connection) -> Result<Vec<Category>> {
    let mut all: Vec<Category> = connection
        .prepare_cached(ALL)?
        .query_map([], |row| {
            let category = Category::new(CategoryId(row.get(0)?), column::text(row, 1)?);
            Ok(Category {
                description: column::text(row, 2)?,
                switches: Switches {
                    history: row.get(3)?,
                    invitations: row.get(4)?,
                    uploads: row.get(5)?,
                },
                ..category
            })
        })?
        .collect::<Result<_>>()?;
    let mut statement = connection.prepare_cached(LISTS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id = CategoryId(row.get(0)?);
        let list = column::word(row, 1, "list of a category", CategoryList::from_name)?;
        let entry = column::word(row, 2, "entry of a list", |text| {
            text.parse::<Principal>().ok()
        })?;
        if let Ok(place) = all.binary_search_by_key(&id, |category| category.id) {
            all[place].list_mut(list).insert(entry);
        }
    }
    Ok(all)
}

pub(in crate::store) const ALL: &str =
    "SELECT id, name, description, history, invitations, uploads FROM category ORDER BY id";

pub(in crate::store) const LISTS: &str = "SELECT category, list, principal FROM category_principal";
