//! Which sessions are doubted, and what becomes of them. XEP-0045 §18.1.2 (#impl-service-ghosts).
//!
//! A session is doubted when something sent to it came back, and all are when the server was away: what it
//! would have told us meanwhile is lost. After a start of our own the server is asked since when it runs: only if
//! that was after we were last connected are its sessions doubted; else nobody is disturbed.

use std::sync::Arc;

use jid::{BareJid, FullJid, Jid};

use super::relay::Relayed;
use super::verify::{Doubts, Question, Sign, Verdict};
use crate::room::{Action, Elapsed, Now, Timestamp};
use crate::service::engine::Engine;
use crate::service::fresh;
use crate::wire::decode::Outcome;
use crate::wire::muc::relay;
use crate::wire::session::{ping, uptime};
use crate::wire::stanza::bounce::Condition;
use crate::wire::stanza::stanza_type::{PresenceType, StanzaType};
use crate::wire::xml::frame::Frame;
use crate::wire::xml::header::Header;

/// What is known of the sessions of others.
#[derive(Debug)]
pub struct Sessions {
    pub(in crate::service) doubts: Doubts,
    /// After a time in which the server was away: how far all sessions have been gone through.
    sweep: Option<Sweep>,
    /// The id under which the server was asked since when it runs, and when that was.
    uptime_asked: Option<(String, Elapsed)>,
    /// Whether the link was up before in the life of this process.
    was_up: bool,
}

/// A walk through all sessions, in the order of their addresses.
#[derive(Debug)]
struct Sweep {
    after: Option<FullJid>,
}

/// The next sessions of a sweep are doubted when fewer than so many wait for their question.
const SWEEP_PAGE: u32 = 200;
/// The key under which the store keeps since when the server runs, in microseconds.
const SERVER_STARTED: &str = "server_started";
/// Two tellings of the same start differ by the way that an answer takes, by whole seconds, and by what the
/// clock was set right meanwhile.
const SAME_START_S: i64 = 5;
/// An answer that took longer tells too little of the start, in seconds; then the server is asked once more.
const UPTIME_WAY_MAX_S: i64 = 2;

impl Sessions {
    /// Nobody is doubted.
    pub fn new(pace_per_s: u32) -> Self {
        let prefix = format!("{}-", fresh::id());
        Self {
            doubts: Doubts::new(pace_per_s, prefix),
            sweep: None,
            uptime_asked: None,
            was_up: false,
        }
    }

    /// When there is something to do, if at all.
    pub fn next_deadline(&self) -> Option<Elapsed> {
        let sweeping = self.sweep.is_some() && self.doubts.waiting() == 0;
        if sweeping {
            Some(Elapsed::BEGINNING)
        } else {
            self.doubts.next_deadline()
        }
    }

    /// The sender of what the service tells a room itself.
    pub fn own_address(&self, service: &BareJid) -> Arc<FullJid> {
        let address = service
            .with_resource_str("service")
            .expect("a plain word is a resource");
        Arc::new(address)
    }
}

impl Engine {
    /// The link is up: since when does the server run, and whom must we doubt?
    pub fn link_up(&mut self, now: Now) {
        let now = self.at(now);
        self.ask_uptime(now.elapsed);
        if std::mem::replace(&mut self.sessions.was_up, true) {
            tracing::info!("the server was away: all sessions are being verified");
            self.sessions.sweep = Some(Sweep { after: None });
        }
    }

    /// Something that was sent to a session came back.
    pub(in crate::service) fn take_bounce(
        &mut self,
        from: &Jid,
        id: Option<&str>,
        condition: Condition,
    ) {
        let Ok(session) = from.try_as_full() else {
            return;
        };
        let session = Arc::new(session.clone());
        let returned = id.is_some_and(|id| self.sessions.doubts.returned(&session, id));
        if returned || condition == Condition::Refused {
            return;
        }
        // Whoever is in no room can't be a ghost in one, and shall not make us ask, nor log.
        match self.store.rooms_of_session(&session) {
            Ok(rooms) if rooms.is_empty() => {}
            Ok(_) => {
                tracing::debug!(%session, ?condition, "doubted: a stanza came back");
                self.sessions.doubts.doubt(session);
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "it is not known where a session is");
            }
        }
    }

    /// An answer to a request of ours, or to one that was passed on.
    pub(in crate::service) fn take_reply(
        &mut self,
        now: Now,
        from: &Jid,
        id: &str,
        outcome: Outcome,
        frame: &Frame,
    ) {
        if let Some(relayed) = self.relays.answered(id, from) {
            self.pass_back(&relayed, frame);
        } else if self.sessions.doubts.is_ours(id) {
            self.take_sign(now, from, id, outcome);
        } else if let Some((_, asked_at)) =
            self.sessions.uptime_asked.take_if(|(asked, _)| asked == id)
        {
            match uptime::read(frame) {
                Some(_) if asked_at.plus_seconds(UPTIME_WAY_MAX_S) < now.elapsed => {
                    self.ask_uptime(now.elapsed)
                }
                Some(seconds) => self.take_uptime(now.at, seconds),
                None => {}
            }
        }
    }

    fn ask_uptime(&mut self, now: Elapsed) {
        let Some(domain) = self.directory.terms().served.first() else {
            return;
        };
        let id = fresh::id();
        let stanza = uptime::ask(self.settings.service.as_str(), domain.as_str(), &id);
        self.sessions.uptime_asked = Some((id, now));
        self.put(&stanza);
    }

    /// Somebody asks for something: so his session lives, whatever came back before.
    pub(in crate::service) fn take_sign_of_life(
        &mut self,
        session: &Arc<FullJid>,
        header: &Header,
    ) {
        // When a client is gone its server says good-bye for it.
        if StanzaType::of(header) != StanzaType::Presence(PresenceType::Unavailable) {
            self.sessions.doubts.forget(session);
        }
    }

    /// Doubts, asks, and removes, as far as it is time.
    pub(in crate::service) fn proceed_with_sessions(&mut self, now: Now) {
        self.sweep();
        let mut questions = Vec::new();
        let verdicts = self.sessions.doubts.proceed(now.elapsed, &mut questions);
        self.ask(&questions);
        for verdict in verdicts {
            self.carry_out(now, &verdict);
        }
    }

    fn take_sign(&mut self, now: Now, from: &Jid, id: &str, outcome: Outcome) {
        let Ok(session) = from.try_as_full() else {
            return;
        };
        let sign = match outcome {
            Outcome::Result | Outcome::Error(Condition::Refused) => Sign::Alive,
            Outcome::Error(Condition::NoSuchSession) => Sign::Gone,
            Outcome::Error(Condition::Ambiguous) => Sign::Ambiguous,
            Outcome::Error(Condition::Trouble) => Sign::Trouble,
        };
        let mut questions = Vec::new();
        let session = Arc::new(session.clone());
        let verdict =
            self.sessions
                .doubts
                .answered(now.elapsed, &session, id, sign, &mut questions);
        self.ask(&questions);
        if let Some(verdict) = verdict {
            self.carry_out(now, &verdict);
        }
    }

    /// Removes a session that is gone from every room that it is in. XEP-0045 §11.1 (#service-error-kick).
    fn carry_out(&mut self, now: Now, verdict: &Verdict) {
        let Verdict::Gone(session) = verdict;
        match self.store.rooms_of_session(session) {
            Ok(rooms) => {
                tracing::info!(%session, rooms = rooms.len(), "removed: the session is gone");
                for room in rooms {
                    self.tell_room(now, &room, session.clone(), Action::Lost);
                }
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a lost session can't be removed"
                );
            }
        }
    }

    fn ask(&mut self, questions: &[Question]) {
        let from = Jid::from(self.settings.service.clone());
        for question in questions {
            let stanza = match question {
                Question::Ping { to, id } => ping::ping(&from, to, id),
                Question::Probe { to, id } => ping::probe(&from, to, id),
            };
            self.put(&stanza);
        }
    }

    /// The server has told since when it runs. If that is another start than the last one known, its sessions
    /// of then are gone.
    fn take_uptime(&mut self, now: Timestamp, seconds: i64) {
        let started = now.minus_seconds(seconds);
        let known = match self.store.meta(SERVER_STARTED) {
            Ok(known) => known.and_then(|text| text.parse().ok()).map(Timestamp),
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the server's start is not known"
                );
                None
            }
        };
        let same =
            known.is_some_and(|known| (known.0 - started.0).abs() <= SAME_START_S * 1_000_000);
        if same {
            return;
        }
        if known.is_some() && self.sessions.sweep.is_none() {
            tracing::info!("the server was restarted: all sessions are being verified");
            self.sessions.sweep = Some(Sweep { after: None });
        }
        self.store.set_meta(SERVER_STARTED, &started.0.to_string());
    }

    /// The server did not start at another time because the calendar was set.
    pub(in crate::service) fn calendar_was_set(&mut self, by_us: i64) {
        let known = self.store.meta(SERVER_STARTED).ok().flatten();
        if let Some(known) = known.and_then(|text| text.parse::<i64>().ok()) {
            let moved = known.saturating_add(by_us);
            self.store.set_meta(SERVER_STARTED, &moved.to_string());
        }
    }

    /// Doubts the next sessions of a walk through all.
    fn sweep(&mut self) {
        let Some(sweep) = &mut self.sessions.sweep else {
            return;
        };
        if self.sessions.doubts.waiting() > 0 {
            return;
        }
        match self.store.sessions(sweep.after.as_ref(), SWEEP_PAGE) {
            Ok(page) => {
                match page.last() {
                    Some(last) => sweep.after = Some(last.real_jid.clone()),
                    None => self.sessions.sweep = None,
                }
                for session in page {
                    self.sessions.doubts.doubt(Arc::new(session.real_jid));
                }
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "sessions can't be verified"
                );
                self.sessions.sweep = None;
            }
        }
    }

    fn pass_back(&mut self, relayed: &Relayed, frame: &Frame) {
        let stanza = relay::pass_back(frame, &relayed.asked, &relayed.asker, &relayed.id);
        self.put(&stanza);
    }
}
