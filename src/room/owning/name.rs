//! A room's name, of which a pool has no two. DESIGN §1.
//!
//! What other rooms are called a room does not know; whether the name that it is to have is one of
//! theirs is looked up before, and handed in (`Room::needs`, `Room::learn`).

use crate::room::setting::configuration::Configuration;
use crate::room::setting::{Assignment, Setting, Value};
use crate::room::{NameKey, Refusal, Room};

/// Which name another room is known to have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::room) struct TakenName(Option<NameKey>);

impl TakenName {
    /// Takes note of whether another room has a name.
    pub fn learn(&mut self, name: NameKey, is_taken: bool) {
        if is_taken {
            self.0 = Some(name);
        } else if self.0.as_ref() == Some(&name) {
            self.0 = None;
        }
    }
}

impl Room {
    /// The name that a form gives the room, if it is another than its own.
    pub(in crate::room) fn name_wanted(&self, assignments: &[Assignment]) -> Option<NameKey> {
        let mut names = assignments
            .iter()
            .filter_map(|assignment| match assignment {
                Assignment::Set(Setting::Name, Value::Text(name)) => Some(NameKey::of(name)),
                _ => None,
            });
        let own = NameKey::of(&self.configuration.name);
        names
            .next_back()
            .flatten()
            .filter(|name| own.as_ref() != Some(name))
    }

    /// Whether the room may have the name of this configuration. One that it has it keeps, also
    /// where another room has the same from before.
    ///
    /// # Errors
    /// - [`Refusal::RoomNameTaken`]
    pub(in crate::room) fn check_name(&self, wanted: &Configuration) -> Result<(), Refusal> {
        let name = NameKey::of(&wanted.name);
        let is_new = name != NameKey::of(&self.configuration.name);
        match is_new && name.is_some() && name == self.taken_name.0 {
            true => Err(Refusal::RoomNameTaken),
            false => Ok(()),
        }
    }
}
