//! What a moderator does. XEP-0045 §8 (#moderator).

pub(super) mod change_standings;
pub(super) mod kick;
pub mod subject;
