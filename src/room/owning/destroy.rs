//! The end of a room. XEP-0045 §10.9 (#destroyroom).

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::{BareJid, FullJid, Jid};

use crate::room::effect::{Answer, Effect, Leaver};
use crate::room::occupant::Occupant;
use crate::room::scope::CategoryId;
use crate::room::{Affiliation, Change, Refusal, Room, RoomDelete, Timestamp, Words};

/// What stays of a destroyed room: where to go, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destruction {
    /// The room to go to instead.
    pub alternate: Option<Jid>,
    /// The password of that room.
    pub password: Option<Arc<str>>,
    /// Why, in the owner's words.
    pub reason: Option<Words>,
    /// When it was destroyed.
    pub at: Option<Timestamp>,
    /// Whether the room was secret: then its address is reserved, and nobody is told why.
    pub secret: bool,
    /// The category that the room was in: whoever is out of its scope is told nothing of it;
    /// `None`: nobody knows.
    pub category: Option<CategoryId>,
    /// Who owned the room, and so may make it anew; told to nobody.
    pub owners: BTreeSet<BareJid>,
}

/// What is left after a room is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::room) enum Remains {
    /// A tombstone that tells where it went.
    Tombstone,
    /// Nothing: the room never quite was, or was temporary.
    Nothing,
}

impl Room {
    /// Destroys the room for an owner, who says where to go and why. XEP-0045 §10.9
    /// (#destroyroom).
    ///
    /// # Errors
    /// - [`Refusal::NotPrivileged`]: the asker is no owner.
    /// - [`Refusal::DestructionNotAllowed`]: on this service only operators destroy rooms.
    pub(in crate::room) fn destroy(
        &mut self,
        now: Timestamp,
        asker: &FullJid,
        wish: Destruction,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if self.affiliation_of(&asker.to_bare()) != Affiliation::Owner {
            return Err(Refusal::NotPrivileged);
        }
        self.check_deletion(asker)?;
        let remains = if self.lock.is_locked() {
            Remains::Nothing
        } else {
            Remains::Tombstone
        };
        let destruction = Destruction {
            at: Some(now),
            secret: self.door().is_secret(),
            category: Some(self.terms.category.id),
            owners: self.owners(),
            ..wish
        };
        self.end(Arc::new(destruction), remains, effects);
        effects.push(Effect::Answer(Answer::Done));
        Ok(())
    }

    /// Whether an owner may destroy the room. One that is not open yet may always be given up.
    fn check_deletion(&self, asker: &FullJid) -> Result<(), Refusal> {
        match self.terms.room_delete {
            RoomDelete::Managers => Ok(()),
            RoomDelete::Operators if self.lock.is_locked() => Ok(()),
            RoomDelete::Operators if self.terms.operators.contains(&asker.to_bare()) => Ok(()),
            RoomDelete::Operators => Err(Refusal::DestructionNotAllowed),
        }
    }

    /// The people who own the room.
    pub(in crate::room) fn owners(&self) -> BTreeSet<BareJid> {
        let owners = self.honoured(Affiliation::Owner);
        owners.map(|(jid, _)| jid.clone()).collect()
    }

    /// Shows everybody out, each with one presence only, and leaves `remains`.
    pub(in crate::room) fn end(
        &mut self,
        destruction: Arc<Destruction>,
        remains: Remains,
        effects: &mut Vec<Effect>,
    ) {
        let occupants = self.occupants.take_all();
        let shown_out = occupants.iter().flat_map(leavers).collect();
        effects.push(Effect::Save(match remains {
            Remains::Tombstone => Change::Destroyed {
                destruction: destruction.clone(),
                shown_out,
            },
            Remains::Nothing => Change::Vanished { shown_out },
        }));
        for occupant in occupants {
            Self::announce_end(&occupant, &destruction, effects);
        }
        self.ended = true;
    }
}

/// All sessions of an occupant, as they go.
fn leavers(occupant: &Occupant) -> impl Iterator<Item = Leaver> {
    occupant.sessions().iter().map(|session| Leaver {
        real_jid: session.real_jid.clone(),
        nick: occupant.nick().clone(),
    })
}
