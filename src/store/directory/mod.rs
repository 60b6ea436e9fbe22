//! What the directory keeps.

pub(super) mod addins;
pub(super) mod categories;
pub(super) mod category_lists;
pub(super) mod groups;
