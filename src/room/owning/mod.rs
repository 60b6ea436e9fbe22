//! What an owner does. XEP-0045 §10 (#owner).

pub(super) mod configure;
pub mod create;
pub mod destroy;
pub(super) mod lock;
