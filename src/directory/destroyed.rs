//! The addresses of destroyed rooms: how long they tell where the room went, and who may make it
//! anew. XEP-0045 §10.9 (#destroyroom).
//!
//! §7.2.11 (#enter-nonexistent) and §10.1.1 (#createroom-general) have whoever may create rooms
//! create one where there is none. So a destroyed room is in the way of nobody who owned it, nor of
//! operators; only others are kept from taking its name at once, and its people with it.

use std::sync::Arc;

use jid::BareJid;

use super::Directory;
use crate::room::owning::destroy::Destruction;
use crate::room::{Refusal, Timestamp};

/// How long a destroyed room's address tells where it went, in days; after that it is free again.
const TOMBSTONE_DAYS: i64 = 31;

/// The moment before which a room must have been destroyed for its address to be free.
pub fn tombstones_due_before(now: Timestamp) -> Timestamp {
    now.minus_seconds(TOMBSTONE_DAYS * 24 * 60 * 60)
}

/// An address at which there is no room.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// The address in question.
    pub room: BareJid,
    /// What the store has of a room that was destroyed there.
    pub remains: Option<Grave>,
    /// What time it is by the calendar; `None`: nobody knows, and so nothing is due.
    pub now: Option<Timestamp>,
}

/// What is left of a destroyed room.
#[derive(Clone, Debug, PartialEq)]
pub struct Grave {
    /// How it ended.
    pub destruction: Arc<Destruction>,
    /// Who had created the room; `None`: nobody, or it is not known.
    pub creator: Option<BareJid>,
}

impl Directory {
    /// §10.9 (#destroyroom): whoever comes to a room that was destroyed is told where it went; if
    /// it was secret, they are told what they would be if it had never been.
    ///
    /// # Errors
    /// - [`Refusal::Gone`], [`Refusal::NoSuchRoom`]: always one of the two.
    pub(super) fn seek(&self, person: &BareJid, site: &Site) -> Result<(), Refusal> {
        Err(self.site_refusal(person, site, Refusal::NoSuchRoom))
    }

    /// What somebody is told of a room that is not there; `unknown`, unless there is a grave that
    /// they may know.
    pub(super) fn site_refusal(&self, person: &BareJid, site: &Site, unknown: Refusal) -> Refusal {
        let grave = site.grave();
        match grave.filter(|grave| self.is_known_to(grave, person)) {
            Some(grave) => grave.refusal(unknown),
            None => unknown,
        }
    }

    /// Whether somebody was in scope of the category of the room that is gone, as it is today.
    fn is_known_to(&self, grave: &Grave, person: &BareJid) -> bool {
        let category = grave.destruction.category;
        category.is_none_or(|category| self.terms_in(category).is_in_scope(person))
    }

    /// Whether a grave is in nobody's way who wants to create a room there: the person owned it, or
    /// is an operator. Whether they may create rooms at all is another question.
    pub(super) fn may_make_anew(&self, person: &BareJid, grave: &Grave) -> bool {
        self.terms().operators.contains(person) || grave.destruction.owners.contains(person)
    }
}

impl Site {
    /// The grave, until the address is free for all again. As long as nobody knows what time it is,
    /// it is not.
    pub(super) fn grave(&self) -> Option<&Grave> {
        let is_due = |grave: &Grave| {
            let destroyed_at = grave.destruction.at;
            let due_before = self.now.map(tombstones_due_before);
            destroyed_at
                .zip(due_before)
                .is_some_and(|(at, due)| at < due)
        };
        self.remains.as_ref().filter(|grave| !is_due(grave))
    }
}

impl Grave {
    /// What is said of the room; `unknown`, if it was one that may not be known.
    pub(super) fn refusal(&self, unknown: Refusal) -> Refusal {
        match self.destruction.secret {
            true => unknown,
            false => Refusal::Gone(self.destruction.clone()),
        }
    }
}
