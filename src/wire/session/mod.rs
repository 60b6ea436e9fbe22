//! Whether a session is still there.

pub mod ping;
pub mod uptime;
