//! Messages in their order, the words in them, and what becomes of them.

pub(super) mod expired;
pub(super) mod identifier;
pub(super) mod index;
pub(super) mod indexable;
pub(super) mod messages;
pub(super) mod originals;
pub(super) mod reindex;
pub(super) mod replaced;
pub(super) mod retracting;
pub(super) mod senders;
pub(super) mod times;
pub(super) mod unindexed;
pub(super) mod wipe;
