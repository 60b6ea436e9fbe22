//! What the service itself asks: a session whether it is there, and the server since when it runs.

use jid::{BareJid, FullJid};
use xmpp_parsers::ns;

use super::frame::{Frame, StanzaKind};
use super::xml::XmlWriter;

/// XEP-0012, which a server answers with the seconds since its start.
const LAST_ACTIVITY: &str = "jabber:iq:last";

/// A ping to one session. XEP-0199 §4.1 (#s2c).
pub fn ping(service: &BareJid, to: &FullJid, id: &str) -> Vec<u8> {
    request(service, to.as_str(), id, ns::PING, "ping")
}

/// A groupchat message without content: a server returns it when there is no such session (RFC 6121 §8.5.3.2.1),
/// and a client has nothing to show for it.
pub fn probe(service: &BareJid, to: &FullJid, id: &str) -> Vec<u8> {
    let mut xml = XmlWriter::with_capacity(SIZE);
    xml.open(StanzaKind::Message.name())
        .attribute("from", service.as_str())
        .attribute("to", to.as_str())
        .attribute("id", id)
        .attribute("type", "groupchat")
        .close(StanzaKind::Message.name());
    xml.finish()
}

/// Asks a server since when it runs. XEP-0012 §4 (#server).
pub fn uptime(service: &BareJid, server: &str, id: &str) -> Vec<u8> {
    request(service, server, id, LAST_ACTIVITY, "query")
}

/// The seconds that a server has been running, from its answer; `None` if it has not told.
pub fn read_uptime(frame: &Frame) -> Option<i64> {
    if frame.header.type_.as_deref() != Some("result") {
        return None;
    }
    let seconds = frame.child(LAST_ACTIVITY, "query")?.attribute("seconds")?.parse().ok()?;
    (0..CENTURY_S).contains(&seconds).then_some(seconds)
}

fn request(
    service: &BareJid,
    to: &str,
    id: &str,
    namespace: &'static str,
    name: &'static str,
) -> Vec<u8> {
    let mut xml = XmlWriter::with_capacity(SIZE);
    xml.open(StanzaKind::Iq.name())
        .attribute("from", service.as_str())
        .attribute("to", to)
        .attribute("id", id)
        .attribute("type", "get")
        .open_in(namespace, name)
        .close(name)
        .close(StanzaKind::Iq.name());
    xml.finish()
}

const SIZE: usize = 512;
/// No server has been running for longer, in seconds.
const CENTURY_S: i64 = 100 * 366 * 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_a_sensible_number_tells_nothing() {
        for (type_, seconds, known) in [
            ("result", "seconds='123'", Some(123)),
            ("result", "seconds='-1'", None),
            ("result", "seconds='many'", None),
            ("result", "seconds='99999999999999999999'", None),
            ("result", "", None),
            ("error", "seconds='123'", None),
        ] {
            let xml = format!("<iq type='{type_}'><query xmlns='jabber:iq:last' {seconds}/></iq>");
            let frame = Frame::from_xml(xml.as_bytes()).unwrap();
            assert_eq!(read_uptime(&frame), known, "{xml}");
        }
    }
}
