//! Ids that a stanza may need, made before it is read: nothing in `wire` is decided by chance.

use std::sync::Arc;

use crate::room::ArchiveId;

/// Fresh values for what a stanza may bring about.
#[derive(Debug, Clone)]
pub struct Fresh {
    /// The stanza id of a message that is archived.
    pub archive_id: ArchiveId,
    /// The id of a message that has none, or of one that the room itself will send.
    pub message_id: Arc<str>,
}
