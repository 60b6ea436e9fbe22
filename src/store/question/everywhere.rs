//! Pages of what is found in all rooms that somebody may read.
//!
//! The words of such a search are walked along whatever room they are in, and what lies in other
//! rooms is passed by: as a rule somebody may read enough of what is said that a page is full soon.
//! If it isn't, FTS5 is asked again for the rest, with the rooms' own lists, each of which costs
//! some time. Few rooms' lists are walked along from the start.

use std::collections::HashMap;
use std::ops::Range;

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension, Result};

use super::ask::{ArchiveAnswer, FoundSomewhere, Reader};
use super::found::{self, FillingPage, FoundRows};
use super::readable::Rights;
use super::searched::Searched;
use super::span::Span;
use super::walk::Path;
use super::wanted::{Author, WantedMessages, was_said_in_the_open};
use crate::room::occupying::archive::{Filter, PageQuestion};
use crate::room::{ArchiveId, KnownAuthors, Timestamp};
use crate::store::column;
use crate::store::message::identifier::Identifier;
use crate::store::message::{messages, times};
use crate::store::room::rooms;
use crate::store::room::rooms::RoomId;

/// Maximum number that is counted in all rooms together.
pub const COUNT_MAX: u64 = 10_000;

/// Reads a page of all rooms.
pub(in crate::store) fn page(
    connection: &Connection,
    reader: &Reader,
    question: &PageQuestion,
    bytes_max: usize,
) -> Result<ArchiveAnswer> {
    let mut scope = SearchedRooms::of(connection, reader, &question.filter)?;
    let Some(mut span) = Span::of(question, |id| scope.number(id))? else {
        return Ok(ArchiveAnswer::NoSuchMessage);
    };
    span.cut(&scope.within_time()?);
    let Some((path, narrow)) = scope.paths(&question.filter)? else {
        return Ok(found::nothing(question)
            .map_or(ArchiveAnswer::NoSuchMessage, ArchiveAnswer::Everywhere));
    };
    let found = FoundRows { path, narrow, span };
    if question.size_max == Some(0) {
        return Ok(ArchiveAnswer::Everywhere(
            found.count(connection, &mut scope)?,
        ));
    }
    let page = found.fill(
        connection,
        &mut scope,
        FillingPage::new(question, bytes_max),
    )?;
    Ok(page.map_or(ArchiveAnswer::NoSuchMessage, ArchiveAnswer::Everywhere))
}

/// The archives of all rooms that a reader may read.
struct SearchedRooms<'a> {
    connection: &'a Connection,
    rights: Rights<'a>,
    /// Sorted, to be looked up in.
    readable: Vec<RoomId>,
    /// Whether only such count where the reader may know addresses: another's is named.
    by_address: bool,
    /// Whom the reader may know where, as far as that was looked at.
    known: HashMap<RoomId, KnownAuthors>,
    /// Addresses, as far as they were looked at.
    jids: HashMap<RoomId, BareJid>,
    author: Option<Author>,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
}

impl<'a> SearchedRooms<'a> {
    fn of(connection: &'a Connection, reader: &'a Reader, filter: &Filter) -> Result<Self> {
        let rights = Rights::of(connection, reader)?;
        let mut readable = rights.rooms(connection)?;
        if !filter.rooms.is_empty() {
            let wanted: Vec<_> = filter
                .rooms
                .iter()
                .map(|jid| rooms::id_of(connection, jid))
                .collect::<Result<_>>()?;
            readable.retain(|room| wanted.contains(&Some(*room)));
        }
        Ok(Self {
            connection,
            readable,
            rights,
            by_address: filter.names_another(&reader.person),
            known: HashMap::new(),
            jids: HashMap::new(),
            author: None,
            start: filter.start,
            end: filter.end,
        })
    }

    /// The row of a message that the reader may know of.
    fn number(&self, id: &ArchiveId) -> Result<Option<i64>> {
        let found: Option<(i64, RoomId)> = self
            .connection
            .prepare_cached(NUMBER)?
            .query_row([Identifier(&id.0)], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let readable = found.filter(|(_, room)| self.readable.binary_search(room).is_ok());
        Ok(readable.map(|(row, _)| row))
    }

    /// The rows between which everything lies that was said between the times of the question. More
    /// may lie there.
    fn within_time(&self) -> Result<Range<i64>> {
        let first = match self.start {
            Some(start) => times::first_since_in_any(self.connection, &self.readable, start)?,
            None => 0,
        };
        let behind = match self.end {
            Some(end) => {
                let behind = Timestamp(end.0.saturating_add(1));
                times::behind_all_before(self.connection, &self.readable, behind)?
            }
            None => i64::MAX,
        };
        Ok(first..behind)
    }

    /// Along what messages are found, and along what fewer rows are that can be it. `None`: there
    /// can't be such a message.
    fn paths(&mut self, filter: &Filter) -> Result<Option<(Path, Option<Path>)>> {
        let Some(mut wanted) = WantedMessages::of(self.connection, &self.readable, filter)? else {
            return Ok(None);
        };
        self.author = wanted.author.take();
        let narrow = match self.readable.len() <= ROOM_TOKENS_MAX {
            true => {
                let rooms = self.rooms_that_count()?;
                if rooms.is_empty() {
                    return Ok(None);
                }
                wanted.in_rooms(&rooms).map(Path::Words)
            }
            false => None,
        };
        let wide = wanted.in_all().map_or(Path::Everything, Path::Words);
        Ok(Some(match narrow {
            Some(narrow) if self.readable.len() <= FEW_ROOMS => (narrow, None),
            narrow => (wide, narrow),
        }))
    }

    fn rooms_that_count(&mut self) -> Result<Vec<RoomId>> {
        let mut rooms = self.readable.clone();
        if self.by_address {
            for room in std::mem::take(&mut rooms) {
                if self.authors(room)? != KnownAuthors::None {
                    rooms.push(room);
                }
            }
        }
        Ok(rooms)
    }

    fn authors(&mut self, room: RoomId) -> Result<KnownAuthors> {
        if let Some(known) = self.known.get(&room) {
            return Ok(*known);
        }
        let access = self.rights.in_room(self.connection, room)?;
        let authors = access.map_or(KnownAuthors::None, |access| access.authors);
        self.known.insert(room, authors);
        Ok(authors)
    }

    /// Whether a message may be found by the address of its author, who is not the reader.
    fn may_be_found_by_address(&mut self, row: i64, room: RoomId) -> Result<bool> {
        match self.authors(room)? {
            KnownAuthors::None => Ok(false),
            KnownAuthors::InTheOpen => was_said_in_the_open(self.connection, row),
            KnownAuthors::All => Ok(true),
        }
    }

    fn jid(&mut self, room: RoomId) -> Result<Option<BareJid>> {
        if let Some(known) = self.jids.get(&room) {
            return Ok(Some(known.clone()));
        }
        let jid: Option<BareJid> = self
            .connection
            .prepare_cached(JID)?
            .query_row([room], |row| column::bare_jid(row, 0))
            .optional()?;
        if let Some(jid) = &jid {
            self.jids.insert(room, jid.clone());
        }
        Ok(jid)
    }

    fn place(&self, row: i64) -> Result<Option<(RoomId, Timestamp)>> {
        self.connection
            .prepare_cached(PLACE)?
            .query_row([row], |row| Ok((row.get(0)?, column::timestamp(row, 1)?)))
            .optional()
    }
}

impl Searched for SearchedRooms<'_> {
    type Found = FoundSomewhere;

    fn is_choosy(&self) -> bool {
        true
    }

    fn admits(&mut self, row: i64) -> Result<bool> {
        let Some((room, at)) = self.place(row)? else {
            return Ok(false);
        };
        if self.readable.binary_search(&room).is_err()
            || self.start.is_some_and(|start| at < start)
            || self.end.is_some_and(|end| at > end)
        {
            return Ok(false);
        }
        if self.by_address && !self.may_be_found_by_address(row, room)? {
            return Ok(false);
        }
        match &self.author {
            None => Ok(true),
            Some(author) => author.wrote(self.connection, row),
        }
    }

    fn load(&mut self, row: i64) -> Result<Option<(FoundSomewhere, usize)>> {
        let Some((room, _)) = self.place(row)? else {
            return Ok(None);
        };
        let (Some(jid), Some(message)) = (self.jid(room)?, messages::load(self.connection, row)?)
        else {
            return Ok(None);
        };
        let bytes = message.content.payload.as_bytes().len();
        let found = FoundSomewhere {
            room: jid,
            authors: self.authors(room)?,
            message,
        };
        Ok(Some((found, bytes)))
    }

    fn count_max(&self) -> u64 {
        COUNT_MAX
    }
}

/// Maximum number of rooms that an expression names.
const ROOM_TOKENS_MAX: usize = 256;

/// Maximum number of rooms that are named at once: so few cost less than to pass by what lies in
/// others.
const FEW_ROOMS: usize = 16;

const NUMBER: &str = "SELECT id, room FROM message WHERE archive_id = ?1";

const PLACE: &str = "SELECT room, at FROM message WHERE id = ?1";

const JID: &str = "SELECT jid FROM room WHERE id = ?1 AND jid IS NOT NULL";
