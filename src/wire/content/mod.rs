//! What users' messages carry, as far as the service has to know it.

pub(super) mod fallback;
pub mod hints;
pub(super) mod moderation;
pub mod notice;
pub(super) mod purpose;
pub mod retraction;
pub mod searchable;
pub(super) mod traffic;
