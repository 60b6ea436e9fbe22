//! `lyceum export`: rooms with their archives, as JSON Lines.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use clap::Args;
use jid::BareJid;

use super::output::write_lines;
use super::print::Progress;
use super::road;
use super::{ConfigFile, Failure};
use crate::command::RoomName;
use crate::config::Pool;
use crate::room::scope::CategoryId;
use crate::service;
use crate::store::{self, Picture};
use crate::transfer::json_lines::RecordWriter;
use crate::transfer::record::{CategoryRecord, ExportHeader, MessageRecord, Record, RoomRecord};

/// What to export, and where to.
#[derive(Debug, Args)]
pub struct Export {
    #[command(flatten)]
    #[allow(missing_docs, reason = "the type's documentation says it")]
    pub file: ConfigFile,
    /// The pool, by its domain; needed only when there are several, and no room's full address says
    /// it
    #[arg(long, value_name = "DOMAIN")]
    pub pool: Option<String>,
    /// Write to this file, which appears when it is whole; else to standard output
    #[arg(long, short = 'o', value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The rooms, by address or by what stands in it before the @; all when none is named
    #[arg(value_name = "ROOM")]
    pub rooms: Vec<RoomName>,
}

/// Does what the command line says.
///
/// # Errors
/// [`Failure`]
pub(super) fn run(export: &Export) -> Result<(), Failure> {
    let pool = road::pool(&export.file, export.pool.as_deref(), export.rooms.first())?;
    let picture = Picture::of(&pool.database).map_err(told)?;
    let rooms = chosen(&picture, &pool, &export.rooms)?;
    Ok(write_lines(export.output.as_deref(), |output| {
        write(&picture, &pool, &rooms, output)
    })?)
}

/// The rooms that are meant, each once.
fn chosen(picture: &Picture, pool: &Pool, named: &[RoomName]) -> Result<Vec<BareJid>, Failure> {
    let all = picture.rooms().map_err(told)?;
    if named.is_empty() {
        return Ok(all);
    }
    let service = BareJid::from(pool.domain.clone());
    let mut chosen = Vec::new();
    for name in named {
        let jid = name.at(&service);
        if jid.domain() != service.domain() {
            return Err(Failure::CommandLine(format!(
                "the room {jid} is not in the pool {service}"
            )));
        }
        if all.binary_search(&jid).is_err() {
            return Err(anyhow!("there is no room {jid}").into());
        }
        if !chosen.contains(&jid) {
            chosen.push(jid);
        }
    }
    Ok(chosen)
}

fn write(
    picture: &Picture,
    pool: &Pool,
    rooms: &[BareJid],
    output: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut writer = RecordWriter::new(BufWriter::with_capacity(1 << 16, output));
    let mut progress = Pace::new(picture, rooms)?;
    writer.write(&Record::Header(ExportHeader {
        software: concat!("Lyceum ", env!("CARGO_PKG_VERSION")).to_owned(),
        domain: pool.domain.clone().into(),
        exported_at: service::now().at,
    }))?;
    let addins = picture.addins().map_err(told)?;
    let categories = write_categories(picture, rooms, &mut writer)?;
    for jid in rooms {
        let Some(room) = picture.room(jid).map_err(told)? else {
            continue;
        };
        let category = categories.get(&room.category).cloned();
        let record = Record::Room(Box::new(RoomRecord::of(room, &addins, category)));
        writer
            .write(&record)
            .with_context(|| format!("{jid} can't be written"))?;
        picture.messages(jid, |message| {
            let id = message.id.clone();
            let record = Record::Message(Box::new(MessageRecord::of(jid.clone(), message)));
            writer
                .write(&record)
                .with_context(|| format!("the message {id} of {jid} can't be written"))?;
            progress.step();
            Ok::<_, anyhow::Error>(())
        })?;
    }
    progress.clear();
    let (_, written) = writer.finish()?;
    tracing::info!(
        rooms = written.rooms,
        messages = written.messages,
        "exported"
    );
    Ok(())
}

/// Writes the categories that these rooms are in, but for the one that there is everywhere; gives
/// their names.
fn write_categories<W: Write>(
    picture: &Picture,
    rooms: &[BareJid],
    writer: &mut RecordWriter<W>,
) -> anyhow::Result<BTreeMap<CategoryId, Arc<str>>> {
    let used = picture.categories_of(rooms).map_err(told)?;
    let mut names = BTreeMap::new();
    for category in used {
        names.insert(category.id, category.name.clone());
        let name = category.name.clone();
        let record = CategoryRecord {
            name: category.name,
            description: category.description,
            allowed: category.allowed,
            denied: category.denied,
            creators: category.creators,
            switches: category.switches,
        };
        writer
            .write(&Record::Category(Box::new(record)))
            .with_context(|| format!("the category {name} can't be written"))?;
    }
    Ok(names)
}

/// How far it is, for somebody who looks at a terminal.
struct Pace {
    progress: Progress,
    done: u64,
    of: u64,
    told: Instant,
}

impl Pace {
    fn new(picture: &Picture, rooms: &[BareJid]) -> anyhow::Result<Self> {
        let progress = Progress::new("message");
        Ok(Self {
            done: 0,
            of: match progress.is_seen() {
                true => picture.count(rooms).map_err(told)?,
                false => 0,
            },
            progress,
            told: Instant::now(),
        })
    }

    fn step(&mut self) {
        self.done += 1;
        if self.progress.is_seen() && self.told.elapsed() > INTERVAL {
            self.told = Instant::now();
            self.progress.show(self.done, Some(self.of));
        }
    }

    fn clear(&mut self) {
        self.progress.clear();
    }
}

fn told(error: store::Error) -> anyhow::Error {
    anyhow!(store::explain(&error))
}

const INTERVAL: Duration = Duration::from_millis(200);
