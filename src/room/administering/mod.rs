//! What an admin does. XEP-0045 §9 (#admin).

mod addin;
pub(super) mod follow_affiliation;
mod govern;
pub(super) mod list;
pub(super) mod lists;
mod presenters;
