//! Prosody's own rooms, as mod_muc and mod_muc_mam keep them, in files or in an SQLite database.
//!
//! What comes over: the configuration as far as it means the same here, affiliations, reserved
//! nicks, the subject, the avatar (mod_vcard_muc) and the archive, under the ids that clients know.
//! Where a setting could open to more people what was said among few, it is left as it is in a new
//! room: `archiving` says that Prosody keeps an archive, not that everybody may read it.
//!
//! Prosody derives occupant ids otherwise than we do: in base64, the whole HMAC of a text that it
//! keeps with the room, keyed by the JID. So people get new ones here; those in the archive stay.
//! They tell who has said something in a semi-anonymous room, where Prosody notes no address: for
//! everybody who has an affiliation the id can be computed.

mod database;
mod files;
mod lua;
mod message;
mod room;
mod stanza;

pub(super) use database::ProsodySql;
pub(super) use files::ProsodyFiles;
