//! What was done to messages, on record for good.

use jid::BareJid;
use rusqlite::{Connection, Result, params};

use crate::room::effect::{Act, Deed};

/// Puts an act on record.
pub(super) fn add(connection: &Connection, room: &BareJid, act: &Act) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO act (at, room, actor, deed, message, author, reason)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            act.at.0,
            room.as_str(),
            act.actor.as_ref().map(|jid| jid.as_str()),
            deed_name(act.deed),
            act.message.as_ref().map(|id| &*id.0),
            act.author.as_ref().map(|jid| jid.as_str()),
            act.reason,
        ])?;
    Ok(())
}

/// A deed as the database has it.
fn deed_name(deed: Deed) -> &'static str {
    match deed {
        Deed::Moderated => "moderated",
        Deed::Removed => "removed",
        Deed::Replaced => "replaced",
        Deed::Cleared => "cleared",
    }
}
