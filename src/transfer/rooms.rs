//! Rooms of another server, one after the other, each with its archive.

use std::collections::BTreeSet;
use std::vec;

use jid::BareJid;

use super::item::{Error, SourceItem};
use super::name;
use super::selection::RoomSelection;
use super::skipped::{Reason, Skipped};
use crate::room::effect::ArchivedKind;
use crate::room::request::{Named, Purpose};
use crate::wire::foreign::ForeignMessage;

/// Where another server keeps its rooms.
pub(super) trait Storage {
    /// A place in the archive of one room.
    type Archive;

    /// Reads a room, what of it can't be used, and where its archive begins; without an archive
    /// when the room itself can't be used.
    fn open(&self, room: &BareJid) -> Result<OpenedRoom<Self::Archive>, Error>;

    /// Reads the next thing of an archive; `None` at its end.
    fn next(&self, archive: &mut Self::Archive) -> Result<Option<SourceItem>, Error>;
}

/// The rooms of a source, and what of its list can't be used.
#[derive(Default)]
pub(super) struct Listing {
    /// In the order of their addresses.
    pub rooms: BTreeSet<BareJid>,
    /// Told before all rooms.
    pub known: Vec<SourceItem>,
}

impl Listing {
    /// A room of which only the localpart was found, at this place.
    pub fn add(&mut self, host: &BareJid, localpart: Option<&str>, place: impl FnOnce() -> String) {
        let text = format!("{}@{host}", localpart.unwrap_or_default());
        match name::bare_jid(&text).filter(|room| room.node().is_some()) {
            Some(room) => {
                self.rooms.insert(room);
            }
            None => self.skip(None, place(), Reason::Address(text)),
        }
    }

    /// An archive, which is of no use without its room.
    pub fn add_archive(&mut self, host: &BareJid, localpart: Option<&str>) {
        let room = name::bare_jid(&format!("{}@{host}", localpart.unwrap_or_default()));
        if room.as_ref().is_none_or(|room| !self.rooms.contains(room)) {
            self.skip(room, "its archive".to_owned(), Reason::NoSuchRoom);
        }
    }

    /// Something that can't be used.
    pub fn skip(&mut self, room: Option<BareJid>, place: String, reason: Reason) {
        self.known.push(SourceItem::Skipped(Skipped {
            room,
            place,
            reason,
        }));
    }
}

/// What there is of a room.
pub(super) struct OpenedRoom<A> {
    /// The room, and what of it can't be used.
    pub items: Vec<SourceItem>,
    /// Where its archive begins.
    pub archive: Option<A>,
}

impl<A> OpenedRoom<A> {
    /// A room that can't be used at all.
    pub fn unusable(room: &BareJid, reason: Reason) -> Self {
        let skipped = Skipped {
            room: Some(room.clone()),
            place: "the whole room".to_owned(),
            reason,
        };
        Self {
            items: vec![SourceItem::Skipped(skipped)],
            archive: None,
        }
    }
}

/// What a message of another server did, and what it is about, as live ones are understood.
///
/// # Errors
/// - [`Reason::NotSaid`]: it was not said to all.
/// - [`Reason::Nothing`]: nothing was said.
/// - [`Reason::Unclear`]: we would not have let it in.
pub(super) fn deed_of(message: &ForeignMessage) -> Result<(ArchivedKind, Option<Named>), Reason> {
    if message.type_.as_deref() != Some("groupchat") {
        return Err(Reason::NotSaid);
    }
    if message.payload.as_bytes().is_empty() {
        return Err(Reason::Nothing);
    }
    if message.is_tombstone {
        return Ok((ArchivedKind::Tombstone, None));
    }
    let purpose = message.purpose.clone().ok_or(Reason::Unclear)?;
    Ok(match (purpose, &message.subject) {
        (Purpose::Correction(_) | Purpose::Retraction(_), Some(_)) => return Err(Reason::Unclear),
        (_, Some(_)) => (ArchivedKind::Subject, None),
        (Purpose::Speech, None) => (ArchivedKind::Speech, None),
        (Purpose::Signal(named), None) => (ArchivedKind::Signal, named.map(by_any_id)),
        (Purpose::Correction(named), None) => (ArchivedKind::Correction, Some(named)),
        (Purpose::Retraction(named), None) => (ArchivedKind::Retraction, Some(named)),
    })
}

/// Where stanza ids were not given to everybody, reactions too go by the author's id.
fn by_any_id(named: Named) -> Named {
    match named {
        Named::ByArchiveId(id) => Named::ByEither(id.0),
        Named::ByContentId(_) | Named::ByEither(_) => named,
    }
}

/// All that is to be read.
pub(super) struct StorageRooms<S: Storage> {
    storage: S,
    rooms: vec::IntoIter<BareJid>,
    opened: vec::IntoIter<SourceItem>,
    archive: Option<S::Archive>,
    has_failed: bool,
}

impl<S: Storage> StorageRooms<S> {
    /// Those of a listing that are wanted. The others need not even be looked at.
    pub fn new(storage: S, listing: Listing, selection: &RoomSelection) -> Self {
        let rooms = listing.rooms.into_iter();
        let rooms: Vec<_> = rooms.filter(|room| selection.contains(room)).collect();
        Self {
            storage,
            rooms: rooms.into_iter(),
            opened: listing.known.into_iter(),
            archive: None,
            has_failed: false,
        }
    }

    fn read(&mut self) -> Result<Option<SourceItem>, Error> {
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

impl<S: Storage> Iterator for StorageRooms<S> {
    type Item = Result<SourceItem, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_failed {
            return None;
        }
        let read = self.read();
        self.has_failed = read.is_err();
        read.transpose()
    }
}
