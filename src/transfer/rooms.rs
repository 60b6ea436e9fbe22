//! Rooms of another server, one after the other, each with its archive.

use std::vec;

use jid::BareJid;

use super::record::MessageKind;
use super::skipped::{Reason, Skipped};
use super::source::{Error, Item};
use crate::wire::foreign::ForeignMessage;

/// Where another server keeps its rooms.
pub(super) trait Storage {
    /// A place in the archive of one room.
    type Archive;

    /// Reads a room, what of it can't be used, and where its archive begins; without an archive when the room itself
    /// can't be used.
    fn open(&self, room: &BareJid) -> Result<Opened<Self::Archive>, Error>;

    /// Reads the next thing of an archive; `None` at its end.
    fn next(&self, archive: &mut Self::Archive) -> Result<Option<Item>, Error>;
}

/// What there is of a room.
pub(super) struct Opened<A> {
    /// The room, and what of it can't be used.
    pub items: Vec<Item>,
    /// Its archive.
    pub archive: Option<A>,
}

impl<A> Opened<A> {
    /// A room that can't be used at all.
    pub fn unusable(room: &BareJid, reason: Reason) -> Self {
        let skipped = Skipped {
            room: Some(room.clone()),
            place: "the whole room".to_owned(),
            reason,
        };
        Self {
            items: vec![Item::Skipped(skipped)],
            archive: None,
        }
    }
}

/// What a message of another server did.
///
/// # Errors
/// - [`Reason::NotSaid`]: it was not said to all.
/// - [`Reason::Nothing`]: nothing was said.
pub(super) fn kind_of(message: &ForeignMessage) -> Result<MessageKind, Reason> {
    if message.type_.as_deref() != Some("groupchat") {
        return Err(Reason::NotSaid);
    }
    if message.payload.as_bytes().is_empty() {
        return Err(Reason::Nothing);
    }
    Ok(match (message.is_tombstone, &message.subject) {
        (true, _) => MessageKind::Retracted,
        (false, Some(_)) => MessageKind::Subject,
        (false, None) => MessageKind::Speech,
    })
}

/// All that is to be read.
pub(super) struct Rooms<S: Storage> {
    storage: S,
    rooms: vec::IntoIter<BareJid>,
    opened: vec::IntoIter<Item>,
    archive: Option<S::Archive>,
    has_failed: bool,
}

impl<S: Storage> Rooms<S> {
    /// These rooms, in this order; before them, what is known already.
    pub fn new(storage: S, rooms: Vec<BareJid>, known: Vec<Item>) -> Self {
        Self {
            storage,
            rooms: rooms.into_iter(),
            opened: known.into_iter(),
            archive: None,
            has_failed: false,
        }
    }

    fn read(&mut self) -> Result<Option<Item>, Error> {
        loop {
            if let Some(item) = self.opened.next() {
                return Ok(Some(item));
            }
            if let Some(archive) = &mut self.archive {
                if let Some(item) = self.storage.next(archive)? {
                    return Ok(Some(item));
                }
                self.archive = None;
            }
            let Some(room) = self.rooms.next() else {
                return Ok(None);
            };
            let opened = self.storage.open(&room)?;
            self.opened = opened.items.into_iter();
            self.archive = opened.archive;
        }
    }
}

impl<S: Storage> Iterator for Rooms<S> {
    type Item = Result<Item, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_failed {
            return None;
        }
        let read = self.read();
        self.has_failed = read.is_err();
        read.transpose()
    }
}
