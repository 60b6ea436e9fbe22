//! A room while it comes from elsewhere, slice by slice.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jid::BareJid;
use sha2::{Digest, Sha256};

use super::imported::{ImportOutcome, ImportedRoom};
use crate::command::Environment;
use crate::room::effect::{ArchivedKind, Tombstone};
use crate::room::request::Named;
use crate::room::scope::CategoryId;
use crate::room::{ArchiveId, Salt, Timestamp};
use crate::store::{AboutMessage, Arriving, ArrivingMessage, Tally, WholeRoom};
use crate::transfer::record::{MessageRecord, RoomRecord};

/// What becomes of the add-in that a room has.
pub(super) enum AddInFate {
    /// It is here already, or the room has none.
    Here,
    /// It is registered for the room.
    Registered,
    /// It can't be; the room comes without it, for this reason.
    Refused(String),
}

/// A room that is coming.
pub(super) struct ComingRoom {
    record: RoomRecord,
    addin: AddInFate,
    /// Its own, or a new one.
    salt: Salt,
    arriving: Arriving,
    environment: Environment,
    /// What makes spare ids others than those of any other import.
    nonce: String,
    latest: Option<Timestamp>,
    slice: Vec<ArrivingMessage>,
    slice_bytes: usize,
    /// Which room of its name it is here: the first has the name as it comes.
    namesake: u32,
    seen: u64,
    moved: u64,
    tally: Arc<Tally>,
    category: CategoryId,
    /// Whether the room is here already, and only what is new comes.
    resumes: bool,
    /// The number of messages that are here already, as far as that is counted beforehand.
    known: u64,
}

impl ComingRoom {
    /// A room of which no message has come.
    pub fn new(record: RoomRecord, addin: AddInFate, environment: Environment) -> Self {
        Self {
            addin,
            salt: record.salt.unwrap_or_else(environment.fresh_salt),
            record,
            arriving: Arriving::default(),
            environment,
            nonce: (environment.fresh_id)(),
            latest: None,
            slice: Vec::new(),
            slice_bytes: 0,
            namesake: 1,
            seen: 0,
            moved: 0,
            tally: Arc::default(),
            category: CategoryId::GENERAL,
            resumes: false,
            known: 0,
        }
    }

    /// The same in this category.
    pub fn in_category(mut self, category: CategoryId) -> Self {
        self.category = category;
        self
    }

    /// A room of which some messages have come before, to this address.
    pub fn resumed(mut self, here: BareJid) -> Self {
        self.record.jid = here;
        self.resumes = true;
        self
    }

    /// The address of the room, if it is here already.
    pub fn is_here(&self) -> Option<&BareJid> {
        self.resumes.then_some(&self.record.jid)
    }

    /// Counts messages that need not come again.
    pub fn leave_out(&mut self, known: u64) {
        self.known += known;
    }

    /// As the store knows it.
    pub fn arriving(&self) -> Arriving {
        self.arriving.clone()
    }

    /// Its secret, for occupant ids.
    pub fn salt(&self) -> Salt {
        self.salt
    }

    /// Whether as many messages have come as are committed at a time.
    pub fn has_whole_slice(&self) -> bool {
        self.slice.len() >= SLICE || self.slice_bytes >= SLICE_BYTES
    }

    /// The messages that have come since the last time, and where it is counted what becomes of
    /// them.
    pub fn take_slice(&mut self) -> (Vec<ArrivingMessage>, Arc<Tally>) {
        self.slice_bytes = 0;
        (std::mem::take(&mut self.slice), self.tally.clone())
    }

    /// Takes the next message, which is in order.
    pub fn add(&mut self, record: MessageRecord) {
        self.seen += 1;
        let about = record.about.clone();
        let mut message = record.into_archived();
        let now = (self.environment.now)();
        let at = self
            .latest
            .map_or(message.at, |latest| latest.max(message.at));
        let at = at.min(now).max(self.latest.unwrap_or(at));
        self.moved += u64::from(at != message.at);
        message.at = at;
        self.latest = Some(at);
        let remains = (message.kind == ArchivedKind::Retraction).then(|| {
            (self.environment.tombstone)(&Tombstone {
                message: message.id.clone(),
                at,
                retraction_id: message.content.id.clone(),
            })
        });
        let text = match message.kind {
            ArchivedKind::Speech | ArchivedKind::Subject | ArchivedKind::Correction => {
                (self.environment.text_of)(&message.content.payload)
            }
            ArchivedKind::Signal
            | ArchivedKind::Retraction
            | ArchivedKind::Moderation
            | ArchivedKind::Tombstone => "".into(),
        };
        self.slice_bytes += message.content.payload.as_bytes().len();
        self.slice.push(ArrivingMessage {
            text,
            spare: self.spare(&message.id.0),
            about: about.map(|named| AboutMessage {
                spare: match &named {
                    Named::ByArchiveId(id) => Some(self.spare(&id.0)),
                    Named::ByEither(id) => Some(self.spare(id)),
                    Named::ByContentId(_) => None,
                },
                named,
            }),
            remains,
            message,
        });
    }

    /// The id that a message has here when its own is taken.
    fn spare(&self, id: &str) -> ArchiveId {
        let mut hash = Sha256::new();
        hash.update(&self.nonce);
        hash.update(id);
        let digest = hash.finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        let id = uuid::Builder::from_custom_bytes(bytes).into_uuid();
        ArchiveId(id.simple().to_string().into())
    }

    /// Gives it the next name, for another room has the one that it has.
    pub fn name_anew(&mut self) {
        self.namesake += 1;
    }

    /// The name that it has here: its own, or that with a number behind it.
    pub fn name(&self) -> Arc<str> {
        let own = &self.record.snapshot.configuration.name;
        if self.namesake == 1 {
            return own.clone();
        }
        let number = format!(" ({})", self.namesake);
        let kept = own.chars().take(NAME_MAX - number.len());
        kept.chain(number.chars()).collect::<String>().into()
    }

    /// All that is to be known of it but its messages.
    pub fn whole(&self) -> WholeRoom {
        let record = &self.record;
        let mut snapshot = record.snapshot.clone();
        snapshot.configuration.name = self.name();
        WholeRoom {
            jid: record.jid.clone(),
            salt: self.salt,
            created_at: record
                .created_at
                .unwrap_or_else(|| (self.environment.now)()),
            creator: record.creator.clone(),
            origin: record.origin.clone(),
            category: self.category,
            snapshot,
            keep: record.keep,
        }
    }

    /// What has become of it, when all of it is there.
    pub fn row(&self, dry_run: bool) -> ImportedRoom {
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let tally = &self.tally;
        ImportedRoom {
            room: self.record.jid.clone(),
            outcome: match (self.resumes, dry_run) {
                (false, true) => ImportOutcome::WouldBeImported,
                (false, false) => ImportOutcome::Imported,
                (true, true) => ImportOutcome::WouldBeResumed,
                (true, false) => ImportOutcome::Resumed,
            },
            messages: match dry_run {
                true => self.seen - self.known,
                false => count(&tally.taken),
            },
            renamed: count(&tally.renamed),
            moved: self.moved,
            taken_back: count(&tally.took_back),
            refused: count(&tally.refused),
            repeated: match self.resumes {
                // That is what was to be expected.
                true => 0,
                false => count(&tally.repeated),
            },
            name: (self.namesake > 1).then(|| self.name().to_string()),
            addin: match (&self.addin, &self.record.addin) {
                (AddInFate::Registered, Some(addin)) => Some(addin.name.to_string()),
                _ => None,
            },
            addin_refused: match &self.addin {
                AddInFate::Refused(why) => Some(why.clone()),
                AddInFate::Here | AddInFate::Registered => None,
            },
        }
    }
}

/// Maximum length of a name, in characters.
const NAME_MAX: usize = 256;

/// Number of messages that are committed at a time, so that those who are talking wait some
/// hundredths of a second at most.
const SLICE: usize = 200;
/// Fewer if they have more bytes than these.
const SLICE_BYTES: usize = 256 * 1024;
