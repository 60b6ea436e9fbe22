//! Pages of a room's archive. XEP-0313 §4 (#query), XEP-0059.
//!
//! A page starts at the row of a message and is read along an index until it is full: `message_of_room` where all
//! messages of a room are wanted, else the lists of the index of words, which are in the same order. Nothing is sorted,
//! nothing is skipped over by counting, and one message more than wanted tells whether there are more.

use std::ops::Range;

use jid::{BareJid, Jid};
use rusqlite::{Connection, Params, Result, Row, params};

use super::ask::{FoundPage, Told};
use super::index::{person_token, quoted, room_token};
use super::rooms::{self, RoomId};
use super::{messages, senders, times};
use crate::room::archive::{Filter, PageQuestion, PageStart, With};
use crate::room::effect::Archived;
use crate::room::{ArchiveId, Timestamp};

/// So many messages has a page if nobody says how many it shall have.
pub const PAGE_SIZE: u32 = 50;

/// A page never has more messages, however many are asked for.
pub const PAGE_SIZE_MAX: u32 = 250;

/// Reads a page of a room.
pub(super) fn page(
    connection: &Connection,
    room: &BareJid,
    question: &PageQuestion,
    bytes_max: usize,
) -> Result<Told> {
    // Of a room that has ended meanwhile nothing is left, and no row has this number.
    let room = rooms::id_of(connection, room)?.unwrap_or(0);
    let Some(span) = Span::of(connection, room, question)? else {
        return Ok(Told::NoSuchMessage);
    };
    let Some(selection) = Selection::of(connection, room, &question.filter)? else {
        return Ok(Told::Page(FoundPage::empty(question)));
    };
    if question.size_max == Some(0) {
        let count = selection.count(connection, &span)?;
        return Ok(Told::Page(FoundPage::counted(count)));
    }
    let mut page = Filling::new(question, bytes_max);
    for rows in span.ranges(page.backward) {
        if selection.read(connection, &rows, &mut page)? {
            break;
        }
    }
    Ok(Told::Page(page.done()))
}

impl<T> FoundPage<T> {
    /// Nothing is found.
    pub(super) fn empty(question: &PageQuestion) -> Self {
        Self {
            messages: Vec::new(),
            complete: true,
            count: (question.size_max == Some(0)).then_some(0),
        }
    }

    /// Only the number is told.
    pub(super) fn counted(count: u64) -> Self {
        Self {
            messages: Vec::new(),
            complete: count == 0,
            count: Some(count),
        }
    }
}

/// Which rows of the table of messages a page can be made of.
pub(super) struct Span {
    /// What the conditions leave.
    all: Range<i64>,
    /// What is left of it from where the page starts.
    page: Range<i64>,
    /// Just these, if only these are wanted; oldest first.
    only: Option<Vec<i64>>,
}

impl Span {
    /// `None`: a message that is named is not in the archive.
    fn of(connection: &Connection, room: RoomId, question: &PageQuestion) -> Result<Option<Self>> {
        let filter = &question.filter;
        let mut all = 0..i64::MAX;
        if let Some(start) = filter.start {
            all.start = times::first_since(connection, room, start)?.unwrap_or(i64::MAX);
        }
        if let Some(end) = filter.end {
            let behind = Timestamp(end.0.saturating_add(1));
            all.end = times::first_since(connection, room, behind)?.unwrap_or(i64::MAX);
        }
        let number = |id: &ArchiveId| messages::number(connection, room, id);
        if let Some(after) = &filter.after_id {
            let Some(after) = number(after)? else {
                return Ok(None);
            };
            all.start = all.start.max(after + 1);
        }
        if let Some(before) = &filter.before_id {
            let Some(before) = number(before)? else {
                return Ok(None);
            };
            all.end = all.end.min(before);
        }
        let mut page = all.clone();
        match &question.start {
            PageStart::First | PageStart::Last => {}
            PageStart::After(id) => match number(id)? {
                Some(after) => page.start = page.start.max(after + 1),
                None => return Ok(None),
            },
            PageStart::Before(id) => match number(id)? {
                Some(before) => page.end = page.end.min(before),
                None => return Ok(None),
            },
        }
        let Some(only) = filter
            .ids
            .iter()
            .map(number)
            .collect::<Result<Option<Vec<_>>>>()?
        else {
            return Ok(None);
        };
        Ok(Some(Self {
            all,
            page,
            only: (!only.is_empty()).then_some(sorted(only)),
        }))
    }

    /// The parts of which the page is made, in the order in which it is.
    fn ranges(&self, backward: bool) -> Vec<Range<i64>> {
        let mut ranges = self.parts(&self.page);
        if backward {
            ranges.reverse();
        }
        ranges
    }

    fn parts(&self, within: &Range<i64>) -> Vec<Range<i64>> {
        match &self.only {
            None => vec![within.clone()],
            Some(only) => only
                .iter()
                .filter(|number| within.contains(number))
                .map(|number| *number..*number + 1)
                .collect(),
        }
    }
}

fn sorted(mut numbers: Vec<i64>) -> Vec<i64> {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Which messages of a room are wanted.
struct Selection {
    room: RoomId,
    /// An FTS5 expression; `None`: all messages of the room.
    matching: Option<String>,
    /// The nick, in addition.
    nick: Option<String>,
    /// The very address of the author, in addition.
    author: Option<String>,
}

impl Selection {
    /// `None`: there can't be such a message.
    fn of(connection: &Connection, room: RoomId, filter: &Filter) -> Result<Option<Self>> {
        let mut selection = Self {
            room,
            matching: None,
            nick: None,
            author: None,
        };
        let mut wanted = Vec::new();
        if let Some(search) = &filter.search {
            wanted.push(format!("({})", search.to_match()));
        }
        match &filter.with {
            None => {}
            Some(With::Address(address)) => {
                let Some(person) = senders::person(connection, address.to_bare().as_str())? else {
                    return Ok(None);
                };
                wanted.push(quoted(&person_token(person)));
                selection.author = Some(address)
                    .filter(|address| Jid::is_full(address))
                    .map(|address| address.as_str().to_owned());
            }
            Some(With::Nick(nick)) => selection.nick = Some(nick.as_str().to_owned()),
        }
        if !wanted.is_empty() {
            wanted.push(quoted(&room_token(room)));
            selection.matching = Some(wanted.join(" AND "));
        }
        Ok(Some(selection))
    }

    /// Fills the page with what lies in these rows; tells whether it is full.
    fn read(&self, connection: &Connection, rows: &Range<i64>, page: &mut Filling) -> Result<bool> {
        match &self.matching {
            None => {
                let sql = if page.backward {
                    ALL_BACKWARD
                } else {
                    ALL_FORWARD
                };
                let params = params![self.room, rows.start, rows.end, self.nick, self.author];
                page.fill(connection, sql, params)
            }
            Some(matching) => {
                let sql = if page.backward {
                    MATCHING_BACKWARD
                } else {
                    MATCHING_FORWARD
                };
                let params = params![matching, rows.start, rows.end, self.nick, self.author];
                page.fill(connection, sql, params)
            }
        }
    }

    fn count(&self, connection: &Connection, span: &Span) -> Result<u64> {
        let mut count = 0;
        for rows in span.parts(&span.all) {
            let found: i64 = match &self.matching {
                None => connection.prepare_cached(COUNT_ALL)?.query_row(
                    params![self.room, rows.start, rows.end, self.nick, self.author],
                    |row| row.get(0),
                )?,
                Some(matching) => connection.prepare_cached(COUNT_MATCHING)?.query_row(
                    params![matching, rows.start, rows.end, self.nick, self.author],
                    |row| row.get(0),
                )?,
            };
            count += found.cast_unsigned();
        }
        Ok(count)
    }
}

/// A page that is being made.
struct Filling {
    backward: bool,
    size: usize,
    bytes_left: usize,
    messages: Vec<Archived>,
    complete: bool,
}

impl Filling {
    fn new(question: &PageQuestion, bytes_max: usize) -> Self {
        let size = question.size_max.unwrap_or(PAGE_SIZE).min(PAGE_SIZE_MAX);
        Self {
            backward: match question.start {
                PageStart::First | PageStart::After(_) => false,
                PageStart::Last | PageStart::Before(_) => true,
            },
            size: size as usize,
            bytes_left: bytes_max,
            messages: Vec::new(),
            complete: true,
        }
    }

    fn fill(&mut self, connection: &Connection, sql: &str, params: impl Params) -> Result<bool> {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        while let Some(row) = rows.next()? {
            if !self.take(row)? {
                self.complete = false;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Adds a message if there is room for it.
    fn take(&mut self, row: &Row<'_>) -> Result<bool> {
        if self.messages.len() == self.size {
            return Ok(false);
        }
        let message = messages::read(row)?;
        let bytes = message.content.payload.as_bytes().len();
        if bytes > self.bytes_left && !self.messages.is_empty() {
            return Ok(false);
        }
        self.bytes_left = self.bytes_left.saturating_sub(bytes);
        self.messages.push(message);
        Ok(true)
    }

    fn done(mut self) -> FoundPage<Archived> {
        if self.backward {
            self.messages.reverse();
        }
        FoundPage {
            messages: self.messages,
            complete: self.complete,
            count: None,
        }
    }
}

/// What follows `SELECT …` where all messages of a room are walked through.
macro_rules! from_room {
    () => {
        " FROM message INDEXED BY message_of_room LEFT JOIN sender ON sender.id = sender
          WHERE message.room = ?1 AND message.id >= ?2 AND message.id < ?3
            AND (?4 IS NULL OR nick = ?4) AND (?5 IS NULL OR author = ?5)"
    };
}

/// The same where FTS5 knows which.
macro_rules! from_words {
    () => {
        " FROM word CROSS JOIN message ON message.id = word.rowid
          LEFT JOIN sender ON sender.id = sender
          WHERE word MATCH ?1 AND word.rowid >= ?2 AND word.rowid < ?3
            AND (?4 IS NULL OR nick = ?4) AND (?5 IS NULL OR author = ?5)"
    };
}

const ALL_FORWARD: &str = concat!(
    "SELECT ",
    messages::columns!(),
    from_room!(),
    " ORDER BY message.id"
);

const ALL_BACKWARD: &str = concat!(
    "SELECT ",
    messages::columns!(),
    from_room!(),
    " ORDER BY message.id DESC"
);

const MATCHING_FORWARD: &str = concat!(
    "SELECT ",
    messages::columns!(),
    from_words!(),
    " ORDER BY word.rowid"
);

const MATCHING_BACKWARD: &str = concat!(
    "SELECT ",
    messages::columns!(),
    from_words!(),
    " ORDER BY word.rowid DESC"
);

const COUNT_ALL: &str = concat!("SELECT count(*)", from_room!());

const COUNT_MATCHING: &str = concat!("SELECT count(*)", from_words!());
