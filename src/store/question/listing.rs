//! The lists of people that commands name, each a table or a part of one.

use std::sync::Arc;

use jid::BareJid;
use rusqlite::{Connection, Row, params};

use crate::room::{List, Timestamp};
use crate::store::column;
use crate::store::room::rooms::RoomId;

/// A page of a kind of affiliation.
macro_rules! page_of {
    () => {
        "SELECT jid, reason, given_by, given_at FROM affiliation INDEXED BY affiliation_by_kind
         WHERE room = ?1 AND affiliation = "
    };
}

/// The rooms in which somebody has a kind of affiliation.
macro_rules! rooms_of {
    () => {
        "SELECT room FROM affiliation INDEXED BY affiliation_of_person
         WHERE jid = ? AND affiliation = "
    };
}

/// A list of people in a room, as operators and managers know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeopleList {
    /// Who owns the room.
    Managers,
    /// Who is a member of the room.
    Members,
    /// Who presents in it when it is an auditorium.
    Presenters,
}

/// Somebody, or a domain, in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedEntry {
    /// Who is listed: a person or a domain.
    pub jid: BareJid,
    /// Who has put them there, and when, and why, as far as the list tells.
    pub given: Option<(Option<BareJid>, Timestamp, Option<Arc<str>>)>,
}

impl PeopleList {
    /// The list whose length is counted.
    pub const fn list(self) -> List {
        match self {
            Self::Managers => List::Owners,
            Self::Members => List::Members,
            Self::Presenters => List::Presenters,
        }
    }

    /// Reads the entries after an address.
    pub(super) fn read(
        self,
        connection: &Connection,
        room: RoomId,
        after: Option<&BareJid>,
        entries_max: usize,
    ) -> rusqlite::Result<Vec<ListedEntry>> {
        let after = after.map_or("", |jid| jid.as_str());
        let entries_max = i64::try_from(entries_max).unwrap_or(i64::MAX);
        connection
            .prepare_cached(self.page())?
            .query_map(params![room, after, entries_max], entry)?
            .collect()
    }

    /// The next entries of a room, with who gave them, when, and why.
    pub(in crate::store) const fn page(self) -> &'static str {
        match self {
            Self::Managers => concat!(page_of!(), "'owner' AND jid > ?2 ORDER BY jid LIMIT ?3"),
            Self::Members => concat!(page_of!(), "'member' AND jid > ?2 ORDER BY jid LIMIT ?3"),
            Self::Presenters => {
                "SELECT jid, NULL, NULL, NULL FROM presenter
                 WHERE room = ?1 AND jid > ?2 ORDER BY jid LIMIT ?3"
            }
        }
    }

    /// Finds one entry of a room.
    pub(in crate::store) const fn one(self) -> &'static str {
        match self {
            Self::Managers => {
                "SELECT 1 FROM affiliation WHERE room = ?1 AND jid = ?2 AND affiliation = 'owner'"
            }
            Self::Members => {
                "SELECT 1 FROM affiliation WHERE room = ?1 AND jid = ?2 AND affiliation = 'member'"
            }
            Self::Presenters => "SELECT 1 FROM presenter WHERE room = ?1 AND jid = ?2",
        }
    }

    /// The rooms in whose list somebody is, as a condition that goes on.
    pub(super) const fn condition(self) -> &'static str {
        match self {
            Self::Managers => concat!(" AND id IN (", rooms_of!(), "'owner')"),
            Self::Members => concat!(" AND id IN (", rooms_of!(), "'member')"),
            Self::Presenters => {
                " AND id IN (SELECT room FROM presenter INDEXED BY presenter_of_person
                  WHERE jid = ?)"
            }
        }
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<ListedEntry> {
    let at = column::timestamp_or_null(row, 3)?;
    let by = column::bare_jid_or_null(row, 2)?;
    let reason = column::text_or_null(row, 1)?;
    Ok(ListedEntry {
        jid: column::bare_jid(row, 0)?,
        given: at.map(|at| (by, at, reason)),
    })
}
