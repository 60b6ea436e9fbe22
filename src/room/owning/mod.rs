//! What an owner does. XEP-0045 §10 (#owner).

pub(super) mod configure;
pub mod create;
pub mod destroy;
mod disable;
pub(super) mod lock;
mod moving;
pub(super) mod name;
pub mod picture;
mod submitted;
mod version;
