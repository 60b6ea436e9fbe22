//! Rooms as commands list them: what each is like, who is in its lists, and in whose lists somebody
//! is.
//!
//! Counting the messages of a room takes longer than all else, so rooms are chosen before anything
//! of them is counted.

use std::sync::LazyLock;

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::survey::Survey;
use crate::directory::RoomRetention;
use crate::room::setting::Setting;
use crate::room::setting::configuration::Configuration;
use crate::room::{Lengths, Timestamp};
use crate::store::error::Error;
use crate::store::room::rooms::RoomId;
use crate::store::room::{lists, setting_column};
use crate::store::{ListedEntry, PeopleList, column};

/// What is to be known of a room.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomSummary {
    /// The room's address.
    pub room: BareJid,
    /// What its owners have set.
    pub configuration: Configuration,
    /// How long its lists are.
    pub lengths: Lengths,
    /// Who created it; `None`: nobody knows, or the operator did.
    pub creator: Option<BareJid>,
    /// How many people are inside.
    pub occupants: u64,
    /// How many stanzas its archive holds.
    pub messages: u64,
    /// When the first of them was said.
    pub first: Option<Timestamp>,
    /// When the last of them was said.
    pub last: Option<Timestamp>,
    /// How long they are kept, if it is said for this room.
    pub keep: RoomRetention,
}

/// Which rooms are meant: those that meet all conditions.
#[derive(Clone, Debug, Default)]
pub struct RosterSelection {
    /// Each of these is in a list of the room.
    pub listed: Vec<(PeopleList, BareJid)>,
}

/// A room before anything of it is counted.
struct RoomRow {
    id: RoomId,
    room: BareJid,
    creator: Option<BareJid>,
    keep: RoomRetention,
    configuration: Configuration,
}

impl Survey {
    /// The next rooms after an address (`None`: from the first) that are selected and of which
    /// `is_wanted` is true, in the order of their addresses.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn rooms(
        &self,
        selection: &RosterSelection,
        is_wanted: &dyn Fn(&Configuration) -> bool,
        after: Option<&BareJid>,
        rooms_max: usize,
    ) -> Result<Vec<RoomSummary>, Error> {
        let after = after.map_or("", |jid| jid.as_str()).to_owned();
        let mut sql = format!("{} WHERE jid > ?", *ROOMS);
        let mut values = vec![after];
        for (listing, jid) in &selection.listed {
            sql += listing.condition();
            values.push(jid.to_string());
        }
        sql += " ORDER BY jid";
        self.read("list rooms", |connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(rusqlite::params_from_iter(values))?;
            let mut found = Vec::new();
            while found.len() < rooms_max
                && let Some(row) = rows.next()?
            {
                let row = RoomRow::read(row)?;
                if is_wanted(&row.configuration) {
                    found.push(row.summary(connection)?);
                }
            }
            Ok(found)
        })
    }

    /// One room; `None`: there is none.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn room(&self, room: &BareJid) -> Result<Option<RoomSummary>, Error> {
        self.read("look for a room", |connection| {
            connection
                .prepare_cached(&format!("{} WHERE jid = ?1", *ROOMS))?
                .query_row([room.as_str()], RoomRow::read)
                .optional()?
                .map(|row| row.summary(connection))
                .transpose()
        })
    }

    /// The next entries of a list after an address (`None`: from the first), in the order of
    /// addresses; `None`: there is no such room.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn listed(
        &self,
        room: &BareJid,
        listing: PeopleList,
        after: Option<&BareJid>,
        entries_max: usize,
    ) -> Result<Option<Vec<ListedEntry>>, Error> {
        self.of_room(room, "read a list", |connection, room| {
            listing.read(connection, room, after, entries_max)
        })
    }

    /// Whether somebody, or a domain, is in a list of a room; `None`: there is no such room.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn is_listed(
        &self,
        room: &BareJid,
        listing: PeopleList,
        jid: &BareJid,
    ) -> Result<Option<bool>, Error> {
        self.of_room(room, "look into a list", |connection, room| {
            connection
                .prepare_cached(listing.one())?
                .exists(params![room, jid.as_str()])
        })
    }

    /// Whether nothing is known of an address: there is no room, and none that was destroyed has
    /// left anything there.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn is_unused(&self, room: &BareJid) -> Result<bool, Error> {
        self.read("look for a free address", |connection| {
            let sql = "SELECT 1 FROM room WHERE jid = ?1
                 UNION ALL SELECT 1 FROM tombstone WHERE jid = ?1";
            let is_used = connection.prepare_cached(sql)?.exists([room.as_str()])?;
            Ok(!is_used)
        })
    }
}

impl RoomRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            room: column::bare_jid(row, 1)?,
            creator: column::bare_jid_or_null(row, 2)?,
            keep: RoomRetention {
                days: row.get(3)?,
                messages: row.get(4)?,
            },
            configuration: setting_column::read(row, SETTINGS_AT)?,
        })
    }

    /// The same with what is counted.
    fn summary(self, connection: &Connection) -> rusqlite::Result<RoomSummary> {
        let lengths = lists::lengths(connection, self.id)?;
        connection
            .prepare_cached(COUNTS)?
            .query_row([self.id], |row| {
                Ok(RoomSummary {
                    room: self.room,
                    configuration: self.configuration,
                    lengths,
                    creator: self.creator,
                    occupants: count(row, 0)?,
                    messages: count(row, 1)?,
                    first: column::timestamp_or_null(row, 2)?,
                    last: column::timestamp_or_null(row, 3)?,
                    keep: self.keep,
                })
            })
    }
}

fn count(row: &Row<'_>, index: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(index).map(i64::unsigned_abs)
}

/// Rooms, of which nothing is counted.
static ROOMS: LazyLock<String> = LazyLock::new(|| {
    let settings = Setting::NAMES.join(", ");
    format!("SELECT id, jid, creator, keep_days, keep_messages, {settings} FROM room")
});

/// Where the settings begin in what [`ROOMS`] reads.
const SETTINGS_AT: usize = 5;

/// What is counted of a room. Times go with ids, so the ends of the archive are its first and last
/// row.
const COUNTS: &str = "SELECT
     (SELECT count(DISTINCT nick) FROM session WHERE room = ?1),
     (SELECT count(*) FROM message INDEXED BY message_of_room WHERE room = ?1),
     (SELECT at FROM message INDEXED BY message_of_room WHERE room = ?1 ORDER BY id LIMIT 1),
     (SELECT at FROM message INDEXED BY message_of_room WHERE room = ?1 ORDER BY id DESC LIMIT 1)";
