//! What the service costs, measured from outside: a program that plays the server's side of
//! XEP-0114 over a real socket.
//!
//! ```text
//! cargo bench --bench load                                    every scenario, three runs of each
//! cargo bench --bench load -- fanout-500 commit               these
//! cargo bench --bench load -- --runs 1 --seconds 2 join-2000  shorter
//! cargo bench --bench load -- hostile                         what an attack does to others
//! cargo bench --bench load -- --list                          what there is
//! cargo bench --bench load -- --self-test                     the program itself, in a second
//! ```
//!
//! For every run it starts `lyceum serve` with a configuration file and a database on disk of its
//! own (in the target directory, `durability = "full"`, rate limits off, all else as by default),
//! waits for its connection on the loopback interface, plays all the users, and checks every
//! stanza that comes back: each recipient gets each message once and in order, everybody is told
//! of everybody's coming and going once and of those inside before they are in.
//! Anything else ends the benchmark with the stanza in question.
//!
//! # Reading the figures
//!
//! - **CPU per delivery** is what to compare. It is user and system time of the whole process, from
//!   /proc, the archive's writing and parsing of what came in included. Deliveries per second are
//!   what the machine gave, and on two cores generator and component share them.
//! - **The copier** is a component that checks and stores nothing and copies bytes around each
//!   recipient's address ([`copier`]): the ceiling of what any component can reach on this machine
//!   in this minute, since runs take turns. Where it is far from a million deliveries a second, the
//!   machine is busy with something else and the figures mean little.
//! - **The generator's** own cost is told beside it. A scenario where generator and component
//!   together use all the cores says what both do, not what the component could.
//! - **Latency** is from the sending of a message to each of its deliveries; in a closed loop with
//!   a window it is mostly the queue of that window.
//! - **Memory** is growth of the process's anonymous memory (`RssAnon`) after a warm-up in other
//!   rooms: for an occupant by everybody but the first of each room, for an awake room by the first
//!   less an occupant's share, for a sleeping room by rooms that are made and left after as many
//!   others. What the allocator keeps for reuse counts in, such as the output of a storm.
//! - **Hostile scenarios** have the limits that the program has by default. The wait is from the
//!   time at which each of ten other users, alone in a room each, was to say something (a hundred
//!   times a second in all, whatever became of the last) until they hear it themselves; *quiet* is
//!   the same before the attack.
//! - A figure is the median of the runs, with the lowest and the highest in parentheses.

mod address;
mod admission;
mod component;
mod copier;
mod cost;
mod crowd;
mod figures;
mod link;
mod scanner;
mod scenarios;
mod stanzas;
mod talk;

use std::env;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use component::Kind;
use figures::table;
use scenarios::{Run, Scenario};

fn main() -> ExitCode {
    match run(env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Vec<String>) -> Result<()> {
    if let [first, server] = arguments.as_slice()
        && first == copier::ARGUMENT
    {
        return copier::run(server);
    }
    let wanted = Wanted::read(arguments)?;
    match wanted.what {
        What::List => list(),
        What::SelfTest => self_test()?,
        What::Measure => {
            for scenario in &wanted.scenarios {
                measure(scenario, &wanted)?;
            }
        }
    }
    Ok(())
}

/// What the command line asks for.
struct Wanted {
    what: What,
    scenarios: Vec<&'static Scenario>,
    components: Vec<Kind>,
    runs: usize,
    duration: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    List,
    SelfTest,
    Measure,
}

impl Wanted {
    fn read(arguments: Vec<String>) -> Result<Self> {
        let mut wanted = Self {
            // Cargo says `--bench` to a benchmark; without it this is a test run of everything.
            what: What::SelfTest,
            scenarios: Vec::new(),
            components: vec![Kind::Copier, Kind::Lyceum],
            runs: 3,
            duration: Duration::from_secs(4),
        };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let mut value = || {
                let value = arguments.next();
                value.with_context(|| format!("{argument} needs a value"))
            };
            match argument.as_str() {
                "--bench" if wanted.what == What::SelfTest => wanted.what = What::Measure,
                "--bench" => {}
                "--list" => wanted.what = What::List,
                "--self-test" => {
                    wanted.what = What::SelfTest;
                    return Ok(wanted);
                }
                "--runs" => wanted.runs = value()?.parse().context("--runs")?,
                "--seconds" => {
                    let seconds = value()?.parse().context("--seconds")?;
                    wanted.duration = Duration::try_from_secs_f64(seconds)?;
                }
                "--only" => wanted.components = vec![component(&value()?)?],
                name => wanted.scenarios.extend(scenarios_of(name)?),
            }
        }
        ensure!(wanted.runs > 0, "--runs 0 measures nothing");
        if wanted.scenarios.is_empty() {
            let by_default = scenarios::all().filter(|scenario| scenario.by_default);
            wanted.scenarios = by_default.collect();
        }
        Ok(wanted)
    }
}

fn component(name: &str) -> Result<Kind> {
    match [Kind::Lyceum, Kind::Copier]
        .into_iter()
        .find(|kind| kind.name() == name)
    {
        Some(kind) => Ok(kind),
        None => bail!("--only takes lyceum or copier"),
    }
}

/// The scenario of this name, or all whose names begin with it and a hyphen.
fn scenarios_of(name: &str) -> Result<Vec<&'static Scenario>> {
    let of_group = |scenario: &&Scenario| {
        let rest = scenario.name.strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with('-') && name == HOSTILE)
    };
    let mut found: Vec<_> = scenarios::all()
        .filter(|scenario| scenario.name == name)
        .collect();
    found.extend(scenarios::all().filter(of_group));
    ensure!(
        !found.is_empty(),
        "there is no scenario {name}; options are --list, --self-test, --runs N, --seconds N, \
         --only lyceum|copier"
    );
    Ok(found)
}

/// Names all attacks at once.
const HOSTILE: &str = "hostile";

fn list() {
    for scenario in scenarios::all() {
        let only_named = if scenario.by_default {
            ""
        } else {
            " (only when named)"
        };
        println!("{:<24}{}{only_named}", scenario.name, scenario.about);
    }
}

/// Plays a scenario with one component after the other, in turns, and prints its table.
fn measure(scenario: &Scenario, wanted: &Wanted) -> Result<()> {
    let mut results: Vec<(&str, Vec<_>)> = Vec::new();
    let kinds = wanted.components.iter();
    let kinds: Vec<Kind> = kinds
        .copied()
        .filter(|kind| *kind == Kind::Lyceum || scenario.for_copier)
        .collect();
    results.extend(kinds.iter().map(|kind| (kind.name(), Vec::new())));
    println!("{}: {}", scenario.name, scenario.about);
    for _ in 0..wanted.runs {
        for (kind, (name, runs)) in kinds.iter().zip(&mut results) {
            let figures = Run::play(scenario, *kind, wanted.duration)
                .with_context(|| format!("{} with {name}", scenario.name))?;
            runs.push(figures);
        }
    }
    println!("{}", table(&results));
    Ok(())
}

/// Proves that the parts of this program do what they say, and that it and the copier agree.
fn self_test() -> Result<()> {
    scanner::check();
    figures::check();
    for scenario in scenarios::all().filter(|scenario| scenario.for_copier) {
        if scenario.name.ends_with("2000") {
            continue;
        }
        let figures = Run::play(scenario, Kind::Copier, Duration::from_millis(200))
            .with_context(|| scenario.name)?;
        println!(
            "{}\n{}",
            scenario.name,
            table(&[(Kind::Copier.name(), vec![figures])])
        );
    }
    Ok(())
}
