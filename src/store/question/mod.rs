//! What archives are asked.

pub mod ask;
pub(super) mod everywhere;
pub(super) mod found;
pub(super) mod listing;
pub(super) mod pages;
pub(super) mod patience;
pub(super) mod ranked;
pub(super) mod readable;
pub(super) mod roster;
pub(super) mod searched;
pub(super) mod selection;
pub(super) mod span;
pub(super) mod survey;
pub(super) mod unread;
pub(super) mod walk;
pub(super) mod wanted;
