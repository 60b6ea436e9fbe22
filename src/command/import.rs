//! `import`: rooms with their archives, from JSON Lines.
//!
//! What comes is read and checked here, on the command's own thread, and given to the engine in slices, each committed
//! before the next is read. A room shows itself when all of it is there, or never.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use jid::BareJid;
use sha2::{Digest, Sha256};

use super::answer::{ImportOutcome, ImportedRow, Outcome, Row};
use super::attachment::Attachment;
use super::change::Change;
use super::error::Error;
use super::tools::{Environment, Tools};
use crate::room::effect::{ArchivedKind, Tombstone};
use crate::room::request::Named;
use crate::room::{ArchiveId, Timestamp};
use crate::store::{AboutMessage, ArrivalStep, Arriving, ArrivingMessage, Tally, WholeRoom};
use crate::transfer::json_lines::RecordReader;
use crate::transfer::record::{MessageRecord, Record, RoomRecord};

/// Takes what comes with the command.
pub(super) fn import(
    tools: &mut Tools,
    skip_existing: bool,
    dry_run: bool,
) -> Result<Outcome, Error> {
    let attachment = std::mem::replace(&mut tools.attachment, Attachment::none());
    let mut import = Import {
        tools,
        skip_existing,
        dry_run,
        messages: 0,
        expected: None,
        room: Current::None,
    };
    let outcome = RecordReader::new(attachment).try_for_each(|record| import.take(record?));
    if outcome.is_err() {
        import.abandon();
    }
    outcome.map(|()| Outcome::Told)
}

struct Import<'a> {
    tools: &'a Tools,
    skip_existing: bool,
    dry_run: bool,
    /// How many have come.
    messages: u64,
    /// How many will, if whoever sends them has said so.
    expected: Option<u64>,
    room: Current,
}

/// The room told last.
enum Current {
    None,
    /// Its messages are passed over.
    Passed,
    Coming(Box<Coming>),
}

/// A room that is coming.
struct Coming {
    record: RoomRecord,
    arriving: Arriving,
    environment: Environment,
    /// What makes spare ids others than those of any other import.
    nonce: String,
    latest: Option<Timestamp>,
    slice: Vec<ArrivingMessage>,
    slice_bytes: usize,
    seen: u64,
    moved: u64,
    tally: Arc<Tally>,
}

impl Import<'_> {
    fn take(&mut self, record: Record) -> Result<(), Error> {
        match record {
            Record::Header(_) => Ok(()),
            Record::Room(room) => {
                self.complete()?;
                self.begin(*room)
            }
            Record::Message(message) => self.add(*message),
            Record::End(_) => self.complete(),
        }
    }

    fn begin(&mut self, record: RoomRecord) -> Result<(), Error> {
        if self.tools.survey.has_room(&record.jid)? {
            return self.exists(record.jid);
        }
        if !self.dry_run {
            self.wait_for_ids()?;
        }
        let environment = self.tools.environment;
        let salt = record.salt.unwrap_or_else(environment.fresh_salt);
        let coming = Coming {
            record: RoomRecord {
                salt: Some(salt),
                ..record
            },
            arriving: Arriving::default(),
            environment,
            nonce: (environment.fresh_id)(),
            latest: None,
            slice: Vec::new(),
            slice_bytes: 0,
            seen: 0,
            moved: 0,
            tally: Arc::default(),
        };
        if !self.dry_run {
            let at = (environment.now)();
            self.change(&coming, ArrivalStep::Begin { salt, at })?;
        }
        self.room = Current::Coming(Box::new(coming));
        Ok(())
    }

    fn exists(&mut self, room: BareJid) -> Result<(), Error> {
        if !self.skip_existing {
            return Err(Error::RoomExists { room });
        }
        self.room = Current::Passed;
        self.tools.tell(Row::Imported(ImportedRow {
            room,
            outcome: ImportOutcome::Exists,
            messages: 0,
            renamed: 0,
            moved: 0,
            taken_back: 0,
            refused: 0,
            repeated: 0,
        }))
    }

    /// A room that was destroyed a moment ago still has the ids that may come now. It is not waited for ever: what finds
    /// its id taken gets another.
    fn wait_for_ids(&self) -> Result<(), Error> {
        let begun = Instant::now();
        while begun.elapsed() < WAIT_MAX && self.tools.survey.is_being_tidied()? {
            thread::sleep(WAIT);
        }
        Ok(())
    }

    fn add(&mut self, message: MessageRecord) -> Result<(), Error> {
        self.messages += 1;
        let Current::Coming(coming) = &mut self.room else {
            return Ok(());
        };
        coming.add(message);
        if coming.slice.len() >= SLICE || coming.slice_bytes >= SLICE_BYTES {
            self.send_slice()?;
        }
        Ok(())
    }

    fn send_slice(&mut self) -> Result<(), Error> {
        let Current::Coming(coming) = &mut self.room else {
            return Ok(());
        };
        coming.slice_bytes = 0;
        let messages = std::mem::take(&mut coming.slice);
        let tally = coming.tally.clone();
        let room = coming.arriving.clone();
        if !self.dry_run && !messages.is_empty() {
            let step = ArrivalStep::Messages { messages, tally };
            self.tools.change(Change::Arrive { room, step })?;
        }
        self.tools.progress(self.messages, self.expected)
    }

    /// All of the room told last is there.
    fn complete(&mut self) -> Result<(), Error> {
        self.send_slice()?;
        let Current::Coming(coming) = &self.room else {
            return Ok(());
        };
        if !self.dry_run {
            self.change(coming, ArrivalStep::Name(Box::new(coming.whole())))?;
        }
        let row = coming.row(self.dry_run);
        self.room = Current::None;
        self.tools.tell(Row::Imported(row))
    }

    fn abandon(&mut self) {
        if let Current::Coming(coming) = &self.room
            && !self.dry_run
        {
            // If that can't be done either, it is done when the database is opened again.
            let _ = self.change(coming, ArrivalStep::Abandon);
        }
    }

    fn change(&self, coming: &Coming, step: ArrivalStep) -> Result<u64, Error> {
        let room = coming.arriving.clone();
        self.tools.change(Change::Arrive { room, step })
    }
}

impl Coming {
    fn add(&mut self, record: MessageRecord) {
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

    fn whole(&self) -> WholeRoom {
        let record = &self.record;
        WholeRoom {
            jid: record.jid.clone(),
            salt: record.salt.unwrap_or_else(self.environment.fresh_salt),
            created_at: record
                .created_at
                .unwrap_or_else(|| (self.environment.now)()),
            creator: record.creator.clone(),
            snapshot: record.snapshot.clone(),
            keep: record.keep,
        }
    }

    fn row(&self, dry_run: bool) -> ImportedRow {
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let tally = &self.tally;
        ImportedRow {
            room: self.record.jid.clone(),
            outcome: match dry_run {
                true => ImportOutcome::WouldBeImported,
                false => ImportOutcome::Imported,
            },
            messages: match dry_run {
                true => self.seen,
                false => count(&tally.taken),
            },
            renamed: count(&tally.renamed),
            moved: self.moved,
            taken_back: count(&tally.took_back),
            refused: count(&tally.refused),
            repeated: count(&tally.repeated),
        }
    }
}

/// So many messages are committed at a time, so that those who are talking wait some hundredths of a second at most.
const SLICE: usize = 200;
/// Fewer if they have so many bytes.
const SLICE_BYTES: usize = 256 * 1024;
/// How long is waited for the ids of rooms that have ended.
const WAIT_MAX: Duration = Duration::from_secs(60);
const WAIT: Duration = Duration::from_millis(20);
