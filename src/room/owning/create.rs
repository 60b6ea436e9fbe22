//! Creating a room. XEP-0045 §10.1 (#createroom).

use std::sync::Arc;

use jid::FullJid;

use crate::room::occupant_id::Salt;
use crate::room::request::Entry;
use crate::room::setting::configuration::Configuration;
use crate::room::{Effect, Now, Refusal, Room, Snapshot, Terms};

/// What a new room is founded on.
#[derive(Clone, Debug)]
pub struct Founding {
    /// What the service lays down for it.
    pub terms: Arc<Terms>,
    /// The secret that was made for it.
    pub salt: Salt,
    /// What it is like until its owner configures it.
    pub configuration: Configuration,
}

impl Room {
    /// Creates a room and lets its creator in. §10.1.1 (#createroom-general).
    ///
    /// Whether this person may create a room here is the directory's decision, taken before.
    ///
    /// # Errors
    /// Those of entering that concern the nick alone.
    pub fn create(
        founding: Founding,
        now: Now,
        creator: Arc<FullJid>,
        entry: Entry,
        effects: &mut Vec<Effect>,
    ) -> Result<Self, Refusal> {
        let length_before = effects.len();
        let mut room = Self::found(founding, now, &creator, effects);
        let entered = room.enter(now.at, creator, entry, effects);
        if entered.is_err() {
            effects.truncate(length_before);
        }
        entered.map(|()| room)
    }

    /// Creates a room that nobody is in; it is locked until its creator has configured it. Of a
    /// creator who is no person, as the service itself is none, nothing is listed.
    pub fn found(
        founding: Founding,
        now: Now,
        creator: &Arc<FullJid>,
        effects: &mut Vec<Effect>,
    ) -> Self {
        let Founding {
            terms,
            salt,
            configuration,
        } = founding;
        let mut room = Self::restore(terms, salt, Snapshot::new(configuration));
        room.open_locked(now, creator, effects);
        room
    }
}
