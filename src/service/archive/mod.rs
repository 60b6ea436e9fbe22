//! Questions to archives that are under way.

pub(super) mod asking;
pub(super) mod awaited;
