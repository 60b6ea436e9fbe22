//! What is made by chance: ids that nobody else makes, and secrets.

use rand::RngExt;
use uuid::Uuid;

use crate::room::{ArchiveId, Salt};
use crate::wire::stanza::fresh::Fresh;

/// Ids for one stanza. They are unique everywhere, without coordination, and ordered by time.
pub fn fresh() -> Fresh {
    let id = Uuid::now_v7().simple().to_string();
    Fresh {
        archive_id: ArchiveId(id.as_str().into()),
        message_id: id.into(),
    }
}

/// An id for a stanza of our own.
pub fn id() -> String {
    Uuid::now_v7().simple().to_string()
}

/// A room's secret.
pub fn salt() -> Salt {
    rand::rng().random()
}
