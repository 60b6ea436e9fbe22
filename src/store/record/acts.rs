//! What was done to messages, on record for good.

use jid::BareJid;
use rusqlite::{Connection, Result, params};

use crate::store::column;

use crate::room::effect::Act;
use crate::room::{ArchiveId, Timestamp};

/// Puts an act on record.
pub(in crate::store) fn add(connection: &Connection, room: &BareJid, act: &Act) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO act (at, room, actor, deed, message, author, reason)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            act.at.0,
            room.as_str(),
            act.actor.as_ref().map(|jid| jid.as_str()),
            column::deed_name(act.deed),
            act.message.as_ref().map(|id| &*id.0),
            act.author.as_ref().map(|jid| jid.as_str()),
            act.reason,
        ])?;
    Ok(())
}

/// Which acts are wanted.
#[derive(Clone, Debug, Default)]
pub struct ActQuestion {
    /// In this room; `None`: in all, also in those that are no more.
    pub room: Option<BareJid>,
    /// Done at this time or later.
    pub after: Option<Timestamp>,
    /// Done at this time or before.
    pub before: Option<Timestamp>,
}

/// Reads what is on record behind a row, in the order in which it was put there.
pub(in crate::store) fn page(
    connection: &Connection,
    question: &ActQuestion,
    behind: i64,
    acts_max: u32,
) -> Result<Vec<(i64, BareJid, Act)>> {
    connection
        .prepare_cached(
            "SELECT id, room, at, actor, deed, message, author, reason FROM act
             WHERE id > ?1 AND (?2 IS NULL OR room = ?2) AND at >= ?3 AND at <= ?4 ORDER BY id LIMIT ?5",
        )?
        .query_map(
            params![
                behind,
                question.room.as_ref().map(|jid| jid.as_str()),
                question.after.map_or(i64::MIN, |at| at.0),
                question.before.map_or(i64::MAX, |at| at.0),
                acts_max,
            ],
            |row| {
                let act = Act {
                    at: column::timestamp(row, 2)?,
                    actor: column::bare_jid_or_null(row, 3)?,
                    deed: column::deed(row, 4)?,
                    message: column::text_or_null(row, 5)?.map(ArchiveId),
                    author: column::bare_jid_or_null(row, 6)?,
                    reason: column::text_or_null(row, 7)?,
                };
                Ok((row.get(0)?, column::bare_jid(row, 1)?, act))
            },
        )?
        .collect()
}
