//! Newcomers who wait to be let in. XEP-0045 §7.2 (#enter).
//!
//! Letting one more into a room of a thousand tells a thousand of one and one of a thousand. So
//! each room lets in a few at a time, and nobody while the server has much to take: those
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
mod tests;
