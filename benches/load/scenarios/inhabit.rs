//! Rooms with people in them: how long they take to fill, and what they need of memory.

use std::time::Duration;

use anyhow::{Context, Result};

use super::fanout::talk;
use super::{PACED, Run, UNDER_WAY};
use crate::admission::Entered;
use crate::component::Usage;
use crate::cost::{cpu, database, grown, mib};
use crate::crowd::{Crowd, Plan};
use crate::figures::{Figure, Target};
use crate::link::Link;
use crate::talk::{Talk, Where};

/// How long rooms take to fill, what they need of memory, and how talk goes in them.
pub fn inhabit(run: &mut Run<'_>, plan: Plan, window: usize, place: Where) -> Result<Vec<Figure>> {
    warm_up(run.link, plan.first_room + plan.rooms)?;
    let empty = settled(run)?;
    let before = run.usage()?;
    let mut crowd = Crowd::new(plan);
    let created = crowd.create(run.link, PACED)?;
    let with_creators = settled(run)?;
    let filled = crowd.fill(run.link, PACED)?;
    let after = run.usage()?;
    let mut figures = filling(&created, &filled, &before, &after);
    figures.extend(memory(plan, &empty, &with_creators, &settled(run)?));
    figures.extend(talk(run, &mut Talk::new(plan, window, place))?);
    let usage = run.component.usage()?;
    figures.push(Figure::new("memory, MiB", mib(usage.resident)));
    figures.push(Figure::new("peak memory, MiB", mib(usage.peak)));
    figures.push(database(run)?);
    Ok(figures)
}

/// What the component holds when what a burst needed has gone back to the system.
pub fn settled(run: &mut Run<'_>) -> Result<Usage> {
    std::thread::sleep(SETTLING);
    run.component.usage()
}

/// Twice what the service waits for before it gives memory back.
const SETTLING: Duration = Duration::from_secs(2);

/// What everybody but the first of a room adds to it is an occupant's share; the rest is the
/// room's.
fn memory(plan: Plan, before: &Usage, with_creators: &Usage, after: &Usage) -> Vec<Figure> {
    let guests = (plan.users() - plan.rooms) as f64;
    let per_occupant = grown(with_creators, after) / guests;
    let mut figures = vec![
        Figure::new("memory per occupant, bytes", per_occupant).with_target(Target::AtMost(1024.0)),
    ];
    if plan.rooms > 1 {
        let per_room = grown(before, with_creators) / plan.rooms as f64;
        figures.push(Figure::new(
            "memory per awake room besides, bytes",
            per_room - per_occupant,
        ));
    }
    figures
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

/// Some life in rooms of its own, so that what every service needs once, above all the page cache
/// of its database, is there before memory is compared.
pub fn warm_up(link: &mut Link, first_room: usize) -> Result<()> {
    let plan = Plan {
        first_room,
        rooms: 20,
        per_room: 2,
    };
    let mut crowd = Crowd::new(plan);
    crowd.create(link, PACED)?;
    crowd.fill(link, PACED)?;
    let mut talk = Talk::new(plan, 8, Where::SameRoom);
    let mut messages = 0;
    while messages < WARM_UP_MESSAGES {
        messages += talk.run(link, Duration::from_millis(200))?.messages;
    }
    crowd.leave(link, UNDER_WAY).context("warming up")
}

/// Number of messages that fill a page cache of several mebibytes.
const WARM_UP_MESSAGES: u64 = 30_000;
