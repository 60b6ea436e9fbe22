//! What XEP-0045 says in XML, a file for each namespace or verb.

pub mod enter;
pub mod history;
pub(super) mod invite;
pub(super) mod message;
pub(super) mod muc_admin;
pub(super) mod muc_owner;
pub(super) mod presence;
pub(super) mod register;
pub mod relay;
pub(super) mod requests;
pub(super) mod voice;
