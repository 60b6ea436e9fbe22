//! Talking in rooms, with the proof that everybody hears everything once and in order.
//!
//! A closed loop: a message is sent when another has reached everybody. So there is never more
//! under way than the window, and the rate is what the component makes of it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::address;
use crate::crowd::Plan;
use crate::figures::Histogram;
use crate::link::{Link, Progress, text};
use crate::scanner::Stanza;
use crate::stanzas;

/// Where the next message is sent when one has reached everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// In the same room; `window` messages are under way in every room.
    SameRoom,
    /// In any room where nothing is under way; `window` messages are under way altogether.
    AnyRoom,
}

/// What has been said.
pub struct Talked {
    pub messages: u64,
    pub delivered: u64,
    /// From the first request to the last delivery.
    pub took: Duration,
    /// From a message's sending to each of its deliveries.
    pub latency: Histogram,
}

/// The conversation in all rooms of a plan, whose creators speak.
pub struct Talk {
    plan: Plan,
    window: usize,
    place: Where,
    /// The number of the message that each user is to hear next.
    expected: Vec<usize>,
    rooms: Vec<Room>,
    /// A linear congruential generator.
    random: u64,
}

/// The messages of one room. They reach everybody in order, so those that are under way are the
/// last `window` or fewer.
struct Room {
    /// The number of the next message.
    next: usize,
    /// The place of a message is its number modulo the window.
    under_way: Vec<Message>,
}

#[derive(Clone, Copy)]
struct Message {
    sent: Instant,
    /// How many have yet to hear it.
    left: usize,
}

impl Talk {
    pub fn new(plan: Plan, window: usize, place: Where) -> Self {
        let per_room = match place {
            Where::SameRoom => window,
            Where::AnyRoom => 1,
        };
        let idle = Message {
            sent: Instant::now(),
            left: 0,
        };
        let room = || Room {
            next: 0,
            under_way: vec![idle; per_room],
        };
        Self {
            plan,
            window,
            place,
            expected: vec![0; plan.users()],
            rooms: (0..plan.rooms).map(|_| room()).collect(),
            random: 1,
        }
    }

    /// The conversation that goes on after `said` messages in every room.
    pub fn continued(plan: Plan, window: usize, said: usize) -> Self {
        let mut talk = Self::new(plan, window, Where::SameRoom);
        talk.expected.fill(said);
        talk.rooms.iter_mut().for_each(|room| room.next = said);
        talk
    }

    /// Talks for so long, and waits until all is heard.
    pub fn run(&mut self, link: &mut Link, duration: Duration) -> Result<Talked> {
        let started = Instant::now();
        let deadline = started + duration;
        let mut talked = Talked {
            messages: 0,
            delivered: 0,
            took: Duration::ZERO,
            latency: Histogram::default(),
        };
        let mut under_way = self.begin(started, link.out());
        link.run(|stanza, now, out| {
            let room = self.delivery(stanza, now, &mut talked)?;
            if let Some(room) = room {
                talked.messages += 1;
                if now < deadline {
                    self.say_next(room, now, out);
                } else {
                    under_way -= 1;
                }
            }
            talked.took = now - started;
            Ok(match under_way {
                0 => Progress::Done,
                _ => Progress::Waiting,
            })
        })?;
        Ok(talked)
    }

    /// Fills the window; how many messages that are.
    fn begin(&mut self, now: Instant, out: &mut Vec<u8>) -> usize {
        match self.place {
            Where::SameRoom => {
                for _ in 0..self.window {
                    (0..self.rooms.len()).for_each(|room| self.say(room, now, out));
                }
                self.window * self.rooms.len()
            }
            Where::AnyRoom => {
                (0..self.window).for_each(|_| self.say_next(0, now, out));
                self.window
            }
        }
    }

    fn say_next(&mut self, room: usize, now: Instant, out: &mut Vec<u8>) {
        let room = match self.place {
            Where::SameRoom => room,
            Where::AnyRoom => self.idle_room(),
        };
        self.say(room, now, out);
    }

    fn say(&mut self, room: usize, now: Instant, out: &mut Vec<u8>) {
        let number = self.rooms[room].next;
        let window = self.rooms[room].under_way.len();
        self.rooms[room].next += 1;
        self.rooms[room].under_way[number % window] = Message {
            sent: now,
            left: self.plan.per_room,
        };
        let room = self.plan.first_room + room;
        stanzas::say(out, room, self.plan.creator(room), number);
    }

    /// A room where nothing is under way. There are many more rooms than messages.
    fn idle_room(&mut self) -> usize {
        loop {
            self.random = self
                .random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let room = (self.random >> 33) as usize % self.rooms.len();
            if self.rooms[room].under_way[0].left == 0 {
                return room;
            }
        }
    }

    /// Judges a stanza; the room whose message has reached everybody with it.
    fn delivery(
        &mut self,
        stanza: &Stanza<'_>,
        now: Instant,
        talked: &mut Talked,
    ) -> Result<Option<usize>> {
        let wrong = || format!("while all were talking came {}", text(stanza.bytes));
        ensure!(
            stanza.name == b"message" && stanza.type_ == b"groupchat",
            wrong()
        );
        let user = address::user(stanza.to).with_context(wrong)?;
        let number = address::number(b'm', stanza.id).with_context(wrong)?;
        let (room, _) = address::occupant(stanza.from).with_context(wrong)?;
        let place = self.plan.place(user).with_context(wrong)?;
        ensure!(self.plan.room_of(user) == room, wrong());
        ensure!(
            self.expected[place] == number,
            "message {} was expected: {}",
            self.expected[place],
            text(stanza.bytes)
        );
        self.expected[place] += 1;
        let room = room - self.plan.first_room;
        let window = self.rooms[room].under_way.len();
        let message = &mut self.rooms[room].under_way[number % window];
        talked.delivered += 1;
        talked.latency.add(now - message.sent);
        message.left -= 1;
        Ok((message.left == 0).then_some(room))
    }
}
