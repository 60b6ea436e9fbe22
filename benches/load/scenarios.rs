//! What is measured. Every run has a component and a database of its own.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::address;
use crate::component::{Component, Kind, Usage};
use crate::crowd::{Crowd, Entered, Pace, Plan};
use crate::figures::{Figure, Histogram, Target};
use crate::link::{Link, Progress, text};
use crate::stanzas;
use crate::talk::{Talk, Talked, Where};

/// Something to be measured.
pub struct Scenario {
    pub name: &'static str,
    /// In a line, for the reader of its figures.
    pub about: &'static str,
    /// Whether it runs when no scenario is named.
    pub by_default: bool,
    /// Whether the component that only copies can play it too.
    pub for_copier: bool,
    pub run: fn(&mut Run<'_>) -> Result<Vec<Figure>>,
}

/// One run: a component that has just connected.
pub struct Run<'a> {
    pub component: &'a mut Component,
    pub link: &'a mut Link,
    /// How long the part is that is measured.
    pub duration: Duration,
}

impl Run<'_> {
    /// Starts the component, plays the scenario, and stops it.
    pub fn play(scenario: &Scenario, kind: Kind, duration: Duration) -> Result<Vec<Figure>> {
        let (mut component, mut link) = Component::start(kind)?;
        let mut run = Run {
            component: &mut component,
            link: &mut link,
            duration,
        };
        match (scenario.run)(&mut run) {
            Ok(figures) if kind == Kind::Lyceum => {
                component.stop()?;
                Ok(figures)
            }
            // Nothing is wanted of the copier, and it has nothing to finish.
            Ok(figures) => Ok(figures.into_iter().map(Figure::untargeted).collect()),
            Err(error) => Err(component.explain(error)),
        }
    }

    fn usage(&self) -> Result<(Usage, Usage)> {
        Ok((self.component.usage()?, Usage::of_self()?))
    }
}

/// All of them.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "fanout-500",
        about: "1 room of 500, one sender, 16 messages under way",
        by_default: true,
        for_copier: true,
        run: |run| {
            let figures = fanout(run, Plan::new(1, 500), 16)?;
            Ok(figures.into_iter().map(targeted).collect())
        },
    },
    Scenario {
        name: "fanout-100",
        about: "1 room of 100, one sender, 1 message under way",
        by_default: true,
        for_copier: true,
        run: |run| fanout(run, Plan::new(1, 100), 1),
    },
    Scenario {
        name: "fanout-2000",
        about: "1 room of 2,000, one sender, 4 messages under way",
        by_default: true,
        for_copier: true,
        run: |run| fanout(run, Plan::new(1, 2000), 4),
    },
    Scenario {
        name: "rooms-50x20",
        about: "50 rooms of 20, one sender and 1 message under way in each",
        by_default: true,
        for_copier: true,
        run: |run| fanout(run, Plan::new(50, 20), 1),
    },
    Scenario {
        name: "join-500",
        about: "500 enter one room, all at once",
        by_default: true,
        for_copier: true,
        run: |run| join(run, 500),
    },
    Scenario {
        name: "join-2000",
        about: "2,000 enter one room, all at once",
        by_default: true,
        for_copier: true,
        run: |run| join(run, 2000),
    },
    Scenario {
        name: "big-room",
        about: "1 room of 1,000: filling it, its memory, and 16 messages under way",
        by_default: true,
        for_copier: false,
        run: |run| inhabit(run, Plan::new(1, 1000), 16, Where::SameRoom),
    },
    Scenario {
        name: "many-rooms",
        about: "10,000 rooms of 3: filling them, their memory, and 64 messages under way",
        by_default: true,
        for_copier: false,
        run: |run| inhabit(run, Plan::new(10_000, 3), 64, Where::AnyRoom),
    },
    Scenario {
        name: "sleeping",
        about: "10,000 rooms that everybody has left, and how they wake",
        by_default: true,
        for_copier: false,
        run: |run| sleeping(run, 10_000),
    },
    Scenario {
        name: "sleeping-100000",
        about: "the same with 100,000 rooms",
        by_default: false,
        for_copier: false,
        run: |run| sleeping(run, 100_000),
    },
    Scenario {
        name: "commit",
        about: "1 user alone in a room: every message is on disk before he hears it",
        by_default: true,
        for_copier: false,
        run: commit,
    },
];

/// Enters everybody, warms up, and talks.
fn fanout(run: &mut Run<'_>, plan: Plan, window: usize) -> Result<Vec<Figure>> {
    let mut crowd = Crowd::new(plan);
    crowd.create(run.link, PACED)?;
    crowd.fill(run.link, PACED)?;
    let mut figures = talk(run, &mut Talk::new(plan, window, Where::SameRoom))?;
    figures.push(Figure::new(
        "peak memory, MiB",
        mib(run.component.usage()?.peak),
    ));
    figures.push(database(run)?);
    Ok(figures)
}

/// What the project wants of its component alone over a real socket.
fn targeted(figure: Figure) -> Figure {
    match figure.name.as_str() {
        DELIVERED => figure.with_target(Target::AtLeast(1e6)),
        CPU => figure.with_target(Target::AtMost(0.5)),
        _ => figure,
    }
}

/// The creator is in; all others come at once.
fn join(run: &mut Run<'_>, users: usize) -> Result<Vec<Figure>> {
    let mut crowd = Crowd::new(Plan::new(1, users));
    crowd.create(run.link, PACED)?;
    let before = run.usage()?;
    let entered = crowd.fill(run.link, Pace::Storm)?;
    let after = run.usage()?;
    let presences = entered.presences as f64;
    let mut figures = vec![
        Figure::new("presences/s", presences / entered.all.as_secs_f64()),
        Figure::new("until all are in, s", entered.own_all.as_secs_f64()),
        Figure::new("until all know of all, s", entered.all.as_secs_f64()),
    ];
    figures.extend(cpu("presence", presences, &before, &after));
    figures.extend(entered.own.figures("own presence"));
    figures.push(Figure::new("peak memory, MiB", mib(after.0.peak)));
    figures.push(database(run)?);
    Ok(figures)
}

/// How long rooms take to fill, what they need of memory, and how talk goes in them.
fn inhabit(run: &mut Run<'_>, plan: Plan, window: usize, place: Where) -> Result<Vec<Figure>> {
    warm_up(run.link, plan.first_room + plan.rooms)?;
    let before = run.usage()?;
    let mut crowd = Crowd::new(plan);
    let created = crowd.create(run.link, PACED)?;
    let filled = crowd.fill(run.link, PACED)?;
    let after = run.usage()?;
    let mut figures = filling(&created, &filled, &before, &after);
    let users = plan.users() as f64;
    let grown = grown(&before.0, &after.0);
    figures.push(
        Figure::new("memory per occupant, bytes", grown / users)
            .with_target(Target::AtMost(1024.0)),
    );
    if plan.rooms > 1 {
        figures.push(Figure::new(
            "memory per room, bytes",
            grown / plan.rooms as f64,
        ));
    }
    figures.extend(talk(run, &mut Talk::new(plan, window, place))?);
    let usage = run.component.usage()?;
    figures.push(Figure::new("memory, MiB", mib(usage.resident)));
    figures.push(Figure::new("peak memory, MiB", mib(usage.peak)));
    figures.push(database(run)?);
    Ok(figures)
}

fn filling(
    created: &Entered,
    filled: &Entered,
    before: &(Usage, Usage),
    after: &(Usage, Usage),
) -> Vec<Figure> {
    let presences = created.presences + filled.presences;
    let mut figures = vec![
        Figure::new("creating, s", created.all.as_secs_f64()),
        Figure::new("filling, s", filled.all.as_secs_f64()),
    ];
    figures.extend(cpu("presence", presences as f64, before, after));
    figures.extend(created.own.figures("creating"));
    figures.extend(filled.own.figures("entering"));
    figures
}

/// Rooms are made and left, twice, so that memory that is only kept for reuse shows as such.
fn sleeping(run: &mut Run<'_>, rooms: usize) -> Result<Vec<Figure>> {
    let plan = Plan::new(rooms, 1);
    warm_up(run.link, rooms)?;
    let before = run.component.usage()?;
    let size_before = run.component.database_size()?;
    let mut crowd = Crowd::new(plan);
    let created = crowd.create(run.link, PACED)?;
    let awake = run.component.usage()?;
    let asleep = fall_asleep(run, &mut crowd)?;
    let size = run.component.database_size()? - size_before;
    let questions = wake(run, plan, 0, Waking::Question)?;
    let entries = wake(run, plan, WAKINGS, Waking::Entry)?;
    let again = Crowd::new(plan).come_back(run.link, PACED);
    let back = again?;
    let awake_again = run.component.usage()?;
    let each = |bytes: f64| bytes / rooms as f64;
    let mut figures = vec![
        Figure::new("creating, s", created.all.as_secs_f64()),
        Figure::new("memory before, MiB", mib(before.resident)),
        Figure::new("memory with all awake, MiB", mib(awake.resident)),
        Figure::new("memory with all asleep, MiB", mib(asleep.resident)),
        Figure::new(
            "memory with all awake again, MiB",
            mib(awake_again.resident),
        ),
        Figure::new(
            "memory per awake room of one, bytes",
            each(grown(&before, &awake)),
        ),
        Figure::new(
            "memory per sleeping room, bytes",
            each(grown(&before, &asleep)),
        ),
        Figure::new(
            "growth by waking all again, bytes",
            each(grown(&awake, &awake_again)),
        ),
        Figure::new("database per room, bytes", each(size as f64)),
    ];
    figures.extend(questions.figures("disco#info wakes"));
    figures.extend(entries.figures("entering wakes"));
    figures.extend(back.own.figures("64 enter at once,"));
    figures.push(database(run)?);
    Ok(figures)
}

fn fall_asleep(run: &mut Run<'_>, crowd: &mut Crowd) -> Result<Usage> {
    crowd.leave(run.link, UNDER_WAY)?;
    std::thread::sleep(SETTLING);
    run.component.usage()
}

/// What makes a sleeping room wake.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waking {
    /// disco#info.
    Question,
    /// The creator enters, and leaves again.
    Entry,
}

/// Wakes rooms here and there, each once and one after the other. `skip` have been woken before.
fn wake(run: &mut Run<'_>, plan: Plan, skip: usize, waking: Waking) -> Result<Histogram> {
    /// A prime far from any number of rooms, so that its multiples reach every room once.
    const STRIDE: usize = 7919;
    let mut took = Histogram::default();
    for number in skip..(skip + WAKINGS).min(plan.rooms) {
        let room = plan.first_room + number * STRIDE % plan.rooms;
        let user = plan.creator(room);
        let asked = Instant::now();
        let out = run.link.out();
        match waking {
            Waking::Question => stanzas::ask(out, room, user, number),
            Waking::Entry => stanzas::enter(out, room, user),
        }
        run.link.run(|stanza, now, out| {
            let answered = match (waking, stanza.name, stanza.type_) {
                (Waking::Question, b"iq", b"result") => {
                    address::number(b'q', stanza.id) == Some(number)
                }
                (Waking::Entry, b"presence", b"") => {
                    took.add(now - asked);
                    stanzas::leave(out, room, user);
                    return Ok(Progress::Waiting);
                }
                (Waking::Entry, b"presence", b"unavailable") => return Ok(Progress::Done),
                (Waking::Entry, b"message", b"groupchat") => return Ok(Progress::Waiting),
                _ => false,
            };
            if !answered {
                bail!("a waking room says {}", text(stanza.bytes));
            }
            took.add(now - asked);
            Ok(Progress::Done)
        })?;
    }
    Ok(took)
}

/// How many messages a second are stored, one by one and together.
fn commit(run: &mut Run<'_>) -> Result<Vec<Figure>> {
    let plan = Plan::new(1, 1);
    Crowd::new(plan).create(run.link, PACED)?;
    let mut figures = Vec::new();
    let mut stored = 0;
    let size_before = run.component.database_size()?;
    let mut first = 0;
    for window in [1, 64] {
        let mut talk = Talk::continued(plan, window, first);
        let before = run.usage()?;
        let talked = talk.run(run.link, run.duration)?;
        let after = run.usage()?;
        first += usize::try_from(talked.messages)?;
        stored += talked.messages;
        let name = |name: &str| format!("window {window}: {name}");
        figures.push(Figure::new(
            name("messages/s"),
            rate(talked.messages, &talked),
        ));
        let (user, system) = after.0.cpu_us_since(&before.0);
        figures.push(Figure::new(
            name("CPU each, µs"),
            (user + system) / talked.messages as f64,
        ));
        figures.extend(talked.latency.figures(&name("echo")));
    }
    let grown = run.component.database_size()?.saturating_sub(size_before);
    figures.push(Figure::new(
        "database per message, bytes",
        grown as f64 / stored as f64,
    ));
    figures.push(database(run)?);
    Ok(figures)
}

/// Talks, first unmeasured.
fn talk(run: &mut Run<'_>, talk: &mut Talk) -> Result<Vec<Figure>> {
    talk.run(run.link, run.duration / 8)?;
    let before = run.usage()?;
    let (bytes_before, reads_before) = run.link.received();
    let talked = talk.run(run.link, run.duration)?;
    let after = run.usage()?;
    let (bytes, reads) = run.link.received();
    let delivered = talked.delivered as f64;
    let bytes = (bytes - bytes_before) as f64;
    let mut figures = vec![
        Figure::new(DELIVERED, rate(talked.delivered, &talked)),
        Figure::new("messages/s", rate(talked.messages, &talked)),
    ];
    figures.extend(cpu("delivery", delivered, &before, &after));
    figures.extend(talked.latency.figures("delivery"));
    figures.push(Figure::new("bytes per delivery", bytes / delivered));
    figures.push(Figure::new(
        "KiB per read",
        bytes / 1024.0 / (reads - reads_before).max(1) as f64,
    ));
    Ok(figures)
}

/// CPU time of the component and of the generator for each of so many things.
fn cpu(thing: &str, count: f64, before: &(Usage, Usage), after: &(Usage, Usage)) -> Vec<Figure> {
    let (user, system) = after.0.cpu_us_since(&before.0);
    let (own_user, own_system) = after.1.cpu_us_since(&before.1);
    let cores = (user + system) / 1e6 / (after.0.at - before.0.at).as_secs_f64();
    vec![
        Figure::new(format!("CPU per {thing}, µs"), (user + system) / count),
        Figure::new("  of it in the kernel, µs", system / count),
        Figure::new("  generator's, µs", (own_user + own_system) / count),
        Figure::new("  cores in use", cores),
    ]
}

/// Some life in rooms of its own, so that what every service needs once is there before memory
/// is compared.
fn warm_up(link: &mut Link, first_room: usize) -> Result<()> {
    let plan = Plan {
        first_room,
        rooms: 20,
        per_room: 5,
    };
    let mut crowd = Crowd::new(plan);
    crowd.create(link, PACED)?;
    crowd.fill(link, PACED)?;
    Talk::new(plan, 4, Where::SameRoom).run(link, Duration::from_millis(300))?;
    crowd.leave(link, UNDER_WAY).context("warming up")
}

fn database(run: &Run<'_>) -> Result<Figure> {
    Ok(Figure::new(
        "database, MiB",
        mib(run.component.database_size()?),
    ))
}

fn rate(count: u64, talked: &Talked) -> f64 {
    count as f64 / talked.took.as_secs_f64()
}

/// By how many bytes the memory of the component's own has grown.
fn grown(before: &Usage, after: &Usage) -> f64 {
    after.anonymous as f64 - before.anonymous as f64
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / 1024.0 / 1024.0
}

const DELIVERED: &str = "delivered/s";
const CPU: &str = "CPU per delivery, µs";

/// So many enter at a time where it isn't a storm.
const UNDER_WAY: usize = 64;
const PACED: Pace = Pace::UnderWay(UNDER_WAY);

/// So many rooms are woken in each way.
const WAKINGS: usize = 2000;

/// Whoever tidies up after the last has left has so much time for it.
const SETTLING: Duration = Duration::from_secs(2);
