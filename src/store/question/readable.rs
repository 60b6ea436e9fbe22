//! In which rooms somebody may read.
//!
//! The room's [`Door`] decides. For a single room it is asked here as it is by the room itself. Of
//! many rooms at once it would have to be made for each; so their numbers are taken from the
//! indexes, by conditions in SQL that say the same: a test holds the two against each other, over
//! all rooms and people that differ for the door.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension, Result, params};

use super::ask::Reader;
use crate::room::scope::CategoryId;
use crate::room::setting::Setting;
use crate::room::{Affiliation, Door, KnownAuthors, Role, Standing};
use crate::store::column;
use crate::store::room::rooms::RoomId;
use crate::store::room::setting_column;

/// Somebody who reads, with what binds them to rooms.
pub(in crate::store) struct Rights<'a> {
    reader: &'a Reader,
    /// What holds for them where there is an entry for them or their domain.
    affiliations: HashMap<RoomId, Affiliation>,
    /// To which categories they have access.
    access: Accesses<'a>,
    /// The auditoriums where they, or their domain, are presenters.
    presents: BTreeSet<RoomId>,
    /// Where they are inside, in the highest of the roles of their sessions.
    roles: HashMap<RoomId, Role>,
}

/// What a reader may do in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Access {
    /// Who of those behind the nicks they may know.
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
        let access = Accesses::of(reader);
        let (own, of_domain) = (access.only(own), access.only(of_domain));
        let mut presents = access.rooms_of(connection, person)?;
        if let Some(domain) = &domain {
            presents.extend(access.rooms_of(connection, domain)?);
        }
        let mut affiliations = HashMap::with_capacity(own.len() + of_domain.len());
        for room in own.keys().chain(of_domain.keys()) {
            let held =
                Affiliation::that_holds(own.get(room).copied(), of_domain.get(room).copied());
            affiliations.insert(*room, held);
        }
        Ok(Self {
            reader,
            affiliations,
            presents,
            roles: access.only(roles(connection, person)?),
            access,
        })
    }

    /// The rooms that they belong to and may read: where they are at least a member, or a presenter
    /// ([`Door::is_home_of`]), or inside.
    pub fn own_rooms(&self, connection: &Connection) -> Result<BTreeSet<RoomId>> {
        let locked = rooms(connection, LOCKED)?;
        let disabled = rooms(connection, DISABLED)?;
        let own = self
            .affiliations
            .iter()
            .filter(|(room, affiliation)| match affiliation {
                Affiliation::Outcast | Affiliation::None => false,
                Affiliation::Member | Affiliation::Admin => !locked.contains(room),
                Affiliation::Owner => true,
            });
        let presents = self.presents.iter().filter(|room| {
            let held = self.affiliations.get(room);
            held != Some(&Affiliation::Outcast) && !locked.contains(room)
        });
        let own = own.map(|(room, _)| room);
        let own = own.chain(presents).chain(self.roles.keys());
        let own = own.filter(|room| !disabled.contains(room));
        Ok(own.copied().collect())
    }

    /// All rooms that are searched for them ([`Door::is_searched_for`]), in the order of their
    /// numbers.
    pub fn rooms(&self, connection: &Connection) -> Result<Vec<RoomId>> {
        if self.reader.is_operator {
            return self.accessible(connection, ALL);
        }
        let banned = |room: &RoomId| self.affiliations.get(room) == Some(&Affiliation::Outcast);
        let mut readable = self.own_rooms(connection)?;
        let open = self.accessible(connection, OPEN)?;
        readable.extend(open.into_iter().filter(|room| !banned(room)));
        Ok(readable.into_iter().collect())
    }

    /// Those of the rooms that a statement gives with their categories to which they have access,
    /// in its order.
    fn accessible(&self, connection: &Connection, sql: &str) -> Result<Vec<RoomId>> {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            if self.access.to(CategoryId(row.get(1)?)) {
                found.push(row.get(0)?);
            }
        }
        Ok(found)
    }

    /// What they may do in a room if they ask just this one; `None`: they may not read it.
    pub fn in_room(&self, connection: &Connection, room: RoomId) -> Result<Option<Access>> {
        let found = connection
            .prepare_cached(&ONE)?
            .query_row([room], |row| {
                let configuration = setting_column::read(row, 2)?;
                let door = Door::of(&configuration, column::timestamp_or_null(row, 0)?);
                Ok((door, CategoryId(row.get(1)?), configuration.whois))
            })
            .optional()?;
        Ok(found.and_then(|(door, category, whois)| {
            let category = self.reader.categories.get(category)?;
            let in_scope = self.reader.is_in_scope(category);
            let door = door.with(category.switches);
            let role = door.archive_reader(self.standing(room, in_scope))?;
            Some(Access {
                authors: whois.known_to(role),
            })
        }))
    }

    /// How they stand to a room.
    fn standing(&self, room: RoomId, in_scope: bool) -> Standing {
        let held = self.affiliations.get(&room).copied();
        Standing {
            affiliation: match self.reader.is_operator {
                true => Affiliation::Owner,
                false => held.unwrap_or(Affiliation::None),
            },
            role: self.roles.get(&room).copied().unwrap_or(Role::None),
            in_scope,
            is_presenter: self.presents.contains(&room),
        }
    }
}

/// To which categories somebody has access: they are in scope, and there is something to read.
struct Accesses<'a> {
    reader: &'a Reader,
    /// As far as that was looked at.
    known: RefCell<HashMap<CategoryId, bool>>,
}

/// Something that binds somebody to rooms, with the category of each.
type InCategories<T> = HashMap<RoomId, (CategoryId, T)>;

impl<'a> Accesses<'a> {
    fn of(reader: &'a Reader) -> Self {
        Self {
            reader,
            known: RefCell::default(),
        }
    }

    fn to(&self, category: CategoryId) -> bool {
        let mut known = self.known.borrow_mut();
        *known.entry(category).or_insert_with(|| {
            let category = self.reader.categories.get(category);
            category.is_some_and(|one| one.switches.history && self.reader.is_in_scope(one))
        })
    }

    /// What binds them to the rooms of those categories.
    fn only<T>(&self, bonds: InCategories<T>) -> HashMap<RoomId, T> {
        let accessible = bonds
            .into_iter()
            .filter(|(_, (category, _))| self.to(*category));
        accessible.map(|(room, (_, bond))| (room, bond)).collect()
    }
}

impl Accesses<'_> {
    /// The auditoriums of those categories of which somebody, or a domain, is a presenter.
    fn rooms_of(&self, connection: &Connection, jid: &BareJid) -> Result<BTreeSet<RoomId>> {
        let presented: InCategories<()> = connection
            .prepare_cached(PRESENTED)?
            .query_map([jid.as_str()], |row| {
                Ok((row.get(0)?, (CategoryId(row.get(1)?), ())))
            })?
            .collect::<Result<_>>()?;
        Ok(self.only(presented).into_keys().collect())
    }
}

fn entries(connection: &Connection, jid: &BareJid) -> Result<InCategories<Affiliation>> {
    connection
        .prepare_cached(ENTRIES)?
        .query_map([jid.as_str()], |row| {
            let category = CategoryId(row.get(2)?);
            Ok((row.get(0)?, (category, column::affiliation(row, 1)?)))
        })?
        .collect()
}

fn roles(connection: &Connection, person: &BareJid) -> Result<InCategories<Role>> {
    let mut statement = connection.prepare_cached(SESSIONS)?;
    // What a resource follows, and the character after it.
    let (first, behind) = (format!("{person}/"), format!("{person}0"));
    let mut rows = statement.query(params![first, behind])?;
    let mut roles: InCategories<Role> = HashMap::new();
    while let Some(row) = rows.next()? {
        let role = column::role(row, 1)?;
        let category = CategoryId(row.get(2)?);
        let (_, highest) = roles.entry(row.get(0)?).or_insert((category, role));
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
    "SELECT room, affiliation, (SELECT category FROM room WHERE id = affiliation.room)
     FROM affiliation INDEXED BY affiliation_of_person
     WHERE jid = ?1 AND room NOT IN (SELECT id FROM room WHERE jid IS NULL)";

/// Where somebody presents in an auditorium; in other rooms it means nothing to be listed.
pub(in crate::store) const PRESENTED: &str =
    "SELECT room, room.category FROM presenter INDEXED BY presenter_of_person JOIN room ON room.id = presenter.room
     WHERE presenter.jid = ?1 AND room.moderated = 1 AND room.jid IS NOT NULL";

pub(in crate::store) const SESSIONS: &str =
    "SELECT room, role, (SELECT category FROM room WHERE id = session.room)
     FROM session INDEXED BY session_of_person
     WHERE real_jid >= ?1 AND real_jid < ?2
         AND room NOT IN (SELECT id FROM room WHERE jid IS NULL)";

pub(in crate::store) const OPEN: &str = "SELECT id, category FROM room INDEXED BY room_open
     WHERE public = 1 AND members_only = 0 AND password IS NULL AND locked_since IS NULL AND disabled = 0
         AND jid IS NOT NULL";

pub(in crate::store) const LOCKED: &str =
    "SELECT id FROM room INDEXED BY room_locked WHERE locked_since IS NOT NULL";

pub(in crate::store) const DISABLED: &str =
    "SELECT id FROM room INDEXED BY room_disabled WHERE disabled = 1";

/// A room without an address has ended.
const ALL: &str =
    "SELECT id, category FROM room WHERE jid IS NOT NULL AND disabled = 0 ORDER BY id";

/// What a room's door is made of.
static ONE: LazyLock<String> = LazyLock::new(|| {
    let settings = Setting::NAMES.join(", ");
    format!("SELECT locked_since, category, {settings} FROM room WHERE id = ?1 AND jid IS NOT NULL")
});
