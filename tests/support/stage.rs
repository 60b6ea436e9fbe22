//! Plays a scenario in some world, and compares what comes with what is expected.

use std::collections::{BTreeMap, VecDeque};

use super::pattern::{self, Bindings, Strictness};
use super::scenario::{Deed, Person, Scenario, Step};
use super::scene::{Scene, scene};
use super::xml::{Element, Whole};

/// Where the service is, and how its people reach it.
pub trait World {
    /// Sends what a session's client writes.
    ///
    /// # Errors
    /// That the service can't be reached.
    fn send(&mut self, from: &Person, stanza: &Element) -> Result<(), String>;

    /// Sends bytes as the server would.
    ///
    /// # Errors
    /// That the service can't be reached.
    fn send_as_it_is(&mut self, bytes: &str) -> Result<(), String>;

    /// Waits until everything sent has been dealt with, and gives what came of it, in order.
    ///
    /// # Errors
    /// That it takes too long, or that something came for nobody.
    fn settle(&mut self, sender: &Person) -> Result<Vec<Delivery>, String>;

    /// Waits for something more to come by itself, and gives it; nothing when nothing comes.
    ///
    /// # Errors
    /// That the service can't be reached.
    fn wait(&mut self) -> Result<Vec<Delivery>, String>;

    /// Lets time go by, and whatever falls due.
    ///
    /// # Errors
    /// That this world's clock is the real one.
    fn pass(&mut self, seconds: u32) -> Result<(), String>;

    /// Sets the clock by which the service knows the day and the hour; no time goes by.
    ///
    /// # Errors
    /// That this world's clock is the real one.
    fn set_calendar(&mut self, seconds: i64) -> Result<(), String>;

    /// Puts a line of its configuration in the place of the one with the same key, before the
    /// service is started again.
    ///
    /// # Errors
    /// That this world's service is not started again.
    fn reconfigure(&mut self, line: &str) -> Result<(), String> {
        Err(format!("{line:?} needs a service that is started again"))
    }

    /// Types a command of the operator's. Gives why it fails, if it does.
    ///
    /// # Errors
    /// That nobody operates this world.
    fn operate(&mut self, words: &[String]) -> Result<Option<String>, String> {
        Err(format!("{words:?} needs an operator"))
    }

    /// Kills the service and starts it again.
    ///
    /// # Errors
    /// Why that is not possible.
    fn restart(&mut self) -> Result<(), String>;

    /// Has the connection to the server end, and another made.
    ///
    /// # Errors
    /// Why that is not possible.
    fn reconnect(&mut self) -> Result<(), String>;

    /// Ends a session as its server does, which says so wherever the session had sent presence to.
    ///
    /// # Errors
    /// That the service can't be reached.
    fn disconnect(&mut self, person: &Person) -> Result<(), String>;

    /// A session ends without a word.
    ///
    /// # Errors
    /// Why that is not possible.
    fn lose(&mut self, person: &Person) -> Result<(), String>;
}

/// A stanza for one of the people.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The full JID of a session.
    pub to: String,
    pub stanza: Whole,
}

/// The id of a question that the service answers beside its other work, so that the answer to a
/// ping may overtake the one to it.
pub fn answered_late(stanza: &Element) -> Option<String> {
    let late = [
        "urn:xmpp:mam:2",
        "urn:lyceum:0",
        "http://jabber.org/protocol/commands",
    ];
    let is_late = |child: &Element| late.contains(&child.namespace.as_str());
    let id = stanza.attribute("id")?;
    (stanza.name == "iq" && stanza.elements().any(is_late)).then(|| id.to_owned())
}

/// A stanza that waits to be expected.
type Queue = VecDeque<Whole>;

/// Plays a scenario from its beginning to its end.
///
/// # Errors
/// The first thing that is not as it should be, with file and line.
pub fn play(scenario: &Scenario, world: &mut dyn World) -> Result<(), String> {
    let cast = scenario.cast();
    let anybody = cast.first().ok_or("nobody takes part")?.clone();
    let mut player = Player {
        queues: cast
            .iter()
            .map(|person| (person.name.clone(), Queue::new()))
            .collect(),
        cast,
        anybody,
        world,
        bindings: Bindings::new(),
        nicks: BTreeMap::new(),
    };
    for step in &scenario.steps {
        player
            .step(&step.deed)
            .map_err(|reason| format!("{}: {reason}", locate(step, &reason)))?;
    }
    player
        .finish()
        .map_err(|reason| format!("{}: at the end, {reason}", scenario.path.display()))
}

/// Reasons that know a line of their own have it in front, as `line 7: …`.
fn locate(step: &Step, reason: &str) -> String {
    let own = reason
        .strip_prefix("line ")
        .and_then(|rest| rest.split_once(':'));
    match own {
        Some((line, _)) => format!("{}:{line}", step.place.path.display()),
        None => step.place.to_string(),
    }
}

struct Player<'a> {
    world: &'a mut dyn World,
    cast: Vec<Person>,
    /// Who waits where nobody in particular has done something.
    anybody: Person,
    queues: BTreeMap<String, Queue>,
    bindings: Bindings,
    /// The nick under which a person has entered a room in a scene.
    nicks: BTreeMap<(String, String), String>,
}

impl Player<'_> {
    fn step(&mut self, deed: &Deed) -> Result<(), String> {
        match deed {
            Deed::Receive {
                who,
                patterns,
                any_order,
                strictness,
            } => who
                .iter()
                .try_for_each(|name| self.receive(name, patterns, *any_order, *strictness)),
            Deed::Compare { one, other, equal } => self.compare(one, other, *equal),
            _ => {
                self.finish()?;
                self.act(deed)
            }
        }
    }

    fn act(&mut self, deed: &Deed) -> Result<(), String> {
        match deed {
            Deed::Send { who, stanzas } => {
                let from = self.person(who)?;
                for stanza in stanzas {
                    self.world.send(&from, &self.filled(stanza))?;
                }
                self.settle(&from)
            }
            Deed::SendAsItIs { who, bytes } => {
                let from = self.person(who)?;
                self.world.send_as_it_is(bytes)?;
                self.settle(&from)
            }
            Deed::SameAnswer {
                who,
                rooms,
                stanzas,
            } => self.ask_both(who, rooms, stanzas),
            Deed::Scene { who, words } => self.set_scene(who, words),
            Deed::Pass { seconds } => {
                self.world.pass(*seconds)?;
                self.settle(&self.anybody.clone())
            }
            Deed::SetCalendar { seconds } => self.world.set_calendar(*seconds),
            Deed::Restart { with } => {
                if let Some(line) = with {
                    self.world.reconfigure(line)?;
                }
                self.world.restart()?;
                self.settle(&self.anybody.clone())
            }
            Deed::Operate { words, failing } => {
                let told = self.world.operate(words)?;
                let as_expected = match (&told, failing) {
                    (None, None) => true,
                    (Some(told), Some(expected)) => told.contains(expected),
                    (None, Some(_)) | (Some(_), None) => false,
                };
                if !as_expected {
                    return Err(format!("the operator is told {told:?}, not {failing:?}"));
                }
                self.settle(&self.anybody.clone())
            }
            Deed::Reconnect => {
                self.world.reconnect()?;
                self.settle(&self.anybody.clone())
            }
            Deed::Disconnect { who } => {
                let person = self.person(who)?;
                self.world.disconnect(&person)?;
                self.settle(&person)
            }
            Deed::Gone { who } => {
                let person = self.person(who)?;
                self.world.lose(&person)
            }
            Deed::Receive { .. } | Deed::Compare { .. } => Ok(()),
        }
    }

    fn settle(&mut self, sender: &Person) -> Result<(), String> {
        let deliveries = self.world.settle(sender)?;
        self.queue(deliveries)
    }

    /// Waits until a person has received that number of stanzas, or nothing comes any more.
    fn wait(&mut self, name: &str, count: usize) -> Result<(), String> {
        loop {
            let queue = self.queues.entry(name.to_owned()).or_default();
            if queue.len() >= count {
                return Ok(());
            }
            let deliveries = self.world.wait()?;
            if deliveries.is_empty() {
                return Ok(());
            }
            self.queue(deliveries)?;
        }
    }

    fn queue(&mut self, deliveries: Vec<Delivery>) -> Result<(), String> {
        for delivery in deliveries {
            let to = self.cast.iter().find(|person| person.jid == delivery.to);
            let to = to.ok_or_else(|| stray(&delivery))?;
            self.queues
                .entry(to.name.clone())
                .or_default()
                .push_back(delivery.stanza);
        }
        Ok(())
    }

    /// Nothing may be left over before anything else is done.
    fn finish(&mut self) -> Result<(), String> {
        for (name, queue) in &mut self.queues {
            if let Some(stanza) = queue.front() {
                let count = queue.len();
                return Err(format!(
                    "{name} received {count} that nobody expected, the first of them\n    {}",
                    stanza.raw
                ));
            }
        }
        Ok(())
    }

    fn receive(
        &mut self,
        name: &str,
        patterns: &[(usize, Element)],
        any_order: bool,
        strictness: Strictness,
    ) -> Result<(), String> {
        if patterns.is_empty() {
            return self.finish();
        }
        self.wait(name, patterns.len())?;
        let queue = self.queues.entry(name.to_owned()).or_default();
        if any_order {
            return receive_in_any_order(name, queue, patterns, strictness, &mut self.bindings);
        }
        for (line, pattern) in patterns {
            let Some(stanza) = queue.pop_front() else {
                return Err(format!(
                    "line {line}: {name} received nothing instead of\n    {pattern}"
                ));
            };
            pattern::fit_stanza(pattern, &stanza.element, strictness, &mut self.bindings).map_err(
                |reason| {
                    let raw = &stanza.raw;
                    format!("line {line}: {name} expected\n    {pattern}\n  and received\n    {raw}\n  {reason}")
                },
            )?;
        }
        Ok(())
    }

    fn compare(&self, one: &str, other: &str, equal: bool) -> Result<(), String> {
        let values = [one, other].map(|text| pattern::fill(text, &self.bindings));
        if (values[0] == values[1]) == equal && !values[0].starts_with('{') {
            return Ok(());
        }
        let is = if equal { "is" } else { "is not" };
        Err(format!(
            "{one} {is} {other} doesn't hold: {:?}, {:?}",
            values[0], values[1]
        ))
    }

    /// Sends the same to two rooms. What comes is told apart by the room's address at most.
    fn ask_both(
        &mut self,
        who: &str,
        rooms: &[String; 2],
        stanzas: &[Element],
    ) -> Result<(), String> {
        let from = self.person(who)?;
        let mut answers = Vec::new();
        for room in rooms {
            for stanza in stanzas {
                let mut stanza = self.filled(stanza);
                stanza.map_values(&mut |value| value.replace("ROOM", room));
                self.world.send(&from, &stanza)?;
            }
            let came = self.world.settle(&from)?;
            let came: Vec<_> = came
                .iter()
                .map(|delivery| {
                    (
                        delivery.to.clone(),
                        delivery.stanza.raw.replace(room, "ROOM"),
                    )
                })
                .collect();
            answers.push(came);
        }
        if answers[0] == answers[1] && answers[0].len() >= stanzas.len() {
            return Ok(());
        }
        let list = |answers: &[(String, String)]| {
            answers
                .iter()
                .map(|(to, raw)| format!("\n    to {to}: {raw}"))
                .collect::<String>()
        };
        Err(format!(
            "{} was answered with{}\n  and {} with{}",
            rooms[0],
            list(&answers[0]),
            rooms[1],
            list(&answers[1])
        ))
    }

    fn set_scene(&mut self, who: &str, words: &str) -> Result<(), String> {
        let from = self.person(who)?;
        let nick_in = |room: &str| self.nicks.get(&(who.to_owned(), room.to_owned())).cloned();
        let Scene { stanzas, entered } = scene(words, nick_in)?;
        let mut let_in = entered.is_none();
        for stanza in &stanzas {
            self.world.send(&from, &self.filled(stanza))?;
            for delivery in self.world.settle(&from)? {
                let stanza = &delivery.stanza.element;
                if delivery.to == from.jid && stanza.attribute("type") == Some("error") {
                    return Err(format!("the answer was\n    {}", delivery.stanza.raw));
                }
                let_in |= delivery.to == from.jid && is_self_presence(stanza);
            }
        }
        if let Some((room, nick)) = entered {
            self.nicks.insert((who.to_owned(), room), nick);
        }
        if let_in {
            Ok(())
        } else {
            Err("was not let in".to_owned())
        }
    }

    fn person(&self, name: &str) -> Result<Person, String> {
        let person = self.cast.iter().find(|person| person.name == name);
        person
            .cloned()
            .ok_or_else(|| format!("there is nobody called {name}"))
    }

    fn filled(&self, stanza: &Element) -> Element {
        let mut stanza = stanza.clone();
        stanza.map_values(&mut |value| pattern::fill(value, &self.bindings));
        stanza
    }
}

fn receive_in_any_order(
    name: &str,
    queue: &mut Queue,
    patterns: &[(usize, Element)],
    strictness: Strictness,
    bindings: &mut Bindings,
) -> Result<(), String> {
    if queue.len() < patterns.len() {
        let came: String = queue
            .iter()
            .map(|stanza| format!("\n    {}", stanza.raw))
            .collect();
        let wanted = patterns.len();
        return Err(format!(
            "{name} expected {wanted} stanzas and received {}{came}",
            queue.len()
        ));
    }
    let came: Vec<_> = queue.drain(..patterns.len()).collect();
    let elements: Vec<_> = came.iter().map(|stanza| &stanza.element).collect();
    let wanted: Vec<_> = patterns.iter().map(|(_, pattern)| pattern).collect();
    pattern::fit_in_any_order(&wanted, &elements, strictness, bindings).map_err(|reason| {
        let came: String = came
            .iter()
            .map(|stanza| format!("\n    {}", stanza.raw))
            .collect();
        format!("{name} received{came}\n  and {reason}")
    })
}

fn is_self_presence(stanza: &Element) -> bool {
    let user = stanza.child("http://jabber.org/protocol/muc#user", "x");
    let statuses = user.iter().flat_map(|x| x.elements());
    stanza.name == "presence"
        && stanza.attribute("type").is_none()
        && statuses
            .filter(|child| child.name == "status")
            .any(|status| status.attribute("code") == Some("110"))
}

fn stray(delivery: &Delivery) -> String {
    format!(
        "a stanza came for {}, who takes no part:\n    {}",
        delivery.to, delivery.stanza.raw
    )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::support::xml::elements;

    /// A service that says the same whatever is sent to it.
    struct Parrot(&'static str);

    impl World for Parrot {
        fn send(&mut self, _from: &Person, _stanza: &Element) -> Result<(), String> {
            Ok(())
        }

        fn send_as_it_is(&mut self, _bytes: &str) -> Result<(), String> {
            Ok(())
        }

        fn settle(&mut self, sender: &Person) -> Result<Vec<Delivery>, String> {
            let to = &sender.jid;
            let delivery = |stanza| Delivery {
                to: to.clone(),
                stanza,
            };
            Ok(elements(self.0)?.into_iter().map(delivery).collect())
        }

        fn wait(&mut self) -> Result<Vec<Delivery>, String> {
            Ok(Vec::new())
        }

        fn pass(&mut self, _seconds: u32) -> Result<(), String> {
            Ok(())
        }

        fn set_calendar(&mut self, _seconds: i64) -> Result<(), String> {
            Ok(())
        }

        fn restart(&mut self) -> Result<(), String> {
            Ok(())
        }

        fn reconnect(&mut self) -> Result<(), String> {
            Ok(())
        }

        fn disconnect(&mut self, _person: &Person) -> Result<(), String> {
            Ok(())
        }

        fn lose(&mut self, _person: &Person) -> Result<(), String> {
            Ok(())
        }
    }

    /// Plays statements of bob against a service that says one and two to everything.
    fn played(statements: &str) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        let head = "# RFC 6120 §8: tried\nbob is bob@example.org/x\n";
        fs::write(folder.path().join("it.txt"), format!("{head}{statements}")).unwrap();
        let scenario = Scenario::read(folder.path(), Path::new("it.txt"))?;
        play(
            &scenario,
            &mut Parrot(
                "<message from='a'><b>one</b></message><message from='a'><b>two</b></message>",
            ),
        )
    }

    const SENDS: &str = "bob sends:\n  <iq/>\n";
    const ONE: &str = "  <message from='a'><b>one</b></message>\n";
    const TWO: &str = "  <message from='a'><b>two</b></message>\n";

    #[test]
    fn what_comes_must_be_expected_in_its_order() {
        assert_eq!(played(&format!("{SENDS}bob receives:\n{ONE}{TWO}")), Ok(()));
        assert_eq!(
            played(&format!("{SENDS}bob receives in any order:\n{TWO}{ONE}")),
            Ok(())
        );
        let error = played(&format!("{SENDS}bob receives:\n{TWO}{ONE}")).unwrap_err();
        assert!(error.starts_with("it.txt:6: "), "{error}");
        let error = played(&format!("{SENDS}bob receives in any order:\n{TWO}{TWO}")).unwrap_err();
        assert!(error.contains("nothing fits"), "{error}");
    }

    #[test]
    fn nothing_may_be_left_over_or_missing() {
        for rest in ["", SENDS, "{a} is {a}\n", "bob receives nothing\n"] {
            let error = played(&format!("{SENDS}bob receives:\n{ONE}{rest}")).unwrap_err();
            let expected =
                rest.starts_with('{') || error.contains("bob received 1 that nobody expected");
            assert!(expected, "{rest}: {error}");
        }
        let error = played(&format!("{SENDS}bob receives:\n{ONE}{TWO}{TWO}")).unwrap_err();
        assert!(
            error.starts_with("it.txt:8: ") && error.contains("received nothing"),
            "{error}"
        );
    }

    #[test]
    fn what_was_found_can_be_compared() {
        let found = format!(
            "{SENDS}bob receives:\n  <message from='{{from}}'><b>{{one}}</b></message>\n  \
             <message from='{{from}}'><b>{{two}}</b></message>\n"
        );
        assert_eq!(
            played(&format!("{found}{{one}} is not {{two}}\n{{one}} is one\n")),
            Ok(())
        );
        assert!(played(&format!("{found}{{one}} is {{two}}\n")).is_err());
        assert!(played(&format!("{found}{{never}} is {{never}}\n")).is_err());
    }

    #[test]
    fn a_scene_fails_when_somebody_is_not_let_in() {
        let error = played("bob enters lounge as Bob\n").unwrap_err();
        assert_eq!(error, "it.txt:3: was not let in");
    }
}
