//! Whose messages are wanted and with what words, as an expression for the index of words.

use jid::Jid;
use rusqlite::{Connection, OptionalExtension, Result, params};

use crate::room::occupying::archive::{Filter, With};
use crate::search::Search;
use crate::store::message::index::{NEVER, author_token, person_token, quoted, room_token};
use crate::store::message::senders;
use crate::store::room::rooms::RoomId;

/// What an index does not know of an author; a message that it finds is looked at for that.
pub(in crate::store) enum Author {
    /// They had this nick.
    Nick(String),
    /// This was their full address.
    Address(String),
}

/// Whether everybody saw who the author of a row's message was when it was said.
pub(in crate::store) fn was_said_in_the_open(connection: &Connection, row: i64) -> Result<bool> {
    let found = connection
        .prepare_cached(IN_THE_OPEN)?
        .query_row([row], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

impl Author {
    /// Whether the message of a row is such a one's.
    pub fn wrote(&self, connection: &Connection, row: i64) -> Result<bool> {
        let (sql, name) = match self {
            Self::Nick(nick) => (HAD_NICK, nick),
            Self::Address(address) => (HAD_ADDRESS, address),
        };
        let found = connection
            .prepare_cached(sql)?
            .query_row(params![row, name], |_| Ok(()))
            .optional()?;
        Ok(found.is_some())
    }
}

/// Whose messages are wanted, and with what words.
pub(in crate::store) struct WantedMessages {
    search: Option<String>,
    /// What matches the authors; `None`: anybody, as far as the index knows.
    authors: Option<String>,
    /// What must be looked at beside.
    pub author: Option<Author>,
}

impl WantedMessages {
    /// What the conditions want in these rooms; `None`: there can't be such a message.
    pub fn of(connection: &Connection, rooms: &[RoomId], filter: &Filter) -> Result<Option<Self>> {
        let mut wanted = Self {
            search: filter.search.as_ref().map(Search::to_match),
            authors: None,
            author: None,
        };
        match &filter.with {
            None => {}
            Some(With::Address(address)) => {
                let Some(person) = senders::person(connection, address.to_bare().as_str())? else {
                    return Ok(None);
                };
                wanted.authors = Some(quoted(&person_token(person)));
                wanted.author = Some(address)
                    .filter(|address| Jid::is_full(address))
                    .map(|address| Author::Address(address.as_str().to_owned()));
            }
            Some(With::Nick(nick)) => {
                let tokens = tokens_of_nick(connection, rooms, nick.as_str())?;
                if tokens.is_empty() {
                    return Ok(None);
                }
                // Where more people than that have shared a nick, each message is looked at.
                wanted.authors = (tokens.len() <= AUTHORS_MAX).then(|| any_of(&tokens));
                wanted.author = Some(Author::Nick(nick.as_str().to_owned()));
            }
        }
        Ok(Some(wanted))
    }

    /// The expression for all rooms; `None`: everything matches.
    pub fn in_all(&self) -> Option<String> {
        self.expression(None)
    }

    /// The expression for these rooms, of which there must be one.
    pub fn in_rooms(&self, rooms: &[RoomId]) -> Option<String> {
        let tokens: Vec<_> = rooms
            .iter()
            .map(|room| quoted(&room_token(*room)))
            .collect();
        self.expression(Some(any_of(&tokens)))
    }

    /// The expression for one room; `None`: all its messages match.
    pub fn in_room(&self, room: RoomId) -> Option<String> {
        match (&self.search, &self.authors) {
            (None, None) => None,
            _ => self.in_rooms(&[room]),
        }
    }

    fn expression(&self, rooms: Option<String>) -> Option<String> {
        let whose = match (rooms, self.authors.clone()) {
            // FTS5 moves all parts of an AND from one message to the next together. What few
            // messages have shall find them first, before a long list of words is moved, and FTS5
            // leaves a part alone that has another operator.
            (Some(rooms), Some(authors)) if self.search.is_some() => {
                Some(format!("(({rooms} AND {authors}) NOT {})", quoted(NEVER)))
            }
            (Some(rooms), Some(authors)) => Some(format!("{rooms} AND {authors}")),
            (rooms, authors) => rooms.or(authors),
        };
        match (&self.search, whose) {
            (Some(search), Some(whose)) => Some(format!("({search}) AND {whose}")),
            (Some(search), None) => Some(search.clone()),
            (None, whose) => whose,
        }
    }
}

fn tokens_of_nick(connection: &Connection, rooms: &[RoomId], nick: &str) -> Result<Vec<String>> {
    let mut tokens = Vec::new();
    for room in rooms {
        let senders = senders::of_nick(connection, *room, nick)?;
        tokens.extend(
            senders
                .into_iter()
                .map(|sender| quoted(&author_token(sender))),
        );
    }
    tokens.sort_unstable();
    tokens.dedup();
    Ok(tokens)
}

fn any_of(tokens: &[String]) -> String {
    format!("({})", tokens.join(" OR "))
}

/// An expression names no more authors.
const AUTHORS_MAX: usize = 250;

pub(in crate::store) const IN_THE_OPEN: &str =
    "SELECT 1 FROM message CROSS JOIN sender ON sender.id = sender
     WHERE message.id = ?1 AND whois = 'anyone'";

pub(in crate::store) const HAD_NICK: &str =
    "SELECT 1 FROM message CROSS JOIN sender ON sender.id = sender
     WHERE message.id = ?1 AND nick = ?2";

pub(in crate::store) const HAD_ADDRESS: &str =
    "SELECT 1 FROM message CROSS JOIN sender ON sender.id = sender
     WHERE message.id = ?1 AND author = ?2";
