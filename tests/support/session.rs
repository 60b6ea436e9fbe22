//! A session on a real server: a client so plain that a test says every stanza it sends and sees
//! every stanza it gets.
//!
//! A thread reads for it all the time, so that it answers pings even while the test is busy with
//! somebody else, as a client does.

use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::connection::{Connection, PATIENCE};
use super::servers::Server;
use super::xml::{Element, Whole, escape};

/// The password of every account.
pub const PASSWORD: &str = "swordfish";

/// How many characters of a text are the message's id.
const ID_LENGTH_MAX: usize = 64;

/// How a client takes pings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Manners {
    /// It answers as XEP-0199 wants it.
    Answers,
    /// It says `service-unavailable`, as one that does not know XEP-0199. RFC 6120 §8.4.
    KnowsNoPing,
}

/// A client that is logged in and available.
pub struct Session {
    /// The full JID.
    pub jid: String,
    /// The domain of the service, to which fences go.
    pub service: String,
    stream: Arc<Mutex<TcpStream>>,
    received: Receiver<Whole>,
    manners: Arc<AtomicU8>,
    fences: u32,
}

impl Session {
    /// Logs in with an account that exists.
    ///
    /// # Panics
    /// When the server does not let it in.
    pub fn log_in(server: &Server, name: &str, resource: &str) -> Self {
        Self::try_log_in(server, name, resource)
            .unwrap_or_else(|reason| panic!("{name}/{resource} can't log in: {reason}"))
    }

    /// RFC 6120 §6 (SASL), §7 (resource binding).
    fn try_log_in(server: &Server, name: &str, resource: &str) -> Result<Self, String> {
        let told = |error: std::io::Error| error.to_string();
        let stream = TcpStream::connect(("127.0.0.1", server.c2s_port)).map_err(told)?;
        let writer = stream.try_clone().map_err(told)?;
        let mut connection = Connection::new(stream).map_err(told)?;
        open(&mut connection, &server.domain)?;
        let secret = BASE64_STANDARD.encode(format!("\0{name}\0{PASSWORD}"));
        connection.write(&format!(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>"
        ))?;
        expect(&mut connection, "success")?;
        open(&mut connection, &server.domain)?;
        connection.write(&format!(
            "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
             <resource>{resource}</resource></bind></iq>"
        ))?;
        let bound = expect(&mut connection, "iq")?;
        if bound.attribute("type") != Some("result") {
            return Err(format!("no resource: {bound}"));
        }
        connection.write("<presence/>")?;
        let stream = Arc::new(Mutex::new(writer));
        let manners = Arc::new(AtomicU8::new(Manners::Answers as u8));
        let (sender, received) = channel();
        let reading = Reading {
            connection,
            stream: stream.clone(),
            manners: manners.clone(),
        };
        thread::spawn(move || reading.run(&sender));
        Ok(Self {
            jid: format!("{name}@{}/{resource}", server.domain),
            service: server.component_domain.clone(),
            stream,
            received,
            manners,
            fences: 0,
        })
    }

    /// From now on it takes pings like this.
    pub fn behave(&self, manners: Manners) {
        self.manners.store(manners as u8, Ordering::Relaxed);
    }

    /// Sends stanzas, as they are.
    pub fn send(&self, xml: &str) {
        let mut stream = self.stream.lock().expect("no writer panics");
        stream
            .write_all(xml.as_bytes())
            .unwrap_or_else(|error| panic!("{} can't send {xml}: {error}", self.jid));
    }

    /// The next stanza from the service, if one comes in time. What the server and other users
    /// send is not the service's doing, and is passed over.
    pub fn next_within(&self, patience: Duration) -> Option<Element> {
        let deadline = Instant::now() + patience;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.received.recv_timeout(left) {
                Ok(whole) if self.is_of_service(&whole.element) => return Some(whole.element),
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => return None,
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("the connection of {} is gone", self.jid)
                }
            }
        }
    }

    fn is_of_service(&self, stanza: &Element) -> bool {
        let from = stanza.attribute("from").unwrap_or_default();
        let domain = from
            .split('/')
            .next()
            .and_then(|bare| bare.rsplit('@').next());
        domain == Some(&self.service)
    }

    /// Everything up to the first stanza that is as described, with it as the last.
    ///
    /// # Panics
    /// When it does not come.
    pub fn until(&self, what: &str, is_it: impl Fn(&Element) -> bool) -> Vec<Element> {
        let mut came = Vec::new();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Some(stanza) = self.next_within(left) else {
                panic!("{} waits for {what} and got only {}", self.jid, list(&came));
            };
            came.push(stanza);
            if came.last().is_some_and(&is_it) {
                return came;
            }
        }
    }

    /// Waits for a stanza from whomever, and passes over what comes before it.
    pub fn until_any(&self, what: &str, is_it: impl Fn(&Element) -> bool) {
        loop {
            match self.received.recv_timeout(PATIENCE) {
                Ok(whole) if is_it(&whole.element) => return,
                Ok(_) => {}
                Err(_) => panic!("{} waits for {what}", self.jid),
            }
        }
    }

    /// Asks the service something and gives what came before the answer, and the answer.
    pub fn ask(&mut self, to: &str, kind: &str, payload: &str) -> (Vec<Element>, Element) {
        self.fences += 1;
        let id = format!("ask-{}", self.fences);
        self.send(&format!(
            "<iq type='{kind}' to='{to}' id='{id}'>{payload}</iq>"
        ));
        let mut came = self.until("an answer", |stanza| {
            stanza.name == "iq" && stanza.attribute("id") == Some(&id)
        });
        let answer = came.pop().expect("the answer is the last");
        (came, answer)
    }

    /// Everything that has come so far. The service has done its work on all that this session
    /// has sent, and this session has what came of it.
    pub fn fence(&mut self) -> Vec<Element> {
        let service = self.service.clone();
        self.ask(&service, "get", "<ping xmlns='urn:xmpp:ping'/>").0
    }

    /// Enters a room; gives all that came up to the subject. XEP-0045 §7.1 (#order).
    pub fn enter(&self, room: &str, nick: &str) -> Vec<Element> {
        self.enter_with(room, nick, "<history maxstanzas='0'/>")
    }

    /// Enters a room and asks for its history.
    pub fn enter_with(&self, room: &str, nick: &str, request: &str) -> Vec<Element> {
        let room = self.room(room);
        self.send(&format!(
            "<presence to='{room}/{nick}'>\
             <x xmlns='http://jabber.org/protocol/muc'>{request}</x></presence>"
        ));
        self.until("the room's subject", |stanza| {
            let error = stanza.attribute("type") == Some("error");
            assert!(!error, "{} is not let in: {stanza}", self.jid);
            from_room(stanza, &room) && is_subject(stanza)
        })
    }

    /// Says something to everybody in a room.
    pub fn say(&self, room: &str, body: &str) {
        // Debian's current libexpat keeps a start tag of more than 8 KiB from Prosody until as much
        // again has come, so a long text can't be its own id.
        let id: String = body.chars().take(ID_LENGTH_MAX).collect();
        let (room, body, id) = (self.room(room), escape(body), escape(&id));
        self.send(&format!(
            "<message to='{room}' type='groupchat' id='{id}'><body>{body}</body></message>"
        ));
    }

    /// Whether the service says that this session is in the room. XEP-0410 §3.
    pub fn is_inside(&mut self, room: &str, nick: &str) -> bool {
        let occupant = format!("{}/{nick}", self.room(room));
        let (_, answer) = self.ask(&occupant, "get", "<ping xmlns='urn:xmpp:ping'/>");
        answer.attribute("type") == Some("result")
    }

    /// Changes the room's configuration; the fields without `muc#roomconfig_`.
    pub fn configure(&mut self, room: &str, fields: &[(&str, &str)]) {
        let fields: String = fields
            .iter()
            .map(|(name, value)| {
                let prefix = if name.contains('#') {
                    ""
                } else {
                    "muc#roomconfig_"
                };
                format!("<field var='{prefix}{name}'><value>{value}</value></field>")
            })
            .collect();
        let form = format!(
            "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' \
             type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig\
             </value></field>{fields}</x></query>"
        );
        let (_, answer) = self.ask(&self.room(room), "set", &form);
        assert_eq!(answer.attribute("type"), Some("result"), "{answer}");
    }

    /// Changes roles or affiliations; `item` holds the attributes.
    pub fn administer(&mut self, room: &str, item: &str) {
        let query =
            format!("<query xmlns='http://jabber.org/protocol/muc#admin'><item {item}/></query>");
        let (_, answer) = self.ask(&self.room(room), "set", &query);
        assert_eq!(answer.attribute("type"), Some("result"), "{answer}");
    }

    /// A room's address.
    pub fn room(&self, name: &str) -> String {
        format!("{name}@{}", self.service)
    }

    /// Loses the connection: nobody is told anything.
    pub fn vanish(self) {
        drop(self);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Ok(stream) = self.stream.lock() {
            // It may be closed already, and that is what is wanted.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// The thread that reads.
struct Reading {
    connection: Connection,
    stream: Arc<Mutex<TcpStream>>,
    manners: Arc<AtomicU8>,
}

impl Reading {
    /// Ends when the connection does.
    fn run(mut self, received: &Sender<Whole>) {
        while let Ok(come) = self.connection.element_within(Duration::from_secs(3600)) {
            let Some(whole) = come else { continue };
            let answer = is_ping(&whole.element).then(|| self.answer(&whole.element));
            if received.send(whole).is_err() {
                return;
            }
            if let (Some(answer), Ok(mut stream)) = (answer, self.stream.lock()) {
                // A connection that breaks now is noticed above.
                let _ = stream.write_all(answer.as_bytes());
            }
        }
    }

    fn answer(&self, ping: &Element) -> String {
        let attribute = |name| escape(ping.attribute(name).unwrap_or_default());
        let (from, id) = (attribute("from"), attribute("id"));
        if self.manners.load(Ordering::Relaxed) == Manners::Answers as u8 {
            format!("<iq type='result' to='{from}' id='{id}'/>")
        } else {
            format!(
                "<iq type='error' to='{from}' id='{id}'><error type='cancel'><service-unavailable \
                 xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            )
        }
    }
}

fn open(connection: &mut Connection, domain: &str) -> Result<(), String> {
    connection.reset();
    connection.write(&format!(
        "<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' to='{domain}' \
         xmlns:stream='http://etherx.jabber.org/streams'>"
    ))?;
    expect(connection, "features").map(drop)
}

fn expect(connection: &mut Connection, name: &str) -> Result<Element, String> {
    let element = connection.element()?.element;
    if element.name == name {
        Ok(element)
    } else {
        Err(format!("the server says {element} instead of {name}"))
    }
}

/// Whether it is a ping, which a client answers by itself.
pub fn is_ping(stanza: &Element) -> bool {
    stanza.name == "iq"
        && stanza.attribute("type") == Some("get")
        && stanza.child("urn:xmpp:ping", "ping").is_some()
}

/// Whether it comes from the room or one of its occupants.
pub fn from_room(stanza: &Element, room: &str) -> bool {
    let from = stanza.attribute("from").unwrap_or_default();
    from.split('/').next() == Some(room)
}

/// Whether it is a message that sets a subject. XEP-0045 §7.2.15 (#enter-subject).
pub fn is_subject(stanza: &Element) -> bool {
    let child = |name| stanza.elements().any(|child| child.name == name);
    stanza.name == "message" && child("subject") && !child("body")
}

/// What is said in it, if it is a message to everybody.
pub fn said(stanza: &Element) -> Option<String> {
    let to_all = stanza.name == "message" && stanza.attribute("type") == Some("groupchat");
    let body = stanza.elements().find(|child| child.name == "body");
    body.filter(|_| to_all).map(Element::text)
}

/// The status codes of a presence. XEP-0045 §15.6 (#registrar-statuscodes).
pub fn statuses(stanza: &Element) -> Vec<String> {
    let user = stanza.child("http://jabber.org/protocol/muc#user", "x");
    let statuses = user
        .into_iter()
        .flat_map(Element::elements)
        .filter(|child| child.name == "status");
    statuses
        .filter_map(|status| status.attribute("code"))
        .map(str::to_owned)
        .collect()
}

/// Whether it tells that an occupant was removed because their session is gone.
pub fn is_removal(stanza: &Element) -> bool {
    stanza.name == "presence"
        && stanza.attribute("type") == Some("unavailable")
        && statuses(stanza).iter().any(|code| code == "333")
}

/// Stanzas one below the other, for the message of a failed test.
pub fn list(stanzas: &[Element]) -> String {
    let lines: String = stanzas
        .iter()
        .map(|stanza| format!("\n    {stanza}"))
        .collect();
    if lines.is_empty() {
        "nothing".to_owned()
    } else {
        lines
    }
}
