//! The service as a whole: a second pure state machine beside [`Room`](crate::room::Room).
//!
//! A room decides what happens in it; the directory decides what concerns the service, or a room
//! that is not there: who may create one and where, what is left of destroyed ones, how long rooms
//! keep what was said, and the [`Terms`] under which each of them lives, also when its operators
//! have changed. [`Directory::handle`] has the form of `Room::handle` and keeps the same promises:
//! the same requests give the same effects, and a refusal leaves no trace. What it refuses, it
//! refuses as a room does ([`Refusal`]), so that nobody can tell which of the two has answered.
//!
//! Facts that only the store has, such as how many rooms a person has created, come with the
//! request: there may be more of them than memory holds.
//!
//! Categories and add-ins will each be a file beside `create.rs`, a field of [`Directory`] and arms
//! of `handle`; what they mean for one room goes into its terms. Until then every room is in one
//! category, which is in scope for all whom the pool serves, and so all rooms share their terms.

use std::sync::Arc;

mod create;
mod destroyed;
mod distinguished_name;
mod effect;
mod groups;
mod ldap_tree;
mod operators;
mod request;
mod retention;
mod rules;

#[cfg(test)]
mod tests;

pub use create::Creators;
pub use destroyed::{Grave, Site, tombstones_due_before};
pub use distinguished_name::{DistinguishedName, NameFault};
pub use effect::{Change, Effect, NewRoom};
pub use groups::{GroupFault, Groups, NamedGroups, UnknownGroup};
pub use ldap_tree::{FoundEntry, FoundMembers, LdapTree};
pub use operators::Stretch;
pub use request::Request;
pub use retention::{Retention, RoomRetention};
pub use rules::Rules;

use crate::room::{Elapsed, Now, Refusal, Terms};
use operators::Ungoverned;

/// What the service knows and decides beyond its single rooms.
#[derive(Clone, Debug, PartialEq)]
pub struct Directory {
    rules: Rules,
    /// What [`Self::rules`] lay down for every room.
    terms: Arc<Terms>,
    /// The rooms in which people are under terms of before.
    ungoverned: Ungoverned,
    /// When rooms are looked at for what they keep no longer.
    retention_due: Elapsed,
}

impl Directory {
    /// A directory with the rules of the configuration.
    pub fn new(rules: Rules) -> Self {
        Self {
            terms: Arc::new(rules.terms.clone()),
            rules,
            ungoverned: Ungoverned::default(),
            retention_due: Elapsed::BEGINNING,
        }
    }

    /// Lets one thing happen to the directory.
    ///
    /// # Errors
    /// The refusal that tells why not. The directory then equals what it was, and `effects` is as
    /// long as it was.
    pub fn handle(
        &mut self,
        now: Now,
        request: Request,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        match request {
            Request::Begin { governed } => self.begin(governed, effects),
            Request::Governed { up_to } => self.note_governed(up_to, effects),
            Request::Seek(site) => self.seek(&site),
            Request::Create {
                creator,
                created,
                site,
            } => self.create(&creator, created, site, effects),
            Request::Keep { room, keep } => self.keep(room, keep, effects),
            Request::CalendarSet => self.look_again(now),
            Request::Expire => self.expire(now, effects),
        }
    }

    /// When [`Request::Expire`] is to be sent.
    pub fn next_deadline(&self) -> Elapsed {
        self.retention_due
    }

    /// What holds in a room, whatever its owners want.
    pub fn terms(&self) -> &Arc<Terms> {
        &self.terms
    }

    /// How long what is said is kept where a room says nothing else.
    pub fn retention(&self) -> Retention {
        self.rules.retention
    }
}
