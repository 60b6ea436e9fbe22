//! The scene of tests of the service: an engine with a few lines of configuration, people who send
//! something to a room, what came out as text, and a clock that goes only when it is told to.

use std::path::Path;

use jid::BareJid;

use crate::config::{Config, Pool, Surroundings};
use crate::directory::{self, CategoryList, CategoryWish, EditStep, ListEdit};
use crate::room::scope::Principal;
use crate::room::{Elapsed, Now, Timestamp};
use crate::service::{Engine, settings};
use crate::store::Store;
use crate::wire::link::parcel::Parcel;
use crate::wire::stanza::envelope::Envelope;
use crate::wire::xml::frame::{Frame, Received};

/// The address of the hall, the room that most tests are about.
pub const HALL: &str = "hall@rooms.example.org";
/// The database of a service in a folder.
pub const DATABASE: &str = "rooms.db";
/// When every scene begins.
pub const START: Now = Now {
    at: Timestamp(1_767_268_800_000_000),
    elapsed: Elapsed::BEGINNING,
};

/// Short forms in stanzas, and the addresses and namespaces that they stand for.
const ABBREVIATIONS: [(&str, &str); 6] = [
    ("'HALL", "'hall@rooms.example.org"),
    ("'SERVICE'", "'rooms.example.org'"),
    ("'ANN'", "'ann@example.org/a'"),
    ("'BOB'", "'bob@example.org/b'"),
    ("'EVE'", "'eve@example.org/e'"),
    ("'MUC", "'http://jabber.org/protocol/muc"),
];

/// A service, and what time it is.
///
/// People go by one word: `ann` is Ann in a room, and her address is `ann@example.org/a`. With
/// `ann@remote.test` she is of another server.
pub struct ServiceScene {
    pub engine: Engine,
    pub now: Now,
}

impl ServiceScene {
    /// A service in memory; `lines` are of its pool's configuration.
    pub fn new(lines: &str) -> Self {
        let pool = pool(Path::new(""), lines);
        Self::on(Store::in_memory().unwrap(), &pool)
    }

    /// A service in memory with other limits; `lines` are of `[pool.limits]`.
    pub fn limited(lines: &str) -> Self {
        Self::new(&format!("[pool.limits]\n{lines}"))
    }

    /// A service with its database in a folder, so that it can be started again.
    pub fn in_folder(folder: &Path, lines: &str) -> Self {
        let pool = pool(folder, lines);
        Self::on(Store::open(&settings::store(&pool)).unwrap(), &pool)
    }

    fn on(store: Store, pool: &Pool) -> Self {
        let engine = Engine::new(settings::engine(pool), store, START).unwrap();
        Self { engine, now: START }
    }

    /// Lets people of all servers into the rooms that are made.
    pub fn for_all_servers(mut self) -> Self {
        let wish = CategoryWish {
            edits: vec![ListEdit {
                list: CategoryList::Allowed,
                step: EditStep::Replace,
                entries: vec![Principal::Everybody],
            }],
            ..CategoryWish::default()
        };
        let request = directory::Request::SetCategory {
            name: "General".into(),
            wish,
        };
        self.engine.tell_directory(self.now, request);
        self.told();
        self
    }

    /// Adds the hall, which Ann owns and is in.
    pub fn with_hall(mut self) -> Self {
        self.open("hall");
        self
    }

    /// Ann enters a new room, and opens it as it is.
    pub fn open(&mut self, room: &str) {
        self.enter_room("ann", room);
        self.told();
        self.receive(&format!(
            "<iq from='ANN' to='{room}@rooms.example.org' type='set' id='open'>\
             <query xmlns='MUC#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>"
        ));
        self.told();
    }

    /// Ann gives a setting of the hall another value.
    pub fn configure(&mut self, variable: &str, value: &str) {
        self.receive(&format!(
            "<iq from='ANN' to='HALL' type='set' id='configure'><query xmlns='MUC#owner'>\
             <x xmlns='jabber:x:data' type='submit'>\
             <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>\
             <field var='{variable}'><value>{value}</value></field></x></query></iq>"
        ));
        self.told();
    }

    /// Somebody wants to come into the hall.
    pub fn enter(&mut self, who: &str) {
        self.enter_room(who, "hall");
    }

    /// Somebody wants to come into a room.
    pub fn enter_room(&mut self, who: &str, room: &str) {
        let (from, nick) = (address(who), nick(who));
        self.receive(&format!(
            "<presence from='{from}' to='{room}@rooms.example.org/{nick}'><x xmlns='MUC'/></presence>"
        ));
    }

    /// Somebody leaves the hall.
    pub fn leave(&mut self, who: &str) {
        let (from, nick) = (address(who), nick(who));
        self.receive(&format!(
            "<presence from='{from}' to='HALL/{nick}' type='unavailable'/>"
        ));
    }

    /// Somebody says something to all in the hall.
    pub fn say(&mut self, who: &str, text: &str) {
        let from = address(who);
        self.receive(&format!(
            "<message from='{from}' to='HALL' type='groupchat'><body>{text}</body></message>"
        ));
    }

    /// A stanza comes in, in which `ANN`, `BOB`, `EVE`, `HALL`, `SERVICE` and `MUC` stand for what
    /// is longer.
    pub fn receive(&mut self, stanza: &str) {
        self.take(frame(stanza));
    }

    /// A stanza comes in that was read already.
    pub fn take(&mut self, frame: Frame) {
        self.engine.receive(self.now, Received::Stanza(frame));
    }

    /// Stores everything that was decided, and gives what goes out then.
    pub fn told(&mut self) -> String {
        text(&self.engine.finish())
    }

    /// A stanza comes in; gives what goes out because of it, and what was still to go out before.
    pub fn answer_to(&mut self, stanza: &str) -> String {
        self.receive(stanza);
        self.told()
    }

    /// Sets the clock to a number of seconds after the [beginning](START).
    pub fn at(&mut self, second: i64) {
        self.now = START.plus_seconds(second);
    }

    /// The service does what has become due; gives what goes out.
    pub fn expire(&mut self) -> String {
        self.engine.expire(self.now);
        self.told()
    }
}

/// The pool of a configuration that is in a folder.
fn pool(folder: &Path, lines: &str) -> Pool {
    let text = format!(
        "[[pool]]\ndomain = 'rooms.example.org'\nsecret = 'x'\ndatabase = '{DATABASE}'\n{lines}"
    );
    let surroundings = Surroundings {
        path: folder.join("lyceum.toml"),
        ..Surroundings::default()
    };
    let mut config = Config::parse(&text, &surroundings).unwrap();
    config.pools.remove(0)
}

/// The address of somebody's session.
pub fn address(who: &str) -> String {
    let (name, domain) = who.split_once('@').unwrap_or((who, "example.org"));
    format!("{name}@{domain}/{}", &name[..1])
}

fn nick(who: &str) -> String {
    let name = who.split('@').next().unwrap_or(who);
    format!("{}{}", name[..1].to_uppercase(), &name[1..])
}

/// What goes out, as text.
pub fn text(parcels: &[Parcel]) -> String {
    String::from_utf8(parcels.concat()).unwrap()
}

/// A stanza as it was read, with what [`ServiceScene::receive`] writes out.
pub fn frame(stanza: &str) -> Frame {
    let stanza = ABBREVIATIONS
        .iter()
        .fold(stanza.to_owned(), |stanza, (short, long)| {
            stanza.replace(short, long)
        });
    Frame::from_xml(stanza.as_bytes()).unwrap()
}

/// The envelope of a stanza.
pub fn envelope(stanza: &str) -> Envelope {
    let service = BareJid::new("rooms.example.org").unwrap();
    Envelope::of(&frame(stanza).header, &service).unwrap()
}
