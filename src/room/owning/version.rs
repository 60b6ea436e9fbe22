//! Which configuration an editor was shown, so that nobody undoes unawares what somebody else has
//! set meanwhile.
//!
//! Of a form that comes back it must be known whether what it showed still holds. No number is kept
//! for that: the version is made of everything that the form shows, under the room's secret, so it
//! is the same as long as that is.

use std::fmt::Write;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::room::{Affiliation, Refusal, Room};

/// Number of bytes of the hash that are told.
const LENGTH: usize = 9;

impl Room {
    /// The version of what the configuration form shows now.
    pub(in crate::room) fn version(&self) -> Arc<str> {
        let category = &self.terms.category.name;
        let mut shown = format!("{category}\n{:?}", self.configuration);
        for affiliation in [Affiliation::Owner, Affiliation::Admin] {
            for (jid, _) in self.honoured(affiliation) {
                // Writing to a text does not fail.
                let _ = write!(shown, "\n{affiliation:?} {jid}");
            }
        }
        for jid in self.presenters_for_form().iter().flatten() {
            let _ = write!(shown, "\npresenter {jid}");
        }
        let mut hash =
            Hmac::<Sha256>::new_from_slice(&self.salt).expect("HMAC takes a key of any length");
        hash.update(shown.as_bytes());
        let digest = hash.finalize().into_bytes();
        URL_SAFE_NO_PAD.encode(&digest[..LENGTH]).into()
    }

    /// Whether an editor was shown what holds now. A form without a version is taken as it is.
    ///
    /// # Errors
    /// - [`Refusal::ConfigurationChanged`]
    pub(in crate::room) fn check_version(&self, shown: Option<&str>) -> Result<(), Refusal> {
        match shown {
            Some(shown) if *shown != *self.version() => Err(Refusal::ConfigurationChanged),
            Some(_) | None => Ok(()),
        }
    }
}
