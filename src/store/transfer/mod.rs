//! Whole rooms that come and go.

pub(super) mod arrival;
pub mod foreign;
pub(super) mod whole;
