//! A service with one room, `hall`, which Ann owns and Bob is in.

use crate::config::{Config, Surroundings};
use crate::room::{Now, Timestamp};
use crate::service::{Engine, settings};
use crate::store::Store;
use crate::wire::xml::frame::{Frame, Received};

/// Ann's address and the room's, as attributes.
pub const ANN: &str = "from='ann@example.org/a' to='hall@rooms.example.org'";

/// The service; `limits` are lines of its configuration.
pub fn service(limits: &str) -> Engine {
    let text =
        format!("[[pool]]\ndomain = 'rooms.example.org'\nsecret = 'x'\n[pool.limits]\n{limits}");
    let surroundings = Surroundings {
        path: "lyceum.toml".into(),
        secret: None,
    };
    let config = Config::parse(&text, &surroundings).unwrap();
    let settings = settings::engine(&config.pools[0]);
    let mut engine = Engine::new(settings, Store::in_memory().unwrap(), at(1)).unwrap();
    send(&mut engine, &enter("ann@example.org/a", "Ann"));
    let form = "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query>";
    send(
        &mut engine,
        &format!("<iq {ANN} type='set' id='1'>{form}</iq>"),
    );
    send(&mut engine, &enter("bob@example.org/b", "Bob"));
    engine
}

/// Somebody's presence who enters the room.
pub fn enter(jid: &str, nick: &str) -> String {
    format!(
        "<presence from='{jid}' to='hall@rooms.example.org/{nick}'>\
         <x xmlns='http://jabber.org/protocol/muc'/></presence>"
    )
}

/// Sends a stanza, and gives what comes of it.
pub fn send(engine: &mut Engine, stanza: &str) -> String {
    let frame = Frame::from_xml(stanza.as_bytes()).unwrap();
    engine.receive(at(1), Received::Stanza(frame));
    let blobs = engine.finish();
    blobs
        .iter()
        .map(|blob| String::from_utf8_lossy(blob))
        .collect()
}

fn at(second: i64) -> Now {
    Now::in_step(Timestamp(second * 1_000_000))
}
