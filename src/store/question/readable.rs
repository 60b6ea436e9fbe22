//! In which rooms somebody may read.
//!
//! It is the room that decides ([`role_of_reader`], and before it who may know that there is such a room), for one who
//! asks that room. Who asks for many rooms at once is answered from the same rules over the tables: a test holds the
//! two against each other. One rule is added: an open room that is not listed is found by nobody who has nothing to do
//! with it.

use std::collections::{BTreeSet, HashMap};

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use super::ask::Reader;
use crate::room::occupying::archive::role_of_reader;
use crate::room::setting::configuration::Whois;
use crate::room::{Affiliation, KnownAuthors, Role};
use crate::store::column;
use crate::store::room::rooms::RoomId;

/// Somebody who reads, with what binds him to rooms.
pub(in crate::store) struct Rights<'a> {
    reader: &'a Reader,
    /// What holds for him where there is an entry for him or his domain.
    affiliations: HashMap<RoomId, Affiliation>,
    /// Where he is inside, in the highest of the roles of his sessions.
    roles: HashMap<RoomId, Role>,
}

/// What a reader may do in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Access {
    /// Who of those behind the nicks he may know.
    pub authors: KnownAuthors,
}

impl<'a> Rights<'a> {
    /// Looks up what binds a reader to rooms.
    pub fn of(connection: &Connection, reader: &'a Reader) -> Result<Self> {
        let person = &reader.person;
        let domain = person
            .node()
            .map(|_| BareJid::from_parts(None, person.domain()));
        // A domain that asks itself has what its users have by it, and no power.
        let (own, of_domain) = match &domain {
            Some(domain) => (entries(connection, person)?, entries(connection, domain)?),
            None => (HashMap::new(), entries(connection, person)?),
        };
        let mut affiliations = HashMap::with_capacity(own.len() + of_domain.len());
        for room in own.keys().chain(of_domain.keys()) {
            let held =
                Affiliation::that_holds(own.get(room).copied(), of_domain.get(room).copied());
            affiliations.insert(*room, held);
        }
        Ok(Self {
            reader,
            affiliations,
            roles: roles(connection, person)?,
        })
    }

    /// The rooms that he belongs to and may read: where he is at least a member, or inside.
    pub fn own_rooms(&self, connection: &Connection) -> Result<BTreeSet<RoomId>> {
        let locked = rooms(connection, LOCKED)?;
        let own = self
            .affiliations
            .iter()
            .filter(|(room, affiliation)| match affiliation {
                Affiliation::Outcast | Affiliation::None => false,
                Affiliation::Member | Affiliation::Admin => !locked.contains(room),
                Affiliation::Owner => true,
            });
        let own = own.map(|(room, _)| room).chain(self.roles.keys());
        Ok(own.copied().collect())
    }

    /// All rooms that he may read, in the order of their numbers.
    pub fn rooms(&self, connection: &Connection) -> Result<Vec<RoomId>> {
        if self.reader.is_operator {
            return Ok(rooms(connection, ALL)?.into_iter().collect());
        }
        let banned = |room: &RoomId| self.affiliations.get(room) == Some(&Affiliation::Outcast);
        let mut readable = self.own_rooms(connection)?;
        let open = rooms(connection, OPEN)?;
        readable.extend(open.into_iter().filter(|room| !banned(room)));
        Ok(readable.into_iter().collect())
    }

    /// What he may do in a room if he asks just this one; `None`: he may not read it.
    pub fn in_room(&self, connection: &Connection, room: RoomId) -> Result<Option<Access>> {
        let found = connection
            .prepare_cached(ONE)?
            .query_row([room], Doors::read)
            .optional()?;
        let Some(doors) = found else { return Ok(None) };
        let affiliation = match self.reader.is_operator {
            true => Affiliation::Owner,
            false => self
                .affiliations
                .get(&room)
                .copied()
                .unwrap_or(Affiliation::None),
        };
        let inside = self.roles.get(&room).copied();
        if inside.is_none() && doors.is_locked && affiliation < Affiliation::Owner {
            return Ok(None);
        }
        let role = role_of_reader(inside, affiliation, doors.is_closed);
        Ok(role.map(|role| Access {
            authors: doors.whois.known_to(role),
        }))
    }
}

/// What of a room's configuration lets readers in.
struct Doors {
    is_closed: bool,
    is_locked: bool,
    whois: Whois,
}

impl Doors {
    fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            is_closed: row.get(0)?,
            is_locked: row.get(1)?,
            whois: column::whois(row, 2)?,
        })
    }
}

fn entries(connection: &Connection, jid: &BareJid) -> Result<HashMap<RoomId, Affiliation>> {
    connection
        .prepare_cached(ENTRIES)?
        .query_map([jid.as_str()], |row| {
            Ok((row.get(0)?, column::affiliation(row, 1)?))
        })?
        .collect()
}

fn roles(connection: &Connection, person: &BareJid) -> Result<HashMap<RoomId, Role>> {
    let mut statement = connection.prepare_cached(SESSIONS)?;
    // What a resource follows, and the character after it.
    let (first, behind) = (format!("{person}/"), format!("{person}0"));
    let mut rows = statement.query(params![first, behind])?;
    let mut roles: HashMap<RoomId, Role> = HashMap::new();
    while let Some(row) = rows.next()? {
        let role = column::role(row, 1)?;
        let highest = roles.entry(row.get(0)?).or_insert(role);
        *highest = (*highest).max(role);
    }
    Ok(roles)
}

fn rooms(connection: &Connection, sql: &str) -> Result<BTreeSet<RoomId>> {
    connection
        .prepare_cached(sql)?
        .query_map([], |row| row.get(0))?
        .collect()
}

pub(in crate::store) const ENTRIES: &str =
    "SELECT room, affiliation FROM affiliation INDEXED BY affiliation_of_person WHERE jid = ?1";

pub(in crate::store) const SESSIONS: &str =
    "SELECT room, role FROM session INDEXED BY session_of_person
     WHERE real_jid >= ?1 AND real_jid < ?2";

pub(in crate::store) const OPEN: &str = "SELECT id FROM room INDEXED BY room_open
     WHERE public = 1 AND members_only = 0 AND password IS NULL AND locked_since IS NULL AND jid IS NOT NULL";

pub(in crate::store) const LOCKED: &str =
    "SELECT id FROM room INDEXED BY room_locked WHERE locked_since IS NOT NULL";

/// Of rooms that have ended, only messages are left.
const ALL: &str = "SELECT id FROM room WHERE jid IS NOT NULL";

const ONE: &str = "SELECT members_only OR password IS NOT NULL, locked_since IS NOT NULL, whois
     FROM room WHERE id = ?1 AND jid IS NOT NULL";
