//! The rooms that are awake, and how they are woken, asked, and put to sleep again.
//!
//! A room is awake while somebody is inside, or while something of it is not yet committed: the
//! store can only give back what it has. All others are rows on the disk. A sleeping room that is
//! asked for something is [looked at](look), and sleeps on unless that has changed it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jid::BareJid;

use crate::directory::Directory;
use crate::room::scope::CategoryId;
use crate::room::{Room, Terms};
use crate::store::{self, Store};

/// All rooms in memory.
#[derive(Debug, Default)]
pub struct Rooms {
    /// Boxed, so that the table itself stays small.
    awake: HashMap<BareJid, Box<Room>>,
    /// Rooms that nobody is in, and that something was asked of since the last batch was handed
    /// over.
    drowsy: HashSet<BareJid>,
    /// Those of the batch that is being committed.
    falling_asleep: HashSet<BareJid>,
}

/// A sleeping room as the store has it, under the terms of its category. `None` if there is none.
///
/// # Errors
/// [`store::Error`] when it can't be read.
pub fn look(
    jid: &BareJid,
    terms: impl FnOnce(CategoryId) -> Arc<Terms>,
    store: &Store,
) -> Result<Option<Room>, store::Error> {
    let stored = store.load(jid)?;
    Ok(stored.map(|stored| {
        let terms = terms(stored.category);
        Room::wake(terms, stored.salt, stored.snapshot, stored.lengths)
    }))
}

/// A table with more places than this gives back what it needs no longer.
const SPARE_MAX: usize = 1024;

impl Rooms {
    /// Whether the room is in memory.
    pub fn is_awake(&self, jid: &BareJid) -> bool {
        self.awake.contains_key(jid)
    }

    /// The room, if it is in memory.
    pub fn awake_mut(&mut self, jid: &BareJid) -> Option<&mut Room> {
        self.awake.get_mut(jid).map(Box::as_mut)
    }

    /// The room, woken if it sleeps; `None` if there is none.
    ///
    /// # Errors
    /// [`store::Error`] when it can't be read.
    pub fn wake(
        &mut self,
        jid: &BareJid,
        directory: &Directory,
        store: &Store,
    ) -> Result<Option<&mut Room>, store::Error> {
        if !self.awake.contains_key(jid) {
            let terms = |category| directory.terms_of(jid, category);
            let Some(awake) = look(jid, terms, store)? else {
                return Ok(None);
            };
            self.add(jid.clone(), awake);
        }
        Ok(self.awake.get_mut(jid).map(Box::as_mut))
    }

    /// The room, if it is awake; as are all that somebody is in who has come since the start.
    pub fn awake(&self, jid: &BareJid) -> Option<&Room> {
        self.awake.get(jid).map(Box::as_ref)
    }

    /// All rooms that are awake.
    pub fn all_awake(&self) -> impl Iterator<Item = &Room> {
        self.awake.values().map(Box::as_ref)
    }

    /// A room that has just been created.
    pub fn add(&mut self, jid: BareJid, room: Room) {
        self.awake.insert(jid, Box::new(room));
    }

    /// Takes notice of what a request has made of a room: one that nobody is in goes to sleep when
    /// that is committed.
    pub fn settle(&mut self, jid: &BareJid) {
        if self.awake.get(jid).is_some_and(|room| room.is_empty()) {
            self.drowsy.insert(jid.clone());
        }
    }

    /// What was changed so far is being committed.
    pub fn submitted(&mut self) {
        self.falling_asleep.extend(self.drowsy.drain());
    }

    /// It is committed: those that nobody is in sleep, unless something has been asked of them
    /// meanwhile.
    pub fn committed(&mut self) {
        for jid in std::mem::take(&mut self.falling_asleep) {
            let empty = self.awake.get(&jid).is_some_and(|room| room.is_empty());
            if empty && !self.drowsy.contains(&jid) {
                self.awake.remove(&jid);
            }
        }
        if self.awake.capacity() > SPARE_MAX && self.awake.len() < self.awake.capacity() / 8 {
            self.awake.shrink_to(self.awake.len() * 2);
        }
    }

    /// Forgets everything: what is in memory is ahead of the disk, and the disk counts.
    pub fn forget_all(&mut self) {
        self.awake.clear();
        self.drowsy.clear();
        self.falling_asleep.clear();
    }

    /// How many are awake.
    pub fn count(&self) -> usize {
        self.awake.len()
    }
}
