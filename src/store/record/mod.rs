//! What is put on record for good.

pub(super) mod acts;
pub mod compliance;
