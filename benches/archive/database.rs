//! The database that is searched, made once with the real code.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use lyceum::room::setting::configuration::Configuration;
use lyceum::room::{Affiliated, Affiliation, Change, Timestamp};
use lyceum::store::{BatchNumber, DatabaseSettings, Store, StoreReport, Synchronous};
use tokio::runtime::{Builder, Runtime};

use crate::history::{History, Said};
use crate::names;
use crate::population::{Population, ROOMS};

/// The database of that number of messages in a directory; made if it isn't there.
pub fn find_or_make(directory: &Path, messages: usize) -> Result<PathBuf> {
    fs::create_dir_all(directory)?;
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema");
    let version = fs::read_dir(schema)?.count();
    let path = directory.join(format!("archive-v{version}-{messages}.db"));
    if path.exists() {
        println!("the messages lie in {}", path.display());
        return Ok(path);
    }
    let unfinished = path.with_extension("unfinished");
    remove(&unfinished)?;
    println!("{messages} messages are written to {}", path.display());
    let mut making = Making::start(&unfinished)?;
    making.rooms()?;
    making.messages(messages)?;
    drop(making);
    fs::rename(&unfinished, &path)?;
    Ok(path)
}

/// Removes a database, if there is one.
pub fn remove(path: &Path) -> Result<()> {
    for end in ["", "-wal", "-shm", "-lock"] {
        let file = PathBuf::from(format!("{}{end}", path.display()));
        if file.exists() {
            fs::remove_file(&file).with_context(|| file.display().to_string())?;
        }
    }
    Ok(())
}

struct Making {
    store: Store,
    runtime: Runtime,
    submitted: Vec<BatchNumber>,
}

impl Making {
    fn start(path: &Path) -> Result<Self> {
        let settings = DatabaseSettings {
            path: path.to_owned(),
            durability: Synchronous::Normal,
            searchable: lyceum::wire::content::searchable::text_of_archived,
        };
        Ok(Self {
            store: Store::open(&settings)?,
            runtime: Builder::new_current_thread().build()?,
            submitted: Vec::new(),
        })
    }

    fn rooms(&mut self) -> Result<()> {
        let population = Population::new(SEED);
        for room in 0..ROOMS {
            let jid = names::room(room);
            self.store.create(&jid, [7; 32], Timestamp(0));
            let configuration = Configuration {
                name: format!("Room {room}").into(),
                members_only: Population::is_members_only(room),
                public: !Population::is_members_only(room),
                ..Configuration::default()
            };
            let created = Change::Created {
                configuration: Box::new(configuration),
                locked_since: None,
                category: lyceum::room::scope::CategoryId::GENERAL,
            };
            self.store.save(&jid, created);
            for (place, person) in population.members(room).iter().enumerate() {
                let affiliation = match place {
                    0 => Affiliation::Owner,
                    _ => Affiliation::Member,
                };
                let entry = Affiliated {
                    affiliation,
                    reason: None,
                    given_by: None,
                    given_at: Timestamp(0),
                };
                let change = Change::Affiliated {
                    jid: names::person(*person),
                    entry: Some(entry),
                };
                self.store.save(&jid, change);
            }
        }
        self.submit(0)
    }

    fn messages(&mut self, count: usize) -> Result<()> {
        let jids: Vec<_> = (0..ROOMS).map(names::room).collect();
        let mut history = History::new(SEED, count);
        let started = Instant::now();
        for number in 1..=count {
            let Said {
                room,
                message,
                text,
                retracted,
            } = history.next();
            self.store.archive(&jids[room], message, text);
            if let Some((message, remains)) = retracted {
                self.store.retract(&jids[room], &message, remains);
            }
            if number % TOGETHER == 0 || number == count {
                self.submit(1)?;
            }
            if number % TOLD_EACH == 0 || number == count {
                let seconds = started.elapsed().as_secs_f64();
                let rate = number as f64 / seconds;
                println!("  {number} in {seconds:.0} s, {rate:.0} a second");
            }
        }
        self.submit(0)
    }

    /// Hands over what is collected, and waits until at most `under_way_max` batches are under way.
    fn submit(&mut self, under_way_max: usize) -> Result<()> {
        self.submitted.extend(self.store.submit());
        while self.submitted.len() > under_way_max {
            match self.runtime.block_on(self.store.report()) {
                StoreReport::Committed(number) => self.submitted.retain(|other| *other > number),
                StoreReport::Failed(_, error) => return Err(error.into()),
                StoreReport::Told(..) => bail!("nothing was asked"),
            }
        }
        ensure!(self.submitted.len() <= under_way_max);
        Ok(())
    }
}

pub const SEED: u64 = 1;

/// Number of messages in one commit: how fast the history is made is not what is measured.
const TOGETHER: usize = 20_000;

const TOLD_EACH: usize = 500_000;
