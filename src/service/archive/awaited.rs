//! Questions to archives that are not answered yet.
//!
//! A client that enters all its rooms asks all their archives at once, and may be refused none of
//! these questions, or it would miss what was said. But nobody may keep the store from others, nor
//! have more answers made than the server can take. So only some questions are under way at a time,
//! and people take turns; the others wait here.

use std::collections::{HashMap, VecDeque};

use jid::BareJid;

use crate::room::{ArchiveId, Elapsed, KnownAuthors};
use crate::service::rate::party::Party;
use crate::store::question::ask::{ArchiveEnd, Ask, AskNumber};
use crate::wire::stanza::envelope::Envelope;

/// Maximum number of questions under way at a time. The store has a thread for pages and one for
/// searches; each question more only adds to the answers that wait in memory, of which one may have
/// a page's 256 KiB.
const UNDER_WAY_MAX: usize = 16;
/// Maximum number of questions of one person that are under way.
const UNDER_WAY_PER_PERSON_MAX: usize = 4;
/// Maximum size of the questions that wait for one person, in bytes: some thousand questions, more
/// than anybody has rooms.
const QUEUED_PER_PERSON_MAX: usize = 1024 * 1024;
/// Maximum number of questions of one domain that is not served: the domain counts as one person.
const UNDER_WAY_PER_DOMAIN_MAX: usize = UNDER_WAY_PER_PERSON_MAX;
/// Maximum size of the questions that wait for one such domain, in bytes.
const QUEUED_PER_DOMAIN_MAX: usize = 8 * 1024 * 1024;
/// Maximum size of all questions that wait, in bytes.
const QUEUED_MAX: usize = 64 * 1024 * 1024;
/// Maximum number of slow questions that wait for their turn. They have a thread of their own,
/// which answers one at a time.
const SLOW_MAX: usize = 64;
/// The pause between two questions while the server falls behind, in microseconds.
const SLOW_PACE_MICROSECONDS: i64 = 100_000;
/// What a question takes, in bytes, beside the ids and addresses in it.
const QUESTION_SIZE: usize = 1024;

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
        /// The room whose messages these are.
        room: BareJid,
        /// Who of those behind the nicks the asker may know.
        authors: KnownAuthors,
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
    /// The first and the last message of all rooms, of which the last is asked for when the first
    /// is known.
    EndsEverywhere {
        /// The first, once it is known.
        first: Option<ArchiveEnd>,
    },
    /// What the asker has not read, room by room.
    Unread,
}

/// All questions to archives that are not answered yet.
#[derive(Debug, Default)]
pub struct Questions {
    under_way: HashMap<AskNumber, (Ask, Awaited)>,
    slow: Slow,
    of_person: HashMap<BareJid, OfPerson>,
    of_domain: HashMap<BareJid, OfDomain>,
    /// Whose turn it is: everybody once who has a question that may be asked, and each domain that
    /// is not served once whose people have one.
    turns: VecDeque<Party>,
    /// How much is queued, in bytes.
    queued_size: usize,
    /// When one was last let through though the server fell behind, in microseconds.
    slow_one_at: i64,
}

/// Questions that could not be answered soon. Nobody waits for them but who asked: they count among
/// those of their person, and no longer among those of all.
#[derive(Debug, Default)]
struct Slow {
    waiting: VecDeque<(Ask, Awaited)>,
    under_way: Option<(AskNumber, Awaited)>,
    /// Whose was answered last, so that people take turns here, too.
    last: Option<BareJid>,
}

/// What becomes of a question that could not be answered soon.
#[derive(Debug, PartialEq)]
pub enum OutOfTime {
    /// It will be asked again, with more time.
    Waits,
    /// It is given up.
    GivenUp(Box<Awaited>),
}

#[derive(Debug)]
struct OfPerson {
    party: Party,
    under_way: usize,
    queued: VecDeque<(Ask, Awaited)>,
    queued_size: usize,
}

/// What all people of a domain that is not served have asked.
#[derive(Debug, Default)]
struct OfDomain {
    under_way: usize,
    queued_size: usize,
    /// Whose turn it is when it is the domain's.
    turns: VecDeque<BareJid>,
    /// Whether the domain stands among the turns of all.
    has_turn: bool,
}

impl Questions {
    /// Puts a question behind the others of its person, who counts as this; false when too much
    /// waits already.
    pub fn queue(&mut self, ask: Ask, awaited: Awaited, party: Party) -> bool {
        let size = size(&ask, &awaited);
        let person = awaited.person();
        let of_person = self.of_person.get(&person).map_or(0, |one| one.queued_size);
        let domain = party.domain().and_then(|domain| self.of_domain.get(domain));
        let of_domain = domain.map_or(0, |one| one.queued_size);
        if self.queued_size + size > QUEUED_MAX
            || of_person + size > QUEUED_PER_PERSON_MAX
            || of_domain + size > QUEUED_PER_DOMAIN_MAX
        {
            // Nothing is kept of who is refused.
            return false;
        }
        if let Some(domain) = party.domain() {
            self.of_domain
                .entry(domain.clone())
                .or_default()
                .queued_size += size;
        }
        self.queued_size += size;
        let of_person = self.of_person.entry(person.clone()).or_insert(OfPerson {
            party,
            under_way: 0,
            queued: VecDeque::new(),
            queued_size: 0,
        });
        of_person.queued.push_back((ask, awaited));
        of_person.queued_size += size;
        if of_person.queued.len() == 1 {
            self.line_up(&person);
        }
        true
    }

    /// The next question that is to be asked, if one is; [`Self::asked`] must follow.
    pub fn next(&mut self) -> Option<(Ask, Awaited)> {
        if self.under_way.len() >= UNDER_WAY_MAX {
            return None;
        }
        let party = self.turns.pop_front()?;
        let person = match &party {
            Party::Person(person) => person.clone(),
            Party::Domain(domain) => {
                let of_domain = self.of_domain.get_mut(domain)?;
                of_domain.has_turn = false;
                of_domain.turns.pop_front()?
            }
        };
        let of_person = self.of_person.get_mut(&person)?;
        let (ask, awaited) = of_person.queued.pop_front()?;
        let size = size(&ask, &awaited);
        of_person.queued_size -= size;
        of_person.under_way += 1;
        self.queued_size -= size;
        if let Some(of_domain) = self.domain_of(&party) {
            of_domain.queued_size -= size;
            of_domain.under_way += 1;
        }
        self.line_up(&person);
        self.line_up_domain(&party);
        Some((ask, awaited))
    }

    /// Gives a person a turn, if they have a question that may be asked.
    fn line_up(&mut self, person: &BareJid) {
        let Some(of_person) = self.of_person.get(person) else {
            return;
        };
        if of_person.queued.is_empty() || of_person.under_way >= UNDER_WAY_PER_PERSON_MAX {
            return;
        }
        let party = of_person.party.clone();
        match self.domain_of(&party) {
            None => self.turns.push_back(party),
            Some(of_domain) => {
                of_domain.turns.push_back(person.clone());
                self.line_up_domain(&party);
            }
        }
    }

    /// Gives a domain a turn, if its people have a question that may be asked and it has none.
    fn line_up_domain(&mut self, party: &Party) {
        let Some(of_domain) = self.domain_of(party) else {
            return;
        };
        let may_ask = of_domain.under_way < UNDER_WAY_PER_DOMAIN_MAX;
        if may_ask && !of_domain.has_turn && !of_domain.turns.is_empty() {
            of_domain.has_turn = true;
            self.turns.push_back(party.clone());
        }
    }

    fn domain_of(&mut self, party: &Party) -> Option<&mut OfDomain> {
        self.of_domain.get_mut(party.domain()?)
    }

    /// Whether a tenth of a second has passed since this was last true.
    pub fn is_time_for_one(&mut self, now: Elapsed) -> bool {
        if now.0 - self.slow_one_at < SLOW_PACE_MICROSECONDS {
            return false;
        }
        self.slow_one_at = now.0;
        true
    }

    /// A question is under way, and its answer will have this number.
    pub fn asked(&mut self, number: AskNumber, ask: Ask, awaited: Awaited) {
        self.under_way.insert(number, (ask, awaited));
    }

    /// The next question that takes long, if it is time for one; [`Self::asked_slowly`] must
    /// follow.
    pub fn next_slow(&mut self) -> Option<(Ask, Awaited)> {
        if self.slow.under_way.is_some() {
            return None;
        }
        let is_anothers = |(_, awaited): &(Ask, Awaited)| Some(awaited.person()) != self.slow.last;
        let place = self.slow.waiting.iter().position(is_anothers).unwrap_or(0);
        let (ask, awaited) = self.slow.waiting.remove(place)?;
        self.slow.last = Some(awaited.person());
        Some((ask, awaited))
    }

    /// A question that takes long is under way.
    pub fn asked_slowly(&mut self, number: AskNumber, awaited: Awaited) {
        self.slow.under_way = Some((number, awaited));
    }

    /// A question was given up for it took too long: it is asked once more, with more time, if that
    /// was not tried yet and not too many wait for the same. `None`: nobody waits for the answer
    /// any more.
    pub fn out_of_time(&mut self, number: AskNumber) -> Option<OutOfTime> {
        if self.slow.waiting.len() < SLOW_MAX
            && let Some(quick) = self.under_way.remove(&number)
        {
            self.slow.waiting.push_back(quick);
            return Some(OutOfTime::Waits);
        }
        self.answered(number)
            .map(|awaited| OutOfTime::GivenUp(Box::new(awaited)))
    }

    /// The question that is answered under this number; none when nobody waits for the answer any
    /// more.
    pub fn answered(&mut self, number: AskNumber) -> Option<Awaited> {
        let is_slow = |slow: &mut (AskNumber, Awaited)| slow.0 == number;
        let awaited = match self.under_way.remove(&number) {
            Some((_, awaited)) => awaited,
            None => self.slow.under_way.take_if(is_slow)?.1,
        };
        let person = awaited.person();
        let of_person = self.of_person.get_mut(&person)?;
        let had_enough = of_person.under_way == UNDER_WAY_PER_PERSON_MAX;
        of_person.under_way -= 1;
        let party = of_person.party.clone();
        if of_person.under_way == 0 && of_person.queued.is_empty() {
            self.of_person.remove(&person);
        } else if had_enough {
            self.line_up(&person);
        }
        if let Some(of_domain) = self.domain_of(&party) {
            of_domain.under_way -= 1;
            if of_domain.under_way == 0 && of_domain.queued_size == 0 {
                party.domain().map(|domain| self.of_domain.remove(domain));
            }
        }
        self.line_up_domain(&party);
        Some(awaited)
    }

    /// Forgets all, and gives back who asked.
    pub fn forget_all(&mut self) -> Vec<Envelope> {
        let all = std::mem::take(self);
        let queued = all.of_person.into_values().flat_map(|one| one.queued);
        let queued = queued.map(|(_, awaited)| awaited);
        let under_way = all.under_way.into_values().chain(all.slow.waiting);
        let under_way = under_way.map(|(_, awaited)| awaited);
        let slow = all.slow.under_way.map(|(_, awaited)| awaited);
        under_way
            .chain(slow)
            .chain(queued)
            .map(|awaited| awaited.envelope)
            .collect()
    }
}

fn size(ask: &Ask, awaited: &Awaited) -> usize {
    let of_ids = |ids: &[ArchiveId]| ids.iter().map(|id| id.0.len() + ENTRY_SIZE).sum::<usize>();
    let of_room = |room: &BareJid| room.as_str().len() + ENTRY_SIZE;
    let named = match ask {
        Ask::Ends { .. } => 0,
        Ask::Page { question, .. } | Ask::Everywhere { question, .. } => {
            let rooms = question.filter.rooms.iter();
            of_ids(&question.filter.ids) + rooms.map(of_room).sum::<usize>()
        }
        Ask::Unread { rooms, .. } => rooms.iter().map(|(room, _)| of_room(room)).sum(),
    };
    QUESTION_SIZE + awaited.envelope.id.as_ref().map_or(0, String::len) + named
}

/// What an id or an address takes in a list, in bytes, beside its letters.
const ENTRY_SIZE: usize = 32;

impl Awaited {
    /// The person who asked, whichever of their sessions it was.
    pub fn person(&self) -> BareJid {
        self.envelope.asker.to_bare()
    }
}

#[cfg(test)]
mod tests;
