//! Scenarios: conversations with the service, as text.
//!
//! A file tells one rule. Its first line cites it: `# XEP-0045 §7.2.8 (#enter-conflict): …`. Lines
//! that begin with `#` are comments. What is indented belongs to the line above it and is XML, as
//! a client writes it, without `from`; everything else is one of the statements below.
//!
//! ```text
//! include setup/two.txt                   plays the statements of another file first
//! only core, socket                       where it is played, if not everywhere
//! service: name = "Rooms"                 a line for the [[pool]] in the file (core, socket)
//! service: General is for the served     and not for people of all servers (core, socket)
//! bob is bob@example.org/desk            who takes part; further sessions of a person are
//! bob2 is bob@example.org/phone          people of their own
//!
//! alice sends:                            one or more stanzas
//!   <message to='lounge@rooms.example.org' type='groupchat'><body>Hi</body></message>
//! alice sends as it is:                   bytes; {9*<a>} stands for nine times <a>  (core, socket)
//! alice and bob receive:                  each of them gets these next, in this order
//!   <message from='lounge@rooms.example.org/Alice' type='groupchat'><body>Hi</body></message>
//! alice receives in any order:            these next, in whatever order
//! alice receives exactly:                 with nothing beside it that is otherwise tolerated
//! alice receives nothing                  said for the reader; see below
//! {first} is {second}                     what the patterns found under these names; `is not` too
//! bob is told the same by secret as by nothere:
//!                                         sends the stanzas twice, with secret and with nothere
//!                                         for ROOM, and compares the answers byte by byte
//! 30 seconds pass                         on the virtual clock                      (core)
//! the calendar is put forward by 4 seconds
//!                                         or back, by seconds, hours or years     (core)
//! the service restarts                    it is killed and started again (core, socket)
//! the service restarts with operators = ["bob@example.org"]
//!                                         and with this line, too (core, socket)
//! the server was away                     it is back; its link was lost (core, socket)
//! bob disconnects                         and the server tells all rooms with bob inside
//! bob is gone                             its server answers with errors (core, socket)
//! the operator runs room keep lounge --days 7
//!                                         types a command that goes well (core, socket)
//! the operator fails with "no room" at room show lounge
//!                                         types one that fails, and is told so (core, socket)
//! ```
//!
//! What a session has received must be expected before anybody does something again, and at the
//! end: a stanza that nobody expected is a failure. How a
//! pattern fits is described in [`pattern`](super::pattern). Messages to a bare JID come to the
//! first session of the person.
//!
//! Namespaces can be shortened as in [`NAMESPACES`](super::statement::NAMESPACES):
//! `<x xmlns='muc#user'>`.
//!
//! The statements that set the scene stand for stanzas whose consequences nobody looks at, but that
//! nobody gets an error; scenarios of their own look at them. A room is named without the service:
//!
//! ```text
//! alice creates lounge as Alice           enters, and accepts the default configuration
//! alice creates lounge as Alice with membersonly=1, whois=moderators
//! alice configures lounge with changesubject=1, muc#maxhistoryfetch=3
//! bob enters lounge as Bob                  (also: with password x)
//! bob leaves lounge
//! bob says "Good evening" in lounge
//! bob registers Bobby in lounge
//! alice makes bob@example.org admin in lounge    an affiliation
//! alice makes Bob moderator in lounge             a role
//! ```
//!
//! Several values of a field are separated by `|`. Archives are asked in a short form, too: see
//! [`archive`](super::archive).

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::archive::Questions;
use super::pattern::Strictness;
use super::statement;
use super::xml::Element;

/// The domain of the service in all scenarios.
pub const SERVICE: &str = "rooms.example.org";

/// Where a scenario can be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Venue {
    /// On the engine of the service, with a virtual clock.
    Core,
    /// Through the program, a socket and a file.
    Socket,
    /// Beside a real server, by real sessions.
    Servers,
}

/// A conversation, with all that it includes.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The file, below `tests/scenarios`.
    pub path: PathBuf,
    pub people: Vec<Person>,
    /// Lines for the `[[pool]]` of the configuration.
    pub service: Vec<String>,
    /// Whether the first category is for people of all servers.
    pub is_general_open: bool,
    only: Option<Vec<Venue>>,
    pub steps: Vec<Step>,
}

/// A session that takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    /// The full JID.
    pub jid: String,
}

/// Something that happens, and where that is written.
#[derive(Clone, Debug)]
pub struct Step {
    pub place: Place,
    pub deed: Deed,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub path: PathBuf,
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.path.display(), self.line)
    }
}

/// What happens in a step of a scenario.
#[derive(Clone, Debug)]
pub enum Deed {
    Send {
        who: String,
        stanzas: Vec<Element>,
    },
    SendAsItIs {
        who: String,
        bytes: String,
    },
    Receive {
        who: Vec<String>,
        /// With the line of each.
        patterns: Vec<(usize, Element)>,
        any_order: bool,
        strictness: Strictness,
    },
    Compare {
        one: String,
        other: String,
        equal: bool,
    },
    SameAnswer {
        who: String,
        rooms: [String; 2],
        stanzas: Vec<Element>,
    },
    Pass {
        seconds: u32,
    },
    /// The machine's clock is set forward, or back, by some seconds.
    SetCalendar {
        seconds: i64,
    },
    /// The service is killed and started again, with this line in its configuration.
    Restart {
        with: Option<String>,
    },
    /// The connection to the server is lost and made again.
    Reconnect,
    Disconnect {
        who: String,
    },
    Gone {
        who: String,
    },
    /// A command is typed, word by word.
    Operate {
        words: Vec<String>,
        /// What is told of why it fails; `None`: it goes well.
        failing: Option<String>,
    },
    /// One of the statements that set the scene.
    Scene {
        who: String,
        words: String,
    },
}

impl Scenario {
    /// Whether it can be played there.
    pub fn is_for(&self, venue: Venue) -> bool {
        let shows = |deed: &Deed| match deed {
            Deed::Pass { .. } | Deed::SetCalendar { .. } => venue == Venue::Core,
            Deed::SendAsItIs { .. }
            | Deed::Restart { .. }
            | Deed::Reconnect
            | Deed::Operate { .. }
            | Deed::Gone { .. } => venue != Venue::Servers,
            _ => true,
        };
        self.only.as_ref().is_none_or(|only| only.contains(&venue))
            && ((self.service.is_empty() && self.is_general_open) || venue != Venue::Servers)
            && self.steps.iter().all(|step| shows(&step.deed))
    }

    /// Those who do something, or to whom something happens.
    pub fn cast(&self) -> Vec<Person> {
        let takes_part = |person: &&Person| {
            self.steps.iter().any(|step| match &step.deed {
                Deed::Receive { who, .. } => who.contains(&person.name),
                Deed::Send { who, .. }
                | Deed::SendAsItIs { who, .. }
                | Deed::SameAnswer { who, .. }
                | Deed::Disconnect { who }
                | Deed::Gone { who }
                | Deed::Scene { who, .. } => *who == person.name,
                Deed::Compare { .. }
                | Deed::Pass { .. }
                | Deed::SetCalendar { .. }
                | Deed::Restart { .. }
                | Deed::Operate { .. }
                | Deed::Reconnect => false,
            })
        };
        self.people.iter().filter(takes_part).cloned().collect()
    }

    /// Reads a file below `root`.
    ///
    /// # Errors
    /// What is wrong with it, with file and line.
    pub fn read(root: &Path, path: &Path) -> Result<Self, String> {
        let mut scenario = Self {
            path: path.to_owned(),
            people: Vec::new(),
            service: Vec::new(),
            is_general_open: true,
            only: None,
            steps: Vec::new(),
        };
        scenario.include(root, path, 0, &mut Questions::default())?;
        Ok(scenario)
    }

    fn include(
        &mut self,
        root: &Path,
        path: &Path,
        depth: usize,
        questions: &mut Questions,
    ) -> Result<(), String> {
        if depth > 8 {
            return Err(format!("{}: includes itself", path.display()));
        }
        let text = fs::read_to_string(root.join(path))
            .map_err(|error| format!("{}: {error}", path.display()))?;
        if !cites(text.lines().next().unwrap_or_default()) {
            let rule =
                "the first line must cite the rule: `# XEP-0045 §7.2.8 (#enter-conflict): …`";
            return Err(format!("{}:1: {rule}", path.display()));
        }
        for (place, statement, block) in statement::statements(path, &text) {
            let at = place.to_string();
            let told = |reason: String| format!("{at}: {reason}");
            if let Some(file) = statement.strip_prefix("include ") {
                self.include(root, Path::new(file.trim()), depth + 1, questions)?;
                continue;
            }
            let long = statement::long_form(&self.people, questions, statement, &block);
            match long.map_err(told)? {
                Some((statement, block)) => self.statement(place, &statement, &block),
                None => self.statement(place, statement, &block),
            }
            .map_err(|reason| format!("{at}: {reason}"))?;
        }
        Ok(())
    }

    fn statement(&mut self, place: Place, statement: &str, block: &str) -> Result<(), String> {
        if statement == "service: General is for the served" {
            self.is_general_open = false;
            return Ok(());
        }
        if let Some(line) = statement.strip_prefix("service: ") {
            self.service.push(line.to_owned());
            return Ok(());
        }
        if let Some(venues) = statement.strip_prefix("only ") {
            let venues: Result<Vec<_>, _> = venues.split(", ").map(venue).collect();
            self.only = Some(venues?);
            return Ok(());
        }
        if let Some((name, jid)) = statement::declaration(statement) {
            let person = Person {
                name: name.to_owned(),
                jid: jid.to_owned(),
            };
            self.people.retain(|other| other.name != name);
            self.people.push(person);
            return Ok(());
        }
        let deed = statement::deed(&self.people, place.line, statement, block)?;
        self.steps.push(Step { place, deed });
        Ok(())
    }
}

/// A first line that names the document and the section.
pub fn cites(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("# ") else {
        return false;
    };
    let document =
        rest.starts_with("XEP-0") || rest.starts_with("RFC ") || rest.starts_with("DESIGN ");
    document && rest.contains('§') && rest.contains(": ")
}

fn venue(name: &str) -> Result<Venue, String> {
    match name.trim() {
        "core" => Ok(Venue::Core),
        "socket" => Ok(Venue::Socket),
        "servers" => Ok(Venue::Servers),
        other => Err(format!("{other:?} is none of core, socket, servers")),
    }
}

/// The JID of a room that is named without the service.
pub fn room_jid(name: &str) -> String {
    match name.contains('@') {
        true => name.to_owned(),
        false => format!("{name}@{SERVICE}"),
    }
}

/// The files below a folder that are scenarios of their own: all but those in `setup`.
///
/// # Panics
/// When a folder can't be read.
pub fn files(root: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the scenarios can be listed") {
            let path = entry.expect("the scenarios can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "txt") {
                let below = path
                    .strip_prefix(root)
                    .expect("it is listed below the root");
                files.push(below.to_owned());
            }
        }
    }
    files.retain(|file| !file.starts_with("setup"));
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Scenario, String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("it.txt"), text).unwrap();
        Scenario::read(folder.path(), Path::new("it.txt"))
    }

    const HEAD: &str = "# XEP-0045 §7.4 (#message): said\nbob is bob@example.org/x\n";

    #[test]
    fn a_statement_has_its_place_and_its_block() {
        let text = "\n# Why.\nbob receives in any order:\n  <message from='a'/>\n\n  <iq/>\n30 seconds pass\n";
        let scenario = read(&format!("{HEAD}{text}")).unwrap();
        assert_eq!(scenario.steps[0].place.to_string(), "it.txt:5");
        let Deed::Receive {
            patterns,
            any_order,
            ..
        } = &scenario.steps[0].deed
        else {
            panic!("{:?}", scenario.steps[0]);
        };
        assert!(any_order);
        assert_eq!(
            patterns.iter().map(|(line, _)| *line).collect::<Vec<_>>(),
            [6, 8]
        );
        assert!(matches!(scenario.steps[1].deed, Deed::Pass { seconds: 30 }));
        assert!(scenario.is_for(Venue::Core) && !scenario.is_for(Venue::Socket));
    }

    #[test]
    fn namespaces_are_written_out() {
        let scenario = read(&format!(
            "{HEAD}bob sends:\n  <iq><query xmlns='disco#info'><a/></query></iq>\n"
        ));
        let Deed::Send { stanzas, .. } = &scenario.unwrap().steps[0].deed else {
            panic!()
        };
        let query = stanzas[0].elements().next().unwrap();
        assert_eq!(query.namespace, "http://jabber.org/protocol/disco#info");
        assert_eq!(query.elements().next().unwrap().namespace, query.namespace);
        assert_eq!(stanzas[0].namespace, crate::support::xml::STANZAS);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, told) in [
            (
                "carol sends:\n  <iq/>\n",
                "it.txt:3: there is nobody called \"carol\"",
            ),
            ("bob receives:\n", "it.txt:3: what is received?"),
            (
                "bob receives nothing\n  <iq/>\n",
                "it.txt:3: what is received?",
            ),
            (
                "\nbob sends:\n  <iq>\n",
                "it.txt:4: an element is not closed",
            ),
            ("bob\n", "it.txt:3: this is no statement"),
        ] {
            let error = read(&format!("{HEAD}{text}")).unwrap_err();
            assert!(error.starts_with(told), "{error}");
        }
        assert!(
            read("bob is bob@example.org/x\n")
                .unwrap_err()
                .starts_with("it.txt:1: the first line")
        );
    }
}
