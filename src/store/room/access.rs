//! Requests for access to closed rooms, of all rooms. DESIGN §1.

use jid::BareJid;
use rusqlite::{Connection, Result, params};

use crate::room::Nick;
use crate::store::error::Error;
use crate::store::{Survey, column};

/// Somebody waits to be let into a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRequest {
    /// The room that was asked.
    pub room: BareJid,
    /// The person who asks for it.
    pub jid: BareJid,
    /// The nick that they want to have.
    pub nick: Nick,
}

/// Whose requests are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessRequestsOf {
    /// Those that wait in any room.
    Everybody,
    /// Those that wait in the rooms that somebody manages.
    RoomsManagedBy(BareJid),
    /// Those that somebody has made.
    Person(BareJid),
}

impl Survey {
    /// The next requests after one, in the order of rooms and people. One that has become needless,
    /// since the person was given an affiliation, is none.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn access_requests(
        &self,
        of: &AccessRequestsOf,
        after: Option<&AccessRequest>,
        requests_max: u32,
    ) -> std::result::Result<Vec<AccessRequest>, Error> {
        self.read("list requests for access", |connection| {
            page(connection, of, after, requests_max)
        })
    }
}

fn page(
    connection: &Connection,
    of: &AccessRequestsOf,
    after: Option<&AccessRequest>,
    requests_max: u32,
) -> Result<Vec<AccessRequest>> {
    let (sql, person) = match of {
        AccessRequestsOf::Everybody => (EVERYBODY, ""),
        AccessRequestsOf::RoomsManagedBy(person) => (OF_MANAGER, person.as_str()),
        AccessRequestsOf::Person(person) => (OF_PERSON, person.as_str()),
    };
    let (room, jid) = after.map_or(("", ""), |after| (after.room.as_str(), after.jid.as_str()));
    connection
        .prepare_cached(sql)?
        .query_map(params![room, jid, requests_max, person], |row| {
            Ok(AccessRequest {
                room: column::bare_jid(row, 0)?,
                jid: column::bare_jid(row, 1)?,
                nick: column::nick(row, 2)?,
            })
        })?
        .collect()
}

/// What all of them have in common; `?4` is who is meant.
macro_rules! requests {
    ($condition:literal) => {
        concat!(
            "SELECT room.jid, request.jid, request.nick
             FROM registration_request AS request JOIN room ON room.id = request.room
             WHERE room.jid IS NOT NULL AND (room.jid, request.jid) > (?1, ?2)
                 AND NOT EXISTS (SELECT 1 FROM affiliation
                     WHERE affiliation.room = room.id AND affiliation.jid = request.jid)
                 AND ",
            $condition,
            " ORDER BY room.jid, request.jid LIMIT ?3"
        )
    };
}

const EVERYBODY: &str = requests!("?4 = ''");
const OF_MANAGER: &str =
    requests!("room.id IN (SELECT room FROM affiliation WHERE jid = ?4 AND affiliation = 'owner')");
const OF_PERSON: &str = requests!("request.jid = ?4");
