//! The sessions of commands. XEP-0050 §3.3 (#impl-session).
//!
//! A session's id tells nobody anything but whose it was: it is made of a number and of a code over
//! that and the address of whom it was given to, by a key that nobody has. So it can't be guessed,
//! and whoever brings one that has ended is told so, while nothing is remembered of it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use hmac::{Hmac, KeyInit, Mac};
use jid::{BareJid, Jid};
use sha2::Sha256;

use crate::command::form::{CommandForm, Filled};
use crate::command::{Rank, Wish};
use crate::room::text::address;
use crate::room::{Elapsed, Salt};
use crate::service::fresh;
use crate::service::operate::Turn;
use crate::wire::stanza::envelope::Envelope;
use crate::wire::stanza::problem::CommandProblem;

/// All sessions that have not ended.
#[derive(Debug)]
pub(in crate::service) struct CommandSessions {
    key: Salt,
    numbers: u64,
    sessions: BTreeMap<u64, CommandSession>,
    /// How many commands are carried out, in all and for each person.
    running: Arc<AtomicUsize>,
    running_of: HashMap<BareJid, Arc<AtomicUsize>>,
}

/// A command that somebody is about to give.
#[derive(Debug)]
pub(super) struct CommandSession {
    /// Whose it is: a session of somebody, or an account.
    pub owner: Jid,
    /// The command that it is about.
    pub form: &'static CommandForm,
    /// The room that it is given to.
    pub room: Option<BareJid>,
    /// How far it has come.
    pub step: SessionStep,
    /// What was filled in so far.
    pub answers: Answers,
    until: Elapsed,
}

/// What somebody has filled in, and what they were shown.
#[derive(Clone, Debug, Default)]
pub(super) struct Answers {
    /// What the rest is about.
    pub about: Filled,
    /// What is stored of that, as it was shown.
    pub shown: Filled,
    /// What the rest was filled with.
    pub filled: Option<Filled>,
}

/// How far a command has come.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "what runs is the common case, and sessions are few"
)]
pub(super) enum SessionStep {
    /// It is asked what the form is about.
    About,
    /// The form is to be filled.
    Form,
    /// Consent is asked for; then this is done.
    Consent(Box<Wish>),
    /// Something is carried out.
    Running(Running),
}

/// What is being carried out for a session.
#[derive(Debug)]
pub(super) struct Running {
    /// The stanza that is answered then.
    pub envelope: Envelope,
    /// What comes after it.
    pub then: Then,
    stop: Arc<AtomicBool>,
}

/// What comes after something is carried out.
#[derive(Debug)]
pub(super) enum Then {
    /// The form is shown, with what was read.
    Form,
    /// Whoever asked is asked whether they mean it, and then this is done.
    Consent(Box<Wish>),
    /// The command was carried out, and this is the end.
    End(Box<Wish>),
}

impl CommandSessions {
    /// There are none, and nobody can know the ids of those to come.
    pub fn new() -> Self {
        Self {
            key: fresh::salt(),
            numbers: 0,
            sessions: BTreeMap::new(),
            running: Arc::default(),
            running_of: HashMap::new(),
        }
    }

    /// Begins a session, and gives its number. Of a person who has many the oldest ends.
    ///
    /// # Errors
    /// - [`CommandProblem::TooMany`]: all people together have too many.
    pub(super) fn begin(
        &mut self,
        now: Elapsed,
        session: CommandSession,
    ) -> Result<u64, CommandProblem> {
        let is_over = |session: &CommandSession| !session.is_running() && session.until <= now;
        self.sessions.retain(|_, session| !is_over(session));
        let person = address::bare(&session.owner);
        let mut own = self.sessions.iter().filter(|(_, session)| {
            address::bare(&session.owner) == person && !session.is_running()
        });
        let oldest = own.next().map(|(number, _)| *number);
        if own.count() + 1 >= OF_ONE_MAX {
            self.sessions.retain(|number, _| Some(*number) != oldest);
        }
        if self.sessions.len() >= SESSIONS_MAX {
            return Err(CommandProblem::TooMany);
        }
        self.numbers += 1;
        let until = now.plus_seconds(WAITS_S);
        self.sessions
            .insert(self.numbers, CommandSession { until, ..session });
        Ok(self.numbers)
    }

    /// The session of an id, whose time begins anew.
    ///
    /// # Errors
    /// - [`CommandProblem::BadSession`]: nobody was given it, or somebody else was.
    /// - [`CommandProblem::SessionExpired`]: it has ended, or has waited for too long.
    pub(super) fn find(
        &mut self,
        now: Elapsed,
        id: &str,
        envelope: &Envelope,
    ) -> Result<(u64, &mut CommandSession), CommandProblem> {
        let number = id.split('-').next().and_then(|number| number.parse().ok());
        let number = number.filter(|number| self.id(*number, envelope) == id);
        let number = number.ok_or(CommandProblem::BadSession)?;
        let session = self.sessions.get_mut(&number);
        let session = session.filter(|session| session.is_running() || now < session.until);
        let session = session.ok_or(CommandProblem::SessionExpired)?;
        session.begin_waiting(now);
        Ok((number, session))
    }

    /// A session that has not ended.
    pub(super) fn get_mut(&mut self, number: u64) -> Option<&mut CommandSession> {
        self.sessions.get_mut(&number)
    }

    /// Ends a session. What is carried out for it ends with the piece in hand.
    pub(super) fn end(&mut self, number: u64) -> Option<CommandSession> {
        let session = self.sessions.remove(&number)?;
        if let SessionStep::Running(running) = &session.step {
            running.stop.store(true, Ordering::Relaxed);
        }
        Some(session)
    }

    /// Ends all sessions, and gives the stanzas that wait for an answer.
    pub fn end_all(&mut self) -> Vec<Envelope> {
        let numbers: Vec<_> = self.sessions.keys().copied().collect();
        let ended = numbers.into_iter().filter_map(|number| self.end(number));
        let waiting = ended.collect::<Vec<_>>().into_iter();
        waiting
            .filter_map(|session| match session.step {
                SessionStep::Running(running) => Some(running.envelope),
                SessionStep::About | SessionStep::Form | SessionStep::Consent(_) => None,
            })
            .collect()
    }

    /// The id of a session, for whoever sent a stanza.
    pub(super) fn id(&self, number: u64, envelope: &Envelope) -> String {
        let mut hash =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        let (owner, address) = (envelope.asker.as_str(), envelope.asked.as_str());
        for part in [&number.to_string(), owner, address] {
            hash.update(part.as_bytes());
            // Stands in no address.
            hash.update(&[0]);
        }
        let code = hash.finalize().into_bytes();
        let code: String = code[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("{number}-{code}")
    }

    /// A turn to carry something out for somebody.
    ///
    /// # Errors
    /// - [`CommandProblem::TooMany`]
    pub(super) fn turn(&mut self, owner: &Jid, rank: Rank) -> Result<[Turn; 2], CommandProblem> {
        self.running_of
            .retain(|_, taken| taken.load(Ordering::Relaxed) > 0);
        let own = self.running_of.entry(address::bare(owner)).or_default();
        let own = Turn::take(own, RUNNING_OF_ONE_MAX).ok_or(CommandProblem::TooMany)?;
        let most = match rank {
            Rank::Operator => RUNNING_MAX,
            Rank::Manager | Rank::Anybody => RUNNING_MAX - KEPT_FOR_OPERATORS,
        };
        let of_all = Turn::take(&self.running, most).ok_or(CommandProblem::TooMany)?;
        Ok([own, of_all])
    }
}

impl CommandSession {
    /// A session that begins.
    pub fn new(envelope: &Envelope, form: &'static CommandForm, step: SessionStep) -> Self {
        Self {
            owner: envelope.asker.clone(),
            form,
            room: envelope.room(),
            step,
            answers: Answers::default(),
            until: Elapsed::BEGINNING,
        }
    }

    /// It waits for the next step from now on.
    pub fn begin_waiting(&mut self, now: Elapsed) {
        self.until = now.plus_seconds(WAITS_S);
    }

    /// Whether something is carried out for it.
    pub fn is_running(&self) -> bool {
        matches!(self.step, SessionStep::Running(_))
    }
}

impl Running {
    /// Something is carried out from now on, until `stop` becomes true.
    pub fn new(envelope: Envelope, then: Then, stop: Arc<AtomicBool>) -> Self {
        Self {
            envelope,
            then,
            stop,
        }
    }
}

/// How long a session waits for the next step, in seconds: as long as somebody may think.
const WAITS_S: i64 = 15 * 60;
/// Maximum number of sessions of one person that wait for them.
const OF_ONE_MAX: usize = 8;
/// Maximum number of sessions of all people.
const SESSIONS_MAX: usize = 1000;
/// Maximum number of commands that are carried out for one person at a time.
const RUNNING_OF_ONE_MAX: usize = 2;
/// Maximum number of commands that are carried out for all people at a time.
pub(in crate::service) const RUNNING_MAX: usize = 16;
/// The number of these that only operators take, whatever others do.
const KEPT_FOR_OPERATORS: usize = 4;
