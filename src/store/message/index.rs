//! The index of words, and of what else messages are looked for by.
//!
//! Every message has a row in the table `word`: one text of tokens, first those that name its room,
//! its author (the person, or if that is not known the sender) and its `content_id`, each marked by
//! a character that no word has, then the words. So "these words, by them, in this room" is one
//! intersection of lists that FTS5 walks in the order of the archive, from either end, and stops
//! when a page is full.

use rusqlite::{Connection, Result, params};

use super::senders::SenderId;
use crate::search;
use crate::store::room::rooms::RoomId;

/// The token of a room.
pub(in crate::store) fn room_token(room: RoomId) -> String {
    format!("{MARK}r{room}")
}

/// The token of a person.
pub(in crate::store) fn person_token(person: i64) -> String {
    format!("{MARK}p{person}")
}

/// The token of a sender; only such have one behind whom no person is known.
fn sender_token(sender: i64) -> String {
    format!("{MARK}s{sender}")
}

/// The token of a `content_id`: some of many that share it, so whoever asks for it looks at what is
/// found.
pub(in crate::store) fn content_token(content_id: &str) -> String {
    // FNV-1a; what is on disk must not depend on a library's choice.
    let hash = content_id.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    format!("{MARK}c{:04x}", (hash >> 16) ^ (hash & 0xffff))
}

/// By what a sender's messages are found; and others of the same person.
pub(in crate::store) fn author_token(sender: SenderId) -> String {
    match sender.person {
        Some(person) => person_token(person),
        None => sender_token(sender.sender),
    }
}

/// A token as it stands in an FTS5 expression.
pub(in crate::store) fn quoted(token: &str) -> String {
    format!("\"{token}\"")
}

/// What a message is found by.
pub(in crate::store) struct IndexEntry<'a> {
    /// The row of the message.
    pub message: i64,
    /// The room where it was said.
    pub room: RoomId,
    /// As whom it was said; `None`: by the room itself.
    pub sender: Option<SenderId>,
    /// Its author's id of it.
    pub content_id: &'a str,
    /// What can be searched of it; empty: nothing.
    pub text: &'a str,
}

/// Adds a message.
pub(in crate::store) fn add(connection: &Connection, entry: &IndexEntry<'_>) -> Result<()> {
    let mut tokens = room_token(entry.room);
    if let Some(sender) = entry.sender {
        tokens.push(' ');
        tokens.push_str(&author_token(sender));
    }
    tokens.push(' ');
    tokens.push_str(&content_token(entry.content_id));
    if !entry.text.is_empty() {
        tokens.push(' ');
        tokens.push_str(&search::words(entry.text));
    }
    connection
        .prepare_cached("INSERT INTO word (rowid, words) VALUES (?1, ?2)")?
        .execute(params![entry.message, tokens])?;
    Ok(())
}

/// Takes a message out.
pub(in crate::store) fn remove(connection: &Connection, message: i64) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM word WHERE rowid = ?1")?
        .execute([message])?;
    Ok(())
}

/// A token that no message has.
pub(in crate::store) const NEVER: &str = "\u{e000}n";

/// A private-use character, which is part of no word.
const MARK: char = '\u{e000}';
