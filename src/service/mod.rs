//! The one loop: read, ask the room, store, send. It knows every part below it.
//!
//! [`Engine`] is the whole of the service without sockets and tasks; [`run`] connects it to the
//! link, the store's reports and the clock. Each pool has a task of its own, which owns all its
//! rooms.

use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::config::{Config, Pool};
use crate::metrics::{Metrics, PoolMetrics};
use crate::store::{self, Store};
use crate::wire::link::inbox;
use crate::wire::link::inbox::Inbox;
use crate::wire::link::inbox::LinkEvent;
use crate::wire::link::outbox;
use crate::wire::link::outbox::Outbox;
use crate::wire::link::parcel::Parcel;
use crate::wire::link::stream;

mod adhoc;
mod archive;
mod askers;
mod burst;
mod calendar;
mod clock;
mod commit;
mod compliance;
mod control;
mod counting;
mod engine;
mod errand;
mod failed;
mod fresh;
mod memory;
pub mod operate;
mod outside;
pub mod places;
mod questions;
mod rate;
mod road;
mod rooms;
mod session;
pub mod settings;
mod supervision;
#[cfg(test)]
mod tests;
mod walk;

pub use calendar::findings as time_findings;
pub use clock::now;
pub use control::{COMMAND_BYTES_MAX, SocketName, socket_path};
pub use engine::Engine;
pub use settings::Settings;

use burst::Burst;
use control::ControlSocket;
use memory::Bustle;
use operate::CommandRunner;
use outside::GroupSources;
use rate::slow::Watch;
use supervision::{Supervisor, Ward};

/// Why the service ended, or could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database of a pool can't be used.
    #[error("the rooms of {pool} can't be served")]
    Store {
        /// The pool's domain.
        pool: String,
        /// What is wrong, and what to do.
        source: store::Error,
    },
    /// A pool's task panicked. The process ends, so that whoever supervises it starts it again.
    #[error(
        "a mistake in this program ended the service of a pool; start it again, nothing that was seen is lost"
    )]
    Panicked {
        /// Where and how, as far as is known.
        source: tokio::task::JoinError,
    },
}

/// Maximum number of bytes kept ready for the server; until it has taken some, no further stanza is
/// looked at. (They are still read from the link, and refused when too many wait.)
const UNSENT_MAX: usize = 8 * 1024 * 1024;
/// The pause between two looks while the server has too much to take.
const DRAIN_INTERVAL: Duration = Duration::from_millis(2);
/// The longest that the loop sleeps without a look at the deadlines.
const SLEEP_MAX: Duration = Duration::from_secs(60);

/// Runs all pools until `stopped` becomes true, then lets them finish. Counts into those of
/// `metrics`.
///
/// # Errors
/// - [`Error::Store`]: a database can't be opened; nothing has been started.
/// - [`Error::Panicked`]: a mistake in the program.
pub async fn run(
    config: Config,
    metrics: &Metrics,
    stopped: watch::Receiver<bool>,
) -> Result<(), Error> {
    let mut supervisor = Supervisor::from_environment();
    let mut ready = Vec::new();
    for pool in config.pools {
        let domain = pool.domain.as_str().to_owned();
        supervisor.tell_opening(&domain);
        let ward = supervisor.ward(&domain, &pool.server.to_string());
        let engine = open(&pool).map_err(|source| Error::Store {
            pool: domain,
            source,
        })?;
        ready.push((pool, engine, ward));
    }
    let mut tasks = JoinSet::new();
    for (pool, engine, ward) in ready {
        let counts = metrics.pool(&pool.domain).cloned().unwrap_or_default();
        tasks.spawn(serve(pool, engine, counts, stopped.clone(), ward));
    }
    tasks.spawn(supervisor.watch(stopped));
    while let Some(ended) = tasks.join_next().await {
        ended.map_err(|source| Error::Panicked { source })?;
    }
    Ok(())
}

fn open(pool: &Pool) -> Result<Engine, store::Error> {
    let store = Store::open(&settings::store(pool))?;
    let mut engine = Engine::new(settings::engine(pool), store, clock::now())?;
    engine.learn_from(clock::now(), pool);
    Ok(engine)
}

/// Serves one pool.
async fn serve(
    pool: Pool,
    mut engine: Engine,
    counts: PoolMetrics,
    mut stopped: watch::Receiver<bool>,
    ward: Ward,
) {
    let (incomings, mut inbox) = inbox::channel(settings::backlog(&pool));
    let (outbox, outgoing) = outbox::channel(outbox::BYTES_MAX);
    let (stop_link, link_stopped) = watch::channel(false);
    let link_settings = settings::link(&pool, engine.overspent().clone());
    let link = stream::run(link_settings, incomings, outgoing, link_stopped);
    let link = tokio::spawn(link);
    let (runner, mut jobs) = CommandRunner::of(&engine);
    let control = listen(&pool, runner.clone());
    let (told, mut ends) = mpsc::channel(adhoc::sessions::RUNNING_MAX);
    let mut sources = GroupSources::watch(&pool, &engine, &counts);
    let mut bustle = Bustle::none();
    while !*stopped.borrow() {
        ward.beat();
        let unsent = engine.unreleased() + outbox.queued_bytes();
        let congested = unsent > UNSENT_MAX || burst::is_full(&engine);
        let pause = match unsent > archive::asking::UNSENT_MAX_FOR_QUESTIONS {
            // Nothing else tells that some of it is gone, and questions may wait for that.
            true => DRAIN_INTERVAL,
            false => ward.pause(bustle.pause(until_deadline(&engine))),
        };
        tokio::select! {
            biased;
            report = engine.report() => {
                let released = engine.take_report(&report);
                bustle.add(send(&outbox, released));
            }
            // Of each command only one change waits at a time, so the rooms have their turn.
            Some(job) = jobs.recv(), if !congested => engine.operate(clock::now(), job),
            Some(end) = ends.recv(), if !congested => engine.take_outcome(clock::now(), end),
            Some(news) = sources.news.recv(), if !congested => engine.learn(clock::now(), news),
            event = inbox.recv(), if !congested => match event {
                Some(event) => {
                    take_burst(&mut engine, &counts, event, &mut inbox, &ward);
                }
                None => break,
            },
            () = tokio::time::sleep(pause) => bustle.rest(),
            _ = stopped.changed() => {}
        }
        let now = clock::now();
        if engine.is_due(now.elapsed) {
            engine.expire(now);
        }
        runner.begin_all(engine.take_orders(), &told);
        engine.admit_waiting(now, outbox.queued_bytes());
        bustle.add(send(&outbox, engine.turn()));
        let unsent = engine.unreleased() + outbox.queued_bytes();
        engine.ask_waiting(now.elapsed, unsent);
        counting::measure(&counts, &engine, &inbox, &outbox);
    }
    close(control).await;
    drop(jobs);
    engine.refuse_waiting();
    send(&outbox, engine.finish());
    let _ = stop_link.send(true);
    if link.await.is_err() {
        tracing::error!("the link ended unexpectedly");
    }
}

/// Opens the control socket. Without it the rooms are served all the same, which matters more.
fn listen(pool: &Pool, runner: CommandRunner) -> Option<JoinHandle<()>> {
    match ControlSocket::open(&pool.database) {
        Ok(socket) => Some(tokio::spawn(socket.serve(runner))),
        Err(error) => {
            let path = socket_path(&pool.database);
            tracing::error!(%error, path = %path.display(), "the command line can't reach this service");
            None
        }
    }
}

/// Closes the control socket.
async fn close(control: Option<JoinHandle<()>>) {
    if let Some(control) = control {
        control.abort();
        // What it says of its end is that it was told to.
        let _ = control.await;
    }
}

/// Takes what has come in, up to some bounds, so that all of it shares a commit.
fn take_burst(
    engine: &mut Engine,
    counts: &PoolMetrics,
    first: LinkEvent,
    inbox: &mut Inbox,
    ward: &Ward,
) {
    let now = clock::now();
    let mut burst = Burst::begin(Instant::now());
    let mut next = Some(first);
    while let Some(event) = next {
        counting::count(counts, &event);
        ward.notice(&event);
        match event {
            LinkEvent::Received(received) => {
                let watch = Watch::start(&received);
                engine.receive(now, received);
                watch.stop();
            }
            LinkEvent::Up => engine.link_up(now),
            LinkEvent::Down(_) => {}
        }
        let goes_on = burst.goes_on(Instant::now(), engine);
        next = goes_on.then(|| inbox.try_recv()).flatten();
    }
}

/// Hands blobs to the link, and tells how many bytes they were.
fn send(outbox: &Outbox, blobs: Vec<Parcel>) -> usize {
    let bytes = blobs.iter().map(|blob| blob.len()).sum();
    for blob in blobs {
        outbox.send(blob);
    }
    bytes
}

fn until_deadline(engine: &Engine) -> Duration {
    let Some(deadline) = engine.next_deadline() else {
        return SLEEP_MAX;
    };
    let micros = deadline.micros_since(clock::now().elapsed).unsigned_abs();
    Duration::from_micros(micros).min(SLEEP_MAX)
}
