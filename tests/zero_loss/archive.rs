//! What is in the archive, and whether it is what was seen.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, Row};
use tempfile::TempDir;

use super::crowd::Crowd;
use super::disk::Disk;
use super::notes::FILES;
use super::sight::{Message, Sight};
use super::view::View;

/// All messages of all rooms, in the order in which they were said.
#[derive(Default)]
pub struct Archive {
    kept: Vec<Kept>,
    /// Number of messages that can't be found by their words.
    without_words: u32,
}

/// A message as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub id: i64,
    /// The first part of the room's address.
    pub room: String,
    pub archive_id: String,
    pub payload: String,
}

/// All that is asked of the tables, here and below. An archive id may be kept as the bytes whose
/// digits it is.
const KEPT: &str = "SELECT message.id,
        substr(room.jid, 1, instr(room.jid, '@') - 1),
        iif(typeof(archive_id) = 'blob', lower(hex(archive_id)), archive_id),
        CAST(payload AS TEXT)
    FROM message JOIN room ON room.id = message.room
    ORDER BY message.id";

/// The full-text index has a row for each message, and keeps how long it is.
const WITHOUT_WORDS: &str = "SELECT count(*)
    FROM message LEFT JOIN word_docsize ON word_docsize.id = message.id
    WHERE word_docsize.id IS NULL";

impl Archive {
    /// Reads what is on a disk. It looks at a copy: SQLite mends what it opens, and the program is
    /// to do that itself.
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
        Ok(Ok(Self {
            kept: kept.collect::<rusqlite::Result<_>>()?,
            without_words: match database.table_exists(None, "word_docsize")? {
                true => database.query_row(WITHOUT_WORDS, [], |row| row.get(0))?,
                false => 0,
            },
        }))
    }

    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Compares the archive with what it was before a round and what was seen in it. Tells how many
    /// messages were seen and are lost: the last that were seen.
    ///
    /// # Errors
    /// What is missing of the old, there twice, in another order or different from what was seen.
    pub fn compare(&self, before: &Self, crowd: &Crowd, seen: &[Sight]) -> Result<usize, String> {
        let Some(new) = self.kept.strip_prefix(&before.kept[..]) else {
            return Err("what was there before the start has changed".to_owned());
        };
        // An old database gets its index before anybody is served.
        if self.without_words > 0 && !seen.is_empty() {
            return Err(format!("{} can't be searched", self.without_words));
        }
        self.nothing_is_there_twice()?;
        nothing_is_left_out(new, crowd.round)?;
        let mut lost = HashSet::new();
        for (number, seat) in crowd.seats.iter().enumerate() {
            let in_room = |kept: &&Kept| kept.room == seat.room;
            let kept: Vec<_> = self.kept.iter().filter(in_room).collect();
            let known = before.kept.iter().filter(in_room).count();
            let view = View::of(seen.iter().filter(|sight| sight.seat == number));
            let outcome = view.compare(seat, &kept, known);
            lost.extend(outcome.map_err(|reason| format!("seat {number}: {reason}"))?);
        }
        Ok(lost.len())
    }

    fn nothing_is_there_twice(&self) -> Result<(), String> {
        let mut ids = HashSet::new();
        let mut payloads = HashSet::new();
        for kept in &self.kept {
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

    /// Whether the message was delivered as it is kept, byte for byte.
    pub fn is(&self, message: &Message) -> bool {
        let inner = format!(">{}<stanza-id ", self.payload);
        self.archive_id == message.stanza_id && message.stanza.contains(&inner)
    }
}

/// Of each author the messages of a round are there from the first on, in the order in which they
/// were sent.
fn nothing_is_left_out(new: &[Kept], round: u32) -> Result<(), String> {
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for kept in new {
        let text = kept.payload.split('>').nth(1).unwrap_or_default();
        let id = text.split(' ').next().unwrap_or_default();
        let seat = id.split('.').nth(1).unwrap_or_default();
        let count = counts.entry(seat).or_default();
        if id != format!("{round}.{seat}.{count}") {
            return Err(format!("{id} where {round}.{seat}.{count} must be"));
        }
        *count += 1;
    }
    Ok(())
}

fn told(error: rusqlite::Error) -> String {
    error.to_string()
}
