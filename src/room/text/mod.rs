//! Texts and addresses as they come from outside: what they may hold, and which look the same.

pub mod address;
pub(super) mod likeness;
pub mod one_line;
pub mod root;
pub(super) mod words;
