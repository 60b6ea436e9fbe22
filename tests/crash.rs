//! A restart is not noticed: every scenario holds though the service is stopped and started again,
//! on the same database, whenever something has happened. And what somebody has seen is never lost,
//! though the service is killed in the middle of its work.

use std::path::Path;

use crate::scenarios::{play_all, root};
use crate::support::core::Core;
use crate::support::scenario::{Person, Scenario, Venue};
use crate::support::socket::Socket;
use crate::support::stage::{Delivery, World, play};
use crate::support::xml::{Element, STANZAS, elements};

/// Number of messages that are under way when the service is killed.
const BURST: usize = 300;

#[test]
fn what_was_seen_is_there_after_a_crash() {
    // The first kill comes when little has been seen, the last when nearly everything has.
    for seen_at_least in [1, 40, 290] {
        survive_a_crash(seen_at_least).unwrap_or_else(|reason| panic!("{reason}"));
    }
}

fn survive_a_crash(seen_at_least: usize) -> Result<(), String> {
    let scenario = Scenario::read(&root(), Path::new("setup/crash.txt"))?;
    let mut socket = Socket::start(&scenario)?;
    play(&scenario, &mut socket)?;
    let people = scenario.cast();
    let [alice, bob, carol] = &people[..] else {
        return Err("there are three people".to_owned());
    };
    for number in 0..BURST {
        let message =
            format!("<message to='{ROOM}' type='groupchat'><body>{number}</body></message>");
        socket.send(alice, &stanza(&message)?)?;
    }
    let mut seen = Vec::new();
    while seen.len() < seen_at_least {
        let deliveries = socket.wait()?;
        assert!(!deliveries.is_empty(), "only {} messages came", seen.len());
        seen.extend(bodies(&deliveries, bob));
    }
    socket.restart()?;

    let join = "<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='500'/></x>";
    let join = format!("<presence to='{ROOM}/Carol'>{join}</presence>");
    socket.send(carol, &stanza(&join)?)?;
    let kept = bodies(&socket.settle(carol)?, carol);
    assert_eq!(kept[..seen.len()], seen[..], "{} were kept", kept.len());
    let in_order: Vec<_> = (0..kept.len()).map(|number| number.to_string()).collect();
    assert_eq!(kept, in_order, "nothing is missing in between");

    let last = format!("<message to='{ROOM}' type='groupchat'><body>Last</body></message>");
    socket.send(bob, &stanza(&last)?)?;
    let deliveries = socket.settle(bob)?;
    for person in [alice, bob, carol] {
        assert_eq!(
            bodies(&deliveries, person),
            ["Last"],
            "{} is inside",
            person.name
        );
    }
    Ok(())
}

fn stanza(xml: &str) -> Result<Element, String> {
    let stanza = elements(xml)?.pop().ok_or("no stanza")?;
    Ok(stanza.element)
}

/// What a person was told, in order.
fn bodies(deliveries: &[Delivery], person: &Person) -> Vec<String> {
    let own = deliveries
        .iter()
        .filter(|delivery| delivery.to == person.jid);
    own.filter_map(|delivery| delivery.stanza.element.child(STANZAS, "body"))
        .map(Element::text)
        .collect()
}

const ROOM: &str = "lounge@rooms.example.org";

#[test]
fn every_scenario_holds_though_the_service_restarts_all_the_time() {
    play_all(Venue::Core, 2, |_, scenario| {
        if FORGETFUL.iter().any(|path| scenario.path.ends_with(path)) {
            return Ok(());
        }
        play(scenario, &mut Restless::start(scenario)?)
    });
}

/// Scenarios of what the service may forget: commands that are being filled in, questions that wait
/// for their answer, doubts, who was invited by whom, who waits at the door, whose message is on
/// its way, how often somebody has asked, and what the clock said before.
const FORGETFUL: &[&str] = &[
    "bounce/session_is_not_found.txt",
    "bounce/session_that_is_never_available.txt",
    "bounce/silence.txt",
    "clock/limits_go_by_no_calendar.txt",
    "clock/locked_room.txt",
    "clock/verified_though_it_was_set.txt",
    "command/addin.txt",
    "command/bad_action.txt",
    "command/cancel.txt",
    "command/changes.txt",
    "command/destroying.txt",
    "command/expired.txt",
    "command/foreign_session.txt",
    "command/form.txt",
    "command/list_of_people.txt",
    "command/steps.txt",
    "command/table.txt",
    "disco/language_of_a_question.txt",
    "disco/occupant_answers_with_an_error.txt",
    "disco/occupant_by_another.txt",
    "disco/rooms_of_a_person.txt",
    "enter/in_turn.txt",
    "exit/before_coming_in.txt",
    "hostile/people_who_are_made_up.txt",
    "invite/bounced.txt",
    "invite/declined.txt",
    "invite/declined_by_nick.txt",
    "invite/language_of_the_reason.txt",
    "invite/too_many_in_an_hour.txt",
    "message/archive_quota.txt",
    "private_message/refused_by_all_sessions.txt",
    "private_message/refused_by_the_client.txt",
    "register/one_request.txt",
    "register/requests_are_asked_for.txt",
    "self_ping/of_another.txt",
    "voice/asked_too_often.txt",
];

/// The core, which is started again after everything that happens.
struct Restless(Core);

impl Restless {
    fn start(scenario: &Scenario) -> Result<Self, String> {
        Core::start_in_a_file(scenario).map(Self)
    }
}

impl World for Restless {
    fn send(&mut self, from: &Person, stanza: &Element) -> Result<(), String> {
        self.0.send(from, stanza)
    }

    fn send_as_it_is(&mut self, bytes: &str) -> Result<(), String> {
        self.0.send_as_it_is(bytes)
    }

    fn settle(&mut self, sender: &Person) -> Result<Vec<Delivery>, String> {
        let mut deliveries = self.0.settle(sender)?;
        self.0.restart()?;
        deliveries.extend(self.0.settle(sender)?);
        Ok(deliveries)
    }

    fn wait(&mut self) -> Result<Vec<Delivery>, String> {
        self.0.wait()
    }

    fn pass(&mut self, seconds: u32) -> Result<(), String> {
        self.0.pass(seconds)
    }

    fn set_calendar(&mut self, seconds: i64) -> Result<(), String> {
        self.0.set_calendar(seconds)
    }

    fn reconfigure(&mut self, line: &str) -> Result<(), String> {
        self.0.reconfigure(line)
    }

    fn operate(&mut self, words: &[String]) -> Result<Option<String>, String> {
        self.0.operate(words)
    }

    fn restart(&mut self) -> Result<(), String> {
        self.0.restart()
    }

    fn reconnect(&mut self) -> Result<(), String> {
        self.0.reconnect()
    }

    fn disconnect(&mut self, person: &Person) -> Result<(), String> {
        self.0.disconnect(person)
    }

    fn lose(&mut self, person: &Person) -> Result<(), String> {
        self.0.lose(person)
    }
}
