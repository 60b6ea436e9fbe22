//! What an admin does. XEP-0045 §9 (#admin).

pub(super) mod follow_affiliation;
mod govern;
pub(super) mod list;
pub(super) mod lists;
mod presenters;
