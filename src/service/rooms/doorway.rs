//! Newcomers who wait to be let in. XEP-0045 §7.2 (#enter).
//!
//! Letting one more into a room of a thousand tells a thousand of one and one of a thousand. So
//! each room lets in only so many at a time, and nobody while the server has much to take: those
//! who are inside are served first. Whoever comes meanwhile is not refused but waits here, and what
//! they send after it waits behind it; who leaves before is forgotten.
//!
//! Everybody of a served domain takes turns with everybody else; a foreign domain, whatever it says
//! who its people are, has one turn as well.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use jid::{BareJid, FullJid};

use crate::room::Elapsed;
use crate::service::rate::limits::Rate;
use crate::service::rate::party::Party;
use crate::wire::stanza::envelope::Envelope;
use crate::wire::xml::frame::Frame;

/// Maximum size of what waits, in bytes; about twenty thousand people.
const SIZE_MAX: usize = 16 * 1024 * 1024;
/// Maximum number of stanzas that somebody who waits may send meanwhile: what clients send without
/// waiting for the answer.
const FRAMES_MAX: usize = 32;
/// What a stanza takes in bytes, beside its payload: its header, its envelope and their texts.
const FRAME_SIZE: usize = 768;
/// Number of places of those who have left that are not worth looking for.
const SPARE_MAX: usize = 64;
/// The pause after which rooms are forgotten that nobody has entered for a while, in seconds.
const CLEAN_EVERY_S: i64 = 60;

/// A stanza that waits.
#[derive(Debug)]
pub struct Waiting {
    /// To answer it.
    pub envelope: Envelope,
    /// The whole of it, to be read when its turn comes.
    pub frame: Frame,
}

/// All who wait.
#[derive(Debug)]
pub struct Doorway {
    /// How many one room lets in; `None`: as many as come.
    pace: Option<Rate>,
    rooms: HashMap<BareJid, Queue>,
    /// The rooms where somebody waits, in turn.
    turns: VecDeque<BareJid>,
    /// Until when each room has used up what it lets in.
    used_until: HashMap<BareJid, Elapsed>,
    cleaned_at: Elapsed,
    /// How much waits, in bytes.
    size: usize,
}

/// Who waits at one room.
#[derive(Debug, Default)]
struct Queue {
    /// What each has sent, the entry first.
    sent: HashMap<Arc<FullJid>, VecDeque<Waiting>>,
    of_party: HashMap<Party, VecDeque<Arc<FullJid>>>,
    turns: VecDeque<Party>,
}

impl Doorway {
    /// A doorway in which nobody waits.
    pub fn new(pace: Option<Rate>) -> Self {
        Self {
            pace,
            rooms: HashMap::new(),
            turns: VecDeque::new(),
            used_until: HashMap::new(),
            cleaned_at: Elapsed::BEGINNING,
            size: 0,
        }
    }

    /// Whether newcomers wait at all.
    pub fn is_open(&self) -> bool {
        self.pace.is_none()
    }

    /// Whether a session waits at a room.
    pub fn has(&self, room: &BareJid, session: &FullJid) -> bool {
        let queue = self.rooms.get(room);
        queue.is_some_and(|queue| queue.sent.contains_key(session))
    }

    /// How many wait in all.
    #[cfg(test)]
    pub fn waiting(&self) -> usize {
        self.rooms.values().map(|queue| queue.sent.len()).sum()
    }

    /// Lets somebody in at once, if nobody waits at that room and it has let in few of late.
    pub fn lets_in(&mut self, now: Elapsed, room: &BareJid) -> bool {
        !self.rooms.contains_key(room) && self.take_place(now, room)
    }

    /// Puts an entry, or what follows it, behind what this session has sent; false when too much
    /// waits.
    pub fn wait(
        &mut self,
        room: &BareJid,
        (session, party): (&Arc<FullJid>, Party),
        waiting: Waiting,
    ) -> bool {
        let size = size(&waiting);
        if self.size + size > SIZE_MAX {
            return false;
        }
        let queue = match self.rooms.get_mut(room) {
            Some(queue) => queue,
            None => {
                self.turns.push_back(room.clone());
                self.rooms.entry(room.clone()).or_default()
            }
        };
        if !queue.put(session, party, waiting) {
            return false;
        }
        self.size += size;
        true
    }

    /// A session waits no longer: what it has sent, the entry first.
    pub fn leave(&mut self, room: &BareJid, session: &FullJid) -> VecDeque<Waiting> {
        let Some(queue) = self.rooms.get_mut(room) else {
            return VecDeque::new();
        };
        let sent = queue.sent.remove(session).unwrap_or_default();
        self.size -= sent.iter().map(size).sum::<usize>();
        if queue.sent.is_empty() {
            self.rooms.remove(room);
            self.turns.retain(|other| other != room);
        }
        sent
    }

    /// What the next one has sent who may come in now.
    pub fn next(&mut self, now: Elapsed) -> Option<VecDeque<Waiting>> {
        for _ in 0..self.turns.len() {
            let room = self.turns.pop_front()?;
            if !self.take_place(now, &room) {
                self.turns.push_back(room);
                continue;
            }
            let session = self.rooms.get_mut(&room)?.next()?;
            self.turns.push_back(room.clone());
            return Some(self.leave(&room, &session));
        }
        None
    }

    /// When somebody who waits may come in, if anybody waits.
    pub fn next_deadline(&self) -> Option<Elapsed> {
        let rate = self.pace?;
        let free_at = |room| match self.used_until.get(room) {
            Some(used_until) => Elapsed(used_until.0 - allowance(rate)),
            None => Elapsed::BEGINNING,
        };
        self.turns.iter().map(free_at).min()
    }

    /// Forgets all, and gives back what they have sent.
    pub fn forget_all(&mut self) -> Vec<Waiting> {
        let rooms = std::mem::take(&mut self.rooms);
        self.turns.clear();
        self.size = 0;
        let sent = rooms
            .into_values()
            .flat_map(|queue| queue.sent.into_values());
        sent.flatten().collect()
    }

    /// Takes one of the places that a room has, if there is one.
    fn take_place(&mut self, now: Elapsed, room: &BareJid) -> bool {
        let Some(rate) = self.pace else { return true };
        self.clean(now);
        let used_until = self
            .used_until
            .get(room)
            .map_or(now, |until| now.max(*until));
        if used_until.micros_since(now) > allowance(rate) {
            return false;
        }
        let until = Elapsed(used_until.0.saturating_add(interval(rate)));
        self.used_until.insert(room.clone(), until);
        true
    }

    fn clean(&mut self, now: Elapsed) {
        if now >= self.cleaned_at.plus_seconds(CLEAN_EVERY_S) {
            self.cleaned_at = now;
            self.used_until.retain(|_, until| *until > now);
        }
    }
}

impl Queue {
    fn put(&mut self, session: &Arc<FullJid>, party: Party, waiting: Waiting) -> bool {
        if let Some(sent) = self.sent.get_mut(session) {
            let has_place = sent.len() < FRAMES_MAX;
            if has_place {
                sent.push_back(waiting);
            }
            return has_place;
        }
        self.sent.insert(session.clone(), VecDeque::from([waiting]));
        let of_party = self.of_party.entry(party.clone()).or_default();
        if of_party.is_empty() {
            self.turns.push_back(party);
        }
        of_party.push_back(session.clone());
        if of_party.len() > 2 * self.sent.len() + SPARE_MAX {
            // Some came and left again and again: they wait where they came last.
            let mut seen = HashSet::new();
            let newest_first = of_party.drain(..).rev();
            let waiting = newest_first
                .filter(|session| self.sent.contains_key(session) && seen.insert(session.clone()));
            let waiting: Vec<_> = waiting.collect();
            of_party.extend(waiting.into_iter().rev());
        }
        true
    }

    /// Whose turn it is.
    fn next(&mut self) -> Option<Arc<FullJid>> {
        while let Some(party) = self.turns.pop_front() {
            let of_party = self.of_party.get_mut(&party)?;
            let session = of_party.pop_front();
            if of_party.is_empty() {
                self.of_party.remove(&party);
            } else {
                self.turns.push_back(party);
            }
            // Whoever has left may still stand here.
            let session = session.filter(|session| self.sent.contains_key(session));
            if session.is_some() {
                return session;
            }
        }
        None
    }
}

/// The time after which a room may let in one more, in microseconds.
fn interval(rate: Rate) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a rate is above 0, and the slowest that can be configured is some days"
    )]
    let interval = (1_000_000.0 / rate.per_second) as i64;
    interval.max(1)
}

/// So far ahead a room may have let in what it may let in at once, in microseconds.
fn allowance(rate: Rate) -> i64 {
    interval(rate).saturating_mul(i64::from(rate.burst) - 1)
}

fn size(waiting: &Waiting) -> usize {
    FRAME_SIZE + waiting.frame.payload().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jid::Jid;

    const PACE: Rate = Rate {
        per_second: 2.0,
        burst: 3,
    };

    fn room(name: &str) -> BareJid {
        BareJid::new(&format!("{name}@rooms.example.org")).unwrap()
    }

    fn at(seconds: f64) -> Elapsed {
        Elapsed((seconds * 1e6) as i64)
    }

    fn waiting(from: &str) -> Waiting {
        let xml = format!("<presence from='{from}' to='hall@rooms.example.org/x'/>");
        let frame = Frame::from_xml(xml.as_bytes()).unwrap();
        let service = BareJid::new("rooms.example.org").unwrap();
        let envelope = Envelope::of(&frame.header, &service).unwrap();
        Waiting { envelope, frame }
    }

    fn come(doorway: &mut Doorway, at_room: &str, from: &str) -> bool {
        let served = ["example.org"].map(|name| jid::DomainPart::new(name).unwrap().into_owned());
        let party = Party::of(&Jid::new(from).unwrap(), &served.into());
        let session = Arc::new(FullJid::new(from).unwrap());
        doorway.wait(&room(at_room), (&session, party), waiting(from))
    }

    fn let_in(doorway: &mut Doorway, now: Elapsed) -> Vec<String> {
        let frames = std::iter::from_fn(|| doorway.next(now)).flatten();
        frames
            .map(|waiting| waiting.envelope.asker.to_string())
            .collect()
    }

    #[test]
    fn a_room_lets_in_a_few_at_once_and_then_one_after_the_other() {
        let mut doorway = Doorway::new(Some(PACE));
        let now = at(100.0);
        let at_once = (0..10)
            .filter(|_| doorway.lets_in(now, &room("hall")))
            .count();
        assert_eq!(at_once, 3);
        assert!(doorway.lets_in(now, &room("den")), "that is another room");
        for number in 0..5 {
            assert!(come(
                &mut doorway,
                "hall",
                &format!("p{number}@example.org/x")
            ));
        }
        assert!(let_in(&mut doorway, now).is_empty());
        assert_eq!(doorway.next_deadline(), Some(at(100.5)));
        assert_eq!(let_in(&mut doorway, at(100.5)), ["p0@example.org/x"]);
        assert!(
            !doorway.lets_in(at(101.0), &room("hall")),
            "others were here before"
        );
        assert_eq!(
            let_in(&mut doorway, at(101.5)),
            ["p1@example.org/x", "p2@example.org/x"]
        );
        assert_eq!(let_in(&mut doorway, at(1000.0)).len(), 2);
        assert_eq!(doorway.next_deadline(), None);
        assert_eq!(doorway.size, 0);
    }

    #[test]
    fn a_foreign_domain_has_one_turn_however_many_it_says_come() {
        let mut doorway = Doorway::new(Some(PACE));
        for number in 0..50 {
            come(&mut doorway, "hall", &format!("p{number}@remote.test/x"));
        }
        come(&mut doorway, "hall", "ann@example.org/x");
        come(&mut doorway, "hall", "bob@example.org/x");
        assert_eq!(
            let_in(&mut doorway, at(1.0)),
            ["p0@remote.test/x", "ann@example.org/x", "bob@example.org/x"]
        );
    }

    #[test]
    fn rooms_take_turns() {
        let mut doorway = Doorway::new(Some(PACE));
        for number in 0..3 {
            come(&mut doorway, "hall", &format!("p{number}@example.org/x"));
        }
        come(&mut doorway, "den", "ann@example.org/x");
        let first: Vec<_> = let_in(&mut doorway, at(1.0)).into_iter().take(2).collect();
        assert_eq!(first, ["p0@example.org/x", "ann@example.org/x"]);
    }

    #[test]
    fn who_leaves_is_forgotten_with_all_they_sent() {
        let mut doorway = Doorway::new(Some(PACE));
        come(&mut doorway, "hall", "ann@example.org/x");
        come(&mut doorway, "hall", "ann@example.org/x");
        come(&mut doorway, "hall", "bob@example.org/x");
        let ann = FullJid::new("ann@example.org/x").unwrap();
        assert!(doorway.has(&room("hall"), &ann));
        assert_eq!(doorway.leave(&room("hall"), &ann).len(), 2);
        assert!(!doorway.has(&room("hall"), &ann));
        assert_eq!(let_in(&mut doorway, at(1.0)), ["bob@example.org/x"]);
        assert!(doorway.rooms.is_empty() && doorway.turns.is_empty());
    }

    #[test]
    fn who_comes_and_leaves_again_and_again_takes_no_memory() {
        let mut doorway = Doorway::new(Some(PACE));
        let ann = FullJid::new("ann@example.org/x").unwrap();
        come(&mut doorway, "hall", "bob@example.org/x");
        for _ in 0..10_000 {
            come(&mut doorway, "hall", "ann@example.org/x");
            doorway.leave(&room("hall"), &ann);
        }
        let queue = &doorway.rooms[&room("hall")];
        let places: usize = queue.of_party.values().map(VecDeque::len).sum();
        assert!(places <= 2 * SPARE_MAX, "{places}");
        assert!(queue.turns.len() <= 2);
    }

    #[test]
    fn too_much_does_not_wait() {
        let mut doorway = Doorway::new(Some(PACE));
        let mut of_one = 0;
        while come(&mut doorway, "hall", "eve@example.org/x") {
            of_one += 1;
        }
        assert_eq!(of_one, FRAMES_MAX);
        let mut people = 0;
        while come(&mut doorway, "hall", &format!("p{people}@example.org/x")) {
            people += 1;
        }
        assert!((20_000..40_000).contains(&people), "{people}");
        assert_eq!(doorway.forget_all().len(), people + of_one);
        assert_eq!(doorway.waiting(), 0);
    }

    #[test]
    fn rooms_that_nobody_enters_any_more_are_forgotten() {
        let mut doorway = Doorway::new(Some(PACE));
        for number in 0..100 {
            doorway.lets_in(at(1.0), &room(&format!("r{number}")));
        }
        doorway.lets_in(at(100.0), &room("hall"));
        assert_eq!(doorway.used_until.len(), 1);
    }
}
