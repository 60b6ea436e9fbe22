//! Taking back what corrects a message, a slice at a time.
//!
//! A message may have more corrections than one transaction should change while others wait. So a
//! retraction takes the message itself and a first slice with it; the rest is noted, and taken by
//! the writer when it has nothing else to do. Whoever reads meanwhile finds what remains in place
//! of each: [`messages::read`](super::messages::read) sees to that.

use rusqlite::{Connection, OptionalExtension, Result, TransactionBehavior, params};

use super::wipe;
use crate::room::Payload;
use crate::store::column;
use crate::store::rest::Rest;

/// Takes back a first slice of what corrects a message, up to the row of the last, and notes if
/// there is more.
pub(in crate::store) fn begin(
    connection: &Connection,
    (original, last): (i64, i64),
    remains: &Payload,
) -> Result<()> {
    if slice(connection, (original, last), remains)? == Rest::Some {
        connection
            .prepare_cached(
                "REPLACE INTO retracting (original, last, remains) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![original, last, remains.as_bytes()])?;
    }
    Ok(())
}

/// Takes back one slice of what is noted, in a transaction.
pub(in crate::store) fn proceed(connection: &mut Connection) -> Result<Rest> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let next: Option<(i64, i64, Payload)> = transaction
        .prepare_cached("SELECT original, last, remains FROM retracting LIMIT 1")?
        .query_row([], |row| {
            Ok((row.get(0)?, row.get(1)?, column::payload(row, 2)?))
        })
        .optional()?;
    let Some((original, last, remains)) = next else {
        return Ok(Rest::None);
    };
    wipe::note(&transaction)?;
    if slice(&transaction, (original, last), &remains)? == Rest::None {
        transaction
            .prepare_cached("DELETE FROM retracting WHERE original = ?1")?
            .execute([original])?;
    }
    transaction.commit()?;
    Ok(Rest::Some)
}

/// Takes back some corrections, the oldest first. Their words went when the next one came, those of
/// the last one are the business of who begins.
fn slice(connection: &Connection, (original, last): (i64, i64), remains: &Payload) -> Result<Rest> {
    let mut bytes = 0;
    let mut taken = Vec::new();
    let mut left = Rest::None;
    {
        let mut statement = connection.prepare_cached(NEXT)?;
        let mut rows = statement.query(params![original, last, SLICE + 1])?;
        while let Some(row) = rows.next()? {
            if taken.len() == SLICE as usize || bytes >= SLICE_BYTES {
                left = Rest::Some;
                break;
            }
            taken.push(row.get(0)?);
            bytes += row.get::<_, i64>(1)?;
        }
    }
    for correction in taken {
        take(connection, correction, remains)?;
    }
    Ok(left)
}

/// Leaves `remains` of one message.
pub(in crate::store) fn take(
    connection: &Connection,
    message: i64,
    remains: &Payload,
) -> Result<()> {
    connection
        .prepare_cached("UPDATE message SET payload = ?2, kind = 6, language = NULL WHERE id = ?1")?
        .execute(params![message, remains.as_bytes()])?;
    Ok(())
}

/// The number of the kind is written out, or the index would not be used.
pub(in crate::store) const NEXT: &str =
    "SELECT id, octet_length(payload) FROM message INDEXED BY message_correcting
     WHERE original = ?1 AND kind = 3 AND id <= ?2 ORDER BY id LIMIT ?3";

/// Corrections that are taken back in one transaction: a hundredth of a second of work.
const SLICE: u32 = 200;

/// Nor are there many more bytes of content overwritten.
const SLICE_BYTES: i64 = 1024 * 1024;
