//! Plays every scenario of `tests/scenarios`; [`scenario`](crate::support::scenario) says how they
//! are written. With `SCENARIO=enter/` in the environment only those whose path begins so.

use std::collections::BTreeSet;
use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::support::beside::{Beside, PASSWORD};
use crate::support::core::Core;
use crate::support::scenario::{Scenario, Venue, files};
use crate::support::servers::{Ejabberd, Lyceum, Prosody, Server};
use crate::support::socket::Socket;
use crate::support::stage::play;

#[test]
fn every_scenario_can_be_read_and_is_played_somewhere() {
    let root = root();
    let mut wrong = Vec::new();
    for file in files(&root) {
        match Scenario::read(&root, &file) {
            Ok(scenario) if !scenario.is_for(Venue::Core) => {
                wrong.push(format!("{}: is not for the core", file.display()));
            }
            Ok(scenario) if scenario.steps.is_empty() => {
                wrong.push(format!("{}: nothing happens", file.display()));
            }
            Ok(_) => {}
            Err(reason) => wrong.push(reason),
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_scenario_holds_on_the_core() {
    play_all(Venue::Core, 2, |_, scenario| {
        play(scenario, &mut Core::start(scenario)?)
    });
}

#[test]
fn every_scenario_holds_through_a_socket() {
    play_all(Venue::Socket, 4, |_, scenario| {
        let mut socket = Socket::start(scenario)?;
        play(scenario, &mut socket)
    });
}

#[test]
fn every_scenario_holds_beside_prosody() {
    play_beside(&Prosody::start());
}

#[test]
fn every_scenario_holds_beside_ejabberd() {
    play_beside(&Ejabberd::start());
}

fn play_beside(server: &Server) {
    let accounts: BTreeSet<_> = (0..PLAYS_AT_ONCE)
        .flat_map(|worker| {
            let scenarios = chosen(Venue::Servers);
            scenarios
                .into_iter()
                .flat_map(move |scenario| Beside::accounts(&scenario, worker))
        })
        .collect();
    for account in &accounts {
        server.add_user(account, PASSWORD);
    }
    let lyceum = Lyceum::start(server);
    let number = AtomicUsize::new(0);
    play_all(Venue::Servers, PLAYS_AT_ONCE, |worker, scenario| {
        let number = number.fetch_add(1, Ordering::Relaxed);
        let mut beside = Beside::start(server, scenario, worker, number)?;
        play(scenario, &mut beside)
    });
    drop(lyceum);
}

/// Plays all scenarios that can be played there, several at a time, and tells how many went wrong
/// only after the last.
pub fn play_all(
    venue: Venue,
    workers: usize,
    play_one: impl Fn(usize, &Scenario) -> Result<(), String> + Sync,
) {
    let scenarios = chosen(venue);
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for worker in 0..workers {
            let (next, failures, scenarios, play_one) = (&next, &failures, &scenarios, &play_one);
            scope.spawn(move || {
                while let Some(scenario) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let played = catch_unwind(AssertUnwindSafe(|| play_one(worker, scenario)));
                    let played = played
                        .unwrap_or_else(|_| Err("the harness or the core panicked".to_owned()));
                    if let Err(reason) = played {
                        let failure = format!("{}\n  {reason}\n", scenario.path.display());
                        failures.lock().expect("no worker panics").push(failure);
                    }
                }
            });
        }
    });
    let mut failures = failures.into_inner().expect("no worker panics");
    failures.sort();
    println!(
        "{} scenarios played, {} failed",
        scenarios.len(),
        failures.len()
    );
    assert!(
        failures.is_empty(),
        "{} of {} scenarios failed ({venue:?}):\n\n{}",
        failures.len(),
        scenarios.len(),
        failures.join("\n")
    );
}

fn chosen(venue: Venue) -> Vec<Scenario> {
    let root = root();
    let wanted = env::var("SCENARIO").unwrap_or_default();
    files(&root)
        .iter()
        .filter(|file| file.to_string_lossy().starts_with(&wanted))
        .filter_map(|file| Scenario::read(&root, file).ok())
        .filter(|scenario| scenario.is_for(venue))
        .collect()
}

/// The folder of all scenarios.
pub fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios")
}

/// Number of scenarios that are played beside a server at a time.
const PLAYS_AT_ONCE: usize = 4;
