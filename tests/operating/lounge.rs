//! A room with two people inside, and an operator at the command line.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use rusqlite::Connection;

use crate::scenarios::root;
use crate::support::scenario::{Person, Scenario};
use crate::support::socket::Socket;
use crate::support::stage::{Delivery, World, play};
use crate::support::xml::{Element, STANZAS, elements};

/// The room's address.
pub const ROOM: &str = "lounge@rooms.example.org";

/// The room, the service around it, and those who are inside or will come.
pub struct Lounge {
    pub socket: Socket,
    pub alice: Person,
    pub bob: Person,
    carol: Person,
}

impl Lounge {
    /// Opens the room: alice and bob are inside.
    pub fn open() -> Self {
        Self::open_with(&[])
    }

    /// The same with more in the configuration.
    pub fn open_with(lines: &[&str]) -> Self {
        let mut scenario = Scenario::read(&root(), Path::new("setup/crash.txt")).unwrap();
        scenario
            .service
            .extend(lines.iter().map(|line| (*line).to_owned()));
        let mut socket = Socket::start(&scenario).unwrap();
        play(&scenario, &mut socket).unwrap();
        let people = scenario.cast();
        let [alice, bob, carol] = &people[..] else {
            panic!("there are three people");
        };
        Self {
            socket,
            alice: alice.clone(),
            bob: bob.clone(),
            carol: carol.clone(),
        }
    }

    /// Somebody says something, and all hear it.
    pub fn say(&mut self, person: &Person, text: &str) {
        self.send(person, &format!("<body>{text}</body>"));
        self.socket.settle(person).unwrap();
    }

    /// Somebody sends a message to all.
    pub fn send(&mut self, person: &Person, payload: &str) {
        let message = format!("<message to='{ROOM}' type='groupchat' id='i'>{payload}</message>");
        self.socket.send(person, &stanza(&message)).unwrap();
    }

    /// Everything that has been delivered and not looked at.
    pub fn deliveries(&mut self) -> Vec<Delivery> {
        let alice = self.alice.clone();
        self.socket.settle(&alice).unwrap()
    }

    /// What a newcomer reads of what was said before, as text.
    pub fn history(&mut self) -> Vec<String> {
        let carol = self.carol.clone();
        let join = "<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='500'/></x>";
        let enter = format!("<presence to='{ROOM}/Carol'>{join}</presence>");
        self.socket.send(&carol, &stanza(&enter)).unwrap();
        let found = bodies(&self.socket.settle(&carol).unwrap(), &carol);
        let leave = format!("<presence to='{ROOM}/Carol' type='unavailable'/>");
        self.socket.send(&carol, &stanza(&leave)).unwrap();
        self.socket.settle(&carol).unwrap();
        found
    }

    /// The operator types a command.
    pub fn lyceum(&self, arguments: &[&str]) -> Output {
        lyceum(self.socket.folder(), arguments)
    }

    /// The same, and all goes well; what is printed.
    pub fn done(&self, arguments: &[&str]) -> String {
        done(self.socket.folder(), arguments)
    }

    /// The same, as JSON.
    pub fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let printed = self.done(&[arguments, &["--json"]].concat());
        serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"))
    }

    /// Looks into the database.
    pub fn database(&self) -> Connection {
        Connection::open(self.socket.folder().join("lyceum.db")).unwrap()
    }
}

/// Types a command in a folder.
pub fn lyceum(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lyceum"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .env_remove("LYCEUM_SECRET")
        .env_remove("RUST_LOG")
        .output()
        .unwrap()
}

/// Types a command that goes well; what is printed.
pub fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = lyceum(folder, arguments);
    let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {told}\n{log}");
    String::from_utf8(output.stdout).unwrap()
}

/// What a person was told, in order.
pub fn bodies(deliveries: &[Delivery], person: &Person) -> Vec<String> {
    of(deliveries, person)
        .filter_map(|stanza| stanza.child(STANZAS, "body"))
        .map(Element::text)
        .collect()
}

/// What was delivered to a person.
pub fn of<'a>(deliveries: &'a [Delivery], person: &'a Person) -> impl Iterator<Item = &'a Element> {
    let own = deliveries
        .iter()
        .filter(|delivery| delivery.to == person.jid);
    own.map(|delivery| &delivery.stanza.element)
}

fn stanza(xml: &str) -> Element {
    elements(xml).unwrap().pop().unwrap().element
}
