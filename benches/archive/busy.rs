//! A room in which much is said while the archive is searched.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};

use crate::address;
use crate::crowd::{Crowd, Pace, Plan};
use crate::figures::Histogram;
use crate::link::{Link, Writer, text};
use crate::population::ROOMS;
use crate::scanner::Stanza;
use crate::stanzas;

/// The room. What is said in it comes at its time, whether what was said before has been heard or
/// not.
pub struct Busy {
    plan: Plan,
    started: Instant,
    stop: Arc<AtomicBool>,
    speaker: Option<JoinHandle<Result<()>>>,
    /// The number of the message that each occupant is to hear next.
    expected: Vec<usize>,
    /// From when a message was due to each of its deliveries.
    pub latency: Histogram,
}

impl Busy {
    /// Everybody enters, and somebody begins to speak.
    pub fn start(link: &mut Link) -> Result<Self> {
        let plan = Plan {
            first_room: ROOMS,
            rooms: 1,
            per_room: OCCUPANTS,
        };
        let mut crowd = Crowd::new(plan);
        crowd.create(link, Pace::UnderWay(1))?;
        crowd.fill(link, Pace::UnderWay(16))?;
        let stop = Arc::new(AtomicBool::new(false));
        let started = Instant::now();
        let writer = link.writer()?;
        let stopped = stop.clone();
        let speaker = thread::spawn(move || speak(plan, writer, started, &stopped));
        Ok(Self {
            plan,
            started,
            stop,
            speaker: Some(speaker),
            expected: vec![0; OCCUPANTS],
            latency: Histogram::default(),
        })
    }

    /// Takes a stanza if it is a delivery of this room.
    pub fn hear(&mut self, stanza: &Stanza<'_>, now: Instant) -> Result<bool> {
        if stanza.name != b"message" || stanza.type_ != b"groupchat" {
            return Ok(false);
        }
        let wrong = || format!("in the busy room came {}", text(stanza.bytes));
        let number = address::number(b'm', stanza.id).with_context(wrong)?;
        let user = address::user(stanza.to).with_context(wrong)?;
        let place = self.plan.place(user).with_context(wrong)?;
        ensure!(self.expected[place] == number, wrong());
        self.expected[place] += 1;
        let due = due(self.started, number);
        self.latency.add(now.saturating_duration_since(due));
        Ok(true)
    }

    /// Nothing more is said.
    pub fn stop(&mut self) -> Result<()> {
        self.stop.store(true, Ordering::Relaxed);
        match self.speaker.take() {
            Some(speaker) => speaker
                .join()
                .map_err(|_| anyhow!("the speaker panicked"))?,
            None => Ok(()),
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        // Whatever went wrong has been told already.
        let _ = self.stop();
    }
}

fn speak(plan: Plan, mut writer: Writer, started: Instant, stop: &AtomicBool) -> Result<()> {
    let mut number = 0;
    let mut stanza = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        thread::sleep(due(started, number).saturating_duration_since(Instant::now()));
        stanza.clear();
        stanzas::say(
            &mut stanza,
            plan.first_room,
            plan.creator(plan.first_room),
            number,
        );
        writer.write(&stanza)?;
        number += 1;
    }
    Ok(())
}

fn due(started: Instant, number: usize) -> Instant {
    started + Duration::from_secs_f64(number as f64 / MESSAGES_PER_SECOND)
}

/// Number of people in the room.
pub const OCCUPANTS: usize = 200;
/// Rate at which messages are said there.
pub const MESSAGES_PER_SECOND: f64 = 300.0;
