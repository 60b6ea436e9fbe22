//! Making the index of words anew, when it is of another making than this program's.
//!
//! That is so after an update that cuts texts into words in another way, and in a database from
//! before there was an index. The service waits for it; some ten thousand messages take a second.

use rusqlite::{Connection, Result, TransactionBehavior};

use super::indexable::{self, Searchable};
use super::{index, unindexed};
use crate::search;
use crate::store::meta;

/// Makes the index if that of the database is another one, slice by slice. What is interrupted
/// starts over.
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
    let last = indexable::each(&transaction, (after, SLICE), searchable, |entry| {
        index::add(&transaction, entry)
    })?;
    transaction.commit()?;
    Ok(last)
}

const META_KEY: &str = "words";

const SLICE: i64 = 10_000;
