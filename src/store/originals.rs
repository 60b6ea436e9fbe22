//! Messages that others are about: what is corrected, taken back, reacted to.

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension, Result, params};

use super::identifier;
use super::index::{content_token, person_token, quoted, room_token};
use super::rooms::{self, RoomId};
use super::{Error, Store, column, messages, senders};
use crate::room::ArchiveId;
use crate::room::effect::{Archived, ArchivedKind};
use crate::room::request::{Named, Original};

impl Store {
    /// The archived message that somebody names, also before that is committed. By a `content_id` only the author's own
    /// are found, the newest first.
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
        let own = |message: &Archived| {
            *message.content.id == *id && author_of(message).as_ref() == Some(author)
        };
        if let Some(found) = self.overlay.find(room, own) {
            return Ok(Some(self.as_original(room, &found)));
        }
        let found = self.of_room(room, |connection, room| {
            by_content_id(connection, room, id, author)
        })?;
        Ok(found.map(|found| self.with_fate(room, found)))
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
        let original = Original {
            id: message.id.clone(),
            kind: message.kind,
            author: author_of(message),
        };
        self.with_fate(room, original)
    }

    /// What is being taken back is a tombstone already.
    fn with_fate(&self, room: &BareJid, mut original: Original) -> Original {
        if self.overlay.is_retracted(room, &original.id) {
            original.kind = ArchivedKind::Tombstone;
        }
        original
    }
}

fn author_of(message: &Archived) -> Option<BareJid> {
    let author = message.sender.as_ref()?.author.as_ref()?;
    Some(author.to_bare())
}

fn by_content_id(
    connection: &Connection,
    room: RoomId,
    id: &str,
    author: &BareJid,
) -> Result<Option<Original>> {
    let Some(person) = senders::person(connection, author.as_str())? else {
        return Ok(None);
    };
    let tokens = [content_token(id), person_token(person), room_token(room)];
    let wanted = tokens.map(|token| quoted(&token)).join(" AND ");
    let mut statement = connection.prepare_cached(
        "SELECT message.id, content_id FROM word JOIN message ON message.id = word.rowid
         WHERE word MATCH ?1 ORDER BY word.rowid DESC",
    )?;
    let mut rows = statement.query(params![wanted])?;
    while let Some(row) = rows.next()? {
        if *identifier::read(row, 1)? == *id {
            return load(connection, row.get(0)?);
        }
    }
    Ok(None)
}

fn load(connection: &Connection, number: i64) -> Result<Option<Original>> {
    connection
        .prepare_cached(
            "SELECT archive_id, kind, person.jid FROM message
             LEFT JOIN sender ON sender.id = sender LEFT JOIN person ON person.id = person
             WHERE message.id = ?1",
        )?
        .query_row([number], |row| {
            Ok(Original {
                id: ArchiveId(identifier::read(row, 0)?),
                kind: column::archived_kind(row, 1)?,
                author: column::bare_jid_or_null(row, 2)?,
            })
        })
        .optional()
}
