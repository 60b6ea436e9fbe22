//! Doubted sessions are verified before they are removed. XEP-0045 §18.1.2 (#impl-service-ghosts).
//!
//! A bounce alone proves little: `service-unavailable` can be the user's own block list, and a late
//! bounce can hit a session that has come back. So whoever is doubted is pinged. Only a condition
//! that says "there is no such session" counts at once. `service-unavailable` to a ping is
//! ambiguous (a client without ping says so, and so does a server for a session that is gone); then
//! a groupchat message without content goes out, which a server returns when there is no such
//! session and a client ignores, and behind it a second ping as its fence. Silence is a connection
//! that the server still holds, so it takes an hour to count.
//!
//! Here is only the reasoning: which question is next, and what an answer means. Nothing is sent
//! from here.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jid::FullJid;

use crate::room::Elapsed;

/// What an answer to a question of ours says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The client answered, or refused as only a client does.
    Alive,
    /// There is no such session, says a server.
    Gone,
    /// `service-unavailable`, which clients and servers both say.
    Ambiguous,
    /// `remote-server-timeout` and other temporary troubles.
    Trouble,
}

/// A question to be sent to a doubted session.
#[derive(Clone, Debug, PartialEq)]
pub enum Inquiry {
    /// A ping under this id. XEP-0199.
    Ping {
        /// The session that is doubted.
        to: Arc<FullJid>,
        /// The stanza's id.
        id: String,
    },
    /// An empty groupchat message under this id.
    Probe {
        /// The session that is doubted.
        to: Arc<FullJid>,
        /// The stanza's id.
        id: String,
    },
}

/// What the verification has found out of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is gone, and is to be removed from every room.
    Gone(Arc<FullJid>),
}

/// All doubted sessions.
#[derive(Debug)]
pub struct Doubts {
    /// Maximum number of questions a second, so that a server that has just restarted is not
    /// flooded.
    pace_per_s: u32,
    /// Whose turn it is to be asked, by the numbers that they drew; each of them is checked.
    waiting: BTreeMap<u64, Arc<FullJid>>,
    numbers_drawn: u64,
    checks: HashMap<Arc<FullJid>, Check>,
    /// When a check is to go on by itself: no answer came, or a trouble is to pass.
    timers: BTreeMap<(Elapsed, Arc<FullJid>), ()>,
    /// When the next question may be asked.
    next_at: Elapsed,
    counter: u64,
    /// Makes ids of this run different from those of the last.
    prefix: String,
}

#[derive(Debug)]
struct Check {
    stage: Stage,
    /// The number in the queue, while it is in it.
    number: Option<u64>,
    /// The id of the ping that is waited for.
    ping_id: String,
    /// The id of the probe, once one was sent.
    probe_id: Option<String>,
    /// Whether the probe came back.
    probe_returned: bool,
    /// How often this session was silent or in trouble.
    attempts: usize,
    timer: Elapsed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Waiting,
    Asked,
    Pausing(Trial),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trial {
    Silence,
    Trouble,
}

/// How long an answer is waited for, in seconds.
pub const ANSWER_MAX_S: i64 = 30;
/// The pauses after which a silent session is asked again, in seconds; after the last it counts as
/// gone (about an hour).
const SILENCE_PAUSES_S: [i64; 5] = [60, 300, 600, 1200, 1800];
/// The pauses after which a session behind a trouble is asked again, in seconds; after the last it
/// counts as gone (five minutes).
const TROUBLE_PAUSES_S: [i64; 4] = [30, 60, 90, 120];

impl Doubts {
    /// Nobody is doubted. `prefix` makes ids unique among runs of the service.
    pub fn new(pace_per_s: u32, prefix: String) -> Self {
        Self {
            pace_per_s: pace_per_s.max(1),
            waiting: BTreeMap::new(),
            numbers_drawn: 0,
            checks: HashMap::new(),
            timers: BTreeMap::new(),
            next_at: Elapsed::BEGINNING,
            counter: 0,
            prefix,
        }
    }

    /// Doubts a session. Nothing happens to one that is doubted already.
    pub fn doubt(&mut self, session: Arc<FullJid>) {
        if self.checks.contains_key(&session) {
            return;
        }
        let check = Check {
            stage: Stage::Waiting,
            number: None,
            ping_id: String::new(),
            probe_id: None,
            probe_returned: false,
            attempts: 0,
            timer: Elapsed::BEGINNING,
        };
        self.checks.insert(session.clone(), check);
        self.queue(&session);
    }

    fn queue(&mut self, session: &Arc<FullJid>) {
        if let Some(check) = self.checks.get_mut(session) {
            check.number = Some(self.numbers_drawn);
            self.waiting.insert(self.numbers_drawn, session.clone());
            self.numbers_drawn += 1;
        }
    }

    /// How many sessions wait for their first question.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Takes a session out, because something else has shown that it lives.
    pub fn forget(&mut self, session: &Arc<FullJid>) {
        if let Some(check) = self.checks.remove(session) {
            self.timers.remove(&(check.timer, session.clone()));
            if let Some(number) = check.number {
                self.waiting.remove(&number);
            }
        }
    }

    /// When [`Self::proceed`] has something to do, if at all.
    pub fn next_deadline(&self) -> Option<Elapsed> {
        let timer = self.timers.keys().next().map(|(at, _)| *at);
        let question = (!self.waiting.is_empty()).then_some(self.next_at);
        timer.into_iter().chain(question).min()
    }

    /// Asks what is to be asked now, and finds who has been silent for too long.
    pub fn proceed(&mut self, now: Elapsed, questions: &mut Vec<Inquiry>) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        while let Some((at, session)) = self.timers.keys().next().cloned() {
            if at > now {
                break;
            }
            self.timers.remove(&(at, session.clone()));
            verdicts.extend(self.timer_passed(now, &session));
        }
        while now >= self.next_at {
            let Some((_, session)) = self.waiting.pop_first() else {
                break;
            };
            if let Some(check) = self.checks.get_mut(&session) {
                check.number = None;
            }
            self.next_at = self.after_question(now);
            self.ping(now, &session, questions);
        }
        verdicts
    }

    /// Takes an answer to a ping into account.
    pub fn answered(
        &mut self,
        now: Elapsed,
        session: &Arc<FullJid>,
        id: &str,
        sign: Sign,
        questions: &mut Vec<Inquiry>,
    ) -> Option<Verdict> {
        let check = self.checks.get_mut(session)?;
        if check.ping_id != id || check.stage != Stage::Asked {
            return None;
        }
        match sign {
            Sign::Alive => self.forget(session),
            Sign::Gone => return Some(self.gone(session)),
            Sign::Trouble => return self.pause(now, session, Trial::Trouble),
            Sign::Ambiguous if check.probe_id.is_none() => self.probe(now, session, questions),
            Sign::Ambiguous if check.probe_returned => return Some(self.gone(session)),
            // The probe was taken: there is a client, which knows no ping.
            Sign::Ambiguous => self.forget(session),
        }
        None
    }

    /// Takes a returned message into account; true if it was a probe of ours.
    pub fn returned(&mut self, session: &Arc<FullJid>, id: &str) -> bool {
        let Some(check) = self.checks.get_mut(session) else {
            return false;
        };
        let ours = check.probe_id.as_deref() == Some(id);
        check.probe_returned |= ours;
        ours
    }

    fn after_question(&self, now: Elapsed) -> Elapsed {
        let gap_us = 1_000_000 / i64::from(self.pace_per_s);
        // A burst of what was missed while the loop slept is allowed, but not more than a tenth of
        // a second.
        let base = self.next_at.0.max(now.0 - 100_000);
        Elapsed(base + gap_us)
    }

    fn fresh_id(&mut self) -> String {
        self.counter += 1;
        format!("{}{}", self.prefix, self.counter)
    }

    fn ping(&mut self, now: Elapsed, session: &Arc<FullJid>, questions: &mut Vec<Inquiry>) {
        let id = self.fresh_id();
        questions.push(Inquiry::Ping {
            to: session.clone(),
            id: id.clone(),
        });
        if let Some(check) = self.checks.get_mut(session) {
            check.stage = Stage::Asked;
            check.ping_id = id;
        }
        self.set_timer(session, now.plus_seconds(ANSWER_MAX_S));
    }

    fn probe(&mut self, now: Elapsed, session: &Arc<FullJid>, questions: &mut Vec<Inquiry>) {
        let id = self.fresh_id();
        questions.push(Inquiry::Probe {
            to: session.clone(),
            id: id.clone(),
        });
        if let Some(check) = self.checks.get_mut(session) {
            check.probe_id = Some(id);
        }
        self.ping(now, session, questions);
    }

    fn gone(&mut self, session: &Arc<FullJid>) -> Verdict {
        self.forget(session);
        Verdict::Gone(session.clone())
    }

    fn timer_passed(&mut self, now: Elapsed, session: &Arc<FullJid>) -> Option<Verdict> {
        match self.checks.get(session)?.stage {
            Stage::Asked => self.pause(now, session, Trial::Silence),
            Stage::Pausing(_) => {
                if let Some(check) = self.checks.get_mut(session) {
                    check.stage = Stage::Waiting;
                    check.probe_id = None;
                    check.probe_returned = false;
                }
                self.queue(session);
                None
            }
            Stage::Waiting => None,
        }
    }

    fn pause(&mut self, now: Elapsed, session: &Arc<FullJid>, trial: Trial) -> Option<Verdict> {
        let check = self.checks.get_mut(session)?;
        let pauses: &[i64] = match trial {
            Trial::Silence => &SILENCE_PAUSES_S,
            Trial::Trouble => &TROUBLE_PAUSES_S,
        };
        let Some(pause_s) = pauses.get(check.attempts) else {
            return Some(self.gone(session));
        };
        check.attempts += 1;
        check.stage = Stage::Pausing(trial);
        let at = now.plus_seconds(*pause_s);
        self.set_timer(session, at);
        None
    }

    fn set_timer(&mut self, session: &Arc<FullJid>, at: Elapsed) {
        let Some(check) = self.checks.get_mut(session) else {
            return;
        };
        self.timers.remove(&(check.timer, session.clone()));
        check.timer = at;
        self.timers.insert((at, session.clone()), ());
    }
}

#[cfg(test)]
mod tests;
