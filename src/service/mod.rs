//! The service.

pub mod limits;
pub mod occupant_id;
pub mod relay;
pub mod verify;
