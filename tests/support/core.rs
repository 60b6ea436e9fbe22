//! The service as its engine alone: a real store, and a clock that goes only when it is told to.

use std::path::Path;

use clap::{FromArgMatches, Subcommand};
use lyceum::command::{Asker, Attachment, Reply, Wish};
use lyceum::config::{Config, Pool, Surroundings as Environment};
use lyceum::room::{Elapsed, Now, Timestamp};
use lyceum::service::operate::{CommandOutcome, CommandRunner, Jobs};
use lyceum::service::{Engine, settings};
use lyceum::store::Store;
use lyceum::wire::xml::overspent::Overspent;
use lyceum::wire::xml::reader::{StanzaReader, StreamEvent};
use tempfile::TempDir;
use tokio::runtime::{self, Runtime};
use tokio::sync::mpsc;

use super::configuration;
use super::scenario::{Deed, Person, Scenario, Step};
use super::stage::{Delivery, World};
use super::surroundings::{Routed, Surroundings};
use super::xml::{Element, Piece, Splitter};

/// The engine, played to by calls.
pub struct Core {
    configuration: String,
    pool: Pool,
    /// Where the database is; `None` when it is in memory.
    folder: Option<TempDir>,
    /// `None` only while it is started again.
    engine: Option<Engine>,
    commands: Option<Commands>,
    now: Now,
    reader: StanzaReader,
    splitter: Splitter,
    surroundings: Surroundings,
    /// What came and has not been given out.
    deliveries: Vec<Delivery>,
}

impl Core {
    /// Starts the engine for a scenario. Only what is to be opened again lies in a file.
    ///
    /// # Errors
    /// Why it can't be started.
    pub fn start(scenario: &Scenario) -> Result<Self, String> {
        // A command reads on a connection of its own.
        let restarts =
            |step: &Step| matches!(step.deed, Deed::Restart { .. } | Deed::Operate { .. });
        if scenario.steps.iter().any(restarts) {
            Self::start_in_a_file(scenario)
        } else {
            Self::start_in(None, scenario)
        }
    }

    /// Starts the engine for a scenario, with its database in a file.
    ///
    /// # Errors
    /// Why it can't be started.
    pub fn start_in_a_file(scenario: &Scenario) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        Self::start_in(Some(folder), scenario)
    }

    fn start_in(folder: Option<TempDir>, scenario: &Scenario) -> Result<Self, String> {
        let configuration = configuration::of(scenario, "127.0.0.1:5347");
        let pool = pool(&configuration, folder.as_ref().map(TempDir::path))?;
        let mut core = Self {
            configuration,
            reader: StanzaReader::new(settings::link(&pool, Overspent::default()).limits),
            pool,
            folder,
            engine: None,
            commands: None,
            now: BEGINNING,
            splitter: Splitter::new(),
            surroundings: Surroundings::new(scenario.cast()),
            deliveries: Vec::new(),
        };
        core.splitter
            .feed(b"<stream xmlns='jabber:component:accept'>")?;
        core.open(scenario.is_general_open)?;
        Ok(core)
    }

    fn open(&mut self, opens_general: bool) -> Result<(), String> {
        let store = match self.folder {
            Some(_) => Store::open(&settings::store(&self.pool)),
            None => Store::in_memory(),
        };
        let mut store = store.map_err(|error| error.to_string())?;
        if opens_general {
            configuration::open_general(&mut store);
        }
        let engine = Engine::new(settings::engine(&self.pool), store, self.now);
        let mut engine = engine.map_err(|error| error.to_string())?;
        engine.link_up(self.now);
        self.commands = Some(Commands::of(&engine));
        self.engine = Some(engine);
        self.drain()
    }

    fn engine(&mut self) -> &mut Engine {
        self.engine
            .as_mut()
            .expect("it is there whenever something is played")
    }

    fn receive(&mut self, xml: &str) -> Result<(), String> {
        self.now = later(self.now, 1000);
        let now = self.now;
        let mut bytes = xml.as_bytes();
        while let Some(incoming) = self
            .reader
            .next(&mut bytes)
            .map_err(|error| error.to_string())?
        {
            let StreamEvent::Stanza(received) = incoming else {
                return Err(format!("this ends the stream: {xml}"));
            };
            self.engine().receive(now, received);
        }
        self.drain()
    }

    /// Commits, and hands out what the engine lets go, until nothing comes of it any more.
    fn drain(&mut self) -> Result<(), String> {
        let mut released = self.engine().finish();
        while let Some(commands) = &mut self.commands {
            let engine = self.engine.as_mut().expect("it is there");
            commands.begin(engine);
            if commands.under_way == 0 {
                break;
            }
            commands.go_on(engine, self.now);
            released.extend(engine.finish());
        }
        let mut returned = Vec::new();
        for bytes in released {
            for piece in self.splitter.feed(&bytes)? {
                let Piece::Whole(stanza) = piece else {
                    return Err("the engine ends the stream".to_owned());
                };
                match self.surroundings.route(stanza) {
                    Routed::Delivered(delivery) => self.deliveries.push(delivery),
                    Routed::Returned(xml) => returned.push(xml),
                    Routed::Dropped => {}
                }
            }
        }
        returned.iter().try_for_each(|xml| self.receive(xml))
    }
}

/// Commands that people give, and the threads that carry them out.
struct Commands {
    runner: CommandRunner,
    jobs: Jobs,
    told: mpsc::Sender<CommandOutcome>,
    outcomes: mpsc::Receiver<CommandOutcome>,
    under_way: usize,
    waiting: Runtime,
}

impl Commands {
    fn of(engine: &Engine) -> Self {
        let (runner, jobs) = CommandRunner::of(engine);
        let (told, outcomes) = mpsc::channel(64);
        let waiting = runtime::Builder::new_current_thread().build();
        Self {
            runner,
            jobs,
            told,
            outcomes,
            under_way: 0,
            waiting: waiting.expect("it has no thread of its own"),
        }
    }

    /// Begins what is to be carried out.
    fn begin(&mut self, engine: &mut Engine) {
        let orders = engine.take_orders();
        self.under_way += orders.len();
        self.runner.begin_all(orders, &self.told);
    }

    /// Does the next that is wanted of the engine, or takes the next end.
    fn go_on(&mut self, engine: &mut Engine, now: Now) {
        let (jobs, outcomes) = (&mut self.jobs, &mut self.outcomes);
        self.waiting.block_on(async {
            tokio::select! {
                Some(job) = jobs.recv() => engine.operate(now, job),
                Some(outcome) = outcomes.recv() => {
                    self.under_way -= 1;
                    engine.take_outcome(now, outcome);
                }
            }
        });
    }
}

impl World for Core {
    fn send(&mut self, from: &Person, stanza: &Element) -> Result<(), String> {
        let xml = self.surroundings.stamp(from, stanza);
        self.receive(&xml)
    }

    fn send_as_it_is(&mut self, bytes: &str) -> Result<(), String> {
        self.receive(bytes)
    }

    fn settle(&mut self, _sender: &Person) -> Result<Vec<Delivery>, String> {
        self.expire(self.now.elapsed)?;
        Ok(std::mem::take(&mut self.deliveries))
    }

    /// Nothing comes by itself while the clock stands.
    fn wait(&mut self) -> Result<Vec<Delivery>, String> {
        Ok(Vec::new())
    }

    fn pass(&mut self, seconds: u32) -> Result<(), String> {
        let end = self.now.plus_seconds(i64::from(seconds));
        self.expire(end.elapsed)?;
        self.now = end;
        Ok(())
    }

    fn set_calendar(&mut self, seconds: i64) -> Result<(), String> {
        self.now.at = self.now.at.plus_seconds(seconds);
        Ok(())
    }

    fn reconfigure(&mut self, line: &str) -> Result<(), String> {
        self.configuration = configuration::changed(&self.configuration, line);
        self.pool = pool(&self.configuration, self.folder.as_ref().map(TempDir::path))?;
        Ok(())
    }

    fn operate(&mut self, words: &[String]) -> Result<Option<String>, String> {
        let parser = clap::Command::new("lyceum").no_binary_name(true);
        let parsed = Wish::augment_subcommands(parser).try_get_matches_from(words);
        let wish = parsed.and_then(|matches| Wish::from_arg_matches(&matches));
        let wish = match wish {
            Ok(wish) => wish,
            Err(error) => return Ok(Some(error.to_string())),
        };
        let (runner, mut jobs) = CommandRunner::of(self.engine());
        let (sender, mut replies) = mpsc::channel(REPLIES_MAX);
        runner.start(Asker::Operator, wish, Attachment::none(), sender);
        drop(runner);
        while let Some(job) = jobs.blocking_recv() {
            let now = self.now;
            self.engine().operate(now, job);
            self.drain()?;
        }
        let mut last = None;
        while let Some(reply) = replies.blocking_recv() {
            last = Some(reply);
        }
        match last {
            Some(Reply::Done(_)) => Ok(None),
            Some(Reply::Failed { why }) => Ok(Some(why)),
            Some(Reply::Row(_) | Reply::Progress { .. }) | None => {
                Err("a command breaks off".to_owned())
            }
        }
    }

    fn restart(&mut self) -> Result<(), String> {
        self.commands = None;
        self.engine = None;
        // The other clock begins with the process.
        self.now.elapsed = BEGINNING.elapsed;
        self.open(false)
    }

    fn reconnect(&mut self) -> Result<(), String> {
        let now = self.now;
        self.engine().link_up(now);
        self.drain()
    }

    fn disconnect(&mut self, person: &Person) -> Result<(), String> {
        let farewells = self.surroundings.end(person);
        farewells.iter().try_for_each(|xml| self.receive(xml))
    }

    fn lose(&mut self, person: &Person) -> Result<(), String> {
        self.surroundings.lose(person);
        Ok(())
    }
}

impl Core {
    /// Does what falls due until then, each at its time.
    fn expire(&mut self, end: Elapsed) -> Result<(), String> {
        while let Some(deadline) = self
            .engine()
            .next_deadline()
            .filter(|deadline| *deadline <= end)
        {
            self.now = later(self.now, deadline.micros_since(self.now.elapsed));
            let now = self.now;
            self.engine().expire(now);
            self.drain()?;
        }
        Ok(())
    }
}

/// The same moment, some microseconds later by both clocks.
fn later(now: Now, micros: i64) -> Now {
    Now {
        at: Timestamp(now.at.0 + micros),
        elapsed: Elapsed(now.elapsed.0 + micros),
    }
}

fn pool(text: &str, folder: Option<&Path>) -> Result<Pool, String> {
    let path = folder.unwrap_or(Path::new(".")).join("lyceum.toml");
    let environment = Environment {
        path,
        ..Environment::default()
    };
    let config = Config::parse(text, &environment).map_err(|error| error.to_string())?;
    config
        .pools
        .into_iter()
        .next()
        .ok_or_else(|| "no pool".to_owned())
}

/// Maximum number of rows of a command's answer, of which none is looked at.
const REPLIES_MAX: usize = 1000;

/// When every scenario begins: the first of January 2026, at noon.
/// The process has run for a minute.
const BEGINNING: Now = Now {
    at: Timestamp(1_767_268_800_000_000),
    elapsed: Elapsed(60_000_000),
};
