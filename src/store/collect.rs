//! What is collected, in memory, until it is handed over to the thread that writes.
//!
//! What readers must know before it is committed goes into the overlay as well.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use jid::BareJid;

use super::Store;
use super::batch::Operation;
use super::directory::addins::AddInChange;
use super::error::explain;
use super::message::replaced::Notice;
use super::overlay::Fate;
use super::record::compliance::Event;
use super::transfer::arrival::{ArrivalStep, Arriving};
use crate::directory::{LdapTree, NamedGroups, Retention, RoomRetention};
use crate::room::effect::{Act, Archived};
use crate::room::scope::RoomMove;
use crate::room::{ArchiveId, Change, Payload, Salt, Timestamp};

impl Store {
    /// Collects the creation of a room; its first [`Change::Created`] follows. A tombstone in its
    /// place goes.
    ///
    /// The address must be free: a room that is there makes the batch fail, for nothing is ever
    /// overwritten.
    pub fn create(&mut self, room: &BareJid, salt: Salt, at: Timestamp) {
        self.overlay.decide(self.collecting(), room, Fate::Created);
        self.collected.push(Operation::Create {
            room: room.clone(),
            salt,
            at,
        });
    }

    /// Collects who has created a room, for [`Self::created_room_count`].
    pub fn set_creator(&mut self, room: &BareJid, creator: &BareJid) {
        self.overlay
            .note_creator(self.collecting(), room, creator.clone());
        let (room, creator) = (room.clone(), creator.clone());
        self.collected.push(Operation::SetCreator { room, creator });
    }

    /// Collects a change of a room that exists, or is created by an operation collected before.
    pub fn save(&mut self, room: &BareJid, change: Change) {
        let fate = match &change {
            Change::Destroyed { destruction, .. } => Some(Fate::Ended(Some(destruction.clone()))),
            Change::Vanished { .. } => Some(Fate::Ended(None)),
            _ => None,
        };
        if let Some(fate) = fate {
            self.overlay.decide(self.collecting(), room, fate);
        }
        if let Change::Created { category, .. } | Change::Moved(RoomMove { category, .. }) = &change
        {
            self.overlay
                .note_category(self.collecting(), room, *category);
        }
        self.overlay.save(self.collecting(), room, &change);
        self.collected.push(Operation::Save {
            room: room.clone(),
            change,
        });
    }

    /// Collects a message, in its place of the order, and what of it can be searched.
    pub fn archive(&mut self, room: &BareJid, message: Archived, text: Arc<str>) {
        let message = Arc::new(message);
        self.overlay
            .archive(self.collecting(), room, message.clone());
        self.collected.push(Operation::Archive {
            room: room.clone(),
            message,
            text,
        });
    }

    /// Collects that of a message, of what corrects it and of what it corrects nothing stays but
    /// `remains`: neither its content nor its words in the index. Its place, time and sender stay.
    /// XEP-0313 §3.2 (#archives_deletion).
    pub fn retract(&mut self, room: &BareJid, message: &ArchiveId, remains: Payload) {
        let root = self.root(room, message).unwrap_or_else(|error| {
            // Its corrections are seen until the commit, which is then likely to fail as well.
            tracing::warn!(error = %explain(&error), "what a message corrects is not known");
            message.clone()
        });
        self.overlay.retract(self.collecting(), room, &root);
        self.collected.push(Operation::Retract {
            room: room.clone(),
            message: message.clone(),
            remains,
        });
    }

    /// Collects that a message has another content, in which `text` can be searched, and that of
    /// what corrects it only `remains` is left. Its place, time and sender stay.
    pub fn replace(
        &mut self,
        room: &BareJid,
        message: &ArchiveId,
        (payload, text): (Payload, Arc<str>),
        remains: Payload,
    ) {
        self.overlay.retract(self.collecting(), room, message);
        self.collected.push(Operation::Replace {
            room: room.clone(),
            message: message.clone(),
            notice: Notice { payload, text },
            remains,
        });
    }

    /// Collects the removal of a room's oldest messages, with nothing left of them: those below a
    /// row, as [`Survey::boundary`] tells it, but at most [`SLICE`]. When that is committed,
    /// `removed` has grown by how many there were. XEP-0313 §3.2 (#archives_deletion).
    pub fn remove_oldest(&mut self, room: &BareJid, boundary: i64, removed: Arc<AtomicU64>) {
        self.collected.push(Operation::RemoveOldest {
            room: room.clone(),
            boundary,
            removed,
        });
    }

    /// Collects that what rooms keep no longer goes, and with it the tombstones that are due, when
    /// there is time for it and what was collected before is committed; `retention` is what holds
    /// where a room says nothing else. Without the time nothing goes by its age.
    pub fn expire(&mut self, retention: Retention, now: Option<Timestamp>) {
        self.collected.push(Operation::Expire { retention, now });
    }

    /// Collects how long a room keeps what is said in it.
    pub fn keep(&mut self, room: &BareJid, keep: RoomRetention) {
        let room = room.clone();
        self.collected.push(Operation::Keep { room, keep });
    }

    /// Collects an act to be put on record.
    pub fn record(&mut self, room: &BareJid, act: Act) {
        self.collected.push(Operation::Record {
            room: room.clone(),
            act: Box::new(act),
        });
    }

    /// Collects a fact about the service itself.
    pub fn set_meta(&mut self, key: &str, value: &str) {
        let (key, value) = (key.to_owned(), value.to_owned());
        self.collected.push(Operation::SetMeta { key, value });
    }

    /// Collects the groups of the file. The thread that writes gives them their form.
    pub fn set_named_groups(&mut self, named: &Arc<NamedGroups>) {
        self.collected
            .push(Operation::SetNamedGroups(named.clone()));
    }

    /// Collects what the LDAP directory has. The thread that writes gives it its form.
    pub fn set_ldap_tree(&mut self, tree: &Arc<LdapTree>) {
        self.collected.push(Operation::SetLdapTree(tree.clone()));
    }

    /// Collects a change of the add-ins.
    pub fn save_addin(&mut self, change: AddInChange) {
        self.collected.push(Operation::SaveAddIn(Box::new(change)));
    }

    /// How much is collected and not handed over yet, in operations.
    pub fn collected_count(&self) -> usize {
        self.collected.len()
    }

    /// Collects a part of an arrival.
    pub fn arrive(&mut self, room: &Arriving, step: ArrivalStep) {
        if let ArrivalStep::Name(whole) = &step {
            let number = self.collecting();
            self.overlay.decide(number, &whole.jid, Fate::Created);
            self.overlay.arrive(number, &whole.jid, &whole.snapshot);
            self.overlay
                .note_category(number, &whole.jid, whole.category);
        }
        self.collected.push(Operation::Arrive {
            room: room.clone(),
            step: Box::new(step),
        });
    }

    /// Collects an event for the compliance log.
    pub fn log(&mut self, event: Event) {
        self.collected.push(Operation::Log(Box::new(event)));
    }
}
