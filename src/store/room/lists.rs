//! The lists of a room: entries by key, lists as a whole, and how long they are.
//!
//! A room in memory knows only those who are inside; so what is on its way to the disk must be
//! known here, or somebody who was banned a moment ago would be found without affiliation.

use std::collections::BTreeMap;

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use super::bonds;
use super::rooms::{self, RoomId};
use crate::room::effect::AffiliationItem;
use crate::room::{Affiliated, Affiliation, BondKind, Known, Lengths, List, Needed, Nick};
use crate::store::{Error, Store, column};

impl Store {
    /// What is kept of those whom a request concerns, also before it is committed.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn known(&self, room: &BareJid, needed: &Needed) -> std::result::Result<Known, Error> {
        if needed.is_empty() {
            return Ok(Known::default());
        }
        let mut known = match self.overlay.fate(room) {
            Some(_) => Known::default(),
            None => self.reader.read("look for people", |connection| {
                match rooms::id_of(connection, room)? {
                    Some(id) => known(connection, id, needed),
                    None => Ok(Known::default()),
                }
            })?,
        };
        known.whole.clone_from(&needed.whole);
        known.kinds.clone_from(&needed.kinds);
        if let Some(pending) = self.overlay.pending(room) {
            pending.amend(needed, &mut known);
        }
        if let Some(name) = &needed.name {
            known.name = Some((name.clone(), self.is_name_taken(room, name)?));
        }
        Ok(known)
    }

    /// How many bytes the addresses and the reasons of a list have, as far as that is committed. It
    /// looks at each entry.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn list_size(
        &self,
        room: &BareJid,
        affiliation: Affiliation,
    ) -> std::result::Result<ListSize, Error> {
        self.reader.read("measure a list", |connection| {
            connection.prepare_cached(SIZE)?.query_row(
                params![room.as_str(), affiliation.name()],
                |row| {
                    let addresses: i64 = row.get(0)?;
                    let reasons: i64 = row.get(1)?;
                    Ok(ListSize {
                        addresses: usize::try_from(addresses).unwrap_or(usize::MAX),
                        reasons: usize::try_from(reasons).unwrap_or(usize::MAX),
                    })
                },
            )
        })
    }

    /// Everybody who has an affiliation, with the reserved nick, in the order of their addresses;
    /// also before that is committed. The reasons are left out unless they are wanted.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn list(
        &self,
        room: &BareJid,
        affiliation: Affiliation,
        with_reasons: bool,
    ) -> std::result::Result<Vec<AffiliationItem>, Error> {
        let found = match self.overlay.fate(room) {
            Some(_) => Vec::new(),
            None => self.reader.read("read a list", |connection| {
                list(connection, room, affiliation)
            })?,
        };
        let mut list: BTreeMap<BareJid, AffiliationItem> = found
            .into_iter()
            .map(|item| (item.jid.clone(), item))
            .collect();
        if let Some(pending) = self.overlay.pending(room) {
            pending.amend_list(affiliation, &mut list);
        }
        let mut list: Vec<_> = list.into_values().collect();
        if !with_reasons {
            list.iter_mut().for_each(|item| item.reason = None);
        }
        Ok(list)
    }
}

/// How long a list is when it is written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListSize {
    /// All addresses, in bytes.
    pub addresses: usize,
    /// All reasons, in bytes.
    pub reasons: usize,
}

/// Reads what is kept of those who are needed.
pub(in crate::store) fn known(
    connection: &Connection,
    room: RoomId,
    needed: &Needed,
) -> Result<Known> {
    let mut known = Known::default();
    for jid in &needed.people {
        let key = params![room, jid.as_str()];
        known.affiliations.extend(
            connection
                .prepare_cached(ONE)?
                .query_row(key, affiliated)
                .optional()?,
        );
        for kind in BondKind::ALL {
            if kind.row().by_person {
                let found = bonds::of_person(connection, room, jid, kind)?;
                known.bonds.extend(found);
            }
        }
    }
    for nick in &needed.nicks {
        let owners = bonds::of_key(connection, room, &nick.key())?;
        known.bonds.extend(owners);
    }
    for kind in &needed.kinds {
        known.bonds.extend(bonds::of_kind(connection, room, *kind)?);
    }
    for affiliation in &needed.whole {
        let mut statement = connection.prepare_cached(WHOLE)?;
        let entries = statement.query_map(params![room, affiliation.name()], affiliated)?;
        for entry in entries {
            known.affiliations.push(entry?);
        }
    }
    Ok(known)
}

/// Reads how long the lists of a room are.
pub(in crate::store) fn lengths(connection: &Connection, room: RoomId) -> Result<Lengths> {
    let mut lengths = Lengths::default();
    let mut statement = connection.prepare_cached(LENGTHS)?;
    let mut rows = statement.query([room])?;
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let entries: i64 = row.get(1)?;
        if let Some(list) = List::counted_as(&name) {
            lengths.set(list, usize::try_from(entries).unwrap_or(0));
        }
    }
    Ok(lengths)
}

fn list(
    connection: &Connection,
    room: &BareJid,
    affiliation: Affiliation,
) -> Result<Vec<AffiliationItem>> {
    connection
        .prepare_cached(LIST)?
        .query_map(params![room.as_str(), affiliation.name()], |row| {
            let nick: Option<Nick> = match row.get_ref(2)?.data_type() {
                rusqlite::types::Type::Null => None,
                _ => Some(column::nick(row, 2)?),
            };
            Ok(AffiliationItem {
                jid: column::bare_jid(row, 0)?,
                affiliation,
                nick,
                reason: column::words(row, 1, 3)?,
            })
        })?
        .collect()
}

fn affiliated(row: &Row<'_>) -> Result<(BareJid, Affiliated)> {
    let entry = Affiliated {
        affiliation: column::affiliation(row, 1)?,
        reason: column::words(row, 2, 5)?,
        given_by: column::bare_jid_or_null(row, 3)?,
        given_at: column::timestamp(row, 4)?,
    };
    Ok((column::bare_jid(row, 0)?, entry))
}

pub(in crate::store) const ONE: &str =
    "SELECT jid, affiliation, reason, given_by, given_at, reason_language FROM affiliation
     WHERE room = ?1 AND jid = ?2";

pub(in crate::store) const LENGTHS: &str = "SELECT list, entries FROM list_length WHERE room = ?1";

pub(in crate::store) const WHOLE: &str =
    "SELECT jid, affiliation, reason, given_by, given_at, reason_language
     FROM affiliation INDEXED BY affiliation_by_kind WHERE room = ?1 AND affiliation = ?2";

pub(in crate::store) const LIST: &str = "SELECT entry.jid, reason, nick, reason_language
     FROM affiliation AS entry INDEXED BY affiliation_by_kind
     LEFT JOIN registration ON registration.room = entry.room AND registration.jid = entry.jid
     WHERE entry.room = (SELECT id FROM room WHERE jid = ?1) AND affiliation = ?2 ORDER BY entry.jid";

pub(in crate::store) const SIZE: &str =
    "SELECT coalesce(sum(octet_length(jid)), 0), coalesce(sum(octet_length(reason)), 0)
     FROM affiliation INDEXED BY affiliation_by_kind
     WHERE room = (SELECT id FROM room WHERE jid = ?1) AND affiliation = ?2";
