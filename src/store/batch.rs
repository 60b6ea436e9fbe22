//! What is to be written together: a batch of operations, in their order.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jid::BareJid;
use rusqlite::Connection;

use super::batch_number::BatchNumber;
use super::directory::addins::AddInChange;
use super::directory::categories::CategoryOperation;
use super::directory::groups;
use super::message::expired;
use super::message::messages;
use super::message::replaced;
use super::message::replaced::Notice;
use super::message::senders::Senders;
use super::message::unindexed;
use super::message::unindexed::AtOnce;
use super::meta;
use super::record::acts;
use super::record::compliance;
use super::record::compliance::Event;
use super::room::rooms;
use super::room::rooms::RoomId;
use super::room::{affiliations, bonds, destroyed, sessions};
use super::tidy::sweep::RetentionSweep;
use super::tidy::{Leftover, ended};
use super::transfer::arrival::{ArrivalStep, Arriving};
use crate::directory::{LdapTree, NamedGroups, Retention, RoomRetention};
use crate::room::effect::{Act, Archived};
use crate::room::{ArchiveId, Change, Payload, Salt, Timestamp};

/// Operations that are committed together or not at all.
#[derive(Debug)]
pub(super) struct Batch {
    /// Under which it is reported.
    pub number: BatchNumber,
    /// In the order in which they are carried out.
    pub operations: Vec<Operation>,
}

/// One thing to be written.
#[derive(Debug)]
pub(super) enum Operation {
    /// A room comes into being, in place of its tombstone.
    Create {
        room: BareJid,
        salt: Salt,
        at: Timestamp,
    },
    /// It is noted who has created a room.
    SetCreator { room: BareJid, creator: BareJid },
    /// A room is changed, or ends.
    Save { room: BareJid, change: Change },
    /// A message is added to the archive.
    Archive {
        room: BareJid,
        message: Arc<Archived>,
        /// What of it can be searched.
        text: Arc<str>,
    },
    /// Nothing of a message is left but this.
    Retract {
        room: BareJid,
        message: ArchiveId,
        remains: Payload,
    },
    /// It is set how long a room keeps what is said in it.
    Keep { room: BareJid, keep: RoomRetention },
    /// Another content stands in the place of a message.
    Replace {
        room: BareJid,
        message: ArchiveId,
        notice: Notice,
        /// What is left of its corrections.
        remains: Payload,
    },
    /// The oldest messages of a room go, one slice of those below a row.
    RemoveOldest {
        room: BareJid,
        boundary: i64,
        /// Is told how many.
        removed: Arc<AtomicU64>,
    },
    /// What rooms don't keep any longer is removed when there is time for it.
    Expire {
        retention: Retention,
        now: Option<Timestamp>,
    },
    /// Something is put on record.
    Record { room: BareJid, act: Box<Act> },
    /// A part of a room that comes from elsewhere.
    Arrive {
        room: Arriving,
        step: Box<ArrivalStep>,
    },
    /// Something is added to the compliance log.
    Log(Box<Event>),
    /// A category is made, or is another, or is no more.
    Categorise(CategoryOperation),
    /// A fact about the service is noted.
    SetMeta { key: String, value: String },
    /// The groups of the file are known.
    SetNamedGroups(Arc<NamedGroups>),
    /// What the LDAP directory has is known.
    SetLdapTree(Arc<LdapTree>),
    /// The add-ins are changed.
    SaveAddIn(Box<AddInChange>),
    /// A mistake in this program.
    #[cfg(test)]
    Panic,
}

/// Why an operation was not carried out.
#[derive(Debug)]
pub(super) enum OperationFailure {
    /// SQLite's fault, or its news.
    Sqlite(rusqlite::Error),
    /// The database doesn't know the room.
    NoSuchRoom(BareJid),
}

/// The rows of the rooms that were written to of late, and of who spoke in them; bounded, so that
/// sleeping rooms take no memory. And what may still be done in the transaction that is open.
#[derive(Debug, Default)]
pub(super) struct RoomIds {
    pub at_once: AtOnce,
    rooms: HashMap<BareJid, RoomId>,
    senders: Senders,
}

impl Batch {
    /// What it leaves to be done when nobody waits.
    pub fn leaves(&self) -> Leftover {
        let mut left = Leftover::default();
        for operation in &self.operations {
            operation.leave(&mut left);
        }
        left
    }
}

impl Operation {
    /// Carries it out, inside the transaction that is open.
    pub fn apply(
        &self,
        connection: &Connection,
        ids: &mut RoomIds,
    ) -> Result<(), OperationFailure> {
        match self {
            Self::Create { room, salt, at } => {
                destroyed::remove(connection, room)?;
                let id = rooms::create(connection, Some(room), salt, *at)?;
                ids.learn(room, id);
            }
            Self::SetCreator { room, creator } => {
                rooms::set_creator(connection, ids.of(connection, room)?, creator)?;
            }
            Self::Save { room, change } => {
                let id = ids.of(connection, room)?;
                save(connection, id, room, change)?;
                if self.ends_a_room() {
                    ids.rooms.remove(room);
                    ids.senders.forget(id);
                }
            }
            Self::Archive {
                room,
                message,
                text,
            } => {
                let id = ids.of(connection, room)?;
                archive(connection, ids, id, (message, text))?;
            }
            Self::Retract {
                room,
                message,
                remains,
            } => {
                messages::retract(connection, ids.of(connection, room)?, message, remains)?;
            }
            Self::Replace {
                room,
                message,
                notice,
                remains,
            } => {
                let id = ids.of(connection, room)?;
                replaced::replace(connection, id, message, (notice, remains))?;
            }
            Self::RemoveOldest {
                room,
                boundary,
                removed,
            } => {
                let room = ids.of(connection, room)?;
                let count = expired::remove_below(connection, room, *boundary)?;
                removed.fetch_add(count, Ordering::Relaxed);
            }
            Self::Expire { .. } => {}
            Self::Keep { room, keep } => rooms::keep(connection, ids.of(connection, room)?, *keep)?,
            Self::Record { room, act } => acts::add(connection, room, act)?,
            Self::Arrive { room, step } => step.apply(connection, &mut ids.senders, room)?,
            Self::Log(event) => compliance::add(connection, event)?,
            Self::Categorise(operation) => operation.apply(connection)?,
            Self::SetMeta { key, value } => meta::set(connection, key, value)?,
            Self::SetNamedGroups(named) => groups::set_named(connection, named)?,
            Self::SetLdapTree(tree) => groups::set_tree(connection, tree)?,
            Self::SaveAddIn(change) => change.apply(connection)?,
            #[cfg(test)]
            Self::Panic => panic!("a mistake"),
        }
        Ok(())
    }

    fn leave(&self, left: &mut Leftover) {
        left.ended |= self.ends_a_room();
        match self {
            Self::Archive { .. } => left.archived = true,
            Self::Retract { .. } | Self::Replace { .. } | Self::Arrive { .. } => {
                left.retracted = true;
            }
            Self::Expire { retention, now } => {
                left.sweep = Some(RetentionSweep::new(*retention, *now))
            }
            Self::Create { .. }
            | Self::SetCreator { .. }
            | Self::Save { .. }
            | Self::Keep { .. }
            | Self::RemoveOldest { .. }
            | Self::Record { .. }
            | Self::Log(_)
            | Self::Categorise(_)
            | Self::SetMeta { .. }
            | Self::SetNamedGroups(_)
            | Self::SetLdapTree(_)
            | Self::SaveAddIn(_) => {}
            #[cfg(test)]
            Self::Panic => {}
        }
    }

    fn ends_a_room(&self) -> bool {
        let is_abandoned = |step: &ArrivalStep| matches!(step, ArrivalStep::Abandon);
        matches!(
            self,
            Self::Save {
                change: Change::Destroyed { .. } | Change::Vanished { .. },
                ..
            }
        ) || matches!(self, Self::Arrive { step, .. } if is_abandoned(step))
    }
}

impl RoomIds {
    /// Forgets all, after a rollback.
    pub fn clear(&mut self) {
        self.rooms.clear();
        self.senders.clear();
    }

    fn of(&mut self, connection: &Connection, room: &BareJid) -> Result<RoomId, OperationFailure> {
        if let Some(id) = self.rooms.get(room) {
            return Ok(*id);
        }
        let found = rooms::id_of(connection, room)?;
        let id = found.ok_or_else(|| OperationFailure::NoSuchRoom(room.clone()))?;
        self.learn(room, id);
        Ok(id)
    }

    fn learn(&mut self, room: &BareJid, id: RoomId) {
        if self.rooms.len() >= ROOM_IDS_MAX {
            self.rooms.clear();
        }
        self.rooms.insert(room.clone(), id);
    }
}

impl From<rusqlite::Error> for OperationFailure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Adds a message; its words at once, or when nobody waits.
fn archive(
    connection: &Connection,
    ids: &mut RoomIds,
    room: RoomId,
    (message, text): (&Archived, &str),
) -> rusqlite::Result<()> {
    let at_once = ids.at_once.takes(text);
    let now = if at_once { text } else { "" };
    let row = messages::add(connection, &mut ids.senders, room, message, now)?;
    if !at_once {
        unindexed::note(connection, row)?;
    }
    Ok(())
}

fn save(
    connection: &Connection,
    id: RoomId,
    room: &BareJid,
    change: &Change,
) -> rusqlite::Result<()> {
    match change {
        Change::Created {
            configuration,
            locked_since,
            category,
        } => {
            rooms::set_category(connection, id, *category)?;
            rooms::configure(connection, id, configuration)?;
            rooms::set_lock(connection, id, *locked_since)
        }
        Change::Moved(moved) => rooms::set_category(connection, id, moved.category),
        Change::Configured { configuration, .. } => rooms::configure(connection, id, configuration),
        Change::Unlocked => rooms::set_lock(connection, id, None),
        Change::Affiliated { jid, entry } => {
            affiliations::set_affiliation(connection, id, jid, entry.as_ref())
        }
        Change::Bound { jid, bond } => bonds::set(connection, id, jid, bond),
        Change::SubjectChanged(subject) => rooms::set_subject(connection, id, subject),
        Change::AvatarChanged(avatar) => rooms::set_avatar(connection, id, avatar.as_ref()),
        Change::Entered(record) | Change::Present(record) => sessions::set(connection, id, record),
        Change::Left(leaver) => sessions::remove(connection, id, &leaver.real_jid),
        Change::Destroyed { destruction, .. } => {
            destroyed::set(connection, (id, room), destruction)?;
            ended::end(connection, id)
        }
        Change::Vanished { .. } => ended::end(connection, id),
    }
}

/// Number of rooms that are remembered before all are forgotten again; about 1 MiB.
const ROOM_IDS_MAX: usize = 8192;
