//! Occupant ids. XEP-0421 §3.
//!
//! The id is a keyed hash of the bare JID under a secret of the room, so it is the same for ever,
//! differs from room to room, and tells nobody who it is. XEP-0421 §4. The room makes it itself,
//! for that is neither chance nor time; only the secret comes from outside.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jid::BareJid;
use sha2::Sha256;

/// A room's secret, made by chance at its creation and kept with it.
pub type Salt = [u8; 32];

/// What tells a person from others in a room without telling who it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OccupantId(pub Arc<str>);

/// Number of bytes of the hash that are told: enough that no two people collide, and few, for the
/// id is in every stanza.
const LENGTH: usize = 18;

impl OccupantId {
    /// The id of a person in the room that has this secret.
    pub fn of(bare_jid: &BareJid, salt: &Salt) -> Self {
        let mut hash =
            Hmac::<Sha256>::new_from_slice(salt).expect("HMAC takes a key of any length");
        hash.update(bare_jid.as_str().as_bytes());
        let digest = hash.finalize().into_bytes();
        Self(URL_SAFE_NO_PAD.encode(&digest[..LENGTH]).into())
    }
}

impl fmt::Display for OccupantId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_depends_on_the_person_and_the_room_alone() {
        let ann = BareJid::new("ann@example.org").unwrap();
        let bob = BareJid::new("bob@example.org").unwrap();
        let (here, there) = ([1; 32], [2; 32]);
        let id = OccupantId::of(&ann, &here);
        assert_eq!(id, OccupantId::of(&ann, &here));
        assert_ne!(id, OccupantId::of(&bob, &here));
        assert_ne!(id, OccupantId::of(&ann, &there));
        assert_eq!(id.0.len(), 24);
    }

    #[test]
    fn the_id_of_a_room_that_is_kept_never_changes() {
        let ann = BareJid::new("ann@example.org").unwrap();
        let id = OccupantId::of(&ann, &[7; 32]);
        assert_eq!(&*id.0, "H0BDL8WVlOVi2iO7UuJ5yhXk");
    }
}
