//! The XMPP server, where it is played by the tests: what becomes of the stanzas of the service.

use std::collections::BTreeSet;

use super::scenario::{Person, SERVICE};
use super::stage::Delivery;
use super::xml::{Element, Whole};

/// The server around a service that is played to, with its users.
pub struct Surroundings {
    people: Vec<Person>,
    gone: BTreeSet<String>,
    /// Where each session has sent presence to, RFC 6121 §4.6.
    directed: BTreeSet<(String, String)>,
}

/// What the server does with a stanza of the service.
pub enum Routed {
    /// It is for one of the people.
    Delivered(Delivery),
    /// It comes back to the service, or something is answered.
    Returned(String),
    /// No answer comes.
    Dropped,
}

impl Surroundings {
    pub fn new(people: Vec<Person>) -> Self {
        Self {
            people,
            gone: BTreeSet::new(),
            directed: BTreeSet::new(),
        }
    }

    /// What the server makes of a stanza that a session's client writes.
    pub fn stamp(&mut self, from: &Person, stanza: &Element) -> String {
        if stanza.name == "presence" {
            let directed = (
                from.jid.clone(),
                stanza.attribute("to").unwrap_or_default().to_owned(),
            );
            match stanza.attribute("type") {
                None => self.directed.insert(directed),
                Some("unavailable") => self.directed.remove(&directed),
                Some(_) => false,
            };
        }
        stamped(from, stanza)
    }

    /// Ends a session. Gives what the server sends for it, RFC 6121 §4.6.3.
    pub fn end(&mut self, person: &Person) -> Vec<String> {
        self.lose(person);
        let own = |(from, _): &&(String, String)| *from == person.jid;
        let farewell = |(_, to): &(String, String)| {
            let to = super::xml::escape(to);
            format!(
                "<presence from='{}' to='{to}' type='unavailable'/>",
                person.jid
            )
        };
        self.directed.iter().filter(own).map(farewell).collect()
    }

    /// Answers with errors for a session from now on.
    pub fn lose(&mut self, person: &Person) {
        self.gone.insert(person.jid.clone());
    }

    /// Routes a stanza of the service.
    pub fn route(&self, stanza: Whole) -> Routed {
        let element = &stanza.element;
        let to = element.attribute("to").unwrap_or_default().to_owned();
        // What the service sends to itself comes back to it, as from any server.
        if to == SERVICE || to.starts_with(&format!("{SERVICE}/")) {
            return Routed::Returned(stanza.raw);
        }
        // For an account its server answers; these accounts have nothing to tell.
        if element.name == "iq" && !to.contains('/') {
            return bounce(element);
        }
        let session = self.people.iter().find(|person| match to.contains('/') {
            true => person.jid == to,
            false => person.jid.split('/').next() == Some(&to),
        });
        match session {
            Some(person) if !self.gone.contains(&person.jid) => {
                let to = person.jid.clone();
                Routed::Delivered(Delivery { to, stanza })
            }
            None if to.contains('@') => Routed::Delivered(Delivery { to, stanza }),
            _ => bounce(element),
        }
    }
}

/// The answer for an address that nobody is at. RFC 6121 §8.5.3.2.
fn bounce(stanza: &Element) -> Routed {
    let kind = stanza.attribute("type");
    let answered = match stanza.name.as_str() {
        "message" => kind != Some("error"),
        "iq" => matches!(kind, Some("get" | "set")),
        _ => false,
    };
    if !answered {
        return Routed::Dropped;
    }
    let mut answer = stanza.clone();
    let (from, to) = (stanza.attribute("from"), stanza.attribute("to"));
    answer.set("to", from.unwrap_or_default());
    answer.set("from", to.unwrap_or_default());
    answer.set("type", "error");
    let error = "<error type='cancel'><service-unavailable \
                 xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    let error = super::xml::elements(error).expect("it is well-formed");
    answer.children = vec![super::xml::Node::Element(error[0].element.clone())];
    Routed::Returned(answer.to_string())
}

fn stamped(from: &Person, stanza: &Element) -> String {
    let mut stanza = stanza.clone();
    stanza.set("from", &from.jid);
    stanza.to_string()
}
