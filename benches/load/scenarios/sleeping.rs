//! Rooms that everybody has left: what they keep of memory, and how they wake.

use std::time::Instant;

use anyhow::{Result, bail};

use super::inhabit::{settled, warm_up};
use super::{PACED, Run, UNDER_WAY};
use crate::address;
use crate::component::Usage;
use crate::cost::{database, grown, mib};
use crate::crowd::{Crowd, Plan};
use crate::figures::{Figure, Histogram, Target};
use crate::link::{Progress, text};
use crate::stanzas;

/// Rooms are made and left, and then as many others. What the first left behind the allocator
/// keeps for the second, so the growth by the second is what sleeping rooms need.
pub fn sleeping(run: &mut Run<'_>, rooms: usize) -> Result<Vec<Figure>> {
    let plan = Plan::new(rooms, 1);
    let others = Plan {
        first_room: rooms,
        ..plan
    };
    warm_up(run.link, 2 * rooms)?;
    let before = run.component.usage()?;
    let size_before = run.component.database_size()?;
    let mut crowd = Crowd::new(plan);
    let created = crowd.create(run.link, PACED)?;
    let awake = run.component.usage()?;
    let asleep = fall_asleep(run, &mut crowd)?;
    let mut crowd = Crowd::new(others);
    crowd.create(run.link, PACED)?;
    let all_asleep = fall_asleep(run, &mut crowd)?;
    let size = run.component.database_size()? - size_before;
    let each = |bytes: f64| bytes / rooms as f64;
    let mut figures = vec![
        Figure::new("creating, s", created.all.as_secs_f64()),
        Figure::new("memory before, MiB", mib(before.resident)),
        Figure::new("memory with all awake, MiB", mib(awake.resident)),
        Figure::new("memory with all asleep, MiB", mib(asleep.resident)),
        Figure::new("memory with as many more, MiB", mib(all_asleep.resident)),
        Figure::new(
            "memory per awake room of one, bytes",
            each(grown(&before, &awake)),
        ),
        Figure::new(
            "memory per sleeping room, bytes",
            each(grown(&asleep, &all_asleep)),
        )
        .with_target(Target::AtMost(SLEEPING_MAX)),
        Figure::new("database per room, bytes", each(size as f64 / 2.0)),
    ];
    let questions = wake(run, plan, 0, Waking::Question)?;
    let entries = wake(run, plan, WAKINGS, Waking::Entry)?;
    let back = Crowd::new(plan).come_back(run.link, PACED)?;
    figures.extend(questions.figures("disco#info wakes"));
    figures.extend(entries.figures("entering wakes"));
    figures.extend(back.own.figures("64 enter at once,"));
    figures.push(database(run)?);
    Ok(figures)
}

fn fall_asleep(run: &mut Run<'_>, crowd: &mut Crowd) -> Result<Usage> {
    crowd.leave(run.link, UNDER_WAY)?;
    settled(run)
}

/// What makes a sleeping room wake.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waking {
    /// It is asked with disco#info.
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
                (Waking::Entry, b"presence", b"") if !stanza.from.contains(&b'/') => {
                    return Ok(Progress::Waiting);
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

/// A sleeping room takes no memory beyond its row; this is the inexactness of measuring.
const SLEEPING_MAX: f64 = 64.0;

/// Number of rooms that are woken in each way.
const WAKINGS: usize = 2000;
