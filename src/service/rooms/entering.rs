//! Who may come in at once, and who waits in the [`Doorway`](super::doorway::Doorway).

use jid::{BareJid, FullJid};

use crate::room::{Action, Now};
use crate::service::engine::{AskedStanza, Engine};
use crate::service::rooms::doorway::Waiting;
use crate::wire::incoming::Incoming;
use crate::wire::stanza::envelope::Envelope;
use crate::wire::stanza::problem::Problem;

/// Number of bytes waiting for the server above which nobody is let in: what is told of newcomers
/// would wait behind them, and so would what is said by those inside.
const UNSENT_MAX_FOR_NEWCOMERS: usize = 512 * 1024;
/// Number of bytes brought about by newcomers after which those who are inside have their turn.
const LET_IN_AT_ONCE: usize = 128 * 1024;

impl Engine {
    /// Whether this has to wait until others have come in. Then it is kept, or refused if too much
    /// waits.
    pub(in crate::service) fn waits_at_the_door(
        &mut self,
        now: Now,
        incoming: &Incoming,
        AskedStanza { envelope, frame }: AskedStanza<'_>,
    ) -> bool {
        if self.doorway.is_open() {
            return false;
        }
        let Incoming::ToRoom { room, from, action } = incoming else {
            return false;
        };
        if self.doorway.has(room, from) {
            if matches!(action, Action::Exit { .. }) {
                self.leave_the_door(now, room, from);
                return false;
            }
        } else if !matches!(action, Action::Enter(_)) || self.comes_in_at_once(now, room, envelope)
        {
            return false;
        }
        let party = self.party(&envelope.asker);
        let waiting = Waiting {
            envelope: envelope.clone(),
            frame: frame.clone(),
        };
        if !self.doorway.wait(room, (from, party), waiting) {
            self.answer_problem(envelope, &Problem::Overloaded);
            self.commit.depend(envelope.clone());
        }
        true
    }

    /// Lets in who may come in by now. To be called again and again; `unsent` is how many bytes the
    /// server has not taken.
    pub fn admit_waiting(&mut self, now: Now, unsent: usize) {
        self.unsent = unsent;
        let now = self.at(now);
        let before = self.road().size();
        while !self.has_much_to_send() && self.road().size() < before + LET_IN_AT_ONCE {
            let Some(sent) = self.doorway.next(now.elapsed) else {
                return;
            };
            for waiting in sent {
                self.read_at_last(now, waiting);
            }
        }
    }

    /// The service ends: who still waits shall come again.
    pub(in crate::service) fn send_away_waiting(&mut self) {
        for waiting in self.doorway.forget_all() {
            self.answer_problem(&waiting.envelope, &Problem::Overloaded);
        }
    }

    /// Whether those who are inside come first, for the server takes its time.
    pub(super) fn has_much_to_send(&self) -> bool {
        self.unreleased() + self.unsent > UNSENT_MAX_FOR_NEWCOMERS
    }

    /// Whether a session waits to come in where this is sent to.
    pub(in crate::service) fn is_at_the_door(&self, envelope: &Envelope) -> bool {
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

    /// Somebody goes before they came in. What they sent after their entry is answered as to
    /// anybody who is not inside.
    fn leave_the_door(&mut self, now: Now, room: &BareJid, session: &FullJid) {
        let sent = self.doorway.leave(room, session);
        for waiting in sent.into_iter().skip(1) {
            self.read_at_last(now, waiting);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Surroundings};
    use crate::room::Timestamp;
    use crate::service::settings;
    use crate::store::Store;
    use crate::wire::xml::frame::{Frame, Received};

    const START: Now = Now {
        at: Timestamp(1_000_000_000_000),
        elapsed: crate::room::Elapsed(1_000_000_000_000),
    };

    fn engine(limits: &str) -> Engine {
        let text = format!(
            "[[pool]]\ndomain = 'rooms.example.org'\nsecret = 'x'\n[pool.limits]\n{limits}"
        );
        let surroundings = Surroundings {
            path: "lyceum.toml".into(),
            secret: None,
        };
        let config = Config::parse(&text, &surroundings).unwrap();
        let settings = settings::engine(&config.pools[0]);
        let mut engine = Engine::new(settings, Store::in_memory().unwrap(), START).unwrap();
        enter(&mut engine, "ann");
        receive(
            &mut engine,
            "<iq from='ann@example.org/x' to='hall@rooms.example.org' type='set' id='1'>\
             <query xmlns='http://jabber.org/protocol/muc#owner'>\
             <x xmlns='jabber:x:data' type='submit'/></query></iq>",
        );
        engine.finish();
        engine
    }

    fn receive(engine: &mut Engine, stanza: &str) {
        let frame = Frame::from_xml(stanza.as_bytes()).unwrap();
        engine.receive(START, Received::Stanza(frame));
    }

    fn enter(engine: &mut Engine, name: &str) {
        let address = format!("from='{name}@example.org/x' to='hall@rooms.example.org/{name}'");
        let entry = "<x xmlns='http://jabber.org/protocol/muc'/>";
        receive(engine, &format!("<presence {address}>{entry}</presence>"));
    }

    fn say(engine: &mut Engine, name: &str) {
        let address = format!("from='{name}@example.org/x' to='hall@rooms.example.org'");
        receive(
            engine,
            &format!("<message {address} type='groupchat'><body>x</body></message>"),
        );
    }

    fn inside(engine: &Engine) -> usize {
        let hall = BareJid::new("hall@rooms.example.org").unwrap();
        let room = engine.rooms.awake(&hall).unwrap();
        room.occupants().session_count()
    }

    #[test]
    fn while_the_server_takes_its_time_those_inside_are_served_and_newcomers_wait() {
        let mut engine = engine("");
        engine.admit_waiting(START, UNSENT_MAX_FOR_NEWCOMERS + 1);
        enter(&mut engine, "bob");
        say(&mut engine, "bob");
        let before = engine.road().size();
        say(&mut engine, "ann");
        assert!(engine.road().size() > before, "she is inside");
        engine.admit_waiting(START, UNSENT_MAX_FOR_NEWCOMERS + 1);
        assert_eq!((inside(&engine), engine.doorway.waiting()), (1, 1));
        engine.admit_waiting(START, 0);
        assert_eq!((inside(&engine), engine.doorway.waiting()), (2, 0));
        enter(&mut engine, "ann");
        assert_eq!(
            engine.doorway.waiting(),
            0,
            "who is inside comes back at once"
        );
    }

    #[test]
    fn newcomers_come_in_a_few_at_a_time() {
        let mut engine = engine("entries_burst = 1000\nmessages_per_second = 0");
        for _ in 0..20 {
            let address = "from='ann@example.org/x' to='hall@rooms.example.org'";
            let body = "x".repeat(20_000);
            receive(
                &mut engine,
                &format!("<message {address} type='groupchat'><body>{body}</body></message>"),
            );
        }
        engine.finish();
        engine.admit_waiting(START, UNSENT_MAX_FOR_NEWCOMERS + 1);
        for number in 0..20 {
            enter(&mut engine, &format!("p{number}"));
        }
        engine.admit_waiting(START, 0);
        let at_once = inside(&engine);
        // Each is sent a history of 256 KiB.
        assert!(at_once < 5, "{at_once}");
        engine.finish();
        assert_eq!(inside(&engine), 21);
    }

    #[test]
    fn who_still_waits_at_the_end_is_told() {
        let mut engine = engine("entries_burst = 1");
        enter(&mut engine, "bob");
        assert_eq!(engine.doorway.waiting(), 1);
        let before = engine.road().size();
        engine.refuse_waiting();
        assert!(engine.road().size() > before);
        assert_eq!(engine.doorway.waiting(), 0);
    }

    #[test]
    fn nobody_waits_where_presence_has_no_limit() {
        let mut engine = engine("presences_per_second = 0\nentries_burst = 1");
        engine.admit_waiting(START, UNSENT_MAX_FOR_NEWCOMERS + 1);
        (0..50).for_each(|number| enter(&mut engine, &format!("p{number}")));
        assert_eq!(inside(&engine), 51);
    }

    #[test]
    fn made_up_people_come_in_by_turns_and_those_inside_are_served() {
        let mut engine = engine("");
        for number in 0..150 {
            let address =
                format!("from='p{number}@remote.test/x' to='hall@rooms.example.org/p{number}'");
            let entry = "<x xmlns='http://jabber.org/protocol/muc'/>";
            receive(
                &mut engine,
                &format!("<presence {address}>{entry}</presence>"),
            );
        }
        let text = engine.finish().concat();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text.matches("type='error'").count(), 0, "{}", &text[..600]);
        assert!(inside(&engine) > 50, "{}", inside(&engine));
        assert!(engine.doorway.waiting() > 40);
    }
}
