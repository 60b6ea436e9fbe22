//! The list of rooms: those that are public, and neither locked nor disabled, of the categories
//! whose scope somebody is in. XEP-0045 §6.3 (#disco-rooms).
//!
//! As a rule that is all of them, or a good part, and they are walked along in the order of their
//! addresses. For whoever is in scope of few categories each of these is looked at by itself, lest
//! what lies between is passed by again with every page.

use rusqlite::{Connection, Result, Row, params};

use super::rooms::PagePlace;
use crate::room::PublicRoom;
use crate::room::scope::CategoryId;
use crate::store::Reader;
use crate::store::column;

/// The categories whose rooms somebody is listed.
enum ListedTo {
    All,
    Some(Vec<CategoryId>),
}

impl ListedTo {
    fn to(reader: &Reader) -> Self {
        let all = reader.categories.iter();
        let shown = all.filter(|category| reader.is_in_scope(category));
        let shown: Vec<_> = shown.map(|category| category.id).collect();
        match shown.len() == reader.categories.iter().count() {
            true => Self::All,
            false => Self::Some(shown),
        }
    }
}

/// Reads a page of the list, in the order of the rooms' addresses.
pub(in crate::store) fn page(
    connection: &Connection,
    reader: &Reader,
    place: PagePlace<'_>,
    rooms_max: u32,
) -> Result<Vec<PublicRoom>> {
    let (bound, backwards) = match place {
        PagePlace::First => ("", false),
        PagePlace::After(jid) => (jid.as_str(), false),
        PagePlace::Before(jid) => (jid.as_str(), true),
        PagePlace::Last => (BEHIND_ALL, true),
    };
    let mut rooms = match ListedTo::to(reader) {
        ListedTo::Some(few) if few.len() <= FEW_CATEGORIES => {
            by_category(connection, &few, (bound, backwards), rooms_max)?
        }
        shown => along(connection, &shown, (bound, backwards), rooms_max)?,
    };
    if backwards {
        rooms.reverse();
    }
    Ok(rooms)
}

/// Counts the rooms of the list.
pub(in crate::store) fn count(connection: &Connection, reader: &Reader) -> Result<u64> {
    let number = |row: &Row<'_>| row.get(0).map(i64::cast_unsigned);
    match ListedTo::to(reader) {
        ListedTo::All => connection.prepare_cached(COUNT)?.query_row([], number),
        ListedTo::Some(few) => {
            let mut count = connection.prepare_cached(COUNT_IN)?;
            let counts = few
                .iter()
                .map(|category| count.query_row([category.0], number));
            counts.sum()
        }
    }
}

/// Walks along all rooms that are listed to anybody.
fn along(
    connection: &Connection,
    shown: &ListedTo,
    (bound, backwards): (&str, bool),
    rooms_max: u32,
) -> Result<Vec<PublicRoom>> {
    let sql = if backwards { BEFORE } else { AFTER };
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([bound])?;
    let mut rooms = Vec::new();
    while rooms.len() < rooms_max as usize
        && let Some(row) = rows.next()?
    {
        let category = CategoryId(row.get(2)?);
        let is_shown = match shown {
            ListedTo::All => true,
            ListedTo::Some(some) => some.binary_search(&category).is_ok(),
        };
        if is_shown {
            rooms.push(read(row)?);
        }
    }
    Ok(rooms)
}

/// Puts the next rooms of each category in one order.
fn by_category(
    connection: &Connection,
    few: &[CategoryId],
    (bound, backwards): (&str, bool),
    rooms_max: u32,
) -> Result<Vec<PublicRoom>> {
    let sql = if backwards { BEFORE_IN } else { AFTER_IN };
    let mut statement = connection.prepare_cached(sql)?;
    let mut rooms = Vec::new();
    for category in few {
        let found = statement.query_map(params![bound, category.0, rooms_max], read)?;
        for room in found {
            rooms.push(room?);
        }
    }
    rooms.sort_by(|one, other| match backwards {
        false => one.jid.as_str().cmp(other.jid.as_str()),
        true => other.jid.as_str().cmp(one.jid.as_str()),
    });
    rooms.truncate(rooms_max as usize);
    Ok(rooms)
}

fn read(row: &Row<'_>) -> Result<PublicRoom> {
    Ok(PublicRoom {
        jid: column::bare_jid(row, 0)?,
        name: column::text(row, 1)?,
    })
}

/// Number of categories that are still looked at one by one.
const FEW_CATEGORIES: usize = 16;

/// A text behind all JIDs.
const BEHIND_ALL: &str = "\u{10ffff}";

pub(in crate::store) const AFTER: &str =
    "SELECT jid, name, category FROM room INDEXED BY room_listed
     WHERE public = 1 AND locked_since IS NULL AND disabled = 0 AND jid > ?1 ORDER BY jid";

pub(in crate::store) const BEFORE: &str =
    "SELECT jid, name, category FROM room INDEXED BY room_listed
     WHERE public = 1 AND locked_since IS NULL AND disabled = 0 AND jid < ?1 ORDER BY jid DESC";

pub(in crate::store) const AFTER_IN: &str =
    "SELECT jid, name FROM room INDEXED BY room_listed_by_category
     WHERE public = 1 AND locked_since IS NULL AND disabled = 0 AND jid > ?1 AND category = ?2
     ORDER BY jid LIMIT ?3";

pub(in crate::store) const BEFORE_IN: &str =
    "SELECT jid, name FROM room INDEXED BY room_listed_by_category
     WHERE public = 1 AND locked_since IS NULL AND disabled = 0 AND jid < ?1 AND category = ?2
     ORDER BY jid DESC LIMIT ?3";

const COUNT: &str =
    "SELECT count(*) FROM room WHERE public = 1 AND locked_since IS NULL AND disabled = 0";

const COUNT_IN: &str = "SELECT count(*) FROM room INDEXED BY room_listed_by_category
     WHERE public = 1 AND locked_since IS NULL AND disabled = 0 AND category = ?1";
