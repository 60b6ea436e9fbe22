//! The harness: scenarios, and the worlds they are played in.

pub mod archive;
pub mod beside;
pub mod configuration;
pub mod connection;
pub mod core;
pub mod pattern;
pub mod program;
pub mod proxy;
pub mod root;
pub mod roster;
pub mod scenario;
pub mod scene;
pub mod server_side;
#[allow(dead_code, reason = "not every way to end a server is needed yet")]
pub mod servers;
pub mod session;
pub mod socket;
pub mod stage;
pub mod statement;
pub mod surroundings;
pub mod xml;
