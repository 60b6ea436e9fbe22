//! The add-ins of the pool, as rows, and the rooms that use them.

use jid::BareJid;
use rusqlite::{Connection, Result, Row, params};

use crate::directory::{AddInNews, KeptAddIn, KeptAddIns};
use crate::room::setting::addin::{AddIn, AddInId, AddIns};
use crate::store::error::Error;
use crate::store::{Picture, Store, Survey, column};

impl Store {
    /// The add-ins, as they are committed.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn addins(&self) -> std::result::Result<KeptAddIns, Error> {
        self.reader.read("read the add-ins", all)
    }

    /// How many rooms have an add-in, as it is committed.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn addin_room_count(&self, addin: AddInId) -> std::result::Result<u64, Error> {
        self.reader
            .read("count rooms", |connection| count(connection, addin))
    }

    /// The next rooms after an address (`None`: from the first) that have an add-in.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn rooms_with_addin(
        &self,
        addin: AddInId,
        after: Option<&BareJid>,
        rooms_max: u32,
    ) -> std::result::Result<Vec<BareJid>, Error> {
        self.reader.read("list rooms", |connection| {
            rooms(connection, addin, after, rooms_max)
        })
    }

    /// Whether anybody is inside a room, as it is committed.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn is_anybody_inside(&self, room: &BareJid) -> std::result::Result<bool, Error> {
        self.reader.read("look for sessions", |connection| {
            connection
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM session
                     WHERE room = (SELECT id FROM room WHERE jid = ?1))",
                )?
                .query_row([room.as_str()], |row| row.get(0))
        })
    }
}

impl Survey {
    /// The add-ins, in the order of their names as they are written.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn addins(&self) -> std::result::Result<Vec<(AddInId, AddIn)>, Error> {
        self.read("read the add-ins", |connection| {
            let mut addins: Vec<_> = known(connection)?.collect();
            addins.sort_by_cached_key(|(_, addin)| addin.name.to_lowercase());
            Ok(addins)
        })
    }

    /// How many rooms have an add-in.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn addin_room_count(&self, addin: AddInId) -> std::result::Result<u64, Error> {
        self.read("count rooms", |connection| count(connection, addin))
    }

    /// The first rooms that have an add-in, in the order of their addresses.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn rooms_with_addin(
        &self,
        addin: AddInId,
        rooms_max: u32,
    ) -> std::result::Result<Vec<BareJid>, Error> {
        self.read("list rooms", |connection| {
            rooms(connection, addin, None, rooms_max)
        })
    }
}

impl Picture {
    /// The add-ins.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn addins(&self) -> std::result::Result<AddIns, Error> {
        self.read("read the add-ins", |connection| {
            Ok(known(connection)?.collect())
        })
    }
}

/// A change of the add-ins.
#[derive(Clone, Debug)]
pub enum AddInChange {
    /// One is registered, or is another.
    Set(KeptAddIn),
    /// So far is the last change of one told.
    Told(AddInId, AddInNews),
    /// One is registered no longer.
    Removed(AddInId),
}

impl AddInChange {
    /// Carries it out, inside the transaction that is open.
    pub(in crate::store) fn apply(&self, connection: &Connection) -> Result<()> {
        match self {
            Self::Set(KeptAddIn { id, addin, news }) => connection
                .prepare_cached("REPLACE INTO addin (id, name, url, told) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![id.0, addin.name, addin.url, told(news)])?,
            Self::Told(id, news) => connection
                .prepare_cached("UPDATE addin SET told = ?2 WHERE id = ?1")?
                .execute(params![id.0, told(news)])?,
            Self::Removed(id) => connection
                .prepare_cached("DELETE FROM addin WHERE id = ?1")?
                .execute([id.0])?,
        };
        Ok(())
    }
}

fn all(connection: &Connection) -> Result<KeptAddIns> {
    let kept = |row: &Row<'_>| {
        let (id, addin) = read(row)?;
        let news = match column::text_or_null(row, 3)?.as_deref() {
            None => AddInNews::Told,
            Some("") => AddInNews::ToldUpTo(None),
            Some(_) => AddInNews::ToldUpTo(Some(column::bare_jid(row, 3)?)),
        };
        Ok(KeptAddIn { id, addin, news })
    };
    let all: Result<_> = connection
        .prepare_cached("SELECT id, name, url, told FROM addin")?
        .query_map([], kept)?
        .collect();
    let last = connection
        .prepare_cached("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'addin'")?
        .query_row([], |row| row.get(0).map(AddInId))?;
    Ok(KeptAddIns { all: all?, last })
}

fn known(connection: &Connection) -> Result<impl Iterator<Item = (AddInId, AddIn)>> {
    let rows: Result<Vec<_>> = connection
        .prepare_cached("SELECT id, name, url FROM addin ORDER BY id")?
        .query_map([], read)?
        .collect();
    Ok(rows?.into_iter())
}

fn read(row: &Row<'_>) -> Result<(AddInId, AddIn)> {
    let addin = AddIn {
        name: column::text(row, 1)?,
        url: column::text(row, 2)?,
    };
    Ok((AddInId(row.get(0)?), addin))
}

fn told(news: &AddInNews) -> Option<&str> {
    match news {
        AddInNews::Told => None,
        AddInNews::ToldUpTo(room) => Some(room.as_ref().map_or("", |room| room.as_str())),
    }
}

fn count(connection: &Connection, addin: AddInId) -> Result<u64> {
    connection
        .prepare_cached("SELECT count(*) FROM room WHERE addin = ?1 AND jid IS NOT NULL")?
        .query_row([addin.0], |row| row.get(0).map(i64::cast_unsigned))
}

fn rooms(
    connection: &Connection,
    addin: AddInId,
    after: Option<&BareJid>,
    rooms_max: u32,
) -> Result<Vec<BareJid>> {
    connection
        .prepare_cached(ROOMS)?
        .query_map(
            params![addin.0, after.map_or("", |jid| jid.as_str()), rooms_max],
            |row| column::bare_jid(row, 0),
        )?
        .collect()
}

pub(in crate::store) const ROOMS: &str =
    "SELECT jid FROM room WHERE addin = ?1 AND jid > ?2 ORDER BY jid LIMIT ?3";
