//! The harness: scenarios, and the worlds they are played in.

pub mod configuration;
pub mod connection;
pub mod core;
pub mod pattern;
pub mod scenario;
pub mod scene;
pub mod servers;
pub mod socket;
pub mod stage;
pub mod surroundings;
pub mod xml;
