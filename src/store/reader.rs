//! Reading: what the store tells, all of it committed but for what its doc says.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jid::{BareJid, FullJid};
use rusqlite::Connection;

use super::error::{Attempt, Error};
use super::message::messages;
use super::overlay::Fate;
use super::room::rooms::{PagePlace, RoomColumns};
use super::room::{affiliations, bonds, destroyed, listed, lists, rooms, sessions};
use super::{PersonSession, Reader, Store, Stored, meta};
use crate::room::PublicRoom;
use crate::room::effect::Archived;
use crate::room::owning::destroy::Destruction;
use crate::room::scope::CategoryId;
use crate::room::{HistoryLimits, Needed, Snapshot, Timestamp};

/// The connection that reads.
#[derive(Debug)]
pub(super) struct ReadConnection {
    connection: Connection,
    path: PathBuf,
}

impl ReadConnection {
    /// Reads by this connection to the database of that path.
    pub fn new(connection: Connection, path: PathBuf) -> Self {
        Self { connection, path }
    }

    /// Where the database lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Does something with the connection.
    #[cfg(test)]
    pub fn run(&self, action: impl FnOnce(&Connection)) {
        action(&self.connection);
    }

    /// Reads several things as they were at one moment.
    pub fn read<T>(
        &self,
        attempted: &'static str,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        let outcome = self
            .connection
            .unchecked_transaction()
            .and_then(|transaction| {
                let value = read(&transaction)?;
                transaction.finish()?;
                Ok(value)
            });
        outcome.map_err(|error| Error::from_sqlite(&self.path, Attempt::Read(attempted), error))
    }
}

impl Store {
    /// Loads a room to wake it, or to look at it: all of it, but of its lists only what concerns
    /// who is inside. `None` when there is none, also when it has just ended.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn load(&self, room: &BareJid) -> Result<Option<Stored>, Error> {
        if self.overlay.fate(room).is_some() {
            return Ok(None);
        }
        self.reader
            .read("load a room", |connection| load(connection, room))
    }

    /// Whether a session is inside a room that is not awake.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn is_inside(&self, room: &BareJid, real_jid: &FullJid) -> Result<bool, Error> {
        self.reader.read("look for a session", |connection| {
            sessions::is_inside(connection, room, real_jid)
        })
    }

    /// A room with all its lists, as it is committed; for tests.
    ///
    /// # Errors
    /// The database can't be read.
    #[cfg(test)]
    pub fn load_whole(&self, room: &BareJid) -> Result<Option<Stored>, Error> {
        self.reader
            .read("load a room", |connection| load_whole(connection, room))
    }

    /// The newest messages of a room that were said to all, within the limits, oldest first; those
    /// too that are not committed yet. The limit of characters is left to who writes them out as
    /// stanzas.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn recent_messages(
        &self,
        room: &BareJid,
        limits: &HistoryLimits,
    ) -> Result<Vec<Archived>, Error> {
        let (mut found, newest) = match self.overlay.fate(room) {
            Some(_) => (Vec::new(), None),
            None => self.reader.read("read the last messages", |connection| {
                let Some(id) = rooms::id_of(connection, room)? else {
                    return Ok((Vec::new(), None));
                };
                Ok((
                    messages::recent(connection, id, limits)?,
                    messages::newest(connection, id)?,
                ))
            })?,
        };
        self.overlay
            .extend(room, newest.as_ref(), limits, &mut found);
        Ok(found)
    }

    /// The latest time that any message has; `None`: there is none. Looks at every room.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn newest_at(&self) -> Result<Option<Timestamp>, Error> {
        self.reader
            .read("read the last message", messages::newest_at)
    }

    /// Whether there is a room; created and ended rooms count before that is committed.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn room_exists(&self, room: &BareJid) -> Result<bool, Error> {
        match self.overlay.fate(room) {
            Some(Fate::Created) => Ok(true),
            Some(Fate::Ended(_)) => Ok(false),
            None => self.reader.read("look for a room", |connection| {
                Ok(rooms::id_of(connection, room)?.is_some())
            }),
        }
    }

    /// Whether somebody is on a room's list of owners, as far as that is committed.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn is_managed_by(&self, room: &BareJid, person: &BareJid) -> Result<bool, Error> {
        self.reader.read("look for an owner", |connection| {
            affiliations::is_owner(connection, Some(room), person)
        })
    }

    /// Whether somebody is on the list of owners of any room, as far as that is committed.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn manages_any(&self, person: &BareJid) -> Result<bool, Error> {
        self.reader.read("look for an owner", |connection| {
            affiliations::is_owner(connection, None, person)
        })
    }

    /// The category of a room that is not awake; `None`: there is no such room, or it is not
    /// committed.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn category_of(&self, room: &BareJid) -> Result<Option<CategoryId>, Error> {
        self.reader
            .read("look for a room's category", |connection| {
                rooms::category(connection, room)
            })
    }

    /// What is left of a destroyed room, also before that is committed.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn tombstone(&self, room: &BareJid) -> Result<Option<Arc<Destruction>>, Error> {
        match self.overlay.fate(room) {
            Some(Fate::Created) => Ok(None),
            Some(Fate::Ended(destruction)) => Ok(destruction.clone()),
            None => self.reader.read("look for a tombstone", |connection| {
                Ok(destroyed::load(connection, room)?.map(Arc::new))
            }),
        }
    }

    /// A page of the rooms that are listed to somebody: those that are public, and neither locked
    /// nor disabled, of the categories whose scope they are in; in the order of their addresses.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn listed_rooms(
        &self,
        reader: &Reader,
        place: PagePlace<'_>,
        rooms_max: u32,
    ) -> Result<Vec<PublicRoom>, Error> {
        self.reader.read("list rooms", |connection| {
            listed::page(connection, reader, place, rooms_max)
        })
    }

    /// How many rooms are listed to somebody. It looks at each of them: ask only when the answer is
    /// wanted.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn listed_room_count(&self, reader: &Reader) -> Result<u64, Error> {
        self.reader.read("count rooms", |connection| {
            listed::count(connection, reader)
        })
    }

    /// Who has created the room that is, or was, under an address; `None`: nobody, or it is not
    /// known.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn creator(&self, room: &BareJid) -> Result<Option<BareJid>, Error> {
        if let Some(creator) = self.overlay.creator(room) {
            return Ok(Some(creator.clone()));
        }
        self.reader.read("look for a creator", |connection| {
            match rooms::creator(connection, room)? {
                Some(creator) => Ok(Some(creator)),
                None => destroyed::creator(connection, room),
            }
        })
    }

    /// How many of the rooms that there are somebody has created, and of those that were destroyed
    /// since; also before that is committed.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn created_room_count(&self, creator: &BareJid, since: Timestamp) -> Result<u64, Error> {
        self.reader.read("count a person's rooms", |connection| {
            let mut count = rooms::count_created(connection, creator)?;
            count += destroyed::count_created(connection, creator, since)?;
            for room in self.overlay.created_by(creator) {
                // What is committed may not be reported yet.
                let known = match rooms::creator(connection, room)? {
                    Some(known) => Some(known),
                    None => destroyed::creator(connection, room)?,
                };
                count += u64::from(known.as_ref() != Some(creator));
            }
            Ok(count)
        })
    }

    /// The rooms that wait for their first configuration, and so have a deadline.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn rooms_with_deadlines(&self) -> Result<Vec<BareJid>, Error> {
        self.reader
            .read("list rooms with deadlines", rooms::with_deadlines)
    }

    /// The next rooms after an address (`None`: from the first) that somebody is in.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn rooms_with_sessions(
        &self,
        after: Option<&BareJid>,
        rooms_max: u32,
    ) -> Result<Vec<BareJid>, Error> {
        self.reader.read("list rooms with sessions", |connection| {
            sessions::rooms_with_any(connection, after, rooms_max)
        })
    }

    /// The next sessions after an address (`None`: from the first), each once, with its rooms.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn sessions(
        &self,
        after: Option<&FullJid>,
        sessions_max: u32,
    ) -> Result<Vec<PersonSession>, Error> {
        self.reader.read("list sessions", |connection| {
            sessions::page(connection, after, sessions_max)
        })
    }

    /// The rooms that a session is in.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn rooms_of_session(&self, real_jid: &FullJid) -> Result<Vec<BareJid>, Error> {
        self.reader.read("look for a session", |connection| {
            sessions::rooms_of(connection, real_jid)
        })
    }

    /// A fact about the service itself.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn meta(&self, key: &str) -> Result<Option<String>, Error> {
        self.reader
            .read("read a fact", |connection| meta::load(connection, key))
    }
}

/// Loads a room, with all its lists.
pub(super) fn load_whole(
    connection: &Connection,
    room: &BareJid,
) -> rusqlite::Result<Option<Stored>> {
    let Some(row) = rooms::load(connection, room)? else {
        return Ok(None);
    };
    let id = row.id;
    let Stored {
        salt,
        category,
        mut snapshot,
        lengths,
    } = stored(connection, row)?;
    snapshot.affiliations = affiliations::affiliations(connection, id)?;
    snapshot.bonds = bonds::all(connection, id)?;
    Ok(Some(Stored {
        salt,
        category,
        snapshot,
        lengths,
    }))
}

/// Loads a room; of its lists what concerns who is inside.
fn load(connection: &Connection, room: &BareJid) -> rusqlite::Result<Option<Stored>> {
    let Some(row) = rooms::load(connection, room)? else {
        return Ok(None);
    };
    let id = row.id;
    let mut stored = stored(connection, row)?;
    let snapshot = &mut stored.snapshot;
    let mut inside = Needed::default();
    for session in &snapshot.sessions {
        let person = session.real_jid.to_bare();
        let domain = BareJid::from_parts(None, person.domain());
        inside.people.extend([person, domain]);
    }
    let known = lists::known(connection, id, &inside)?;
    snapshot.affiliations = known.affiliations;
    snapshot.bonds = known.bonds;
    Ok(Some(stored))
}

/// A room without its lists.
fn stored(connection: &Connection, row: RoomColumns) -> rusqlite::Result<Stored> {
    let snapshot = Snapshot {
        locked_since: row.locked_since,
        subject: row.subject,
        avatar: rooms::load_avatar(connection, row.id)?,
        sessions: sessions::of_room(connection, row.id)?,
        ..Snapshot::new(row.configuration)
    };
    Ok(Stored {
        salt: row.salt,
        category: row.category,
        snapshot,
        lengths: lists::lengths(connection, row.id)?,
    })
}
