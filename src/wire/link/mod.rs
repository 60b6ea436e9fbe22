//! The connection to the server, and how it is kept.

pub(crate) mod connection;
pub(super) mod echo;
pub(super) mod fair_queue;
pub(super) mod handshake;
pub mod inbox;
pub mod link_error;
pub mod link_settings;
pub mod outbox;
pub mod parcel;
pub(crate) mod server_check;
pub mod stream;

#[cfg(test)]
mod tests;
