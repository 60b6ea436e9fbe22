//! Rooms whose people were under other operators, in an engine that is started again and again.

use std::path::Path;

use crate::config::{Config, Surroundings};
use crate::room::{Elapsed, Now, Timestamp};
use crate::service::engine::Engine;
use crate::service::settings;
use crate::store::Store;
use crate::wire::xml::frame::{Frame, Received};

/// More than one page has.
const ROOMS: usize = 40;

fn start(folder: &Path, operator: &str) -> Engine {
    let text = format!(
        "[[pool]]\ndomain = 'rooms.example.org'\nsecret = 'x'\noperators = ['{operator}@example.org']"
    );
    let surroundings = Surroundings {
        path: folder.join("lyceum.toml"),
        secret: None,
    };
    let config = Config::parse(&text, &surroundings).unwrap();
    let store = Store::open(&settings::store(&config.pools[0])).unwrap();
    Engine::new(settings::engine(&config.pools[0]), store, now()).unwrap()
}

fn now() -> Now {
    Now {
        at: Timestamp(1_767_268_800_000_000),
        elapsed: Elapsed(60_000_000),
    }
}

fn receive(engine: &mut Engine, stanza: &str) -> String {
    let frame = Frame::from_xml(stanza.as_bytes()).unwrap();
    engine.receive(now(), Received::Stanza(frame));
    String::from_utf8(engine.finish().concat()).unwrap()
}

/// What goes out in one turn of the loop.
fn turn(engine: &mut Engine) -> String {
    engine.expire(now());
    String::from_utf8(engine.finish().concat()).unwrap()
}

/// Rooms of ann's, with root in them, who is an operator.
fn furnish(folder: &Path) {
    let mut engine = start(folder, "root");
    let muc = "http://jabber.org/protocol/muc";
    for number in 0..ROOMS {
        let room = format!("hall{number:02}@rooms.example.org");
        let ann = format!("from='ann@example.org/a' to='{room}");
        let form = "<x xmlns='jabber:x:data' type='submit'/>";
        let open = format!("<query xmlns='{muc}#owner'>{form}</query>");
        let enter = format!("<x xmlns='{muc}'/>");
        receive(
            &mut engine,
            &format!("<presence {ann}/Ann'>{enter}</presence>"),
        );
        receive(
            &mut engine,
            &format!("<iq {ann}' type='set' id='1'>{open}</iq>"),
        );
        let root = format!("from='root@example.org/r' to='{room}/Root'");
        let told = receive(&mut engine, &format!("<presence {root}>{enter}</presence>"));
        assert!(told.contains("role='moderator'"), "{told}");
    }
}

/// In how many rooms root is told to be an operator no longer.
fn falls(told: &str) -> usize {
    told.split("<presence ")
        .filter(|presence| presence.contains("code='110'") && presence.contains("'participant'"))
        .count()
}

#[test]
fn a_walk_that_was_interrupted_goes_on_and_tells_nobody_twice() {
    let folder = tempfile::tempdir().unwrap();
    furnish(folder.path());
    let mut engine = start(folder.path(), "zoe");
    assert_eq!(falls(&turn(&mut engine)), 0, "nobody can be told yet");
    engine.link_up(now());
    let before = falls(&turn(&mut engine));
    assert!((1..ROOMS).contains(&before), "{before} in one turn");
    drop(engine);
    let mut engine = start(folder.path(), "zoe");
    engine.link_up(now());
    let after: usize = (0..4).map(|_| falls(&turn(&mut engine))).sum();
    assert_eq!(before + after, ROOMS);
    drop(engine);
    let mut engine = start(folder.path(), "zoe");
    engine.link_up(now());
    assert_eq!(falls(&turn(&mut engine)), 0);
}

#[test]
fn a_room_of_which_something_is_asked_before_the_walk_has_come_is_governed_first() {
    let folder = tempfile::tempdir().unwrap();
    furnish(folder.path());
    let mut engine = start(folder.path(), "zoe");
    let said = "<message from='ann@example.org/a' to='hall39@rooms.example.org' type='groupchat'>\
        <body>Hi</body></message>";
    let told = receive(&mut engine, said);
    assert_eq!(falls(&told), 1, "{told}");
    assert!(told.find("'participant'") < told.find("<body>"), "{told}");
    engine.link_up(now());
    let rest: usize = (0..4).map(|_| falls(&turn(&mut engine))).sum();
    assert_eq!(rest, ROOMS - 1);
}
