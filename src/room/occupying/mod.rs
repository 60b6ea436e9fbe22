//! What an occupant does. XEP-0045 §7 (#user).

mod access;
pub(super) mod approval;
pub mod archive;
pub(super) mod enter;
pub(super) mod exit;
pub(super) mod history;
pub(super) mod information;
pub mod invitation;
pub(super) mod invitations;
pub(super) mod invite;
pub(super) mod message;
pub(super) mod presence;
pub(super) mod private_message;
pub(super) mod probe;
pub(super) mod query;
pub(super) mod recent;
pub mod reference;
pub(super) mod register;
pub(super) mod rename;
pub(super) mod retract;
pub(super) mod thinning;
pub(super) mod voice;
