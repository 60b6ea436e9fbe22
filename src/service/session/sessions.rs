//! Which sessions are doubted, and what becomes of them. XEP-0045 §18.1.2 (#impl-service-ghosts).
//!
//! A session is doubted when something sent to it came back, and all are when the server was away: what it
//! would have told us meanwhile is lost. After a start of our own the server is asked since when it runs: only if
//! that was after we were last connected are its sessions doubted; else nobody is disturbed.

use std::sync::Arc;

use jid::{BareJid, FullJid, Jid};

use super::verify::{Doubts, Sign, Verdict};
use crate::room::{Action, Elapsed, Now};
use crate::service::engine::Engine;
use crate::service::fresh;
use crate::wire::stanza::bounce::Condition;
use crate::wire::stanza::stanza_type::{PresenceType, StanzaType};
use crate::wire::xml::header::Header;

/// What is known of the sessions of others.
#[derive(Debug)]
pub struct Sessions {
    pub(in crate::service) doubts: Doubts,
    /// After a time in which the server was away: how far all sessions have been gone through.
    sweep: Option<Sweep>,
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

impl Sessions {
    /// Nobody is doubted.
    pub fn new(pace_per_s: u32) -> Self {
        let prefix = format!("{}-", fresh::id());
        Self {
            doubts: Doubts::new(pace_per_s, prefix),
            sweep: None,
            was_up: false,
        }
    }

    /// Doubts all sessions, page by page; false when that is under way already.
    pub fn doubt_all(&mut self) -> bool {
        let begins = self.sweep.is_none();
        self.sweep = Some(Sweep { after: None });
        begins
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
            self.sessions.doubt_all();
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
        self.ask_sessions(now, questions);
        for verdict in verdicts {
            self.carry_out(now, &verdict);
        }
    }

    /// A doubted session, or its server, has answered a question.
    pub(in crate::service) fn take_sign(
        &mut self,
        now: Now,
        session: &Arc<FullJid>,
        id: &str,
        sign: Sign,
    ) {
        let mut questions = Vec::new();
        let doubts = &mut self.sessions.doubts;
        let verdict = doubts.answered(now.elapsed, session, id, sign, &mut questions);
        self.ask_sessions(now, questions);
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
}
