//! Reading at length, beside the service and without disturbing it.

use std::path::PathBuf;

use jid::BareJid;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row};

use crate::directory::Retention;
use crate::room::effect::Act;
use crate::room::scope::CategoryId;
use crate::room::{ArchiveId, Timestamp};
use crate::store::directory::groups;
use crate::store::error::Error;
use crate::store::message::{expired, messages};
use crate::store::reader::ReadConnection;
use crate::store::record::acts;
use crate::store::room::rooms;
use crate::store::room::rooms::RoomId;
use crate::store::tidy::ended;
use crate::store::{ActQuestion, KnownGroups, PeopleList, Store, column, connect};

/// Where a database is that a store has open.
#[derive(Clone, Debug)]
pub struct SurveyPlace {
    path: PathBuf,
}

/// A connection for whoever reads for long; it sees what is committed.
#[derive(Debug)]
pub struct Survey {
    reader: ReadConnection,
}

impl Store {
    /// Where whoever reads for long finds the database, as long as this store has it open.
    pub fn survey_place(&self) -> SurveyPlace {
        SurveyPlace {
            path: self.reader.path().to_owned(),
        }
    }
}

impl SurveyPlace {
    /// Opens a connection.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn open(&self) -> Result<Survey, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_URI;
        Ok(Survey {
            reader: ReadConnection::new(connect::connect(&self.path, flags)?, self.path.clone()),
        })
    }
}

impl Survey {
    /// The category that a room is in; `None`: there is no such room.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn category_of(&self, room: &BareJid) -> Result<Option<CategoryId>, Error> {
        self.read("look for a room's category", |connection| {
            connection
                .prepare_cached("SELECT category FROM room WHERE jid = ?1")?
                .query_row([room.as_str()], |row| row.get(0).map(CategoryId))
                .optional()
        })
    }

    /// The groups that were known last, as [`Store::known_groups`] gives them.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn known_groups(&self) -> Result<KnownGroups, Error> {
        self.reader.read("read the groups", groups::load)
    }

    /// Whether there is such a room.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn has_room(&self, room: &BareJid) -> Result<bool, Error> {
        let found = self.of_room(room, "look for a room", |_, _| Ok(()))?;
        Ok(found.is_some())
    }

    /// The room that came from there, if it is here.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn room_of_origin(&self, origin: &str) -> Result<Option<BareJid>, Error> {
        self.read("look for a room by its origin", |connection| {
            connection
                .prepare_cached(OF_ORIGIN)?
                .query_row([origin], |row| column::bare_jid(row, 0))
                .optional()
        })
    }

    /// How many of these messages a room has.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn count_known(&self, room: &BareJid, messages: &[ArchiveId]) -> Result<u64, Error> {
        let known = self.of_room(room, "look for messages", |connection, room| {
            let mut known = 0;
            for message in messages {
                known += u64::from(messages::number(connection, room, message)?.is_some());
            }
            Ok(known)
        })?;
        Ok(known.unwrap_or(0))
    }

    /// Whether somebody manages a room: is on its list of owners. A domain is nobody.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn is_managed_by(&self, room: &BareJid, person: &BareJid) -> Result<bool, Error> {
        let is_listed = self.is_listed(room, PeopleList::Managers, person)?;
        Ok(is_listed == Some(true) && person.node().is_some())
    }

    /// Whether a room that has ended is not removed yet as a whole, so that the ids of its messages
    /// are still taken.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn is_being_tidied(&self) -> Result<bool, Error> {
        self.read("look for ended rooms", ended::is_something_left)
    }

    /// How many bytes the content of a room's messages has. It looks at each of them.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn content_bytes(&self, room: &BareJid) -> Result<u64, Error> {
        let bytes = self.of_room(room, "measure a room", |connection, room| {
            connection
                .prepare_cached(
                    "SELECT coalesce(sum(length(payload)), 0)
                     FROM message INDEXED BY message_of_room WHERE room = ?1",
                )?
                .query_row([room], |row| count(row, 0))
        })?;
        Ok(bytes.unwrap_or(0))
    }

    /// Below which row all messages of a room are from up to and with a time, and how many they
    /// are; `None`: there is no such room.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn boundary(&self, room: &BareJid, at: Timestamp) -> Result<Option<(i64, u64)>, Error> {
        self.of_room(room, "look for a time", |connection, room| {
            let behind = Timestamp(at.0.saturating_add(1));
            let boundary = expired::first_from(connection, room, behind)?;
            let count = expired::count_below(connection, room, boundary)?;
            Ok((boundary, count))
        })
    }

    /// How many messages a room would not keep. `None`: there is no such room.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn expired(
        &self,
        room: &BareJid,
        keep: Retention,
        now: Timestamp,
    ) -> Result<Option<u64>, Error> {
        self.of_room(room, "look for what is not kept", |connection, room| {
            let boundary = expired::boundary(connection, room, keep, Some(now))?;
            expired::count_below(connection, room, boundary)
        })
    }

    /// The next acts on record behind a row (0: from the first), oldest first, each with its row.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn acts(
        &self,
        question: &ActQuestion,
        behind: i64,
        acts_max: u32,
    ) -> Result<Vec<(i64, BareJid, Act)>, Error> {
        self.read("read what is on record", |connection| {
            acts::page(connection, question, behind, acts_max)
        })
    }

    /// Reads something of a room; `None`: there is no such room.
    pub(in crate::store) fn of_room<T>(
        &self,
        room: &BareJid,
        attempted: &'static str,
        read: impl FnOnce(&Connection, RoomId) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, Error> {
        self.read(attempted, |connection| {
            match rooms::id_of(connection, room)? {
                Some(id) => read(connection, id).map(Some),
                None => Ok(None),
            }
        })
    }

    /// Reads several things as they were at one moment.
    pub(in crate::store) fn read<T>(
        &self,
        attempted: &'static str,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        self.reader.read(attempted, read)
    }
}

fn count(row: &Row<'_>, index: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(index).map(i64::unsigned_abs)
}

pub(in crate::store) const OF_ORIGIN: &str =
    "SELECT jid FROM room WHERE origin = ?1 AND jid IS NOT NULL ORDER BY id LIMIT 1";
