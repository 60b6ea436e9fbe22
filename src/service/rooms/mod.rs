//! Rooms that are awake: asking them, and carrying out what they ask for.

mod absent;
pub(super) mod ask;
pub(super) mod awake;
mod commanded;
pub(super) mod doorway;
pub(super) mod entering;
pub(super) mod governed;
mod governing;
pub(super) mod hindrance;
pub(super) mod listing;
pub(super) mod originals;
pub(super) mod perform;
mod telling;
mod walking;
