//! The service beside a real server, with real sessions.
//!
//! Many scenarios are played on one server, several at a time. So that they don't meet, each has
//! rooms of its own, and each worker people of its own: what stands before `@` gets a suffix on the
//! way out, which is taken away on the way in.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::scenario::{Person, SERVICE, Scenario};
use super::servers::Server;
use super::socket::read;
use super::stage::{Delivery, World};
use super::xml::{Element, Piece, Splitter, Whole};

/// The people of one scenario, connected to a real server.
pub struct Beside {
    sessions: Vec<Session>,
    suffixes: Suffixes,
    fences: u32,
}

impl Beside {
    /// Connects everybody who takes part. `worker` and `number` tell this play from all others.
    ///
    /// # Errors
    /// What the server says.
    pub fn start(
        server: &Server,
        scenario: &Scenario,
        worker: usize,
        number: usize,
    ) -> Result<Self, String> {
        let suffixes = Suffixes {
            people: format!("w{worker}"),
            rooms: format!("-{number}"),
        };
        let mut sessions: Vec<Session> = Vec::new();
        for person in scenario.cast() {
            let bare = |person: &Person| person.jid.split('/').next().map(str::to_owned);
            // Messages to the bare JID come to the first session of a person.
            let first = !sessions.iter().any(|session| bare(&session.person) == bare(&person));
            sessions.push(Session::start(server, person, &suffixes, first)?);
        }
        Ok(Self { sessions, suffixes, fences: 0 })
    }

    /// The accounts that a scenario needs when this worker plays it.
    pub fn accounts(scenario: &Scenario, worker: usize) -> Vec<String> {
        let cast = scenario.cast();
        let names = cast.iter().filter_map(|person| person.jid.split('@').next());
        names.map(|name| format!("{name}w{worker}")).collect()
    }

    fn fence(&mut self, index: usize, deliveries: &mut Vec<Delivery>) -> Result<(), String> {
        self.fences += 1;
        let id = format!("fence-{}", self.fences);
        let ping =
            format!("<iq type='get' to='{SERVICE}' id='{id}'><ping xmlns='urn:xmpp:ping'/></iq>");
        let session = &mut self.sessions[index];
        session.write(&ping)?;
        loop {
            let stanza = session.next()?;
            if stanza.element.attribute("id") == Some(&id) {
                return Ok(());
            }
            // What the server and other users say is not the service's doing.
            let from = stanza.element.attribute("from").unwrap_or_default();
            let domain = from.split('/').next().and_then(|bare| bare.rsplit('@').next());
            if domain == Some(SERVICE) {
                let stanza = self.suffixes.taken_off(&stanza)?;
                deliveries.push(Delivery { to: session.person.jid.clone(), stanza });
            }
        }
    }
}

impl World for Beside {
    fn send(&mut self, from: &Person, stanza: &Element) -> Result<(), String> {
        let xml = self.suffixes.put_on(&stanza.to_string());
        let session = self.sessions.iter_mut().find(|session| session.person == *from);
        session.ok_or("this session is not connected")?.write(&xml)
    }

    fn send_as_it_is(&mut self, _bytes: &str) -> Result<(), String> {
        Err("a real server would not let this pass".to_owned())
    }

    /// A stream keeps its order. When the sender's ping is answered, the service has done its
    /// work; when those of the others are, they have received what came of it.
    fn settle(&mut self, sender: &Person) -> Result<Vec<Delivery>, String> {
        let mut deliveries = Vec::new();
        let sender = self.sessions.iter().position(|session| session.person == *sender);
        let sender = sender.ok_or("the sender is not connected")?;
        self.fence(sender, &mut deliveries)?;
        for index in (0..self.sessions.len()).filter(|index| *index != sender) {
            self.fence(index, &mut deliveries)?;
        }
        Ok(deliveries)
    }

    fn pass(&mut self, _seconds: u32) -> Result<(), String> {
        Err("the server's clock is the real one".to_owned())
    }

    fn restart(&mut self) -> Result<(), String> {
        Err("the service is shared with other scenarios".to_owned())
    }

    fn lose(&mut self, _person: &Person) -> Result<(), String> {
        Err("the server tells the service that a session ends".to_owned())
    }
}

/// What stands before `@` in addresses, beyond what the scenario says.
struct Suffixes {
    people: String,
    rooms: String,
}

impl Suffixes {
    fn put_on(&self, xml: &str) -> String {
        xml.replace(ROOMS, &format!("{}{ROOMS}", self.rooms))
            .replace(PEOPLE, &format!("{}{PEOPLE}", self.people))
    }

    fn taken_off(&self, stanza: &Whole) -> Result<Whole, String> {
        let raw = stanza
            .raw
            .replace(&format!("{}{ROOMS}", self.rooms), ROOMS)
            .replace(&format!("{}{PEOPLE}", self.people), PEOPLE);
        let mut wholes = super::xml::elements(&raw)?;
        wholes.pop().ok_or_else(|| "no stanza".to_owned())
    }
}

const ROOMS: &str = "@rooms.example.org";
const PEOPLE: &str = "@example.org";

/// A client's connection.
struct Session {
    person: Person,
    stream: TcpStream,
    splitter: Splitter,
    pieces: std::vec::IntoIter<Piece>,
}

impl Session {
    fn start(
        server: &Server,
        person: Person,
        suffixes: &Suffixes,
        first: bool,
    ) -> Result<Self, String> {
        let stream = TcpStream::connect(("127.0.0.1", server.c2s_port)).map_err(told)?;
        stream.set_read_timeout(Some(Duration::from_secs(20))).map_err(told)?;
        stream.set_nodelay(true).map_err(told)?;
        let mut session = Self {
            person,
            stream,
            splitter: Splitter::new(),
            pieces: Vec::new().into_iter(),
        };
        session.log_in(server, suffixes)?;
        let priority = u8::from(first);
        session.write(&format!("<presence><priority>{priority}</priority></presence>"))?;
        Ok(session)
    }

    /// RFC 6120 §6 (SASL), §7 (resource binding).
    fn log_in(&mut self, server: &Server, suffixes: &Suffixes) -> Result<(), String> {
        let (name, resource) = match self.person.jid.split_once("@example.org/") {
            Some((name, resource)) => (format!("{name}{}", suffixes.people), resource.to_owned()),
            None => return Err(format!("{} is not of example.org", self.person.jid)),
        };
        self.open(&server.domain)?;
        let secret = BASE64_STANDARD.encode(format!("\0{name}\0{PASSWORD}"));
        self.write(&format!(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>"
        ))?;
        self.expect("success")?;
        self.open(&server.domain)?;
        self.write(&format!(
            "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
             <resource>{resource}</resource></bind></iq>"
        ))?;
        let bound = self.expect("iq")?;
        if bound.attribute("type") == Some("result") {
            Ok(())
        } else {
            Err(format!("no resource: {bound}"))
        }
    }

    fn open(&mut self, domain: &str) -> Result<(), String> {
        self.splitter = Splitter::new();
        self.pieces = Vec::new().into_iter();
        self.write(&format!(
            "<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' to='{domain}' \
             xmlns:stream='http://etherx.jabber.org/streams'>"
        ))?;
        self.expect("features").map(drop)
    }

    fn expect(&mut self, name: &str) -> Result<Element, String> {
        let element = self.next()?.element;
        if element.name == name {
            Ok(element)
        } else {
            Err(format!("the server says {element} instead of {name}"))
        }
    }

    fn next(&mut self) -> Result<Whole, String> {
        loop {
            match self.pieces.next() {
                Some(Piece::Whole(whole)) => return Ok(whole),
                Some(Piece::Head(_)) => {}
                Some(Piece::End) => return Err("the server ended the stream".to_owned()),
                None => self.pieces = read(&mut self.stream, &mut self.splitter)?.into_iter(),
            }
        }
    }

    fn write(&mut self, xml: &str) -> Result<(), String> {
        self.stream.write_all(xml.as_bytes()).map_err(told)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The server tells the rooms; when it can't hear, it notices by itself.
        let _ = self.stream.write_all(b"<presence type='unavailable'/></stream:stream>");
    }
}

fn told(error: std::io::Error) -> String {
    error.to_string()
}

/// Everybody's password.
pub const PASSWORD: &str = "swordfish";
