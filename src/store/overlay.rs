//! What is collected but not yet committed, as far as readers must know of it.
//!
//! The reader sees only what is committed. A newcomer's history must contain what was said a moment
//! before all the same, and a room that was destroyed a moment before must not be woken again.
//! Rooms that are awake need nothing else: their state is in memory.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use jid::BareJid;

use super::batch_number::BatchNumber;
use super::room::pending::PendingLists;
use crate::room::effect::{Archived, ArchivedKind};
use crate::room::owning::destroy::Destruction;
use crate::room::scope::CategoryId;
use crate::room::{ArchiveId, Change, HistoryLimits, NameKey, Snapshot};

/// Everything that is on its way to the disk.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    rooms: HashMap<BareJid, Uncommitted>,
}

#[derive(Debug, Default)]
struct Uncommitted {
    /// Set while what the disk has under this address is not what is there now.
    fate: Option<(BatchNumber, Fate)>,
    messages: VecDeque<(BatchNumber, Arc<Archived>)>,
    /// What is taken back, together with what corrects it.
    retracted: Vec<(BatchNumber, ArchiveId)>,
    /// Entries of its lists.
    lists: PendingLists,
    /// Who has created the room that is there now.
    creator: Option<(BatchNumber, BareJid)>,
    /// The category that it has been made in, or moved to.
    category: Option<(BatchNumber, CategoryId)>,
    /// How the room is called from now on; `None` inside: it has no name, or there is none.
    name: Option<(BatchNumber, Option<NameKey>)>,
}

impl Uncommitted {
    fn takes_back(&self, message: &Archived) -> bool {
        let root = match (message.kind, &message.original) {
            (ArchivedKind::Correction, Some(original)) => original,
            _ => &message.id,
        };
        self.retracted.iter().any(|(_, other)| other == root)
    }
}

/// What last became of an address.
#[derive(Clone, Debug)]
pub(super) enum Fate {
    /// A room was created; all its messages are here.
    Created,
    /// The room ended, with or without tombstone.
    Ended(Option<Arc<Destruction>>),
}

impl Overlay {
    /// Notes a message that the batch of this number contains.
    pub fn archive(&mut self, number: BatchNumber, room: &BareJid, message: Arc<Archived>) {
        self.of(room).messages.push_back((number, message));
    }

    /// Notes that in this batch a message is taken back, and what corrects it. It must be no
    /// correction itself.
    pub fn retract(&mut self, number: BatchNumber, room: &BareJid, message: &ArchiveId) {
        self.of(room).retracted.push((number, message.clone()));
    }

    /// The newest message for which `wanted` holds, of those that the disk may not have yet.
    pub fn find(
        &self,
        room: &BareJid,
        wanted: impl Fn(&Archived) -> bool,
    ) -> Option<Arc<Archived>> {
        let messages = &self.rooms.get(room)?.messages;
        let mut newest_first = messages.iter().rev().map(|(_, message)| message);
        newest_first.find(|message| wanted(message)).cloned()
    }

    /// How many messages `wanted` holds for, of those that the disk may not have yet.
    pub fn count(&self, room: &BareJid, wanted: impl Fn(&Archived) -> bool) -> u32 {
        let Some(room) = self.rooms.get(room) else {
            return 0;
        };
        let messages = room.messages.iter().filter(|(_, message)| wanted(message));
        u32::try_from(messages.count()).unwrap_or(u32::MAX)
    }

    /// Whether a message that is no correction is taken back, and the disk may not know yet.
    pub fn is_retracted(&self, room: &BareJid, message: &ArchiveId) -> bool {
        let retracted = self.rooms.get(room).map(|room| &room.retracted);
        retracted.is_some_and(|all| all.iter().any(|(_, id)| id == message))
    }

    /// Notes a change that the batch of this number contains.
    pub fn save(&mut self, number: BatchNumber, room: &BareJid, change: &Change) {
        if PendingLists::concerns(change) {
            self.of(room).lists.note(number, change);
        }
        if let Change::Created { configuration, .. } | Change::Configured { configuration, .. } =
            change
        {
            self.of(room).name = Some((number, NameKey::of(&configuration.name)));
        }
    }

    /// Whether another room than this one has a name that the disk may not know of yet.
    pub fn is_named(&self, room: &BareJid, name: &NameKey) -> bool {
        let mut others = self.rooms.iter().filter(|(other, _)| *other != room);
        others.any(|(_, other)| matches!(&other.name, Some((_, Some(other))) if other == name))
    }

    /// Whether it is known here how a room is called, so that it does not count what the disk has.
    pub fn names(&self, room: &BareJid) -> bool {
        self.rooms.get(room).is_some_and(|room| room.name.is_some())
    }

    /// Notes the lists and the name of a room that comes from elsewhere, with this batch.
    pub fn arrive(&mut self, number: BatchNumber, room: &BareJid, snapshot: &Snapshot) {
        let room = self.of(room);
        room.lists.note_all(number, snapshot);
        room.name = Some((number, NameKey::of(&snapshot.configuration.name)));
    }

    /// The entries of a room's lists that the disk may not have yet.
    pub fn pending(&self, room: &BareJid) -> Option<&PendingLists> {
        self.rooms.get(room).map(|room| &room.lists)
    }

    /// Notes who has created a room in this batch.
    pub fn note_creator(&mut self, number: BatchNumber, room: &BareJid, creator: BareJid) {
        self.of(room).creator = Some((number, creator));
    }

    /// Who has created the room that is there or was a moment ago, if the disk may not know yet.
    pub fn creator(&self, room: &BareJid) -> Option<&BareJid> {
        let (_, creator) = self.rooms.get(room)?.creator.as_ref()?;
        Some(creator)
    }

    /// The rooms that somebody has created and of which the disk may not know yet.
    pub fn created_by(&self, person: &BareJid) -> impl Iterator<Item = &BareJid> {
        let by_person = move |room: &Uncommitted| {
            let creator = room.creator.as_ref().map(|(_, creator)| creator);
            let counts = matches!(room.fate, Some((_, Fate::Created | Fate::Ended(Some(_)))));
            creator == Some(person) && counts
        };
        let rooms = self.rooms.iter().filter(move |(_, room)| by_person(room));
        rooms.map(|(jid, _)| jid)
    }

    /// Notes the category that a room is in from this batch on.
    pub fn note_category(&mut self, number: BatchNumber, room: &BareJid, category: CategoryId) {
        self.of(room).category = Some((number, category));
    }

    /// How many rooms have been made in a category, or moved there, of which the disk may not know
    /// yet.
    pub fn coming_into(&self, category: CategoryId) -> u64 {
        let is_there = |room: &&Uncommitted| {
            let noted = room.category.as_ref();
            noted.is_some_and(|(_, noted)| *noted == category)
        };
        self.rooms.values().filter(is_there).count() as u64
    }

    /// Notes that in this batch a room begins or ends.
    pub fn decide(&mut self, number: BatchNumber, room: &BareJid, fate: Fate) {
        let uncommitted = self.of(room);
        uncommitted.messages.clear();
        uncommitted.retracted.clear();
        uncommitted.lists = PendingLists::default();
        uncommitted.category = None;
        uncommitted.name = Some((number, None));
        uncommitted.fate = Some((number, fate));
    }

    /// Forgets what was committed: everything up to and with this batch.
    pub fn committed(&mut self, number: BatchNumber) {
        self.rooms.retain(|_, room| {
            room.fate = room.fate.take().filter(|(decided, _)| *decided > number);
            while room
                .messages
                .front()
                .is_some_and(|(archived, _)| *archived <= number)
            {
                room.messages.pop_front();
            }
            room.retracted.retain(|(decided, _)| *decided > number);
            room.lists.committed(number);
            room.creator = room.creator.take().filter(|(noted, _)| *noted > number);
            room.category = room.category.take().filter(|(noted, _)| *noted > number);
            room.name = room.name.take().filter(|(noted, _)| *noted > number);
            room.fate.is_some()
                || room.name.is_some()
                || room.creator.is_some()
                || room.category.is_some()
                || !room.lists.is_empty()
                || !room.messages.is_empty()
                || !room.retracted.is_empty()
        });
    }

    /// Forgets everything: it will never be committed.
    pub fn clear(&mut self) {
        self.rooms.clear();
    }

    /// Whether the disk may not know yet what a room's archive is; without a room, what any is.
    pub fn is_ahead(&self, room: Option<&BareJid>) -> bool {
        match room {
            Some(room) => self.rooms.contains_key(room),
            None => !self.rooms.is_empty(),
        }
    }

    /// What became of an address, if the disk doesn't know yet.
    pub fn fate(&self, room: &BareJid) -> Option<&Fate> {
        self.rooms.get(room)?.fate.as_ref().map(|(_, fate)| fate)
    }

    /// Adds the messages that the disk didn't have when `newest` was its newest of this room.
    ///
    /// A batch may be committed before its report has been read, so the disk may have some of them.
    /// Since messages are committed in their order, those are the ones up to `newest`.
    pub fn extend(
        &self,
        room: &BareJid,
        newest: Option<&ArchiveId>,
        limits: &HistoryLimits,
        messages: &mut Vec<Archived>,
    ) {
        let Some(uncommitted) = self.rooms.get(room) else {
            return;
        };
        let known = newest.and_then(|newest| {
            uncommitted
                .messages
                .iter()
                .rposition(|(_, message)| message.id == *newest)
        });
        let unknown = uncommitted
            .messages
            .iter()
            .skip(known.map_or(0, |place| place + 1));
        messages.extend(
            unknown
                .filter(|(_, message)| message.kind != ArchivedKind::Subject)
                .filter(|(_, message)| limits.since.is_none_or(|since| message.at >= since))
                .map(|(_, message)| Archived::clone(message)),
        );
        messages.retain(|message| !uncommitted.takes_back(message));
        let messages_max = usize::try_from(limits.messages_max).unwrap_or(usize::MAX);
        messages.drain(..messages.len().saturating_sub(messages_max));
    }

    fn of(&mut self, room: &BareJid) -> &mut Uncommitted {
        self.rooms.entry(room.clone()).or_default()
    }
}
