//! A room's picture, as its owner sets it. XEP-0486.

use std::sync::Arc;

use crate::room::Payload;

/// A room's picture. XEP-0486.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Avatar {
    /// The vCard as it was set.
    pub vcard: Payload,
    /// SHA-1 of the photo, in hex, as XEP-0153 wants it.
    pub hash: Arc<str>,
}
