<<<<<<< HEAD
//! IQs that pass between occupants. XEP-0045 §17.4 (#bizrules-iq).
//!
//! "The MUC service MUST NOT reveal the sender's real JID to the recipient at any time, nor reveal the recipient's
//! real JID to the sender": so both ways everything but the payload is written anew, errors included, for their
//! `by` would tell.

use jid::Jid;
use xmpp_parsers::stanza_error::{DefinedCondition, ErrorType, StanzaError};

use super::frame::{Frame, STANZA_NAMESPACE};
use super::xml::XmlWriter;

/// The request as it goes on to the occupant's own address, from the asker's occupant JID, under an id of ours.
pub fn pass_on(request: &Frame, asker: &Jid, to: &Jid, id: &str) -> Vec<u8> {
    let type_ = request.header.type_.as_deref().unwrap_or("get");
    write(asker, to, id, type_, |xml| {
        xml.elements(request.payload());
    })
}

/// The reply as it goes back to who asked, from the occupant JID that was asked, under the asker's own id.
pub fn pass_back(reply: &Frame, asked: &Jid, asker: &Jid, id: &str) -> Vec<u8> {
    if reply.header.type_.as_deref() == Some("result") {
        return write(asked, asker, id, "result", |xml| {
            xml.elements(reply.payload());
        });
    }
    let error = anonymous_error(reply);
    write(asked, asker, id, "error", |xml| {
        xml.typed(&error);
    })
}

/// The error of a reply without what names its sender.
fn anonymous_error(reply: &Frame) -> StanzaError {
    let error = reply
        .child(STANZA_NAMESPACE, "error")
        .and_then(|error| error.parse::<StanzaError>().ok());
    let (type_, condition, texts) = match error {
        Some(error) => (error.type_, error.defined_condition, error.texts),
        None => (
            ErrorType::Cancel,
            DefinedCondition::UndefinedCondition,
            [].into(),
        ),
    };
    let defined_condition = match condition {
        DefinedCondition::Gone { .. } => DefinedCondition::Gone { new_address: None },
        DefinedCondition::Redirect { .. } => DefinedCondition::Redirect { new_address: None },
        condition => condition,
    };
    StanzaError {
        type_,
        by: None,
        defined_condition,
        texts,
        other: None,
    }
}

fn write(
    from: &Jid,
    to: &Jid,
    id: &str,
    type_: &str,
    children: impl FnOnce(&mut XmlWriter),
) -> Vec<u8> {
    let mut xml = XmlWriter::default();
    xml.open("iq")
        .attribute("from", from.as_str())
        .attribute("to", to.as_str())
        .attribute("id", id)
        .attribute("type", type_);
    children(&mut xml);
    xml.close("iq");
    xml.finish()
}

=======
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

>>>>>>> main
#[cfg(test)]
mod tests {
    use super::*;

<<<<<<< HEAD
    fn frame(xml: &str) -> Frame {
        Frame::from_xml(xml.as_bytes()).unwrap()
    }

    fn jid(jid: &str) -> Jid {
        Jid::new(jid).unwrap()
    }

    #[test]
    fn a_request_goes_on_in_the_askers_occupant_name() {
        let request = frame(
            "<iq from='hag66@shakespeare.lit/pda' to='coven@chat.shakespeare.lit/firstwitch' type='get' \
             id='v1'><vCard xmlns='vcard-temp'/></iq>",
        );
        let xml = pass_on(
            &request,
            &jid("coven@chat.shakespeare.lit/thirdwitch"),
            &jid("crone1@shakespeare.lit"),
            "ours",
        );
        assert_eq!(
            String::from_utf8(xml).unwrap(),
            "<iq from='coven@chat.shakespeare.lit/thirdwitch' to='crone1@shakespeare.lit' id='ours' \
             type='get'><vCard xmlns='vcard-temp'/></iq>"
        );
    }

    fn back(reply: &str) -> String {
        let xml = pass_back(
            &frame(reply),
            &jid("coven@chat.shakespeare.lit/firstwitch"),
            &jid("hag66@shakespeare.lit/pda"),
            "v1",
        );
        String::from_utf8(xml).unwrap()
    }

    #[test]
    fn a_result_goes_back_in_the_occupants_name() {
        let reply = "<iq from='crone1@shakespeare.lit' id='ours' type='result'><vCard xmlns='vcard-temp'/></iq>";
        assert_eq!(
            back(reply),
            "<iq from='coven@chat.shakespeare.lit/firstwitch' to='hag66@shakespeare.lit/pda' id='v1' \
             type='result'><vCard xmlns='vcard-temp'/></iq>"
        );
    }

    #[test]
    fn an_error_tells_nobodys_address() {
        let error = |children: &str| {
            back(&format!(
                "<iq from='crone1@shakespeare.lit' id='ours' type='error'><vCard xmlns='vcard-temp'/>{children}\
                 </iq>"
            ))
        };
        let xml = error(
            "<error type='cancel' by='crone1@shakespeare.lit'>\
             <gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>xmpp:crone1@shakespeare.lit</gone></error>",
        );
        assert!(xml.contains("<gone ") && !xml.contains("crone1"), "{xml}");
        assert!(error("").contains("<undefined-condition "));
    }
=======
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
>>>>>>> main
}
