//! Whose messages are wanted and with what words, as an expression for the index of words.

use jid::Jid;
use rusqlite::{Connection, OptionalExtension, Result, params};

use super::index::{author_token, person_token, quoted, room_token};
use super::rooms::RoomId;
use super::senders;
use crate::room::archive::{Filter, With};

/// What an index does not know of an author; a message that it finds is looked at for that.
pub(super) enum Author {
    /// He had this nick.
    Nick(String),
    /// This was his very address.
    Address(String),
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

/// What matches the conditions in a room, and what must be looked at beside. `None`: nothing does. The expression is
/// `None` when all messages match.
pub(super) fn in_room(
    connection: &Connection,
    room: RoomId,
    filter: &Filter,
) -> Result<Option<(Option<String>, Option<Author>)>> {
    let Some((mut terms, author)) = terms(connection, &[room], filter)? else {
        return Ok(None);
    };
    if terms.is_empty() {
        return Ok(Some((None, author)));
    }
    terms.push(quoted(&room_token(room)));
    Ok(Some((Some(terms.join(" AND ")), author)))
}

/// The same, but for the rooms, in which a nick is looked for.
pub(super) fn terms(
    connection: &Connection,
    rooms: &[RoomId],
    filter: &Filter,
) -> Result<Option<(Vec<String>, Option<Author>)>> {
    let mut terms = Vec::new();
    if let Some(search) = &filter.search {
        terms.push(format!("({})", search.to_match()));
    }
    match &filter.with {
        None => Ok(Some((terms, None))),
        Some(With::Address(address)) => {
            let Some(person) = senders::person(connection, address.to_bare().as_str())? else {
                return Ok(None);
            };
            terms.push(quoted(&person_token(person)));
            let author = Some(address)
                .filter(|address| Jid::is_full(address))
                .map(|address| Author::Address(address.as_str().to_owned()));
            Ok(Some((terms, author)))
        }
        Some(With::Nick(nick)) => {
            let mut tokens = Vec::new();
            for room in rooms {
                let senders = senders::of_nick(connection, *room, nick.as_str())?;
                tokens.extend(
                    senders
                        .into_iter()
                        .map(|sender| quoted(&author_token(sender))),
                );
            }
            tokens.sort_unstable();
            tokens.dedup();
            let author = Author::Nick(nick.as_str().to_owned());
            if tokens.is_empty() {
                return Ok(None);
            }
            // So many have shared a nick that it says little of the person; each message is looked at.
            if tokens.len() <= AUTHORS_MAX {
                terms.push(any_of(&tokens));
            }
            Ok(Some((terms, Some(author))))
        }
    }
}

/// What matches any of these.
pub(super) fn any_of(tokens: &[String]) -> String {
    format!("({})", tokens.join(" OR "))
}

/// An expression names no more authors.
const AUTHORS_MAX: usize = 250;

pub(super) const HAD_NICK: &str = "SELECT 1 FROM message CROSS JOIN sender ON sender.id = sender
     WHERE message.id = ?1 AND nick = ?2";

pub(super) const HAD_ADDRESS: &str = "SELECT 1 FROM message CROSS JOIN sender ON sender.id = sender
     WHERE message.id = ?1 AND author = ?2";
