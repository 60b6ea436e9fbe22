//! What is in the archive, and whether it is what was seen.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, Row};
use tempfile::TempDir;

use super::crowd::{Crowd, HISTORY, Message, Place, Seen, Sight};
use super::disk::{Disk, FILES};

/// All messages of all rooms, in the order in which they were said.
#[derive(Default)]
pub struct Archive(Vec<Kept>);

/// A message as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kept {
    id: i64,
    /// The first part of the room's address.
    room: String,
    archive_id: String,
    payload: String,
}

/// All that is asked of the tables. An archive id may be kept as the bytes whose digits it is.
const KEPT: &str = "SELECT message.id,
        substr(room.jid, 1, instr(room.jid, '@') - 1),
        iif(typeof(archive_id) = 'blob', lower(hex(archive_id)), archive_id),
        CAST(payload AS TEXT)
    FROM message JOIN room ON room.id = message.room
    ORDER BY message.id";

impl Archive {
    /// Reads what is on a disk. What is looked at is a copy: SQLite mends what it opens, and the program is to do
    /// that itself.
    ///
    /// # Errors
    /// What is damaged.
    pub fn on(disk: &Disk) -> Result<Self, String> {
        let folder = TempDir::new().map_err(|error| error.to_string())?;
        disk.write(folder.path())
            .map_err(|error| error.to_string())?;
        let database = Connection::open(folder.path().join(FILES[0])).map_err(told)?;
        Self::read(&database).map_err(told)?
    }

    fn read(database: &Connection) -> rusqlite::Result<Result<Self, String>> {
        database.execute_batch("PRAGMA synchronous = off")?;
        let verdict: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        if verdict != "ok" {
            return Ok(Err(format!("integrity_check says: {verdict}")));
        }
        let dangling = database
            .query_row("PRAGMA foreign_key_check", [], |row| {
                row.get::<_, String>(0)
            })
            .optional()?;
        if let Some(table) = dangling {
            return Ok(Err(format!("foreign_key_check says: {table}")));
        }
        // The end may have come before there was a table.
        if !database.table_exists(None, "message")? {
            return Ok(Ok(Self::default()));
        }
        let mut statement = database.prepare(KEPT)?;
        let kept = statement.query_map([], Kept::read)?;
        kept.collect::<rusqlite::Result<_>>()
            .map(|kept| Ok(Self(kept)))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Compares the archive with what it was before a round and what was seen in it. Tells how many messages were
    /// seen and are lost: those are the last that were seen.
    ///
    /// # Errors
    /// What is missing of the old, there twice, in another order or different from what was seen.
    pub fn compare(
        &self,
        before: &Self,
        crowd: &Crowd,
        seen: &[Sight],
    ) -> Result<HashSet<String>, String> {
        let Some(new) = self.0.strip_prefix(&before.0[..]) else {
            return Err("what was there before the start has changed".to_owned());
        };
        self.nothing_is_there_twice()?;
        nothing_is_left_out(new, crowd.round)?;
        let mut lost = HashSet::new();
        for (number, seat) in crowd.seats.iter().enumerate() {
            let in_room = |kept: &&Kept| kept.room == seat.room;
            let kept: Vec<_> = self.0.iter().filter(in_room).collect();
            let known = before.0.iter().filter(in_room).count();
            let (past, live) = sorted(seen.iter().filter(|sight| sight.seat == number));
            let expected = (seat.at_start == Place::Inside).then_some(known);
            let ids = compare_seat(&kept, expected, &past, &live)
                .map_err(|reason| format!("seat {number}: {reason}"))?;
            lost.extend(ids);
        }
        Ok(lost)
    }

    fn nothing_is_there_twice(&self) -> Result<(), String> {
        let mut ids = HashSet::new();
        let mut payloads = HashSet::new();
        for kept in &self.0 {
            if !ids.insert(&kept.archive_id) || !payloads.insert(&kept.payload) {
                return Err(format!("twice in the archive: {kept:?}"));
            }
        }
        Ok(())
    }
}

impl Kept {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            room: row.get(1)?,
            archive_id: row.get(2)?,
            payload: row.get(3)?,
        })
    }

    fn is(&self, message: &Message) -> bool {
        self.archive_id == message.stanza_id && message.stanza.contains(&self.payload)
    }
}

/// Of each author the messages of a round are there from the first on, in the order in which they were sent.
fn nothing_is_left_out(new: &[Kept], round: u32) -> Result<(), String> {
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for kept in new {
        let words = kept.payload.trim_start_matches("<body>");
        let id = words.split(' ').next().unwrap_or_default();
        let seat = id.split('.').nth(1).unwrap_or_default();
        let count = counts.entry(seat).or_default();
        if id != format!("{round}.{seat}.{count}") {
            return Err(format!("{id} where {round}.{seat}.{count} must be"));
        }
        *count += 1;
    }
    Ok(())
}

fn sorted<'a>(sights: impl Iterator<Item = &'a Sight>) -> (Vec<&'a Message>, Vec<&'a Message>) {
    let (mut past, mut live) = (Vec::new(), Vec::new());
    for sight in sights {
        match &sight.what {
            Seen::Past(message) => past.push(message),
            Seen::Live(message) => live.push(message),
            Seen::Place(_) => {}
        }
    }
    (past, live)
}

/// What a session sees in one round, its history first, is one piece of the archive without gaps; it begins with
/// the first new message if the session was inside from the start. Gives the ids of those that are lost.
fn compare_seat(
    kept: &[&Kept],
    expected: Option<usize>,
    past: &[&Message],
    live: &[&Message],
) -> Result<Vec<String>, String> {
    let story: Vec<_> = past.iter().chain(live).collect();
    let Some(first) = story.first() else {
        return Ok(Vec::new());
    };
    let start = expected.or_else(|| {
        kept.iter()
            .position(|kept| kept.archive_id == first.stanza_id)
    });
    let start = start.unwrap_or(kept.len());
    let there = &kept[start.min(kept.len())..];
    for (kept, message) in there.iter().zip(&story) {
        if !kept.is(message) {
            let Message {
                stanza_id, stanza, ..
            } = message;
            return Err(format!("{stanza_id} was seen: {stanza}\nkept is {kept:?}"));
        }
    }
    let whole_history = past.len() == HISTORY || start == 0;
    if expected.is_none() && !live.is_empty() && !whole_history {
        return Err(format!("a newcomer was shown {} of the past", past.len()));
    }
    let lost = story.iter().skip(there.len());
    let lost: Vec<_> = lost.map(|message| message.stanza_id.clone()).collect();
    match kept.iter().find(|kept| lost.contains(&kept.archive_id)) {
        Some(kept) => Err(format!("not where it was seen: {kept:?}")),
        None => Ok(lost),
    }
}

fn told(error: rusqlite::Error) -> String {
    error.to_string()
}
