//! Entering rooms and leaving them, with the proof that everybody was told of everybody once.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::address;
use crate::figures::Histogram;
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

    /// Where a user of this plan has his place in a table.
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

/// How long it took.
pub struct Entered {
    /// From a user's request to his own presence.
    pub own: Histogram,
    /// Until the last had his own.
    pub own_all: Duration,
    /// Until everybody had everybody's.
    pub all: Duration,
    /// Presences that were delivered.
    pub presences: usize,
}

/// The users of a plan, and what each has been told of the others.
pub struct Crowd {
    plan: Plan,
    /// A bit for each pair: whether the one has been told that the other is there.
    told: Vec<u64>,
    /// How many presences each user has been sent.
    told_count: Vec<usize>,
    /// How many are in each room.
    present: Vec<usize>,
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

    /// Everybody leaves, so many at once.
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
    fn pair(&self, stanza: &Stanza<'_>) -> Result<(usize, usize)> {
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
    fn note(&mut self, from: usize, to: usize, there: bool) -> bool {
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

/// Whether who enters has a room to open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opening {
    Needed,
    Done,
}

/// Some users on their way in.
struct Admission<'a> {
    crowd: &'a mut Crowd,
    coming: std::vec::IntoIter<usize>,
    opening: Opening,
    started: Instant,
    requested: Vec<Option<Instant>>,
    own_left: usize,
    presences_left: usize,
    subjects_left: usize,
    openings_left: usize,
    entered: Entered,
}

impl<'a> Admission<'a> {
    fn new(crowd: &'a mut Crowd, users: Vec<usize>, opening: Opening) -> Self {
        let plan = crowd.plan;
        let mut expected = crowd.present.clone();
        let mut presences = 0;
        for user in &users {
            let inside = &mut expected[plan.room_of(*user) - plan.first_room];
            // The others' to the newcomer, his own to them and to himself.
            presences += 2 * *inside + 1;
            *inside += 1;
        }
        let openings_left = match opening {
            Opening::Needed => users.len(),
            Opening::Done => 0,
        };
        Self {
            opening,
            started: Instant::now(),
            requested: vec![None; plan.users()],
            own_left: users.len(),
            presences_left: presences,
            subjects_left: users.len(),
            openings_left,
            entered: Entered {
                own: Histogram::default(),
                own_all: Duration::ZERO,
                all: Duration::ZERO,
                presences,
            },
            coming: users.into_iter(),
            crowd,
        }
    }

    /// The next user's request; `false` when there is no more.
    fn request(&mut self, now: Instant, out: &mut Vec<u8>) -> bool {
        let Some(user) = self.coming.next() else {
            return false;
        };
        if let Some(place) = self.crowd.plan.place(user) {
            self.requested[place] = Some(now);
        }
        stanzas::enter(out, self.crowd.plan.room_of(user), user);
        true
    }

    fn judge(&mut self, stanza: &Stanza<'_>, now: Instant, out: &mut Vec<u8>) -> Result<Progress> {
        match (stanza.name, stanza.type_) {
            (b"presence", b"") => self.presence(stanza, now, out)?,
            (b"message", b"groupchat") if stanza.contains("<subject") => self.subject(stanza)?,
            (b"iq", b"result") if self.openings_left > 0 => {
                self.openings_left -= 1;
                self.request(now, out);
            }
            _ => bail!("while all were entering came {}", text(stanza.bytes)),
        }
        let left = self.presences_left + self.subjects_left + self.openings_left;
        if left == 0 {
            self.entered.all = now - self.started;
        }
        Ok(progress(left))
    }

    fn presence(&mut self, stanza: &Stanza<'_>, now: Instant, out: &mut Vec<u8>) -> Result<()> {
        let (from, to) = self.crowd.pair(stanza)?;
        ensure!(
            self.crowd.note(from, to, true),
            "told again: {}",
            text(stanza.bytes)
        );
        self.presences_left = self
            .presences_left
            .checked_sub(1)
            .context("a presence too many")?;
        if from == to {
            self.own_presence(stanza, to, now, out)?;
        }
        Ok(())
    }

    /// A user is in. XEP-0045 §7.1 (#order): he has been told of all who were there before.
    fn own_presence(
        &mut self,
        stanza: &Stanza<'_>,
        user: usize,
        now: Instant,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let plan = self.crowd.plan;
        let room = plan.room_of(user);
        let place = plan.place(user).context("a stranger")?;
        let present = &mut self.crowd.present[room - plan.first_room];
        ensure!(
            self.crowd.told_count[place] > *present,
            "in before he was told of all {present}: {}",
            text(stanza.bytes)
        );
        *present += 1;
        let requested = self.requested[place].context("in without having asked")?;
        self.entered.own.add(now - requested);
        self.own_left -= 1;
        if self.own_left == 0 {
            self.entered.own_all = now - self.started;
        }
        match self.opening {
            Opening::Needed => stanzas::open(out, room, user),
            Opening::Done => {
                self.request(now, out);
            }
        }
        Ok(())
    }

    fn subject(&mut self, stanza: &Stanza<'_>) -> Result<()> {
        self.subjects_left = self
            .subjects_left
            .checked_sub(1)
            .with_context(|| format!("a subject too many: {}", text(stanza.bytes)))?;
        Ok(())
    }
}

fn progress(left: usize) -> Progress {
    match left {
        0 => Progress::Done,
        _ => Progress::Waiting,
    }
}
