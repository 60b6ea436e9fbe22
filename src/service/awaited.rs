//! Questions to archives that are not answered yet.
//!
//! A client that enters all its rooms asks all their archives at once, and may be refused none of these questions,
//! or it would miss what was said. But nobody may keep all readers of the store busy. So each person has a few
//! questions under way at a time; the others wait here, in order.

use std::collections::{HashMap, VecDeque};

use jid::BareJid;

use crate::store::ask::{Ask, AskNumber, End};
use crate::wire::envelope::Envelope;

/// So many questions of one person are under way at a time.
const UNDER_WAY_MAX: usize = 5;
/// So many more may wait for each person: as many as he can have rooms that a client enters at once.
const QUEUED_PER_PERSON_MAX: usize = 500;
/// So many questions may wait in all.
const QUEUED_MAX: usize = 10_000;

/// A question, and what its answer will be made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Awaited {
    /// Who asked, and how.
    pub envelope: Envelope,
    /// What is to be told.
    pub wanted: Wanted,
}

/// What is to be told to who asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// Messages of a room.
    Page {
        /// The room.
        room: BareJid,
        /// Whether the asker may know who is behind a nick.
        sees_real_jids: bool,
        /// Whether the last message is sent first.
        flipped: bool,
    },
    /// The first and the last message of a room.
    Ends,
    /// Messages of all rooms.
    Everywhere {
        /// Whether the last message is sent first.
        flipped: bool,
    },
    /// The first and the last message of all rooms, of which the last is asked for when the first is known.
    EndsEverywhere {
        /// The first, once it is known.
        first: Option<End>,
    },
    /// What is unread.
    Unread,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Questions {
    under_way: HashMap<AskNumber, Awaited>,
    of_person: HashMap<BareJid, OfPerson>,
    queued: usize,
}

#[derive(Debug, Default)]
struct OfPerson {
    under_way: usize,
    queued: VecDeque<(Ask, Awaited)>,
}

impl Questions {
    /// Puts a question behind the others of its person; false when too many wait already. [`Self::next`] gives it back
    /// when it is to be asked.
    pub fn queue(&mut self, ask: Ask, awaited: Awaited) -> bool {
        let of_person = self.of_person.entry(awaited.person()).or_default();
        if self.queued >= QUEUED_MAX || of_person.queued.len() >= QUEUED_PER_PERSON_MAX {
            return false;
        }
        of_person.queued.push_back((ask, awaited));
        self.queued += 1;
        true
    }

    /// The person's next question if it is to be asked now; [`Self::asked`] must follow.
    pub fn next(&mut self, person: &BareJid) -> Option<(Ask, Awaited)> {
        let of_person = self.of_person.get_mut(person)?;
        if of_person.under_way >= UNDER_WAY_MAX {
            return None;
        }
        let next = of_person.queued.pop_front()?;
        self.queued -= 1;
        of_person.under_way += 1;
        Some(next)
    }

    /// A question is under way, and its answer will have this number.
    pub fn asked(&mut self, number: AskNumber, awaited: Awaited) {
        self.under_way.insert(number, awaited);
    }

    /// The question that is answered under this number; none when nobody waits for the answer any more.
    pub fn answered(&mut self, number: AskNumber) -> Option<Awaited> {
        let awaited = self.under_way.remove(&number)?;
        self.ended(&awaited.person());
        Some(awaited)
    }

    /// Forgets the questions of these, who have been told that there will be no answer.
    pub fn forget(&mut self, told: &[Envelope]) {
        let is_told = |awaited: &Awaited| told.contains(&awaited.envelope);
        let lost: Vec<BareJid> = self
            .under_way
            .extract_if(|_, awaited| is_told(awaited))
            .map(|(_, awaited)| awaited.person())
            .collect();
        for of_person in self.of_person.values_mut() {
            of_person.queued.retain(|(_, awaited)| !is_told(awaited));
        }
        self.queued = self.of_person.values().map(|one| one.queued.len()).sum();
        for person in lost {
            self.ended(&person);
        }
    }

    fn ended(&mut self, person: &BareJid) {
        if let Some(of_person) = self.of_person.get_mut(person) {
            of_person.under_way -= 1;
            if of_person.under_way == 0 && of_person.queued.is_empty() {
                self.of_person.remove(person);
            }
        }
    }
}

impl Awaited {
    /// Who asked, whichever of his sessions it was.
    pub fn person(&self) -> BareJid {
        self.envelope.asker.to_bare()
    }
}
