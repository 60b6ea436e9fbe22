//! What rooms and the service tell about themselves. XEP-0030.

pub(super) mod conference;
pub(super) mod room;
pub mod service;
pub(super) mod vcard;
