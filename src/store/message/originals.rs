//! Messages that others are about: what is corrected, taken back, reacted to.

use jid::BareJid;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Result, params};

use super::identifier;
use super::index::{content_token, person_token, quoted, room_token};
use super::{messages, senders};
use crate::room::ArchiveId;
use crate::room::effect::{Archived, ArchivedKind};
use crate::room::request::{Named, Original};
use crate::store::room::rooms;
use crate::store::room::rooms::RoomId;
use crate::store::{Error, Store, column};

impl Store {
    /// The archived message that somebody names, also before that is committed. Of several with the
    /// same `content_id` it is the newest of `author`, and only when there is none of theirs the
    /// newest of anybody.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn original(
        &self,
        room: &BareJid,
        named: &Named,
        author: &BareJid,
    ) -> std::result::Result<Option<Original>, Error> {
        match named {
            Named::ByArchiveId(id) => self.by_archive_id(room, id),
            Named::ByContentId(id) => self.by_content_id(room, id, author),
            Named::ByEither(id) => match self.by_archive_id(room, &ArchiveId(id.clone()))? {
                Some(found) => Ok(Some(found)),
                None => self.by_content_id(room, id, author),
            },
        }
    }

    fn by_archive_id(
        &self,
        room: &BareJid,
        id: &ArchiveId,
    ) -> std::result::Result<Option<Original>, Error> {
        if let Some(found) = self.overlay.find(room, |message| message.id == *id) {
            return Ok(Some(self.as_original(room, &found)));
        }
        let found = self.of_room(room, |connection, room| {
            let Some(number) = messages::number(connection, room, id)? else {
                return Ok(None);
            };
            load(connection, number)
        })?;
        Ok(found.map(|found| self.with_fate(room, found)))
    }

    fn by_content_id(
        &self,
        room: &BareJid,
        id: &str,
        author: &BareJid,
    ) -> std::result::Result<Option<Original>, Error> {
        let named = |message: &Archived| *message.content.id == *id;
        let own =
            |message: &Archived| named(message) && author_of(message).as_ref() == Some(author);
        if let Some(found) = self.overlay.find(room, own) {
            return Ok(Some(self.as_original(room, &found)));
        }
        let found = self.of_room(room, |connection, room| {
            let Some(person) = senders::person(connection, author.as_str())? else {
                return Ok(None);
            };
            by_content_id(connection, room, id, Some(person))
        })?;
        if found.is_some() {
            return Ok(found.map(|found| self.with_fate(room, found)));
        }
        if let Some(found) = self.overlay.find(room, named) {
            return Ok(Some(self.as_original(room, &found)));
        }
        let found = self.of_room(room, |connection, room| {
            by_content_id(connection, room, id, None)
        })?;
        Ok(found.map(|found| self.with_fate(room, found)))
    }

    /// How many messages correct one that is no correction itself, counted up to `most`; those too
    /// that are not committed yet, some of them twice for a moment.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn corrections(
        &self,
        room: &BareJid,
        original: &ArchiveId,
        most: u32,
    ) -> std::result::Result<u32, Error> {
        let pending = self.overlay.count(room, |message| {
            message.kind == ArchivedKind::Correction && message.original.as_ref() == Some(original)
        });
        let found = self.of_room(room, |connection, room| {
            match messages::number(connection, room, original)? {
                Some(number) => messages::count_corrections(connection, number, most).map(Some),
                None => Ok(None),
            }
        })?;
        Ok(found.unwrap_or(0).saturating_add(pending).min(most))
    }

    /// What a message corrects, if it is a correction; else itself.
    pub(in crate::store) fn root(
        &self,
        room: &BareJid,
        message: &ArchiveId,
    ) -> std::result::Result<ArchiveId, Error> {
        let found = self.by_archive_id(room, message)?;
        Ok(found.map_or_else(|| message.clone(), |found| found.root))
    }

    fn of_room<T>(
        &self,
        room: &BareJid,
        read: impl FnOnce(&Connection, RoomId) -> Result<Option<T>>,
    ) -> std::result::Result<Option<T>, Error> {
        if self.overlay.fate(room).is_some() {
            return Ok(None);
        }
        self.reader.read("look for a message", |connection| {
            match rooms::id_of(connection, room)? {
                Some(id) => read(connection, id),
                None => Ok(None),
            }
        })
    }

    fn as_original(&self, room: &BareJid, message: &Archived) -> Original {
        let corrected = match message.kind {
            ArchivedKind::Correction => message.original.as_ref(),
            _ => None,
        };
        let original = Original {
            id: message.id.clone(),
            root: corrected.unwrap_or(&message.id).clone(),
            kind: message.kind,
            author: author_of(message),
            corrections: 0,
        };
        self.with_fate(room, original)
    }

    /// What is being taken back is a tombstone already.
    fn with_fate(&self, room: &BareJid, mut original: Original) -> Original {
        if self.overlay.is_retracted(room, &original.root) {
            original.kind = ArchivedKind::Tombstone;
        }
        original
    }
}

fn author_of(message: &Archived) -> Option<BareJid> {
    let author = message.sender.as_ref()?.author.as_ref()?;
    Some(author.to_bare())
}

/// The newest message with a `content_id`, of one person or of anybody.
fn by_content_id(
    connection: &Connection,
    room: RoomId,
    id: &str,
    person: Option<i64>,
) -> Result<Option<Original>> {
    match newest_of(connection, room, id, person)? {
        Some(number) => load(connection, number),
        None => Ok(None),
    }
}

/// The row of that message.
pub(in crate::store) fn newest_of(
    connection: &Connection,
    room: RoomId,
    id: &str,
    person: Option<i64>,
) -> Result<Option<i64>> {
    let tokens = [content_token(id), room_token(room)];
    let tokens = tokens.into_iter().chain(person.map(person_token));
    let wanted: Vec<_> = tokens.map(|token| quoted(&token)).collect();
    let wanted = wanted.join(" AND ");
    let mut statement = connection.prepare_cached(
        "SELECT message.id, content_id FROM word JOIN message ON message.id = word.rowid
         WHERE word MATCH ?1 ORDER BY word.rowid DESC LIMIT ?2",
    )?;
    let mut rows = statement.query(params![wanted, CANDIDATES_MAX])?;
    while let Some(row) = rows.next()? {
        if *identifier::read(row, 1)? == *id {
            return row.get(0).map(Some);
        }
    }
    Ok(None)
}

fn load(connection: &Connection, number: i64) -> Result<Option<Original>> {
    connection
        .prepare_cached(
            "SELECT message.archive_id, CASE WHEN remains IS NULL THEN message.kind ELSE 6 END, person.jid,
                 root.archive_id FROM message
             LEFT JOIN message AS root ON root.id = message.original AND message.kind = 3
             LEFT JOIN retracting
                 ON retracting.original = message.original AND message.kind = 3 AND message.id <= last
             LEFT JOIN sender ON sender.id = message.sender LEFT JOIN person ON person.id = person
             WHERE message.id = ?1",
        )?
        .query_row([number], |row| {
            let id = ArchiveId(identifier::read(row, 0)?);
            let root = match row.get_ref(3)?.data_type() {
                Type::Null => id.clone(),
                _ => ArchiveId(identifier::read(row, 3)?),
            };
            Ok(Original {
                id,
                root,
                kind: column::archived_kind(row, 1)?,
                author: column::bare_jid_or_null(row, 2)?,
                corrections: 0,
            })
        })
        .optional()
}

/// Maximum number of messages that are looked at which share a token: by chance it is one in 65,536
/// messages of the room, but ids can be chosen so that all do, and everybody waits meanwhile.
const CANDIDATES_MAX: u32 = 1_000;
