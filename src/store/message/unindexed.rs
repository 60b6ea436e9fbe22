//! Words that are put into the index later.
//!
//! A message is seen when it is stored, and all that are stored together wait for each other.
//! Putting its words into the index takes far longer than storing it, the longer the more words it
//! has; so only that of a few long texts is done in the transaction that others wait for. The other
//! messages are noted there, in the table `unindexed`, and their turn comes one by one when nobody
//! waits: until then they are in the archive, and not found by their words. What a crash leaves is
//! done after the next start.

use rusqlite::{Connection, Result, TransactionBehavior};

use super::index;
use super::indexable::{self, Searchable};
use crate::store::rest::Rest;

/// What may still be indexed in the transaction that is open.
#[derive(Debug, Default)]
pub(in crate::store) struct AtOnce {
    /// Bytes of text; `None`: everything, for a database that lives in memory has nobody who could
    /// do it later.
    left: Option<usize>,
}

/// Texts up to this length, in bytes, are indexed at once, however many there are.
const SHORT: usize = 256;
/// Texts beyond this are never.
const LONG: usize = 8 * 1024;
/// Amount of text, in bytes, that is neither short nor long and is indexed in one transaction: ten
/// thousand words, which take some ten milliseconds.
const AT_ONCE: usize = 64 * 1024;

impl AtOnce {
    /// A transaction begins.
    pub fn begin(&mut self, later: Option<Searchable>) {
        self.left = later.map(|_| AT_ONCE);
    }

    /// Whether a text is to be indexed now.
    pub fn takes(&mut self, text: &str) -> bool {
        let Some(left) = &mut self.left else {
            return true;
        };
        if text.len() <= SHORT {
            return true;
        }
        let takes = text.len() <= LONG && text.len() <= *left;
        if takes {
            *left -= text.len();
        }
        takes
    }
}

/// Notes that the words of a message are still to come.
pub(in crate::store) fn note(connection: &Connection, message: i64) -> Result<()> {
    connection
        .prepare_cached("INSERT INTO unindexed (message) VALUES (?1)")?
        .execute([message])?;
    Ok(())
}

/// Puts the words of the next message into the index, unless there are none left of it by now.
pub(in crate::store) fn proceed(
    connection: &mut Connection,
    searchable: Searchable,
) -> Result<Rest> {
    let next: Option<i64> = connection
        .prepare_cached("SELECT min(message) FROM unindexed")?
        .query_row([], |row| row.get(0))?;
    let Some(message) = next else {
        return Ok(Rest::None);
    };
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    indexable::each(&transaction, (message - 1, 1), searchable, |entry| {
        index::remove(&transaction, entry.message)?;
        index::add(&transaction, entry)
    })?;
    transaction
        .prepare_cached("DELETE FROM unindexed WHERE message = ?1")?
        .execute([message])?;
    transaction.commit()?;
    Ok(Rest::Some)
}

/// All is in the index.
pub(in crate::store) fn forget(connection: &Connection) -> Result<()> {
    connection.execute("DELETE FROM unindexed", [])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_long_texts_only_a_few_are_indexed_at_once() {
        let mut at_once = AtOnce::default();
        at_once.begin(Some(|_| "".into()));
        let (short, middling, long) = ("x".repeat(SHORT), "x".repeat(LONG), "x".repeat(LONG + 1));
        assert!(!at_once.takes(&long));
        let taken = (0..100).filter(|_| at_once.takes(&middling)).count();
        assert_eq!(taken, AT_ONCE / LONG);
        assert!((0..1000).all(|_| at_once.takes(&short)));
        at_once.begin(Some(|_| "".into()));
        assert!(at_once.takes(&middling), "the next transaction");
        at_once.begin(None);
        assert!(at_once.takes(&long), "nobody would do it later");
    }
}
