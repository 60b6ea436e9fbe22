//! Questions that find out whether a session is still there. XEP-0045 §18.1.2
//! (#impl-service-ghosts).

use jid::Jid;
use xmpp_parsers::ns;

use crate::wire::xml::writer::XmlWriter;

/// A ping. XEP-0199 §4.5 (#other).
pub fn ping(from: &Jid, to: &Jid, id: &str) -> Vec<u8> {
    let mut xml = XmlWriter::default();
    xml.open("iq")
        .attribute("from", from.as_str())
        .attribute("to", to.as_str())
        .attribute("id", id)
        .attribute("type", "get")
        .open_in(ns::PING, "ping")
        .close("ping")
        .close("iq");
    xml.finish()
}

/// A groupchat message without content: a server returns it when the session is gone, a client
/// passes over it.
pub fn probe(from: &Jid, to: &Jid, id: &str) -> Vec<u8> {
    let mut xml = XmlWriter::default();
    xml.open("message")
        .attribute("from", from.as_str())
        .attribute("to", to.as_str())
        .attribute("id", id)
        .attribute("type", "groupchat")
        .close("message");
    xml.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_what_they_should_be() {
        let (from, to) = (
            Jid::new("coven@chat.example").unwrap(),
            Jid::new("a@b/c").unwrap(),
        );
        assert_eq!(
            String::from_utf8(ping(&from, &to, "p1")).unwrap(),
            "<iq from='coven@chat.example' to='a@b/c' id='p1' type='get'><ping xmlns='urn:xmpp:ping'/></iq>"
        );
        assert_eq!(
            String::from_utf8(probe(&from, &to, "p2")).unwrap(),
            "<message from='coven@chat.example' to='a@b/c' id='p2' type='groupchat'/>"
        );
    }
}
