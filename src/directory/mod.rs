//! The service as a whole, as pure as the core: who may create a room, and where.
//!
//! Categories, search and followed rooms will stand beside `create.rs`; until then every room is in one
//! category, which is in scope for all whom the pool serves.

mod create;
mod grave;
mod retention;

pub use create::{CreationRules, Creators};
pub use grave::{is_due, tombstones_due_before};
pub use retention::{Retention, RoomRetention};
