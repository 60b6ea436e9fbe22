//! Lyceum: persistent group chat beside any XMPP server.

pub mod admin;
pub mod config;
pub mod directory;
pub mod metrics;
pub mod room;
pub mod service;
pub mod store;
pub mod wire;
