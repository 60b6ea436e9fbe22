//! What becomes of doubted sessions. XEP-0045 §18.1.2 (#impl-service-ghosts).
//!
//! A session is doubted when something sent to it came back, and all are when the server was away:
//! what it would have told us meanwhile is lost. After a start of our own the server is asked since
//! when it runs: only if that was after we were last connected are its sessions doubted; else
//! nobody is disturbed.

use std::sync::Arc;

use jid::{FullJid, Jid};

use super::verify::{Sign, Verdict};
use crate::room::{Action, Now};
use crate::service::engine::Engine;
use crate::wire::stanza::bounce::Condition;
use crate::wire::stanza::stanza_type::{PresenceType, StanzaType};
use crate::wire::xml::header::Header;

/// Maximum number of sessions that are doubted at once in a walk through all.
const PAGE: u32 = 200;

impl Engine {
    /// The link is up: since when does the server run, and whom must we doubt?
    pub fn link_up(&mut self, now: Now) {
        let now = self.at(now);
        self.ask_uptime(now.elapsed);
        if self.sessions.link_is_up() {
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

    /// Somebody asks for something: so their session lives, whatever came back before.
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
        self.doubt_next();
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

    /// Removes a session that is gone from every room that it is in. XEP-0045 §11.1
    /// (#service-error-kick).
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

    /// Doubts the next sessions of a walk through all, when no other waits for its question.
    fn doubt_next(&mut self) {
        if !self.sessions.walk.is_under_way() || self.sessions.doubts.waiting() > 0 {
            return;
        }
        let read = |after: Option<&FullJid>| self.store.sessions(after, PAGE);
        match self.sessions.walk.page(read) {
            Ok(page) => {
                match page.last() {
                    Some(last) => self.sessions.walk.go_on_after(last.real_jid.clone()),
                    None => self.sessions.walk.end(),
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
                self.sessions.walk.end();
            }
        }
    }
}
