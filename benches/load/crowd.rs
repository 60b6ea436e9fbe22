//! Entering rooms and leaving them, with the proof that everybody was told of everybody once.

use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::address;
use crate::admission::{Admission, Entered, Opening};
use crate::link::{Link, Progress, text};
use crate::scanner::Stanza;
use crate::stanzas;

/// Which rooms there are and who belongs into them: every room has users of its own, and the
/// first of each creates it.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub first_room: usize,
    pub rooms: usize,
    pub per_room: usize,
}

impl Plan {
    pub fn new(rooms: usize, per_room: usize) -> Self {
        Self {
            first_room: 0,
            rooms,
            per_room,
        }
    }

    pub fn users(&self) -> usize {
        self.rooms * self.per_room
    }

    pub fn room_of(&self, user: usize) -> usize {
        user / self.per_room
    }

    /// The user who creates the room.
    pub fn creator(&self, room: usize) -> usize {
        room * self.per_room
    }

    pub fn all_rooms(&self) -> impl Iterator<Item = usize> + use<> {
        self.first_room..self.first_room + self.rooms
    }

    /// The place of a user of this plan in a table.
    pub fn place(&self, user: usize) -> Option<usize> {
        let place = user.checked_sub(self.creator(self.first_room))?;
        (place < self.users()).then_some(place)
    }

    /// All but the creators, one of each room in turn.
    fn guests(&self) -> Vec<usize> {
        let places = 1..self.per_room;
        places
            .flat_map(|place| self.all_rooms().map(move |room| (room, place)))
            .map(|(room, place)| self.creator(room) + place)
            .collect()
    }
}

/// How many come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// The next comes when one is in.
    UnderWay(usize),
    /// Everybody, before anybody is let in.
    Storm,
}

/// The users of a plan, and what each has been told of the others.
pub struct Crowd {
    pub plan: Plan,
    /// A bit for each pair: whether the one has been told that the other is there.
    told: Vec<u64>,
    /// How many presences each user has been sent.
    pub told_count: Vec<usize>,
    /// How many are in each room.
    pub present: Vec<usize>,
}

impl Crowd {
    /// Nobody is anywhere.
    pub fn new(plan: Plan) -> Self {
        Self {
            plan,
            told: vec![0; (plan.users() * plan.per_room).div_ceil(64)],
            told_count: vec![0; plan.users()],
            present: vec![0; plan.rooms],
        }
    }

    /// Every room is created and opened by its creator, who stays.
    pub fn create(&mut self, link: &mut Link, pace: Pace) -> Result<Entered> {
        let plan = self.plan;
        let creators = plan.all_rooms().map(|room| plan.creator(room)).collect();
        self.admit(link, creators, pace, Opening::Needed)
    }

    /// The creators enter rooms that are there.
    pub fn come_back(&mut self, link: &mut Link, pace: Pace) -> Result<Entered> {
        let plan = self.plan;
        let creators = plan.all_rooms().map(|room| plan.creator(room)).collect();
        self.admit(link, creators, pace, Opening::Done)
    }

    /// All others enter.
    pub fn fill(&mut self, link: &mut Link, pace: Pace) -> Result<Entered> {
        let guests = self.plan.guests();
        self.admit(link, guests, pace, Opening::Done)
    }

    /// Everybody leaves, `under_way` of them at once.
    pub fn leave(&mut self, link: &mut Link, under_way: usize) -> Result<()> {
        let plan = self.plan;
        let first = plan.creator(plan.first_room);
        let mut coming = first..first + plan.users();
        let mut left: usize = self
            .present
            .iter()
            .map(|count| count * (count + 1) / 2)
            .sum();
        for user in coming.by_ref().take(under_way) {
            stanzas::leave(link.out(), plan.room_of(user), user);
        }
        link.run(|stanza, _, out| {
            ensure!(
                stanza.name == b"presence" && stanza.type_ == b"unavailable",
                "instead of somebody's leaving came {}",
                text(stanza.bytes)
            );
            let (from, to) = self.pair(stanza)?;
            ensure!(
                self.note(from, to, false),
                "told again, or of a stranger: {}",
                text(stanza.bytes)
            );
            if from == to {
                self.present[plan.room_of(to) - plan.first_room] -= 1;
                if let Some(user) = coming.next() {
                    stanzas::leave(out, plan.room_of(user), user);
                }
            }
            left -= 1;
            Ok(progress(left))
        })
    }

    fn admit(
        &mut self,
        link: &mut Link,
        users: Vec<usize>,
        pace: Pace,
        opening: Opening,
    ) -> Result<Entered> {
        let count = users.len();
        let mut admission = Admission::new(self, users, opening);
        match pace {
            Pace::UnderWay(under_way) => {
                for _ in 0..under_way {
                    admission.request(Instant::now(), link.out());
                }
            }
            Pace::Storm => {
                let mut bytes = Vec::new();
                let now = Instant::now();
                while admission.request(now, &mut bytes) {}
                link.flood(bytes)?;
            }
        }
        if count > 0 {
            link.run(|stanza, now, out| admission.judge(stanza, now, out))?;
        }
        Ok(admission.entered)
    }

    /// From whom to whom a presence is, in a room where both belong.
    pub fn pair(&self, stanza: &Stanza<'_>) -> Result<(usize, usize)> {
        let (room, from) = address::occupant(stanza.from).context("not from a room")?;
        let from = from.context("not from an occupant")?;
        let to = address::user(stanza.to).context("not to a user")?;
        let known = [from, to]
            .into_iter()
            .all(|user| self.plan.place(user).is_some() && self.plan.room_of(user) == room);
        ensure!(known, "in the wrong room: {}", text(stanza.bytes));
        Ok((from, to))
    }

    /// Notes whether one has been told that the other is there; whether that was otherwise before.
    pub fn note(&mut self, from: usize, to: usize, there: bool) -> bool {
        let Some(to_place) = self.plan.place(to) else {
            return false;
        };
        let bit = to_place * self.plan.per_room + from % self.plan.per_room;
        let (word, mask) = (&mut self.told[bit / 64], 1 << (bit % 64));
        let was_there = *word & mask != 0;
        *word ^= mask;
        self.told_count[to_place] += 1;
        was_there != there
    }
}

/// Whether that many things left are none.
pub fn progress(left: usize) -> Progress {
    match left {
        0 => Progress::Done,
        _ => Progress::Waiting,
    }
}
