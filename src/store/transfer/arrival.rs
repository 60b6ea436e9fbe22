//! Rooms that come from elsewhere with their archives.
//!
//! An archive is too large for one transaction, and half a room is worse than none. So a room
//! arrives without an address, slice by slice, where nobody finds it; with the last transaction it
//! gets its address and everything but the archive. What was interrupted is removed as an ended
//! room is (see `ended.rs`): at once when that is told, else when the database is opened again.
//!
//! What messages do to earlier ones is done to them here as if they were said now: whoever corrects
//! or takes back must be the author, and of what is taken back a tombstone is left.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use jid::BareJid;
use rusqlite::{Connection, Result, params};

use super::whole::WholeRoom;
use crate::room::effect::{Archived, ArchivedKind, Sender};
use crate::room::request::Named;
use crate::room::{ArchiveId, Payload, Salt, Timestamp};
use crate::store::message::identifier::Identifier;
use crate::store::message::senders;
use crate::store::message::senders::Senders;
use crate::store::message::{messages, originals};
use crate::store::room::rooms::RoomId;
use crate::store::room::{affiliations, bonds, destroyed, rooms};

/// A room that is arriving: its row, once that is there, and whether it was here before.
#[derive(Clone, Debug, Default)]
pub struct Arriving(Arc<ArrivingRow>);

#[derive(Debug, Default)]
struct ArrivingRow {
    id: AtomicI64,
    resumes: AtomicBool,
}

/// A part of an arrival.
#[derive(Debug)]
pub enum ArrivalStep {
    /// The room begins, without an address.
    Begin {
        /// The room's secret.
        salt: Salt,
        /// When it was begun.
        at: Timestamp,
    },
    /// A room that is here already is to be given messages.
    Resume {
        /// Where it is here.
        room: BareJid,
    },
    /// Messages come, each after all before.
    Messages {
        /// The messages, in the order of the archive.
        messages: Vec<ArrivingMessage>,
        /// Where it is counted what becomes of them.
        tally: Arc<Tally>,
    },
    /// All messages are there, and the room shows itself. Its address must be free.
    Name(Box<WholeRoom>),
    /// The room will not be.
    Abandon,
}

/// A message that arrives.
#[derive(Clone, Debug, PartialEq)]
pub struct ArrivingMessage {
    /// The message. Its [`Archived::original`] is looked for when it is taken.
    pub message: Archived,
    /// What of it can be searched.
    pub text: Arc<str>,
    /// The id it gets if another message of the database has its own.
    pub spare: ArchiveId,
    /// The message that it is about.
    pub about: Option<AboutMessage>,
    /// What is left of that, if this one takes it back.
    pub remains: Option<Payload>,
}

/// The message that another one is about.
#[derive(Clone, Debug, PartialEq)]
pub struct AboutMessage {
    /// As it is named.
    pub named: Named,
    /// Its spare id, if it is named by its own.
    pub spare: Option<ArchiveId>,
}

/// What has become of messages.
#[derive(Debug, Default)]
pub struct Tally {
    /// They are in the archive.
    pub taken: AtomicU64,
    /// Number of these that have another id than they had.
    pub renamed: AtomicU64,
    /// Number of these that took an earlier message back, of which a tombstone is left.
    pub took_back: AtomicU64,
    /// They are left out: they correct or take back what somebody else said, or what nothing is
    /// left of.
    pub refused: AtomicU64,
    /// They are left out: their id is that of an earlier message of the room, and so is their spare
    /// one.
    pub repeated: AtomicU64,
}

impl ArrivalStep {
    /// Carries it out, inside the transaction that is open.
    pub(in crate::store) fn apply(
        &self,
        connection: &Connection,
        senders: &mut Senders,
        room: &Arriving,
    ) -> Result<()> {
        match self {
            Self::Begin { salt, at } => {
                let id = begin(connection, salt, *at)?;
                room.0.id.store(id, Ordering::Relaxed);
                Ok(())
            }
            Self::Resume { room: jid } => {
                let id = rooms::id_of(connection, jid)?.unwrap_or(NONE);
                room.0.id.store(id, Ordering::Relaxed);
                room.0.resumes.store(true, Ordering::Relaxed);
                Ok(())
            }
            Self::Messages { messages, tally } => {
                let mut slice = Slice {
                    connection,
                    senders,
                    room: room.id(),
                    tally,
                    resumes: room.resumes(),
                };
                // It may have been destroyed meanwhile.
                if slice.resumes && !slice.is_there()? {
                    return Ok(());
                }
                messages.iter().try_for_each(|message| slice.take(message))
            }
            Self::Name(whole) => name(connection, room.id(), whole),
            Self::Abandon => {
                senders.forget(room.id());
                connection
                    .prepare_cached("DELETE FROM arriving WHERE room = ?1")?
                    .execute([room.id()])?;
                Ok(())
            }
        }
    }
}

impl Arriving {
    fn id(&self) -> RoomId {
        self.0.id.load(Ordering::Relaxed)
    }

    fn resumes(&self) -> bool {
        self.0.resumes.load(Ordering::Relaxed)
    }
}

/// Gives up what was interrupted; from then on it is an ended room.
pub(in crate::store) fn abandon_all(connection: &Connection) -> Result<()> {
    connection.execute("DELETE FROM arriving", [])?;
    Ok(())
}

fn begin(connection: &Connection, salt: &Salt, at: Timestamp) -> Result<RoomId> {
    let id = rooms::create(connection, None, salt, at)?;
    // It must not count among those that are listed.
    connection
        .prepare_cached("UPDATE room SET public = 0 WHERE id = ?1")?
        .execute([id])?;
    connection
        .prepare_cached("INSERT INTO arriving (room) VALUES (?1)")?
        .execute([id])?;
    Ok(id)
}

fn name(connection: &Connection, id: RoomId, whole: &WholeRoom) -> Result<()> {
    destroyed::remove(connection, &whole.jid)?;
    connection
        .prepare_cached("UPDATE room SET jid = ?2, created_at = ?3 WHERE id = ?1")?
        .execute(params![id, whole.jid.as_str(), whole.created_at.0])?;
    if let Some(creator) = &whole.creator {
        rooms::set_creator(connection, id, creator)?;
    }
    if let Some(origin) = &whole.origin {
        rooms::set_origin(connection, id, origin)?;
    }
    let snapshot = &whole.snapshot;
    rooms::configure(connection, id, &snapshot.configuration)?;
    rooms::set_lock(connection, id, snapshot.locked_since)?;
    rooms::set_subject(connection, id, &snapshot.subject)?;
    rooms::set_avatar(connection, id, snapshot.avatar.as_ref())?;
    rooms::keep(connection, id, whole.keep)?;
    for (jid, entry) in &snapshot.affiliations {
        affiliations::set_affiliation(connection, id, jid, Some(entry))?;
    }
    for (jid, bond) in snapshot.bonds.iter() {
        bonds::set(connection, id, jid, bond)?;
    }
    connection
        .prepare_cached("DELETE FROM arriving WHERE room = ?1")?
        .execute([id])?;
    Ok(())
}

/// Where messages of a slice go.
struct Slice<'a> {
    connection: &'a Connection,
    senders: &'a mut Senders,
    room: RoomId,
    tally: &'a Tally,
    /// Whether the room was here before, with some of the messages.
    resumes: bool,
}

/// What becomes of a message in view of the earlier one that it is about.
enum Judgement {
    Take {
        original: Option<ArchiveId>,
        retracts: bool,
    },
    Refuse,
}

impl Slice<'_> {
    fn is_there(&self) -> Result<bool> {
        self.connection
            .prepare_cached("SELECT 1 FROM room WHERE id = ?1 AND jid IS NOT NULL")?
            .exists([self.room])
    }

    fn take(&mut self, arriving: &ArrivingMessage) -> Result<()> {
        if self.resumes
            && messages::number(self.connection, self.room, &arriving.message.id)?.is_some()
        {
            return self.count(|tally| &tally.repeated);
        }
        let Some(id) = self.free_id(arriving)? else {
            return self.count(|tally| &tally.repeated);
        };
        let (original, retracts) = match self.judge(arriving)? {
            Judgement::Take { original, retracts } => (original, retracts),
            Judgement::Refuse => return self.count(|tally| &tally.refused),
        };
        if id != arriving.message.id {
            self.count(|tally| &tally.renamed)?;
        }
        if let (true, Some(original), Some(remains)) = (retracts, &original, &arriving.remains) {
            messages::retract(self.connection, self.room, original, remains)?;
            self.count(|tally| &tally.took_back)?;
        }
        let message = Archived {
            id,
            original,
            ..arriving.message.clone()
        };
        messages::add(
            self.connection,
            self.senders,
            self.room,
            &message,
            &arriving.text,
        )?;
        self.count(|tally| &tally.taken)
    }

    fn count(&self, counter: impl Fn(&Tally) -> &AtomicU64) -> Result<()> {
        counter(self.tally).fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn free_id(&self, arriving: &ArrivingMessage) -> Result<Option<ArchiveId>> {
        for id in [&arriving.message.id, &arriving.spare] {
            let taken: bool = self
                .connection
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM message WHERE archive_id = ?1)")?
                .query_row([Identifier(&id.0)], |row| row.get(0))?;
            if !taken {
                return Ok(Some(id.clone()));
            }
        }
        Ok(None)
    }

    /// As `room/occupying/retract.rs` judges what is said now; but what is about a message that is
    /// not there any more is taken, for it was let in when that was.
    fn judge(&self, arriving: &ArrivingMessage) -> Result<Judgement> {
        let kind = arriving.message.kind;
        let take = |original, retracts| Ok(Judgement::Take { original, retracts });
        let author = arriving.message.sender.as_ref();
        let original = match &arriving.about {
            Some(about) => self.original(about, author)?,
            None => None,
        };
        let Some(original) = original else {
            return take(None, false);
        };
        let binds = match kind {
            ArchivedKind::Correction | ArchivedKind::Retraction => true,
            ArchivedKind::Speech
            | ArchivedKind::Subject
            | ArchivedKind::Signal
            | ArchivedKind::Moderation
            | ArchivedKind::Tombstone => false,
        };
        if binds && !is_same_person(author, original.sender.as_ref()) {
            return Ok(Judgement::Refuse);
        }
        match (kind, original.kind) {
            (
                ArchivedKind::Correction | ArchivedKind::Retraction,
                ArchivedKind::Speech | ArchivedKind::Correction | ArchivedKind::Signal,
            ) => take(Some(original.id), kind == ArchivedKind::Retraction),
            // It has been done already.
            (ArchivedKind::Retraction, ArchivedKind::Tombstone) => take(Some(original.id), false),
            (
                ArchivedKind::Correction | ArchivedKind::Retraction,
                ArchivedKind::Subject
                | ArchivedKind::Retraction
                | ArchivedKind::Moderation
                | ArchivedKind::Tombstone,
            ) => Ok(Judgement::Refuse),
            (
                ArchivedKind::Speech
                | ArchivedKind::Subject
                | ArchivedKind::Signal
                | ArchivedKind::Moderation
                | ArchivedKind::Tombstone,
                _,
            ) => take(Some(original.id), false),
        }
    }

    fn original(&self, about: &AboutMessage, author: Option<&Sender>) -> Result<Option<Archived>> {
        let found = match &about.named {
            Named::ByArchiveId(id) => self.by_archive_id(id, about.spare.as_ref())?,
            Named::ByContentId(id) => self.by_content_id(id, author)?,
            Named::ByEither(id) => {
                match self.by_archive_id(&ArchiveId(id.clone()), about.spare.as_ref())? {
                    Some(found) => Some(found),
                    None => self.by_content_id(id, author)?,
                }
            }
        };
        match found {
            Some(number) => messages::load(self.connection, number),
            None => Ok(None),
        }
    }

    fn by_archive_id(&self, id: &ArchiveId, spare: Option<&ArchiveId>) -> Result<Option<i64>> {
        let of = |id| messages::number(self.connection, self.room, id);
        match (of(id)?, spare) {
            (None, Some(spare)) => of(spare),
            (found, _) => Ok(found),
        }
    }

    /// The author's own newest, else anybody's.
    fn by_content_id(&self, id: &str, author: Option<&Sender>) -> Result<Option<i64>> {
        let jid = author.and_then(|author| author.author.as_ref());
        let person = match jid {
            Some(jid) => senders::person(self.connection, jid.to_bare().as_str())?,
            None => None,
        };
        let find = |person| originals::newest_of(self.connection, self.room, id, person);
        match person {
            Some(_) => Ok(find(person)?.or(find(None)?)),
            None => find(None),
        }
    }
}

/// By bare JID where both are known, else by occupant id, else by nick: archives from elsewhere
/// know no better.
fn is_same_person(one: Option<&Sender>, other: Option<&Sender>) -> bool {
    let (Some(one), Some(other)) = (one, other) else {
        return false;
    };
    if let (Some(one), Some(other)) = (&one.author, &other.author) {
        return one.to_bare() == other.to_bare();
    }
    if let (Some(one), Some(other)) = (&one.occupant_id, &other.occupant_id) {
        return one == other;
    }
    one.nick == other.nick
}

/// The number of no room.
const NONE: RoomId = 0;
