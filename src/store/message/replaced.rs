//! Putting other words in a message's place.

use rusqlite::{Connection, Result, params};

use super::messages;
use crate::room::{ArchiveId, Payload};
use crate::store::room::rooms::RoomId;

/// What stands in a message's place.
#[derive(Clone, Debug)]
pub(in crate::store) struct Notice {
    /// What everybody reads from now on.
    pub payload: Payload,
    /// What of it can be searched.
    pub text: std::sync::Arc<str>,
}

/// Puts a notice in the place of a message; what corrects it, or what it corrects itself, leaves
/// only `remains`. What it is stays, and with it its place, time and sender. Does nothing when
/// there is no such message.
pub(in crate::store) fn replace(
    connection: &Connection,
    room: RoomId,
    message: &ArchiveId,
    (notice, remains): (&Notice, &Payload),
) -> Result<()> {
    let Some((number, kind)) = messages::root(connection, room, message)? else {
        return Ok(());
    };
    messages::retract(connection, room, message, remains)?;
    connection
        .prepare_cached("UPDATE message SET payload = ?2, kind = ?3 WHERE id = ?1")?
        .execute(params![number, notice.payload.as_bytes(), kind])?;
    messages::index_again(connection, number, &notice.text)
}
