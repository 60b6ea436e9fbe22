//! Who may come in at once, and who waits in the [`Doorway`](super::doorway::Doorway).

use jid::{BareJid, FullJid};

use super::engine::Engine;
use crate::room::{Action, Now};
use crate::wire::decode::{Asked, Incoming};
use crate::wire::envelope::Envelope;
use crate::wire::frame::Frame;
use crate::wire::stanza_error::Problem;

/// While more than so many bytes wait for the server, nobody is let in: what is told of newcomers would wait behind them,
/// and so would what those say who are inside.
const UNSENT_MAX_FOR_NEWCOMERS: usize = 512 * 1024;
/// When newcomers have brought about so many bytes, those who are inside have their turn.
const LET_IN_AT_ONCE: usize = 128 * 1024;

impl Engine {
    /// Whether this has to wait until others have come in. Then it is kept, or refused if too much waits.
    pub(super) fn waits_at_the_door(
        &mut self,
        now: Now,
        incoming: &Incoming,
        frame: &Frame,
    ) -> bool {
        if self.doorway.is_open() {
            return false;
        }
        let Incoming::ToRoom {
            envelope,
            room,
            from,
            asked,
        } = incoming
        else {
            return false;
        };
        if self.doorway.has(room, from) {
            if matches!(asked, Asked::Act(Action::Exit { .. })) {
                self.leave_the_door(now, room, from);
                return false;
            }
        } else if !matches!(asked, Asked::Enter(_)) || self.comes_in_at_once(now, room, envelope) {
            return false;
        }
        let party = self.party(&envelope.asker);
        if !self.doorway.wait(room, (from, party), frame.clone()) {
            self.answer_problem(envelope, &Problem::Overloaded);
            self.depends_on_commit(envelope.clone());
        }
        true
    }

    /// Lets in who may come in by now. To be called again and again; `unsent` is how many bytes the server has not taken.
    pub fn admit_waiting(&mut self, now: Now, unsent: usize) {
        self.unsent = unsent;
        let now = self.at(now);
        let before = self.output().size();
        while !self.has_much_to_send() && self.output().size() < before + LET_IN_AT_ONCE {
            let Some(sent) = self.doorway.next(now.elapsed) else {
                return;
            };
            for frame in sent {
                self.read_at_last(now, &frame);
            }
        }
    }

    /// The service ends: who still waits shall come again.
    pub(super) fn send_away_waiting(&mut self) {
        for frame in self.doorway.forget_all() {
            if let Some(envelope) = Envelope::of(&frame.header, &self.settings.service) {
                self.answer_problem(&envelope, &Problem::Overloaded);
            }
        }
    }

    /// Whether those who are inside come first, for the server takes its time.
    fn has_much_to_send(&self) -> bool {
        self.unreleased() + self.unsent > UNSENT_MAX_FOR_NEWCOMERS
    }

    /// Whether a session waits to come in where this is sent to.
    pub(super) fn is_at_the_door(&self, envelope: &Envelope) -> bool {
        let (Some(room), Ok(session)) = (envelope.room(), envelope.asker.try_as_full()) else {
            return false;
        };
        self.doorway.has(&room, session)
    }

    /// Whoever is inside already, with this session, is no newcomer.
    fn comes_in_at_once(&mut self, now: Now, room: &BareJid, envelope: &Envelope) -> bool {
        self.is_inside(envelope)
            || !self.has_much_to_send() && self.doorway.lets_in(now.elapsed, room)
    }

    /// Somebody goes before they came in. What they sent after their entry is answered as to anybody who is not inside.
    fn leave_the_door(&mut self, now: Now, room: &BareJid, session: &FullJid) {
        let sent = self.doorway.leave(room, session);
        for frame in sent.iter().skip(1) {
            self.read_at_last(now, frame);
        }
    }
}
