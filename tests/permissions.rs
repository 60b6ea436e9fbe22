//! Who may do what in which room: the table of `permissions/table.txt`, played row by row with the
//! very answer of each, on the core and through a socket with SQLite. DESIGN §1.
//!
//! The table is there to be read. A block is a kind of room; a line is something that is done, with
//! what each person is answered: `yes`, or a word for an error that the head of the file explains;
//! `-` where nothing is held yet.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::support::core::Core;
use crate::support::scenario::{Person, Scenario};
use crate::support::socket::Socket;
use crate::support::stage::{World, play};
use crate::support::xml;

/// Those whose answers are the columns, each under the name that the table has.
const PEOPLE: &[(&str, &str)] = &[
    ("operator", "dave@example.org/train"),
    ("manager", "alice@example.org/phone"),
    ("presenter", "bob@example.org/desk"),
    ("member", "carol@example.org/home"),
    ("anybody", "frank@example.org/field"),
    ("banned", "mallory@example.org/cell"),
    ("foreign", "eve@elsewhere.test/street"),
];

/// Something that is done.
struct Deed {
    name: &'static str,
    /// Whether whoever may enter is inside meanwhile.
    inside: bool,
    /// Whether it makes another room of it, so that nobody else can be asked in the same one.
    changes: bool,
    stanza: &'static str,
}

const DEEDS: &[Deed] = &[
    deed(
        "is listed",
        "<iq to='rooms.example.org' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>",
    ),
    deed(
        "looks at it",
        "<iq to='ROOM' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
    ),
    deed(
        "enters",
        "<presence to='ROOM/NICK' id='1'><x xmlns='http://jabber.org/protocol/muc'/></presence>",
    ),
    Deed {
        inside: true,
        ..deed(
            "speaks",
            "<message to='ROOM' type='groupchat' id='1'><body>Hi</body></message>",
        )
    },
    deed(
        "reads",
        "<iq to='ROOM' type='set' id='1'><query xmlns='urn:xmpp:mam:2'/></iq>",
    ),
    Deed {
        inside: true,
        ..deed(
            "invites",
            "<message to='ROOM' id='1'><x xmlns='http://jabber.org/protocol/muc#user'>\
             <invite to='mallory@elsewhere.test'/></x></message>",
        )
    },
    deed(
        "lists members",
        "<iq to='ROOM' type='get' id='1'><query xmlns='http://jabber.org/protocol/muc#admin'>\
         <item affiliation='member'/></query></iq>",
    ),
    deed(
        "adds a member",
        "<iq to='ROOM' type='set' id='1'><query xmlns='http://jabber.org/protocol/muc#admin'>\
         <item affiliation='member' jid='grace@example.org'/></query></iq>",
    ),
    deed(
        "opens the form",
        "<iq to='ROOM' type='get' id='1'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>",
    ),
    deed(
        "describes it",
        "FORM<field var='muc#roomconfig_roomdesc'><value>x</value></field>",
    ),
    change(
        "disables it",
        "FORM<field var='{urn:lyceum:0}disabled'><value>1</value></field>",
    ),
    change(
        "enables it",
        "FORM<field var='{urn:lyceum:0}disabled'><value>0</value></field>",
    ),
    change(
        "destroys it",
        "<iq to='ROOM' type='set' id='1'><query xmlns='http://jabber.org/protocol/muc#owner'><destroy/></query></iq>",
    ),
];

const fn deed(name: &'static str, stanza: &'static str) -> Deed {
    Deed {
        name,
        inside: false,
        changes: false,
        stanza,
    }
}

const fn change(name: &'static str, stanza: &'static str) -> Deed {
    Deed {
        changes: true,
        ..deed(name, stanza)
    }
}

/// A block of the table: the kind of room, and for each deed what each person is answered.
struct Block {
    kind: String,
    rows: Vec<(String, Vec<String>)>,
}

#[test]
fn everybody_may_what_the_table_says_on_the_core() {
    hold_against(|scenario| Ok(Box::new(Core::start(scenario)?) as Box<dyn World>));
}

#[test]
fn everybody_may_what_the_table_says_through_a_socket() {
    hold_against(|scenario| Ok(Box::new(Socket::start(scenario)?) as Box<dyn World>));
}

/// Starts the service for a scenario.
type Start = fn(&Scenario) -> Result<Box<dyn World>, String>;

fn hold_against(start: Start) {
    let text = fs::read_to_string(root().join("table.txt")).unwrap();
    let (words, blocks) = read(&text);
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(block) = blocks.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = catch_unwind(AssertUnwindSafe(|| play_block(start, block, &words)));
                    let found = found.unwrap_or_else(|_| Err("the service panicked".to_owned()));
                    if let Err(reason) = found {
                        wrong.lock().unwrap().push(reason);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/permissions")
}

/// Reads the words for errors, and the blocks.
fn read(text: &str) -> (BTreeMap<String, String>, Vec<Block>) {
    let mut words = BTreeMap::new();
    let mut blocks: Vec<Block> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some((word, error)) = line.split_once(" = ") {
            words.insert(error.trim().to_owned(), word.trim().to_owned());
        } else if let Some(rest) = line.strip_prefix("  ") {
            let block = blocks.last_mut().expect("a row is in a block");
            let name = &rest[..NAME_WIDTH];
            let answers = rest[NAME_WIDTH..].split_whitespace();
            let answers = answers.map(str::to_owned).collect();
            block.rows.push((name.trim().to_owned(), answers));
        } else if !line.is_empty() {
            let kind = line.split("  ").next().unwrap_or_default().to_owned();
            blocks.push(Block {
                kind,
                rows: Vec::new(),
            });
        }
    }
    (words, blocks)
}

const NAME_WIDTH: usize = 26;

fn play_block(start: Start, block: &Block, words: &BTreeMap<String, String>) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("room.txt"), scenario(&block.kind)).unwrap();
    let scenario = Scenario::read(folder.path(), Path::new("room.txt"))?;
    let begin = || -> Result<Box<dyn World>, String> {
        let mut world = start(&scenario)?;
        play(&scenario, &mut *world)?;
        Ok(world)
    };
    let mut found = Vec::new();
    let mut world = begin()?;
    for deed in DEEDS {
        let mut answers = Vec::new();
        for (name, _) in PEOPLE {
            let answer = answer(&mut *world, &person(&scenario, name), deed)?;
            if deed.changes && answer == "yes" {
                world = begin()?;
            }
            answers.push(words.get(&answer).cloned().unwrap_or(answer));
        }
        found.push((deed.name.to_owned(), answers));
    }
    match fits(&found, &block.rows) {
        true => Ok(()),
        false => Err(written(&block.kind, &found)),
    }
}

/// Whether everything was found as the table has it, as far as that says something.
fn fits(found: &[(String, Vec<String>)], rows: &[(String, Vec<String>)]) -> bool {
    let is_free = |expected: &str| expected == "-";
    let same = |found: &[String], expected: &[String]| {
        let mut pairs = found.iter().zip(expected);
        found.len() == expected.len()
            && pairs.all(|(found, expected)| is_free(expected) || found == expected)
    };
    let mut pairs = found.iter().zip(rows);
    found.len() == rows.len()
        && pairs.all(|((deed, found), (name, expected))| deed == name && same(found, expected))
}

fn person(scenario: &Scenario, name: &str) -> Person {
    let mut people = scenario.people.iter();
    people.find(|person| person.name == name).unwrap().clone()
}

/// How a block looks in the table.
fn written(kind: &str, rows: &[(String, Vec<String>)]) -> String {
    let mut text = format!("{kind:<28}");
    for (name, _) in PEOPLE {
        write!(text, "{name:<14}").unwrap();
    }
    for (name, answers) in rows {
        write!(text, "\n  {name:<NAME_WIDTH$}").unwrap();
        for answer in answers {
            write!(text, "{answer:<14}").unwrap();
        }
        text = text.trim_end().to_owned();
    }
    text + "\n"
}

/// A room of a kind, that nobody is in.
fn scenario(kind: &str) -> String {
    let mut text = "# DESIGN §1: a room.\nservice: operators = [\"dave@example.org\"]\n".to_owned();
    for (name, address) in PEOPLE {
        writeln!(text, "{name} is {address}").unwrap();
    }
    let is = |word: &str| kind.split(' ').any(|one| one == word);
    let privacy = ["open", "closed", "secret"]
        .into_iter()
        .find(|word| is(word));
    let type_ = ["normal", "auditorium"].into_iter().find(|word| is(word));
    let (privacy, type_) = (privacy.unwrap(), type_.unwrap());
    write!(
        text,
        "manager creates lounge as Alice with {{urn:lyceum:0}}privacy={privacy}, {{urn:lyceum:0}}type={type_}, \
         {{urn:lyceum:0}}presenters=bob@example.org\n\
         manager makes carol@example.org member in lounge\n\
         manager makes mallory@example.org outcast in lounge\n\
         manager leaves lounge\n"
    )
    .unwrap();
    if is("disabled") {
        text.push_str("manager configures lounge with {urn:lyceum:0}disabled=1\n");
    }
    text
}

/// What a person is answered who does something.
fn answer(world: &mut dyn World, person: &Person, deed: &Deed) -> Result<String, String> {
    let room = "lounge@rooms.example.org";
    let entrance =
        "<presence to='ROOM/NICK' id='1'><x xmlns='http://jabber.org/protocol/muc'/></presence>";
    let inside = deed.inside && send(world, person, entrance)? == "yes";
    let answered = send(world, person, deed.stanza)?;
    if inside || deed.stanza == entrance && answered == "yes" {
        send(
            world,
            person,
            "<presence to='ROOM/NICK' type='unavailable' id='1'/>",
        )?;
    }
    Ok(match (deed.name, &*answered) {
        ("is listed", items) if items.contains(room) => "yes".to_owned(),
        ("is listed", _) => "no".to_owned(),
        (_, answered) if answered.starts_with("<iq") => "yes".to_owned(),
        (_, answered) => answered.to_owned(),
    })
}

/// Sends a stanza, and tells what it is answered: an error as `type/condition`; an answer to an
/// `<iq/>` as it is; else `yes`.
fn send(world: &mut dyn World, person: &Person, stanza: &str) -> Result<String, String> {
    let nick = person.name.clone();
    let mut stanza = stanza.to_owned();
    if let Some(fields) = stanza.strip_prefix("FORM") {
        stanza = format!(
            "<iq to='ROOM' type='set' id='1'><query xmlns='http://jabber.org/protocol/muc#owner'>\
             <x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>\
             <value>http://jabber.org/protocol/muc#roomconfig</value></field>{fields}</x></query></iq>"
        );
    }
    let stanza = stanza
        .replace("ROOM", "lounge@rooms.example.org")
        .replace("NICK", &nick);
    let stanza = xml::elements(&stanza)?.remove(0).element;
    world.send(person, &stanza)?;
    let deliveries = world.settle(person)?;
    let own = deliveries
        .iter()
        .filter(|delivery| delivery.to == person.jid);
    let mut own = own.map(|delivery| &delivery.stanza);
    let error = own
        .clone()
        .find(|one| one.element.attribute("type") == Some("error"));
    if let Some(error) = error {
        let error = error.element.elements().find(|child| child.name == "error");
        let error = error.ok_or("an error without an error")?;
        let condition = error
            .elements()
            .next()
            .ok_or("an error without a condition")?;
        let type_ = error.attribute("type").unwrap_or_default();
        return Ok(format!("{type_}/{}", condition.name));
    }
    let answer = own.find(|one| one.element.name == "iq");
    Ok(answer.map_or_else(|| "yes".to_owned(), |one| one.raw.clone()))
}
