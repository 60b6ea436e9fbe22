//! Rooms, and who belongs to them.

pub(super) mod access;
pub(super) mod affiliations;
pub(super) mod bonds;
pub(super) mod destroyed;
pub(super) mod listed;
pub(super) mod lists;
pub(super) mod names;
pub(super) mod pending;
pub(super) mod rekey;
pub(super) mod rooms;
pub(super) mod sessions;
pub(super) mod setting_column;
