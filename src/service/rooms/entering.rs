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
    use crate::service::tests::scene::{HALL, ServiceScene};

    /// The hall, with Ann in it.
    fn hall(limits: &str) -> ServiceScene {
        ServiceScene::limited(limits).for_all_servers().with_hall()
    }

    /// The server takes so little that newcomers have to wait.
    fn fall_behind(scene: &mut ServiceScene) {
        let unsent = UNSENT_MAX_FOR_NEWCOMERS + 1;
        scene.engine.admit_waiting(scene.now, unsent);
    }

    /// The server has taken everything.
    fn catch_up(scene: &mut ServiceScene) {
        scene.engine.admit_waiting(scene.now, 0);
    }

    fn inside(scene: &ServiceScene) -> usize {
        let hall = BareJid::new(HALL).unwrap();
        let room = scene.engine.rooms.awake(&hall).unwrap();
        room.occupants().session_count()
    }

    fn waiting(scene: &ServiceScene) -> usize {
        scene.engine.doorway.waiting()
    }

    #[test]
    fn while_the_server_takes_its_time_those_inside_are_served_and_newcomers_wait() {
        let mut scene = hall("");
        fall_behind(&mut scene);
        scene.enter("bob");
        scene.say("bob", "x");
        let before = scene.engine.road().size();
        scene.say("ann", "x");
        assert!(scene.engine.road().size() > before, "she is inside");
        fall_behind(&mut scene);
        assert_eq!((inside(&scene), waiting(&scene)), (1, 1));
        catch_up(&mut scene);
        assert_eq!((inside(&scene), waiting(&scene)), (2, 0));
        scene.enter("ann");
        assert_eq!(waiting(&scene), 0, "who is inside comes back at once");
    }

    #[test]
    fn newcomers_come_in_a_few_at_a_time() {
        let mut scene = hall("entries_burst = 1000\nmessages_per_second = 0");
        let body = "x".repeat(20_000);
        (0..20).for_each(|_| scene.say("ann", &body));
        scene.told();
        fall_behind(&mut scene);
        (0..20).for_each(|number| scene.enter(&format!("p{number}")));
        catch_up(&mut scene);
        let at_once = inside(&scene);
        // Each is sent a history of 256 KiB.
        assert!(at_once < 5, "{at_once}");
        scene.told();
        assert_eq!(inside(&scene), 21);
    }

    #[test]
    fn who_still_waits_at_the_end_is_told() {
        let mut scene = hall("entries_burst = 1");
        scene.enter("bob");
        assert_eq!(waiting(&scene), 1);
        let before = scene.engine.road().size();
        scene.engine.refuse_waiting();
        assert!(scene.engine.road().size() > before);
        assert_eq!(waiting(&scene), 0);
    }

    #[test]
    fn nobody_waits_where_presence_has_no_limit() {
        let mut scene = hall("presences_per_second = 0\nentries_burst = 1");
        fall_behind(&mut scene);
        (0..50).for_each(|number| scene.enter(&format!("p{number}")));
        assert_eq!(inside(&scene), 51);
    }

    #[test]
    fn made_up_people_come_in_by_turns_and_those_inside_are_served() {
        let mut scene = hall("");
        (0..150).for_each(|number| scene.enter(&format!("p{number}@remote.test")));
        let told = scene.told();
        assert_eq!(told.matches("type='error'").count(), 0, "{}", &told[..600]);
        assert!(inside(&scene) > 50, "{}", inside(&scene));
        assert!(waiting(&scene) > 40);
    }
}
