//! What a client believes about who is in a room, from the presence that it receives alone.

use std::collections::BTreeSet;

use super::session::{from_room, is_removal, statuses};
use super::xml::Element;

/// The occupants of one room, as one session sees them.
#[derive(Debug, Default)]
pub struct Roster {
    room: String,
    /// Who is inside.
    pub nicks: BTreeSet<String>,
    /// Who was removed because their session was gone.
    pub removed: BTreeSet<String>,
    /// Whether the session itself is inside.
    pub inside: bool,
}

impl Roster {
    /// Nobody is known to be in the room.
    pub fn of(room: &str) -> Self {
        Self {
            room: room.to_owned(),
            ..Self::default()
        }
    }

    /// Takes a stanza into account.
    pub fn see(&mut self, stanza: &Element) {
        let from = stanza.attribute("from").unwrap_or_default();
        let Some((_, nick)) = from.split_once('/') else {
            return;
        };
        if stanza.name != "presence" || !from_room(stanza, &self.room) {
            return;
        }
        let own = statuses(stanza).iter().any(|code| code == "110");
        match stanza.attribute("type") {
            None => {
                self.nicks.insert(nick.to_owned());
                self.inside |= own;
            }
            Some("unavailable") => {
                self.nicks.remove(nick);
                self.inside &= !own;
                if is_removal(stanza) {
                    self.removed.insert(nick.to_owned());
                }
            }
            Some(_) => {}
        }
    }
}
