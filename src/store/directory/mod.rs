//! What the directory keeps.

pub(super) mod addins;
pub(super) mod categories;
pub(super) mod groups;
