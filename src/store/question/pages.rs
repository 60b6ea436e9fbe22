//! Pages of a room's archive. XEP-0313 §4 (#query).

use std::ops::Range;

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension, Result};

use super::ask::{ArchiveAnswer, ArchiveEnd};
use super::found::{self, FillingPage, FoundRows};
use super::searched::Searched;
use super::span::Span;
use super::walk::Path;
use super::wanted::{Author, WantedMessages, was_said_in_the_open};
use crate::room::effect::Archived;
use crate::room::occupying::archive::{Filter, PageQuestion};
use crate::room::{ArchiveId, Timestamp};
use crate::store::column;
use crate::store::message::{identifier, messages, times};
use crate::store::room::rooms;
use crate::store::room::rooms::RoomId;

/// Reads a page of a room.
pub(in crate::store) fn page(
    connection: &Connection,
    room: &BareJid,
    question: &PageQuestion,
    bytes_max: usize,
) -> Result<ArchiveAnswer> {
    // Of a room that has ended meanwhile nothing is left, and no row has this number.
    let room = rooms::id_of(connection, room)?.unwrap_or(0);
    let number = |id: &ArchiveId| messages::number(connection, room, id);
    let Some(mut span) = Span::of(question, number)? else {
        return Ok(ArchiveAnswer::NoSuchMessage);
    };
    span.cut(&within_time(connection, room, &question.filter)?);
    let Some(wanted) = WantedMessages::of(connection, &[room], &question.filter)? else {
        return Ok(
            found::nothing(question).map_or(ArchiveAnswer::NoSuchMessage, ArchiveAnswer::Page)
        );
    };
    let found = FoundRows {
        path: wanted.in_room(room).map_or(Path::Room(room), Path::Words),
        narrow: None,
        span,
    };
    let mut scope = SearchedRoom {
        connection,
        author: wanted.author,
        in_the_open: question.filter.in_the_open,
    };
    if question.size_max == Some(0) {
        return Ok(ArchiveAnswer::Page(found.count(connection, &mut scope)?));
    }
    let page = found.fill(
        connection,
        &mut scope,
        FillingPage::new(question, bytes_max),
    )?;
    Ok(page.map_or(ArchiveAnswer::NoSuchMessage, ArchiveAnswer::Page))
}

/// Reads the first and the last message of a room. XEP-0313 §5 (#archive-metadata).
pub(in crate::store) fn ends(connection: &Connection, room: &BareJid) -> Result<ArchiveAnswer> {
    let room = rooms::id_of(connection, room)?.unwrap_or(0);
    let end = |sql| {
        connection
            .prepare_cached(sql)?
            .query_row([room], |row| {
                Ok(ArchiveEnd {
                    id: ArchiveId(identifier::read(row, 0)?),
                    at: column::timestamp(row, 1)?,
                })
            })
            .optional()
    };
    let ends = end(FIRST)?.zip(end(LAST)?);
    Ok(ArchiveAnswer::Ends(ends.map(|(first, last)| [first, last])))
}

/// The rows between the times of the question, both included. §4.1.2 (#filter-time)
fn within_time(connection: &Connection, room: RoomId, filter: &Filter) -> Result<Range<i64>> {
    let since = |at| times::first_since(connection, room, at);
    let first = match filter.start {
        Some(start) => since(start)?.unwrap_or(i64::MAX),
        None => 0,
    };
    let behind = match filter.end {
        Some(end) => since(Timestamp(end.0.saturating_add(1)))?.unwrap_or(i64::MAX),
        None => i64::MAX,
    };
    Ok(first..behind)
}

/// The archive of a room.
struct SearchedRoom<'a> {
    connection: &'a Connection,
    author: Option<Author>,
    /// Whether only what was said in the open may be found.
    in_the_open: bool,
}

impl Searched for SearchedRoom<'_> {
    type Found = Archived;

    fn is_choosy(&self) -> bool {
        self.author.is_some() || self.in_the_open
    }

    fn admits(&mut self, row: i64) -> Result<bool> {
        if self.in_the_open && !was_said_in_the_open(self.connection, row)? {
            return Ok(false);
        }
        match &self.author {
            None => Ok(true),
            Some(author) => author.wrote(self.connection, row),
        }
    }

    fn load(&mut self, row: i64) -> Result<Option<(Archived, usize)>> {
        let message = messages::load(self.connection, row)?;
        Ok(message.map(|message| {
            let bytes = message.content.payload.as_bytes().len();
            (message, bytes)
        }))
    }

    fn count_max(&self) -> u64 {
        u64::MAX
    }
}

pub(in crate::store) const FIRST: &str =
    "SELECT archive_id, at FROM message INDEXED BY message_of_room
     WHERE room = ?1 ORDER BY id LIMIT 1";

pub(in crate::store) const LAST: &str =
    "SELECT archive_id, at FROM message INDEXED BY message_of_room
     WHERE room = ?1 ORDER BY id DESC LIMIT 1";
