//! Whole rooms with their archives, as they are at one moment.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension};

use crate::directory::{Category, RoomRetention};
use crate::room::effect::Archived;
use crate::room::scope::CategoryId;
use crate::room::{Salt, Snapshot, Timestamp};
use crate::store::directory::category_lists;
use crate::store::error::{Attempt, Error};
use crate::store::message::messages;
use crate::store::room::rooms;
use crate::store::{column, connect, reader};

/// A room, but for its archive.
#[derive(Clone, Debug, PartialEq)]
pub struct WholeRoom {
    /// The room's address.
    pub jid: BareJid,
    /// The secret by which occupant ids are derived.
    pub salt: Salt,
    /// When it was created.
    pub created_at: Timestamp,
    /// Who created it, if that is known.
    pub creator: Option<BareJid>,
    /// Where it comes from, if it would be known again by that.
    pub origin: Option<Arc<str>>,
    /// The category that it is in.
    pub category: CategoryId,
    /// Everything that the room itself knows. Nobody is inside.
    pub snapshot: Snapshot,
    /// How long it keeps what is said.
    pub keep: RoomRetention,
}

/// A database as it was at the moment when this was made, whatever is written meanwhile. As long as
/// it is there, the service's write-ahead log can't be shortened.
#[derive(Debug)]
pub struct Picture {
    connection: Connection,
    path: PathBuf,
}

impl Picture {
    /// Opens a database that the service may be using. Changes nothing.
    ///
    /// # Errors
    /// It can't be read, or is no database of this version of the program.
    pub fn of(path: &Path) -> Result<Self, Error> {
        let connection = connect::read_only(path)?;
        let picture = Self {
            connection,
            path: path.to_owned(),
        };
        // Reading begins with the first look.
        picture.read("read the rooms", |connection| {
            connection.execute_batch("BEGIN")?;
            connection.query_row("SELECT count(*) FROM meta", [], |_| Ok(()))
        })?;
        Ok(picture)
    }

    /// The addresses of all rooms, in their order.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn rooms(&self) -> Result<Vec<BareJid>, Error> {
        self.read("list rooms", |connection| {
            connection
                .prepare("SELECT jid FROM room WHERE jid IS NOT NULL ORDER BY jid")?
                .query_map([], |row| column::bare_jid(row, 0))?
                .collect()
        })
    }

    /// The categories that these rooms are in, in the order of their numbers, without the one that
    /// there is out of the box if nobody has changed it.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn categories_of(&self, rooms: &[BareJid]) -> Result<Vec<Category>, Error> {
        self.read("list categories", |connection| {
            let mut of = connection.prepare("SELECT category FROM room WHERE jid = ?1")?;
            let mut used = BTreeSet::new();
            for room in rooms {
                let category = of.query_row([room.as_str()], |row| row.get(0)).optional()?;
                used.extend(category.map(CategoryId));
            }
            let mut categories = category_lists::all(connection)?;
            categories
                .retain(|category| used.contains(&category.id) && *category != Category::general());
            Ok(categories)
        })
    }

    /// How many messages the archives of these rooms have.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn count(&self, rooms: &[BareJid]) -> Result<u64, Error> {
        self.read("count messages", |connection| {
            let mut count = connection.prepare(
                "SELECT count(*) FROM message INDEXED BY message_of_room
                 WHERE room = (SELECT id FROM room WHERE jid = ?1)",
            )?;
            let mut messages = 0;
            for room in rooms {
                let counted: i64 = count.query_row([room.as_str()], |row| row.get(0))?;
                messages += counted.unsigned_abs();
            }
            Ok(messages)
        })
    }

    /// A room; `None`: there is none.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn room(&self, jid: &BareJid) -> Result<Option<WholeRoom>, Error> {
        self.read("read a room", |connection| {
            let Some(stored) = reader::load_whole(connection, jid)? else {
                return Ok(None);
            };
            let more =
                "SELECT created_at, creator, keep_days, keep_messages, origin FROM room WHERE jid = ?1";
            connection
                .query_row(more, [jid.as_str()], |row| {
                    Ok(WholeRoom {
                        jid: jid.clone(),
                        salt: stored.salt,
                        created_at: column::timestamp(row, 0)?,
                        creator: column::bare_jid_or_null(row, 1)?,
                        origin: row.get(4)?,
                        category: stored.category,
                        snapshot: Snapshot {
                            sessions: Vec::new(),
                            ..stored.snapshot
                        },
                        keep: RoomRetention {
                            days: row.get(2)?,
                            messages: row.get(3)?,
                        },
                    })
                })
                .optional()
        })
    }

    /// Gives the messages of a room, in the order of its archive, until `each` fails.
    ///
    /// # Errors
    /// The database can't be read, or what `each` says.
    pub fn messages<E: From<Error>>(
        &self,
        room: &BareJid,
        mut each: impl FnMut(Archived) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut after = 0;
        loop {
            let page = self.read("read an archive", |connection| {
                match rooms::id_of(connection, room)? {
                    Some(id) => messages::after(connection, id, after, PAGE),
                    None => Ok(Vec::new()),
                }
            })?;
            let Some((last, _)) = page.last() else {
                return Ok(());
            };
            after = *last;
            for (_, message) in page {
                each(message)?;
            }
        }
    }

    /// Reads something of that moment.
    pub(in crate::store) fn read<T>(
        &self,
        attempted: &'static str,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        read(&self.connection)
            .map_err(|error| Error::from_sqlite(&self.path, Attempt::Read(attempted), error))
    }
}

/// Number of messages that are in memory at a time.
const PAGE: u32 = 256;
