//! IQs that pass through a room, under another name and another id. XEP-0045 §17.4 (#bizrules-iq).

use jid::{BareJid, FullJid, Jid};

use super::frame::{Frame, StanzaKind};
use super::xml::XmlWriter;
use crate::room::Nick;

/// The request as it goes to the occupant's own address, from the asker's occupant JID.
pub fn request(frame: &Frame, room: &BareJid, from: &Nick, to: &Jid, id: &str) -> Vec<u8> {
    let mut xml = XmlWriter::with_capacity(SIZE + frame.payload().len());
    xml.open(StanzaKind::Iq.name());
    xml.attribute_of("from", &[room.as_str(), "/", from.as_str()]);
    finish(xml, to.as_str(), id, frame)
}

/// The answer as it goes back to the asker, from the occupant JID that was asked.
pub fn reply(frame: &Frame, from: &FullJid, to: &FullJid, id: &str) -> Vec<u8> {
    let mut xml = XmlWriter::with_capacity(SIZE + frame.payload().len());
    xml.open(StanzaKind::Iq.name()).attribute("from", from.as_str());
    finish(xml, to.as_str(), id, frame)
}

fn finish(mut xml: XmlWriter, to: &str, id: &str, frame: &Frame) -> Vec<u8> {
    xml.attribute("to", to)
        .attribute("id", id)
        .attribute_if("type", frame.header.type_.as_deref())
        .attribute_if("xml:lang", frame.header.lang.as_deref())
        .elements(frame.payload())
        .close(StanzaKind::Iq.name());
    xml.finish()
}

/// Room for addresses and ids.
const SIZE: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_side_learns_the_address_of_the_other() {
        let room = BareJid::new("coven@chat.example").unwrap();
        let question = Frame::from_xml(
            b"<iq from='ann@a.example/x' to='coven@chat.example/bob' id='1' type='get'>\
              <vCard xmlns='vcard-temp'/></iq>",
        )
        .unwrap();
        let nick = Nick::new("ann").unwrap();
        let bob = Jid::new("bob@b.example").unwrap();
        assert_eq!(
            String::from_utf8(request(&question, &room, &nick, &bob, "z")).unwrap(),
            "<iq from='coven@chat.example/ann' to='bob@b.example' id='z' type='get'>\
             <vCard xmlns='vcard-temp'/></iq>"
        );
        let answer = Frame::from_xml(
            b"<iq from='bob@b.example' to='coven@chat.example/ann' id='z' type='result'/>",
        )
        .unwrap();
        let asked = FullJid::new("coven@chat.example/bob").unwrap();
        let ann = FullJid::new("ann@a.example/x").unwrap();
        assert_eq!(
            String::from_utf8(reply(&answer, &asked, &ann, "1")).unwrap(),
            "<iq from='coven@chat.example/bob' to='ann@a.example/x' id='1' type='result'/>"
        );
    }
}
