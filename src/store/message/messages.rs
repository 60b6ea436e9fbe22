//! The archive: messages in the order that all have seen.

use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use super::identifier::{self, Identifier};
use super::index::{self, IndexEntry};
use super::senders::{SenderId, Senders};
use super::{retracting, times, wipe};
use crate::room::effect::{Archived, ArchivedKind, Sender};
use crate::room::{ArchiveId, Content, HistoryLimits, OccupantId, Payload, Timestamp};
use crate::store::column;
use crate::store::room::rooms::RoomId;

/// Adds a message after all others, with what of it can be searched, and tells its row.
///
/// Within a room, time never goes back as the archive goes on, whatever happens to the clock: a
/// message that would be from before the last one gets the time of that. `times` rests on it, and
/// so do clients that ask for what came since.
pub(in crate::store) fn add(
    connection: &Connection,
    senders: &mut Senders,
    room: RoomId,
    message: &Archived,
    text: &str,
) -> Result<i64> {
    let sender = match &message.sender {
        Some(sender) => Some(senders.of(connection, room, sender)?),
        None => None,
    };
    let original = match &message.original {
        Some(original) => number(connection, room, original)?,
        None => None,
    };
    let original = match (message.kind, original) {
        // One step from every correction to what it corrects, whoever wrote it down.
        (ArchivedKind::Correction, Some(original)) => {
            Some(corrected_by(connection, original)?.unwrap_or(original))
        }
        (_, original) => original,
    };
    let at = senders.in_order(connection, room, message.at)?;
    connection
        .prepare_cached(
            "INSERT INTO message
                 (room, archive_id, at, kind, sender, content_id, language, original, payload)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            room,
            Identifier(&message.id.0),
            at.0,
            column::archived_kind_number(message.kind),
            sender.map(|sender| sender.sender),
            Identifier(&message.content.id),
            message.content.language,
            original,
            message.content.payload.as_bytes(),
        ])?;
    let entry = IndexEntry {
        message: connection.last_insert_rowid(),
        room,
        sender,
        content_id: &message.content.id,
        text,
    };
    index::add(connection, &entry)?;
    if let (ArchivedKind::Correction, Some(root)) = (message.kind, original) {
        forget_words_before(connection, root, entry.message)?;
    }
    Ok(entry.message)
}

/// Leaves `remains` of a message, of what corrects it, and of what it corrects itself, and takes
/// their words out of the index. Does nothing when there is no such message.
pub(in crate::store) fn retract(
    connection: &Connection,
    room: RoomId,
    message: &ArchiveId,
    remains: &Payload,
) -> Result<()> {
    let Some(number) = number(connection, room, message)? else {
        return Ok(());
    };
    wipe::note(connection)?;
    let original = corrected_by(connection, number)?.unwrap_or(number);
    // Of all that a message was, only the words of the last are in the index; and it may itself
    // have been removed.
    let last = last_correction(connection, original, i64::MAX)?.unwrap_or(original);
    retracting::take(connection, last, remains)?;
    index_again(connection, last, "")?;
    retracting::take(connection, original, remains)?;
    retracting::begin(connection, (original, last), remains)
}

/// Takes the words of what a correction stands for out of the index: those of the last one count.
/// Those of the others went when the one after them came.
fn forget_words_before(connection: &Connection, root: i64, correction: i64) -> Result<()> {
    let before = last_correction(connection, root, correction)?;
    index_again(connection, before.unwrap_or(root), "")
}

/// The last correction of a message that comes before a row.
fn last_correction(connection: &Connection, original: i64, before: i64) -> Result<Option<i64>> {
    connection
        .prepare_cached(
            "SELECT id FROM message INDEXED BY message_correcting
             WHERE original = ?1 AND kind = 3 AND id < ?2 ORDER BY id DESC LIMIT 1",
        )?
        .query_row([original, before], |row| row.get(0))
        .optional()
}

/// Counts what corrects a message, up to a number.
pub(in crate::store) fn count_corrections(
    connection: &Connection,
    original: i64,
    most: u32,
) -> Result<u32> {
    connection
        .prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM message INDEXED BY message_correcting
                 WHERE original = ?1 AND kind = 3 LIMIT ?2)",
        )?
        .query_row(params![original, most], |row| row.get(0))
}

/// Indexes a message with another text.
pub(in crate::store) fn index_again(
    connection: &Connection,
    message: i64,
    text: &str,
) -> Result<()> {
    index::remove(connection, message)?;
    let (room, sender, content_id) = connection
        .prepare_cached(
            "SELECT message.room, sender, person, content_id
             FROM message LEFT JOIN sender ON sender.id = sender WHERE message.id = ?1",
        )?
        .query_row([message], |row| {
            let sender = SenderId::read_or_null(row, 1)?;
            Ok((row.get(0)?, sender, identifier::read(row, 3)?))
        })?;
    let entry = IndexEntry {
        message,
        room,
        sender,
        content_id: &content_id,
        text,
    };
    index::add(connection, &entry)
}

/// What a correction corrects.
fn corrected_by(connection: &Connection, message: i64) -> Result<Option<i64>> {
    let original: Option<Option<i64>> = connection
        .prepare_cached("SELECT original FROM message WHERE id = ?1 AND kind = ?2")?
        .query_row(
            params![
                message,
                column::archived_kind_number(ArchivedKind::Correction)
            ],
            |row| row.get(0),
        )
        .optional()?;
    Ok(original.flatten())
}

/// The row of what a message corrects, if it corrects anything that is there, else its own; and its
/// kind.
pub(in crate::store) fn root(
    connection: &Connection,
    room: RoomId,
    message: &ArchiveId,
) -> Result<Option<(i64, i64)>> {
    let Some(number) = number(connection, room, message)? else {
        return Ok(None);
    };
    let root = corrected_by(connection, number)?.unwrap_or(number);
    connection
        .prepare_cached("SELECT id, kind FROM message WHERE id IN (?1, ?2) ORDER BY id LIMIT 1")?
        .query_row([root, number], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// The row of a message, by its stanza id.
pub(in crate::store) fn number(
    connection: &Connection,
    room: RoomId,
    message: &ArchiveId,
) -> Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM message WHERE archive_id = ?1 AND room = ?2")?
        .query_row(params![Identifier(&message.0), room], |row| row.get(0))
        .optional()
}

/// Reads the newest messages of a room that were said to all, within the limits, oldest first.
/// Their length in characters is not looked at: it is known only when they are written out as
/// stanzas.
///
/// Only the newest [`LOOKED_AT_MAX`] rows beside them are looked at. What lies behind more subjects
/// and tombstones is no history, or every newcomer would make all others wait who are in any room.
pub(in crate::store) fn recent(
    connection: &Connection,
    room: RoomId,
    limits: &HistoryLimits,
) -> Result<Vec<Archived>> {
    let first = match limits.since {
        Some(since) => match times::first_since(connection, room, since)? {
            Some(first) => first,
            None => return Ok(Vec::new()),
        },
        None => 0,
    };
    let rows_max = i64::from(limits.messages_max) + LOOKED_AT_MAX;
    let mut messages: Vec<(i64, Archived)> = connection
        .prepare_cached(RECENT)?
        .query_map(params![room, limits.messages_max, first, rows_max], |row| {
            Ok((row.get(0)?, read(row)?))
        })?
        .collect::<Result<_>>()?;
    messages.sort_unstable_by_key(|(number, _)| *number);
    Ok(messages.into_iter().map(|(_, message)| message).collect())
}

/// The id of the message that was added last.
pub(in crate::store) fn newest(connection: &Connection, room: RoomId) -> Result<Option<ArchiveId>> {
    connection
        .prepare_cached("SELECT archive_id FROM message WHERE room = ?1 ORDER BY id DESC LIMIT 1")?
        .query_row([room], |row| identifier::read(row, 0).map(ArchiveId))
        .optional()
}

/// The latest time of any message. In each room it is that of the last one; over all of them it
/// need not be, since a room may have come from elsewhere with messages of long ago.
pub(in crate::store) fn newest_at(connection: &Connection) -> Result<Option<Timestamp>> {
    connection
        .prepare_cached(
            "SELECT max((SELECT at FROM message INDEXED BY message_of_room
                 WHERE room = room.id ORDER BY id DESC LIMIT 1)) FROM room",
        )?
        .query_row([], |row| column::timestamp_or_null(row, 0))
}

/// Reads a message whose columns are [`COLUMNS`].
pub(in crate::store) fn read(row: &Row<'_>) -> Result<Archived> {
    let sender = match column::text_or_null(row, 7)? {
        Some(_) => Some(Sender {
            nick: column::nick(row, 7)?,
            occupant_id: column::text_or_null(row, 8)?.map(OccupantId),
            author: column::jid_or_null(row, 9)?,
            whois: column::whois(row, 11)?,
        }),
        None => None,
    };
    let original = match row.get_ref(10)?.data_type() {
        rusqlite::types::Type::Null => None,
        _ => Some(ArchiveId(identifier::read(row, 10)?)),
    };
    let mut message = Archived {
        id: ArchiveId(identifier::read(row, 1)?),
        at: column::timestamp(row, 2)?,
        sender,
        kind: column::archived_kind(row, 3)?,
        original,
        content: Content {
            id: identifier::read(row, 4)?,
            language: column::text_or_null(row, 5)?,
            payload: column::payload(row, 6)?,
        },
    };
    if row.get_ref(12)?.data_type() != rusqlite::types::Type::Null {
        message.kind = ArchivedKind::Tombstone;
        message.content.language = None;
        message.content.payload = column::payload(row, 12)?;
    }
    Ok(message)
}

/// Reads the next messages of a room after a row, each with its own row.
pub(in crate::store) fn after(
    connection: &Connection,
    room: RoomId,
    after: i64,
    messages_max: u32,
) -> Result<Vec<(i64, Archived)>> {
    connection
        .prepare_cached(AFTER)?
        .query_map(params![room, after, messages_max], |row| {
            Ok((row.get(0)?, read(row)?))
        })?
        .collect()
}

/// Reads one message, if it is still there.
pub(in crate::store) fn load(connection: &Connection, number: i64) -> Result<Option<Archived>> {
    connection
        .prepare_cached(ONE)?
        .query_row([number], read)
        .optional()
}

/// The columns that [`read`] reads, of `FROM message LEFT JOIN sender ON sender.id = sender`; the
/// first is the row, the last what remains of a correction that is being taken back.
macro_rules! columns {
    () => {
        "message.id, archive_id, at, kind, content_id, language, payload, nick, occupant_id, author,
         (SELECT about.archive_id FROM message AS about WHERE about.id = message.original), sender.whois,
         (SELECT remains FROM retracting
             WHERE kind = 3 AND retracting.original = message.original AND message.id <= last)"
    };
}

const ONE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM message LEFT JOIN sender ON sender.id = sender WHERE message.id = ?1"
);

const AFTER: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM message INDEXED BY message_of_room LEFT JOIN sender ON sender.id = sender
     WHERE message.room = ?1 AND message.id > ?2 ORDER BY message.id LIMIT ?3"
);

/// Without subjects and what was taken back; it stops when there are enough. The rows to be looked
/// at come out of the index newest first, one by one.
const RECENT: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM (SELECT newest.id AS row FROM message AS newest INDEXED BY message_of_room
             WHERE newest.room = ?1 AND newest.id >= ?3 ORDER BY newest.id DESC LIMIT ?4)
         CROSS JOIN message ON message.id = row
         LEFT JOIN sender ON sender.id = sender
     WHERE kind NOT IN (1, 6)
         AND NOT EXISTS (SELECT 1 FROM retracting
             WHERE kind = 3 AND retracting.original = message.original AND message.id <= last)
     LIMIT ?2"
);

/// How many rows are looked at for what is history, beside those that are.
const LOOKED_AT_MAX: i64 = 5_000;
