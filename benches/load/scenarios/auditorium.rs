//! A large auditorium: what each newcomer costs, and how long a presenter's message takes to all.
//!
//! The first user creates it, and the next nine present. Everybody else comes to listen: each is
//! told of these ten and of themselves, and nobody of anybody else.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::inhabit::{settled, warm_up};
use super::{Run, UNDER_WAY};
use crate::address::{self, write_number, write_room, write_user};
use crate::cost::{cpu, grown, mib};
use crate::figures::{Figure, Histogram, Target};
use crate::link::{Link, Progress, text};
use crate::scanner::Stanza;
use crate::stanzas;

/// Fills it with this number of occupants, listens to some messages, and tells what that took.
pub fn auditorium(run: &mut Run<'_>, occupants: usize) -> Result<Vec<Figure>> {
    warm_up(run.link, 1)?;
    open(run.link)?;
    fill(run.link, 1..=PRESENTERS, |_| 1)?;
    let empty = settled(run)?;
    let before = run.usage()?;
    let listeners = PRESENTERS + 1..occupants;
    let count = listeners.len() as f64;
    let filled = fill(run.link, listeners, |_| PRESENTERS + 1)?;
    let after = run.usage()?;
    let full = settled(run)?;
    let mut figures = vec![
        Figure::new("filling, s", filled.took.as_secs_f64()),
        Figure::new(
            "stanzas that a newcomer costs",
            filled.stanzas as f64 / count,
        )
        // The first of them are shown each other, for the room is not large yet.
        .with_target(Target::AtMost((PRESENTERS + 4) as f64)),
        Figure::new("memory per occupant, bytes", grown(&empty, &full) / count)
            .with_target(Target::AtMost(2048.0)),
    ];
    figures.extend(cpu("newcomer", count, &before, &after));
    figures.extend(filled.own.figures("entering"));

    let before = run.usage()?;
    let (heard, messages) = listen(run.link, occupants, run.duration)?;
    let after = run.usage()?;
    figures.extend(heard.figures("one message to all"));
    let deliveries = (messages * occupants) as f64;
    figures.extend(cpu("delivery", deliveries, &before, &after));
    let usage = run.component.usage()?;
    figures.push(Figure::new("memory, MiB", mib(usage.resident)));
    Ok(figures)
}

/// How the audience came in.
struct Filled {
    took: Duration,
    /// All that were sent by that.
    stanzas: usize,
    own: Histogram,
}

/// The creator enters, and makes an auditorium of it.
fn open(link: &mut Link) -> Result<()> {
    stanzas::enter(link.out(), ROOM, CREATOR);
    let mut left = 3;
    configure(link.out());
    link.run(|stanza, _, _| {
        // The own presence, the subject, and that it is configured; and the notice of that.
        ensure!(stanza.type_ != b"error", "{}", text(stanza.bytes));
        left -= usize::from(stanza.name != b"message" || stanza.contains("<subject"));
        Ok(match left {
            0 => Progress::Done,
            _ => Progress::Waiting,
        })
    })
}

fn configure(out: &mut Vec<u8>) {
    out.extend_from_slice(b"<iq type='set' id='c' from='");
    write_user(out, CREATOR);
    out.extend_from_slice(b"' to='");
    write_room(out, ROOM);
    out.extend_from_slice(
        b"'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'>\
          <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>\
          <field var='{urn:lyceum:0}type'><value>auditorium</value></field>\
          <field var='{urn:lyceum:0}participant-updates-max'><value>75</value></field>\
          <field var='{urn:lyceum:0}presenters'>",
    );
    for presenter in 1..=PRESENTERS {
        out.extend_from_slice(b"<value>");
        write_number(out, b'u', presenter);
        out.extend_from_slice(b"@example.org</value>");
    }
    out.extend_from_slice(b"</field></x></query></iq>");
}

/// People enter one after the other, some at a time. Each must be told of `least` others before
/// they are in; how many stanzas all of it takes is counted.
fn fill(
    link: &mut Link,
    users: impl Iterator<Item = usize>,
    least: impl Fn(usize) -> usize,
) -> Result<Filled> {
    let started = Instant::now();
    let mut coming = users;
    let mut requested = Vec::new();
    let mut told: Vec<usize> = Vec::new();
    let mut enter = |out: &mut Vec<u8>, now, requested: &mut Vec<Option<Instant>>| {
        let Some(user) = coming.next() else {
            return false;
        };
        requested.resize(requested.len().max(user + 1), None);
        requested[user] = Some(now);
        stanzas::enter(out, ROOM, user);
        true
    };
    let mut left = 0;
    for _ in 0..UNDER_WAY {
        left += usize::from(enter(link.out(), started, &mut requested));
    }
    let mut filled = Filled {
        took: Duration::ZERO,
        stanzas: 0,
        own: Histogram::default(),
    };
    link.run(|stanza, now, out| {
        filled.stanzas += 1;
        let to = address::user(stanza.to).context("to nobody")?;
        told.resize(told.len().max(to + 1), 0);
        match (stanza.name, stanza.type_) {
            (b"presence", b"") => {
                let (_, from) = address::occupant(stanza.from).context("not from the room")?;
                if from != Some(to) {
                    told[to] += 1;
                    return Ok(Progress::Waiting);
                }
                ensure!(
                    told[to] >= least(to),
                    "in too early: {}",
                    text(stanza.bytes)
                );
                if let Some(requested) = requested.get(to).copied().flatten() {
                    filled.own.add(now - requested);
                }
            }
            (b"message", b"groupchat") if is_subject(stanza) => {
                left -= 1;
                left += usize::from(enter(out, now, &mut requested));
            }
            // The notice of the configuration.
            (b"message", b"groupchat") => {}
            _ => bail!("while all were entering came {}", text(stanza.bytes)),
        }
        filled.took = now - started;
        Ok(match left {
            0 => Progress::Done,
            _ => Progress::Waiting,
        })
    })?;
    Ok(filled)
}

/// A presenter says something, and when all have heard it, again. The times are from the sending
/// of each to its last delivery.
fn listen(link: &mut Link, occupants: usize, duration: Duration) -> Result<(Histogram, usize)> {
    let mut heard = Histogram::default();
    let mut messages = 0;
    let started = Instant::now();
    while messages < LEAST_MESSAGES || started.elapsed() < duration {
        let said = Instant::now();
        stanzas::say(link.out(), ROOM, 1, messages);
        let mut left = occupants;
        link.run(|stanza, now, _| {
            ensure!(
                stanza.name == b"message" && stanza.contains("<body"),
                "instead of the message came {}",
                text(stanza.bytes)
            );
            left -= 1;
            if left == 0 {
                heard.add(now - said);
                return Ok(Progress::Done);
            }
            Ok(Progress::Waiting)
        })?;
        messages += 1;
    }
    Ok((heard, messages))
}

fn is_subject(stanza: &Stanza<'_>) -> bool {
    stanza.contains("<subject")
}

const ROOM: usize = 0;
const CREATOR: usize = 0;
const PRESENTERS: usize = 9;
const LEAST_MESSAGES: usize = 10;
