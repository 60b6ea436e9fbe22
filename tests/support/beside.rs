//! The service beside a real server, with real sessions.
//!
//! Many scenarios are played on one server, several at a time. So that they don't meet, each has
//! rooms and resources of its own, and each worker people of its own: addresses, and the names that
//! rooms are given, get suffixes on the way out, which are taken away on the way in.

use std::net::TcpStream;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::connection::Connection;
use super::scenario::{Person, SERVICE, Scenario};
use super::servers::Server;
use super::stage::{Delivery, World, answered_late};
use super::xml::{Element, Node, Whole};

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
            number: format!("-{number}"),
            resources: scenario
                .cast()
                .iter()
                .filter_map(|person| person.jid.split('/').nth(1).map(str::to_owned))
                .collect(),
            names: Vec::new(),
        };
        let mut sessions: Vec<Session> = Vec::new();
        for person in scenario.cast() {
            let bare = |person: &Person| person.jid.split('/').next().map(str::to_owned);
            // Messages to the bare JID come to the first session of a person.
            let first = !sessions
                .iter()
                .any(|session| bare(&session.person) == bare(&person));
            sessions.push(Session::start(server, person, &suffixes, first)?);
        }
        Ok(Self {
            sessions,
            suffixes,
            fences: 0,
        })
    }

    /// The accounts that a scenario needs when this worker plays it.
    pub fn accounts(scenario: &Scenario, worker: usize) -> Vec<String> {
        let cast = scenario.cast();
        let names = cast
            .iter()
            .filter_map(|person| person.jid.split('@').next());
        names.map(|name| format!("{name}w{worker}")).collect()
    }

    /// Has a session's ping answered by the service, and takes what comes before the answer, and
    /// before those to questions that a ping may overtake.
    fn fence(&mut self, index: usize, deliveries: &mut Vec<Delivery>) -> Result<(), String> {
        self.fences += 1;
        let id = format!("fence-{}", self.fences);
        let ping =
            format!("<iq type='get' to='{SERVICE}' id='{id}'><ping xmlns='urn:xmpp:ping'/></iq>");
        self.sessions[index].connection.write(&ping)?;
        let mut fenced = false;
        while !fenced || !self.sessions[index].awaited.is_empty() {
            let stanza = self.sessions[index].connection.element()?;
            let came = stanza.element.attribute("id").unwrap_or_default();
            if came == id {
                fenced = true;
                continue;
            }
            if stanza.element.name == "iq" {
                self.sessions[index]
                    .awaited
                    .retain(|awaited| awaited != came);
            }
            self.take(index, &stanza, deliveries)?;
        }
        Ok(())
    }

    /// Keeps what the service sends; what the server and other users say is not its doing.
    fn take(
        &self,
        index: usize,
        stanza: &Whole,
        deliveries: &mut Vec<Delivery>,
    ) -> Result<(), String> {
        let from = stanza.element.attribute("from").unwrap_or_default();
        let bare = from.split('/').next().unwrap_or_default();
        if bare.rsplit('@').next() == Some(SERVICE) {
            let to = self.sessions[index].person.jid.clone();
            let mut stanza = self.suffixes.taken_off(stanza)?;
            without_photo(&mut stanza.element);
            deliveries.push(Delivery { to, stanza });
        }
        Ok(())
    }
}

impl World for Beside {
    fn send(&mut self, from: &Person, stanza: &Element) -> Result<(), String> {
        let mut renamed = stanza.clone();
        self.suffixes.rename(&mut renamed);
        let xml = self.suffixes.put_on(&renamed.to_string());
        let session = self
            .sessions
            .iter_mut()
            .find(|session| session.person == *from);
        let session = session.ok_or("this session is not connected")?;
        session.awaited.extend(answered_late(stanza));
        session.connection.write(&xml)
    }

    fn send_as_it_is(&mut self, _bytes: &str) -> Result<(), String> {
        Err("a real server would not let this pass".to_owned())
    }

    /// A stream keeps its order. When the sender's ping is answered, the service has done its
    /// work; when those of the others are, they have received what came of it.
    fn settle(&mut self, sender: &Person) -> Result<Vec<Delivery>, String> {
        let mut deliveries = Vec::new();
        let of_sender = |session: &Session| session.person == *sender;
        let sender = self.sessions.iter().position(of_sender);
        if let Some(sender) = sender {
            self.fence(sender, &mut deliveries)?;
        }
        for index in (0..self.sessions.len()).filter(|index| Some(*index) != sender) {
            self.fence(index, &mut deliveries)?;
        }
        Ok(deliveries)
    }

    fn wait(&mut self) -> Result<Vec<Delivery>, String> {
        let mut deliveries = Vec::new();
        for index in 0..self.sessions.len() {
            while let Some(stanza) = self.sessions[index].connection.element_within(WAITING)? {
                self.take(index, &stanza, &mut deliveries)?;
            }
        }
        Ok(deliveries)
    }

    fn pass(&mut self, _seconds: u32) -> Result<(), String> {
        Err("the server's clock is the real one".to_owned())
    }

    fn set_calendar(&mut self, _seconds: i64) -> Result<(), String> {
        Err("the server's clock is the real one".to_owned())
    }

    fn restart(&mut self) -> Result<(), String> {
        Err("the service is shared with other scenarios".to_owned())
    }

    fn reconnect(&mut self) -> Result<(), String> {
        Err("the server is shared with other scenarios".to_owned())
    }

    fn disconnect(&mut self, person: &Person) -> Result<(), String> {
        self.sessions.retain(|session| session.person != *person);
        Ok(())
    }

    fn lose(&mut self, _person: &Person) -> Result<(), String> {
        Err("the server tells the service that a session ends".to_owned())
    }
}

/// What addresses have here beyond what the scenario says.
struct Suffixes {
    people: String,
    /// For rooms and resources, different in each play: nothing of an earlier play is taken for
    /// one of this.
    number: String,
    resources: Vec<String>,
    /// The names that were given to rooms.
    names: Vec<String>,
}

impl Suffixes {
    /// No two rooms of the service have one name, so a room that is given one is called otherwise
    /// here.
    fn rename(&mut self, stanza: &mut Element) {
        let is_name = stanza.attribute("var") == Some("muc#roomconfig_roomname");
        for child in &mut stanza.children {
            let Node::Element(child) = child else {
                continue;
            };
            self.rename(child);
            if !is_name {
                continue;
            }
            for text in &mut child.children {
                if let Node::Text(name) = text {
                    self.names.push(name.clone());
                    name.push_str(&self.of_names());
                }
            }
        }
    }

    fn of_names(&self) -> String {
        format!(" of play{}.", self.number)
    }

    fn put_on(&self, xml: &str) -> String {
        let mut xml = xml.to_owned();
        for (plain, suffixed) in self.pairs() {
            xml = xml.replace(&plain, &suffixed);
        }
        xml
    }

    fn taken_off(&self, stanza: &Whole) -> Result<Whole, String> {
        let mut raw = stanza.raw.clone();
        for (plain, suffixed) in self.pairs().iter().rev() {
            raw = raw.replace(suffixed, plain);
        }
        for name in &self.names {
            raw = raw.replace(&format!("{name}{}", self.of_names()), name);
        }
        let mut wholes = super::xml::elements(&raw)?;
        wholes.pop().ok_or_else(|| "no stanza".to_owned())
    }

    /// What is said in scenarios, and what it is here, in the order in which it is replaced.
    fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs = vec![
            (ROOMS.to_owned(), format!("{}{ROOMS}", self.number)),
            (PEOPLE.to_owned(), format!("{}{PEOPLE}", self.people)),
        ];
        pairs.extend(self.resources.iter().map(|resource| {
            let plain = format!("{PEOPLE}/{resource}");
            let suffixed = format!("{plain}{}", self.number);
            (plain, suffixed)
        }));
        pairs
    }
}

const ROOMS: &str = "@rooms.example.org";
const PEOPLE: &str = "@example.org";

/// The user's server may add to what a client says of itself the hash of the account's picture.
/// XEP-0153, XEP-0398.
fn without_photo(stanza: &mut Element) {
    let is_photo = |node: &Node| matches!(node, Node::Element(child) if child.namespace == "vcard-temp:x:update");
    let of_an_occupant = stanza
        .attribute("from")
        .is_some_and(|from| from.contains('/'));
    if stanza.name == "presence" && of_an_occupant {
        stanza.children.retain(|node| !is_photo(node));
    }
}

/// A client's connection.
struct Session {
    person: Person,
    connection: Connection,
    /// The ids of its questions whose answers may come after that to a ping.
    awaited: Vec<String>,
}

impl Session {
    fn start(
        server: &Server,
        person: Person,
        suffixes: &Suffixes,
        first: bool,
    ) -> Result<Self, String> {
        let stream = TcpStream::connect(("127.0.0.1", server.c2s_port));
        let connection = stream.and_then(Connection::new);
        let connection = connection.map_err(|error| error.to_string())?;
        let mut session = Self {
            person,
            connection,
            awaited: Vec::new(),
        };
        session.log_in(server, suffixes)?;
        let priority = u8::from(first);
        let presence = format!("<presence><priority>{priority}</priority></presence>");
        session.connection.write(&presence)?;
        Ok(session)
    }

    /// RFC 6120 §6 (SASL), §7 (resource binding).
    fn log_in(&mut self, server: &Server, suffixes: &Suffixes) -> Result<(), String> {
        let Some((name, resource)) = self.person.jid.split_once("@example.org/") else {
            return Err(format!("{} is not of example.org", self.person.jid));
        };
        let secret = format!("\0{name}{}\0{PASSWORD}", suffixes.people);
        let bind = format!(
            "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
             <resource>{resource}{}</resource></bind></iq>",
            suffixes.number
        );
        self.open(&server.domain)?;
        self.connection.write(&format!(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{}</auth>",
            BASE64_STANDARD.encode(secret)
        ))?;
        self.expect("success")?;
        self.open(&server.domain)?;
        self.connection.write(&bind)?;
        let bound = self.expect("iq")?;
        if bound.attribute("type") == Some("result") {
            Ok(())
        } else {
            Err(format!("no resource: {bound}"))
        }
    }

    fn open(&mut self, domain: &str) -> Result<(), String> {
        self.connection.reset();
        self.connection.write(&format!(
            "<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' to='{domain}' \
             xmlns:stream='http://etherx.jabber.org/streams'>"
        ))?;
        self.expect("features").map(drop)
    }

    fn expect(&mut self, name: &str) -> Result<Element, String> {
        let element = self.connection.element()?.element;
        if element.name == name {
            Ok(element)
        } else {
            Err(format!("the server says {element} instead of {name}"))
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The server tells the rooms, though the client says nothing to them.
        let _ = self.connection.write("</stream:stream>");
        self.connection.close();
    }
}

/// How long is waited for what comes by itself.
const WAITING: Duration = Duration::from_millis(500);

/// The password of every account.
pub const PASSWORD: &str = "swordfish";
