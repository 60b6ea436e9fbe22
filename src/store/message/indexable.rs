//! Archived messages as the index of words is to have them.

use std::sync::Arc;

use rusqlite::{Connection, Result, params};

use super::identifier;
use super::index::IndexEntry;
use super::senders::SenderId;
use crate::room::Payload;
use crate::room::effect::ArchivedKind;
use crate::store::column;

/// Tells what of an archived message can be searched, as plain text.
pub(in crate::store) type Searchable = fn(&Payload) -> Arc<str>;

/// Shows the next messages after a row, up to a number, as the index is to have them, and tells the
/// last of them; `None` when there were none.
pub(in crate::store) fn each(
    connection: &Connection,
    (after, most): (i64, i64),
    searchable: Searchable,
    mut show: impl FnMut(&IndexEntry<'_>) -> Result<()>,
) -> Result<Option<i64>> {
    let mut last = None;
    let mut statement = connection.prepare_cached(MESSAGES)?;
    let mut rows = statement.query(params![after, most])?;
    while let Some(row) = rows.next()? {
        let message = row.get(0)?;
        let has_words: bool = row.get(7)?;
        let text = match column::archived_kind(row, 1)? {
            ArchivedKind::Speech | ArchivedKind::Subject | ArchivedKind::Correction
                if has_words =>
            {
                searchable(&column::payload(row, 6)?)
            }
            _ => "".into(),
        };
        let content_id = identifier::read(row, 5)?;
        show(&IndexEntry {
            message,
            room: row.get(2)?,
            sender: SenderId::read_or_null(row, 3)?,
            content_id: &content_id,
            text: &text,
        })?;
        last = Some(message);
    }
    Ok(last)
}

/// The last column tells whether no later correction stands for the message, and it is not being
/// taken back.
const MESSAGES: &str = "SELECT message.id, kind, message.room, sender, person, content_id, payload,
        NOT EXISTS (SELECT 1 FROM message AS later WHERE later.kind = 3 AND later.id > message.id
            AND later.original = CASE WHEN message.kind = 3 THEN message.original ELSE message.id END)
        AND NOT EXISTS (SELECT 1 FROM retracting
            WHERE message.kind = 3 AND retracting.original = message.original AND message.id <= last)
    FROM message LEFT JOIN sender ON sender.id = sender
    WHERE message.id > ?1 ORDER BY message.id LIMIT ?2";
