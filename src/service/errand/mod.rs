//! Our own questions: everything that the service asks of others, and whose answer it waits for.
//!
//! One table has them all, by the ids under which they left. An answer is one only from where the
//! question went, and only once. A kind of errand is a file here: what it remembers, its
//! [`Bounds`], and how it goes on with the answer; nothing else knows of it.

mod ghost;
mod relay;
mod uptime;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;

use jid::{FullJid, Jid};

use crate::room::{Elapsed, Now};
use crate::service::engine::Engine;
use crate::service::rate::party::Party;
use crate::wire::stanza::bounce::StanzaOutcome;
use crate::wire::xml::frame::Frame;

/// A question of ours that is under way.
pub(in crate::service) trait Errand: fmt::Debug + Send {
    /// How many of its kind may be under way, and for how long.
    fn bounds(&self) -> &'static Bounds;

    /// For whom it was sent, if others may have many sent.
    fn on_behalf_of(&self) -> Option<&Behalf> {
        None
    }

    /// The answer has come.
    fn go_on(self: Box<Self>, engine: &mut Engine, now: Now, reply: &StanzaReply<'_>);
}

/// How many errands of a kind may be under way.
#[derive(Debug)]
pub(in crate::service) struct Bounds {
    /// The kind's own name.
    pub kind: &'static str,
    /// Longest time to wait for an answer, in seconds. One that takes longer is passed over.
    pub patience_s: i64,
    /// Maximum number in all; the oldest are dropped.
    pub most: usize,
    /// Maximum number on behalf of one session.
    pub most_per_session: usize,
    /// Maximum number on behalf of one person, or of all people of a domain that is not served: so
    /// nobody has the errands of others dropped.
    pub most_per_party: usize,
}

/// For whom something is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::service) struct Behalf {
    pub session: Arc<FullJid>,
    pub party: Party,
}

/// An answer, and the id of the question.
pub(in crate::service) struct StanzaReply<'a> {
    pub id: &'a str,
    pub outcome: StanzaOutcome,
    /// All of the answer, with its payload.
    pub frame: &'a Frame,
}

/// All errands under way.
#[derive(Debug, Default)]
pub(in crate::service) struct Errands {
    under_way: HashMap<String, UnderWay>,
    /// Those of each kind with the time when they left, oldest first; some may have been answered.
    kinds: BTreeMap<&'static str, OfKind>,
}

#[derive(Debug)]
struct UnderWay {
    errand: Box<dyn Errand>,
    /// Where the question went; an answer from anywhere else is forged.
    to: Jid,
}

#[derive(Debug)]
struct OfKind {
    bounds: &'static Bounds,
    order: VecDeque<(Elapsed, String)>,
    of_sessions: HashMap<Arc<FullJid>, usize>,
    of_parties: HashMap<Party, usize>,
}

impl Errands {
    /// Remembers a question that leaves under this id; false when those for whom it is asked wait
    /// for too many answers already. Then it must not be sent.
    pub fn add(&mut self, now: Elapsed, id: String, to: Jid, errand: Box<dyn Errand>) -> bool {
        self.forget_old(now);
        let bounds = errand.bounds();
        let kind = self.kinds.entry(bounds.kind).or_insert_with(|| OfKind {
            bounds,
            order: VecDeque::new(),
            of_sessions: HashMap::new(),
            of_parties: HashMap::new(),
        });
        if errand
            .on_behalf_of()
            .is_some_and(|behalf| !kind.begin(behalf))
        {
            return false;
        }
        kind.order.push_back((now, id.clone()));
        self.under_way.insert(id, UnderWay { errand, to });
        true
    }

    /// The errand that this is the answer to; none for an answer that nobody waits for.
    pub fn answered(&mut self, id: &str, from: &Jid) -> Option<Box<dyn Errand>> {
        if self.under_way.get(id)?.to != *from {
            return None;
        }
        self.remove(id)
    }

    /// When the oldest is to be forgotten.
    pub fn next_deadline(&self) -> Option<Elapsed> {
        self.kinds.values().filter_map(OfKind::next_deadline).min()
    }

    /// Forgets what has been answered or waited for too long.
    pub fn forget_old(&mut self, now: Elapsed) {
        let mut gone = Vec::new();
        for kind in self.kinds.values_mut() {
            while let Some((sent_at, id)) = kind.order.front() {
                let is_late = sent_at.plus_seconds(kind.bounds.patience_s) < now;
                let is_answered = !self.under_way.contains_key(id);
                if !is_late && !is_answered && kind.order.len() < kind.bounds.most {
                    break;
                }
                gone.extend(kind.order.pop_front().map(|(_, id)| id));
            }
        }
        for id in gone {
            self.remove(&id);
        }
    }

    fn remove(&mut self, id: &str) -> Option<Box<dyn Errand>> {
        let UnderWay { errand, .. } = self.under_way.remove(id)?;
        let kind = self.kinds.get_mut(errand.bounds().kind)?;
        if let Some(behalf) = errand.on_behalf_of() {
            kind.end(behalf);
        }
        Some(errand)
    }
}

impl OfKind {
    fn next_deadline(&self) -> Option<Elapsed> {
        let (sent_at, _) = self.order.front()?;
        Some(sent_at.plus_seconds(self.bounds.patience_s + 1))
    }

    /// Counts one more, if there may be one.
    fn begin(&mut self, behalf: &Behalf) -> bool {
        let count = |counted: Option<&usize>| counted.copied().unwrap_or_default();
        if count(self.of_parties.get(&behalf.party)) >= self.bounds.most_per_party
            || count(self.of_sessions.get(&behalf.session)) >= self.bounds.most_per_session
        {
            return false;
        }
        *self.of_parties.entry(behalf.party.clone()).or_default() += 1;
        *self.of_sessions.entry(behalf.session.clone()).or_default() += 1;
        true
    }

    fn end(&mut self, behalf: &Behalf) {
        if let Some(count) = self.of_parties.get_mut(&behalf.party) {
            *count -= 1;
            if *count == 0 {
                self.of_parties.remove(&behalf.party);
            }
        }
        if let Some(count) = self.of_sessions.get_mut(&behalf.session) {
            *count -= 1;
            if *count == 0 {
                self.of_sessions.remove(&behalf.session);
            }
        }
    }
}

impl Engine {
    /// An answer has come; to what, its id tells.
    pub(in crate::service) fn take_reply(&mut self, now: Now, from: &Jid, reply: &StanzaReply<'_>) {
        if let Some(errand) = self.errands.answered(reply.id, from) {
            errand.go_on(self, now, reply);
        }
    }
}

#[cfg(test)]
mod tests;
