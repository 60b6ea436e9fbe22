//! Doubted sessions are verified before they are removed. XEP-0045 §18.1.2 (#impl-service-ghosts).
//!
//! A bounce alone proves little: `service-unavailable` can be the user's own block list, and a late bounce can hit
//! a session that has come back. So whoever is doubted is pinged. Only a condition that says "there is no such
//! session" counts at once. `service-unavailable` to a ping is ambiguous (a client without ping says so, and so does
//! a server for a session that is gone); then a groupchat message without content goes out, which a server
//! returns when there is no such session and a client ignores, and behind it a second ping as its fence.
//! Silence is a connection that the server still holds, so it takes an hour to count.
//!
//! Here is only the reasoning: which question is next, and what an answer means. Nothing is sent from here.

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
    /// `service-unavailable`.
    Ambiguous,
    /// `remote-server-timeout` and other temporary troubles.
    Trouble,
}

/// A question to be sent to a doubted session.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// A ping under this id. XEP-0199.
    Ping {
        /// Whom.
        to: Arc<FullJid>,
        /// The stanza's id.
        id: String,
    },
    /// An empty groupchat message under this id.
    Probe {
        /// Whom.
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
    /// Asked at most so many a second, so that a server that has just restarted is not flooded.
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

/// An answer is waited for so long, in seconds.
pub const ANSWER_MAX_S: i64 = 30;
/// After so many seconds a silent session is asked again; after the last it counts as gone (about an hour).
const SILENCE_PAUSES_S: [i64; 5] = [60, 300, 600, 1200, 1800];
/// After so many seconds a session behind a trouble is asked again; then it counts as gone (five minutes).
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
    pub fn proceed(&mut self, now: Elapsed, questions: &mut Vec<Question>) -> Vec<Verdict> {
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
        questions: &mut Vec<Question>,
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
        // A burst of what was missed while the loop slept is allowed, but not more than a tenth of a second.
        let base = self.next_at.0.max(now.0 - 100_000);
        Elapsed(base + gap_us)
    }

    fn fresh_id(&mut self) -> String {
        self.counter += 1;
        format!("{}{}", self.prefix, self.counter)
    }

    fn ping(&mut self, now: Elapsed, session: &Arc<FullJid>, questions: &mut Vec<Question>) {
        let id = self.fresh_id();
        questions.push(Question::Ping {
            to: session.clone(),
            id: id.clone(),
        });
        if let Some(check) = self.checks.get_mut(session) {
            check.stage = Stage::Asked;
            check.ping_id = id;
        }
        self.set_timer(session, now.plus_seconds(ANSWER_MAX_S));
    }

    fn probe(&mut self, now: Elapsed, session: &Arc<FullJid>, questions: &mut Vec<Question>) {
        let id = self.fresh_id();
        questions.push(Question::Probe {
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
mod tests {
    use super::*;

    const START: Elapsed = Elapsed(1_000_000_000_000);

    struct Trial {
        doubts: Doubts,
        session: Arc<FullJid>,
        questions: Vec<Question>,
    }

    impl Trial {
        fn of_one() -> Self {
            let mut doubts = Doubts::new(100, "check-".into());
            let session = Arc::new(FullJid::new("ann@example.org/phone").unwrap());
            doubts.doubt(session.clone());
            let mut questions = Vec::new();
            assert!(doubts.proceed(START, &mut questions).is_empty());
            Self {
                doubts,
                session,
                questions,
            }
        }

        fn answer(&mut self, sign: Sign) -> Option<Verdict> {
            let Some(Question::Ping { id, .. }) = self.questions.last().cloned() else {
                panic!("no ping was sent last")
            };
            self.doubts
                .answered(START, &self.session, &id, sign, &mut self.questions)
        }
    }

    #[test]
    fn who_answers_stays() {
        let mut trial = Trial::of_one();
        assert_eq!(trial.answer(Sign::Alive), None);
        assert_eq!(trial.doubts.next_deadline(), None);
    }

    #[test]
    fn who_is_not_there_goes() {
        let mut trial = Trial::of_one();
        assert_eq!(
            trial.answer(Sign::Gone),
            Some(Verdict::Gone(trial.session.clone()))
        );
        assert_eq!(trial.doubts.next_deadline(), None);
    }

    #[test]
    fn a_client_without_ping_stays() {
        let mut trial = Trial::of_one();
        assert_eq!(trial.answer(Sign::Ambiguous), None);
        assert!(matches!(trial.questions[1], Question::Probe { .. }));
        assert_eq!(trial.answer(Sign::Ambiguous), None);
        assert_eq!(trial.doubts.next_deadline(), None);
    }

    #[test]
    fn a_session_that_returns_the_probe_goes() {
        let mut trial = Trial::of_one();
        trial.answer(Sign::Ambiguous);
        let Question::Probe { id, .. } = trial.questions[1].clone() else {
            panic!("no probe")
        };
        assert!(trial.doubts.returned(&trial.session, &id));
        assert_eq!(
            trial.answer(Sign::Ambiguous),
            Some(Verdict::Gone(trial.session.clone()))
        );
    }

    #[test]
    fn who_comes_back_while_it_is_verified_stays() {
        let mut trial = Trial::of_one();
        trial.answer(Sign::Ambiguous);
        let Question::Probe { id, .. } = trial.questions[1].clone() else {
            panic!("no probe")
        };
        assert!(trial.doubts.returned(&trial.session, &id));
        trial.doubts.forget(&trial.session);
        assert_eq!(trial.answer(Sign::Ambiguous), None);
        assert_eq!(trial.doubts.next_deadline(), None);
    }

    #[test]
    fn silence_takes_an_hour() {
        let mut trial = Trial::of_one();
        let mut now = START;
        let mut verdicts = Vec::new();
        while verdicts.is_empty() {
            now = trial
                .doubts
                .next_deadline()
                .expect("something is still to come");
            verdicts = trial.doubts.proceed(now, &mut trial.questions);
        }
        let minutes = (now.0 - START.0) / 60_000_000;
        assert!((60..80).contains(&minutes), "{minutes} minutes");
    }

    #[test]
    fn an_answer_to_an_old_question_counts_for_nothing() {
        let mut trial = Trial::of_one();
        let stale = trial.doubts.answered(
            START,
            &trial.session,
            "check-0",
            Sign::Gone,
            &mut Vec::new(),
        );
        assert_eq!(stale, None);
    }

    #[test]
    fn many_are_asked_at_the_given_pace() {
        let mut doubts = Doubts::new(100, "check-".into());
        for number in 0..1000 {
            let session = FullJid::new(&format!("u{number}@example.org/x")).unwrap();
            doubts.doubt(Arc::new(session));
        }
        let mut questions = Vec::new();
        for millisecond in 0..1000 {
            doubts.proceed(Elapsed(START.0 + millisecond * 1000), &mut questions);
        }
        assert!(
            (95..=115).contains(&questions.len()),
            "{} in a second",
            questions.len()
        );
    }

    proptest::proptest! {
        #[test]
        fn when_nobody_is_doubted_nothing_is_kept(deeds in proptest::collection::vec((0..5_u8, 0..4_u8, 0..90_i64), 1..80)) {
            let mut doubts = Doubts::new(1, "check-".into());
            let session = |number| Arc::new(FullJid::new(&format!("u{number}@example.org/x")).unwrap());
            let (mut now, mut questions) = (START, Vec::new());
            for (deed, number, seconds) in deeds {
                now = now.plus_seconds(seconds);
                match deed {
                    0 | 1 => doubts.doubt(session(number)),
                    2 => doubts.forget(&session(number)),
                    3 => drop(doubts.proceed(now, &mut questions)),
                    _ => {
                        let sign = [Sign::Alive, Sign::Ambiguous, Sign::Trouble][usize::from(number) % 3];
                        if let Some(Question::Ping { to, id }) = questions.pop() {
                            doubts.answered(now, &to, &id, sign, &mut questions);
                        }
                    }
                }
                proptest::prop_assert!(doubts.waiting.len() <= doubts.checks.len());
                proptest::prop_assert!(doubts.timers.len() <= doubts.checks.len());
            }
            for number in 0..4 {
                doubts.forget(&session(number));
            }
            proptest::prop_assert!(doubts.checks.is_empty() && doubts.timers.is_empty());
            proptest::prop_assert_eq!((doubts.waiting(), doubts.next_deadline()), (0, None));
        }
    }
}
