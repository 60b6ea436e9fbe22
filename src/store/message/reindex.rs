//! Making the index of words anew, when it is of another making than this program's.
//!
//! That is so after an update that cuts texts into words in another way, and in a database from before there was an
//! index. The service waits for it; some ten thousand messages take a second.

use std::sync::Arc;

use rusqlite::{Connection, Result, TransactionBehavior, params};

use super::index::{self, Entry};
use super::senders::SenderId;
use super::{identifier, unindexed};
use crate::room::Payload;
use crate::room::effect::ArchivedKind;
use crate::search;
use crate::store::{column, meta};

/// Tells what of an archived message can be searched, as plain text.
pub(in crate::store) type Searchable = fn(&Payload) -> Arc<str>;

/// Makes the index if that of the database is another one, slice by slice. What is interrupted starts over.
pub(in crate::store) fn bring_up_to_date(
    connection: &mut Connection,
    searchable: Searchable,
) -> Result<()> {
    let making = search::VERSION.to_string();
    if meta::load(connection, META_KEY)?.as_ref() == Some(&making) {
        return Ok(());
    }
    let last: Option<i64> =
        connection.query_row("SELECT max(id) FROM message", [], |row| row.get(0))?;
    if let Some(last) = last {
        tracing::info!(messages = last, "indexing the words of the archive anew");
    }
    // With the index goes what it is marked as: whichever program finds it half made begins anew.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute("INSERT INTO word (word) VALUES ('delete-all')", [])?;
    meta::set(&transaction, META_KEY, "")?;
    unindexed::forget(&transaction)?;
    transaction.commit()?;
    let mut done = 0;
    while let Some(next) = slice(connection, done, searchable)? {
        done = next;
        tracing::debug!(messages = done, "indexed");
    }
    meta::set(connection, META_KEY, &making)
}

/// Indexes the next messages after a row, and tells the last of them; `None` when there were none.
fn slice(connection: &mut Connection, after: i64, searchable: Searchable) -> Result<Option<i64>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let last = each(&transaction, (after, SLICE), searchable, |entry| {
        index::add(&transaction, entry)
    })?;
    transaction.commit()?;
    Ok(last)
}

/// Shows the next messages after a row, up to a number, as the index is to have them, and tells the last of them; `None`
/// when there were none.
pub(in crate::store) fn each(
    connection: &Connection,
    (after, most): (i64, i64),
    searchable: Searchable,
    mut show: impl FnMut(&Entry<'_>) -> Result<()>,
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
        show(&Entry {
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

/// The last column tells whether no later correction stands for the message, and it is not being taken back.
const MESSAGES: &str = "SELECT message.id, kind, message.room, sender, person, content_id, payload,
        NOT EXISTS (SELECT 1 FROM message AS later WHERE later.kind = 3 AND later.id > message.id
            AND later.original = CASE WHEN message.kind = 3 THEN message.original ELSE message.id END)
        AND NOT EXISTS (SELECT 1 FROM retracting
            WHERE message.kind = 3 AND retracting.original = message.original AND message.id <= last)
    FROM message LEFT JOIN sender ON sender.id = sender
    WHERE message.id > ?1 ORDER BY message.id LIMIT ?2";

const META_KEY: &str = "words";

const SLICE: i64 = 10_000;
