//! What the directory keeps.

pub(super) mod addins;
