//! Rooms that come with a command (`lyceum import`): from an export, or from the data of another
//! server.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Context, anyhow};
use clap::{Args, ValueEnum};
use jid::BareJid;
use serde::Serialize;

use super::text::Text;
use super::{Failure, Where, print, road};
use crate::command::import::ImportedRoom;
use crate::command::{Reply, RoomName, Wish};
use crate::config::Pool;
use crate::room::text::address;
use crate::service;
use crate::transfer::json_lines::{LineFault, RecordWriter};
use crate::transfer::record::{ExportHeader, Record};
use crate::transfer::{self, RoomSelection, Skipped, Source, SourceItem, SourceItems};

/// Where rooms come from, and how they are called here.
#[derive(Debug, Args)]
pub struct RoomSource {
    /// What wrote it
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    from: Format,
    /// The domain that the rooms have in the data of another server
    #[arg(long, value_name = "DOMAIN", required_if_eq_any = [
        ("from", "prosody"), ("from", "prosody-sql"), ("from", "ejabberd-sql"), ("from", "ejabberd-dump")
    ])]
    host: Option<String>,
    /// Only this room, by the name it has there; may be given several times
    #[arg(long = "room", value_name = "ROOM")]
    rooms: Vec<RoomName>,
    /// The name that the only room is to have here
    #[arg(long = "as", value_name = "ROOM", requires = "rooms")]
    rename: Option<RoomName>,
    /// The file or, of a Prosody with files, the data directory; of an ejabberd there may be
    /// several dumps
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
}

/// What wrote the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// JSON Lines, as `lyceum export` writes them
    Jsonl,
    /// Prosody with storage "internal": its data directory
    Prosody,
    /// Prosody with storage "sql" in SQLite: the database
    ProsodySql,
    /// ejabberd with SQLite: the database
    EjabberdSql,
    /// ejabberd with Mnesia: what `ejabberdctl dump` or `dump_table` wrote
    EjabberdDump,
}

/// Has a command carried out that rooms come with, and prints what has become of them.
///
/// # Errors
/// [`Failure`]
pub(super) fn run(wish: &Wish, place: &Where, rooms: &RoomSource) -> Result<(), Failure> {
    let pool = place.pool(rooms.rename.as_ref())?;
    let source = source(rooms)?;
    let selection = selection(rooms, &source, &pool)?;
    let mut report = ImportReport::new(place.json);
    report.expect(&source, &selection);
    let items = source.records(&selection).map_err(anyhow::Error::new)?;
    let domain = pool.domain.clone().into();
    let (sent, outcome) = road::carry_out_with(
        &pool,
        wish,
        |output| send(items, domain, output),
        &mut |reply| report.take(reply),
    );
    let mut failure = outcome.err();
    if let Some(sent) = sent {
        report.skipped = sent.skipped;
        // That nobody takes it any more is the service's to explain.
        if let Err(SendingStopped::Source(error)) = sent.outcome {
            failure = Some(error.into());
        }
    }
    report.print()?;
    failure.map_or(Ok(()), Err)
}

fn source(import: &RoomSource) -> Result<Source, Failure> {
    let host = || {
        let host = import.host.as_deref().unwrap_or_default();
        address::parse_bare(host).map_err(|error| {
            Failure::CommandLine(format!("{host:?} is no domain of rooms: {error}"))
        })
    };
    let one = || match &import.paths[..] {
        [path] => Ok(path.clone()),
        _ => Err(Failure::CommandLine(
            "one file or directory is imported at a time".to_owned(),
        )),
    };
    Ok(match import.from {
        Format::Jsonl => Source::JsonLines(one()?),
        Format::Prosody => Source::Prosody {
            data: one()?,
            host: host()?,
        },
        Format::ProsodySql => Source::ProsodySql {
            database: one()?,
            host: host()?,
        },
        Format::EjabberdSql => Source::EjabberdSql {
            database: one()?,
            host: host()?,
        },
        Format::EjabberdDump => Source::EjabberdDump {
            files: import.paths.clone(),
            host: host()?,
        },
    })
}

/// The rooms that are meant; all of them move to the pool.
fn selection(import: &RoomSource, source: &Source, pool: &Pool) -> Result<RoomSelection, Failure> {
    let domain = match source {
        Source::JsonLines(_) => domain_of(source)?,
        Source::Prosody { host, .. }
        | Source::ProsodySql { host, .. }
        | Source::EjabberdSql { host, .. }
        | Source::EjabberdDump { host, .. } => host.clone(),
    };
    let rooms = import.rooms.iter().map(|room| room.at(&domain));
    let rooms = (!import.rooms.is_empty()).then(|| rooms.collect());
    let address = match (&import.rename, import.rooms.len()) {
        (None, _) => None,
        (Some(rename), 1) => Some(rename.at(&pool.domain.clone().into())),
        (Some(_), _) => {
            return Err(Failure::CommandLine(
                "--as gives a name to a single --room".to_owned(),
            ));
        }
    };
    Ok(RoomSelection {
        rooms,
        domain: Some(pool.domain.clone().into()),
        address,
    })
}

/// The domain of the rooms in an export.
fn domain_of(source: &Source) -> Result<BareJid, Failure> {
    let mut items = source
        .records(&RoomSelection::default())
        .map_err(anyhow::Error::new)?;
    match items.next() {
        Some(Ok(SourceItem::Record(Record::Header(header)))) => Ok(header.domain),
        Some(Err(error)) => Err(anyhow::Error::new(error).into()),
        Some(Ok(_)) | None => Err(anyhow!("there is nothing to import").into()),
    }
}

/// What was sent.
struct Sending {
    skipped: BTreeMap<(String, String), SkippedRow>,
    outcome: Result<(), SendingStopped>,
}

/// Why not all was.
enum SendingStopped {
    /// It can't be read to its end.
    Source(anyhow::Error),
    /// Nobody takes it any more.
    Unwanted,
}

fn send(items: SourceItems, domain: BareJid, output: &mut dyn Write) -> Sending {
    let mut skipped = BTreeMap::new();
    let outcome = send_all(items, domain, output, &mut skipped);
    Sending { skipped, outcome }
}

fn send_all(
    items: SourceItems,
    domain: BareJid,
    output: &mut dyn Write,
    skipped: &mut BTreeMap<(String, String), SkippedRow>,
) -> Result<(), SendingStopped> {
    let mut writer = RecordWriter::new(BufWriter::with_capacity(1 << 16, output));
    let header = Record::Header(ExportHeader {
        software: concat!("Lyceum ", env!("CARGO_PKG_VERSION")).to_owned(),
        domain,
        exported_at: service::now().at,
    });
    writer.write(&header).map_err(unsent)?;
    for item in items {
        match item.map_err(|error: transfer::Error| SendingStopped::Source(error.into()))? {
            // Ours stand for them.
            SourceItem::Record(Record::Header(_) | Record::End(_)) => {}
            SourceItem::Record(record) => writer.write(&record).map_err(unsent)?,
            SourceItem::Skipped(found) => skip(skipped, &found),
        }
    }
    writer.finish().map(drop).map_err(unsent)
}

fn unsent(fault: LineFault) -> SendingStopped {
    match fault {
        LineFault::Io(_) => SendingStopped::Unwanted,
        other => SendingStopped::Source(other.into()),
    }
}

/// Things of a room that were left out for the same reason.
#[derive(Debug, Serialize)]
struct SkippedRow {
    /// The room, as it is called in the source.
    room: Option<String>,
    why: String,
    count: u64,
    /// Where the first of them is.
    first: String,
}

fn skip(all: &mut BTreeMap<(String, String), SkippedRow>, found: &Skipped) {
    let room = found.room.as_ref().map(ToString::to_string);
    let mut why = found.reason.to_string();
    let mut key = (room.clone().unwrap_or_default(), why.clone());
    if all.len() >= REASONS_MAX && !all.contains_key(&key) {
        "other reasons".clone_into(&mut why);
        key = (String::new(), why.clone());
    }
    let row = all.entry(key).or_insert_with(|| SkippedRow {
        room,
        why,
        count: 0,
        first: found.place.clone(),
    });
    row.count += 1;
}

/// What has become of all.
struct ImportReport {
    json: bool,
    progress: print::Progress,
    rooms: Vec<ImportedRoom>,
    skipped: BTreeMap<(String, String), SkippedRow>,
}

impl ImportReport {
    fn new(json: bool) -> Self {
        Self {
            json,
            progress: print::Progress::new("message"),
            rooms: Vec::new(),
            skipped: BTreeMap::new(),
        }
    }

    /// Counts what will come, if somebody looks on. The source is read twice for that, which is
    /// little beside what taking it costs.
    fn expect(&mut self, source: &Source, selection: &RoomSelection) {
        let records = source.records(selection);
        // What is wrong with the source is told when it is read in earnest.
        let Some(items) = records.ok().filter(|_| self.progress.is_seen()) else {
            return;
        };
        let is_message = |item: &SourceItem| matches!(item, SourceItem::Record(Record::Message(_)));
        let mut messages = 0;
        for _ in items.map_while(Result::ok).filter(is_message) {
            messages += 1;
            if messages % COUNTING_STEP == 0 {
                self.progress.show(0, Some(messages));
            }
        }
        self.progress.expect(messages);
    }

    fn take(&mut self, reply: Reply) -> anyhow::Result<()> {
        match reply {
            Reply::Row(row) => {
                let room = row.read();
                self.rooms
                    .push(room.context("the answer is not about rooms")?);
            }
            Reply::Progress { done, of } => self.progress.show(done, of),
            Reply::Done(_) | Reply::Failed { .. } => {}
        }
        Ok(())
    }

    fn print(mut self) -> anyhow::Result<()> {
        self.progress.clear();
        let skipped: Vec<_> = self.skipped.values().collect();
        let whole = serde_json::json!({ "rooms": self.rooms, "skipped": skipped });
        let rooms = self.rooms.iter().map(ToString::to_string);
        let lines = rooms.chain(skipped.into_iter().map(skipped_line));
        print::one(self.json, &whole, &Text::lines(lines))
    }
}

fn skipped_line(row: &SkippedRow) -> String {
    let room = row.room.as_deref().unwrap_or("elsewhere");
    let SkippedRow {
        count, why, first, ..
    } = row;
    format!("{room}: {count} left out: {why} (first: {first})")
}

/// Number of messages after which it is shown again how many there are.
const COUNTING_STEP: u64 = 1000;
/// More reasons are told together.
const REASONS_MAX: usize = 1000;
