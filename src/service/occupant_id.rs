//! Occupant ids. XEP-0421 §3.
//!
//! The id is a keyed hash of the bare JID under a secret of the room, so it is the same for ever,
//! differs from room to room, and tells nobody who it is. XEP-0421 §4.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jid::BareJid;
use sha2::Sha256;

use crate::room::OccupantId;
use crate::store::Salt;

/// Number of bytes of the hash that are told: enough that no two people collide, and short, for the
/// id is in every stanza.
const LENGTH: usize = 18;

/// The id of a person in the room that has this secret.
pub fn occupant_id(salt: &Salt, bare_jid: &BareJid) -> OccupantId {
    let mut hash = Hmac::<Sha256>::new_from_slice(salt).expect("HMAC takes a key of any length");
    hash.update(bare_jid.as_str().as_bytes());
    let digest = hash.finalize().into_bytes();
    OccupantId(URL_SAFE_NO_PAD.encode(&digest[..LENGTH]).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_depends_on_the_person_and_the_room_alone() {
        let ann = BareJid::new("ann@example.org").unwrap();
        let bob = BareJid::new("bob@example.org").unwrap();
        let (here, there) = ([1; 32], [2; 32]);
        assert_eq!(occupant_id(&here, &ann), occupant_id(&here, &ann));
        assert_ne!(occupant_id(&here, &ann), occupant_id(&here, &bob));
        assert_ne!(occupant_id(&here, &ann), occupant_id(&there, &ann));
        assert_eq!(occupant_id(&here, &ann).0.len(), 24);
    }
}
