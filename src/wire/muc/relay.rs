//! IQs that pass between occupants, and the errors to private messages and invitations. XEP-0045
//! §17.4 (#bizrules-iq).
//!
//! "The MUC service MUST NOT reveal the sender's real JID to the recipient at any time, nor reveal
//! the recipient's real JID to the sender": so both ways everything but the payload is written
//! anew, errors included, for their `by` would tell.

use jid::Jid;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::{DefinedCondition, ErrorType, StanzaError};

use crate::wire::stanza::language;
use crate::wire::stanza::stanza_type::{IqType, StanzaType};
use crate::wire::xml::frame::Frame;
use crate::wire::xml::header::STANZA_NAMESPACE;
use crate::wire::xml::writer::XmlWriter;

/// The request as it goes on to the occupant's own address, from the asker's occupant JID, under an
/// id of ours.
pub fn pass_on(request: &Frame, asker: &Jid, to: &Jid, id: &str) -> Vec<u8> {
    let type_ = request.header.type_.as_deref().unwrap_or("get");
    write(request, [asker, to], id, type_, |xml| {
        xml.elements(request.payload());
    })
}

/// The reply as it goes back to who asked, from the occupant JID that was asked, under the asker's
/// own id.
pub fn pass_back(reply: &Frame, asked: &Jid, asker: &Jid, id: &str) -> Vec<u8> {
    if StanzaType::of(&reply.header) == StanzaType::Iq(IqType::Result) {
        return write(reply, [asked, asker], id, "result", |xml| {
            xml.elements(reply.payload());
        });
    }
    let error = anonymous_error(reply);
    write(reply, [asked, asker], id, "error", |xml| {
        xml.typed(&error);
    })
}

/// The error with which a message came back, as it goes to who had sent it, under the id that they
/// gave it. XEP-0045 §7.5 (#privatemessage), §7.8.2 (#invite-mediated). `invited` is the person
/// that the message invited, if it did: the sender may have named several.
pub fn return_message(
    returned: &Frame,
    asked: &Jid,
    sender: &Jid,
    id: Option<&str>,
    invited: Option<&Jid>,
) -> Vec<u8> {
    let error = anonymous_error(returned);
    let language = language::of(&returned.header);
    let mut xml = XmlWriter::default();
    xml.open("message")
        .attribute("from", asked.as_str())
        .attribute("to", sender.as_str())
        .attribute_if("id", id)
        .attribute("type", "error")
        .attribute_if("xml:lang", language.as_deref());
    if let Some(invited) = invited {
        xml.open_in(ns::MUC_USER, "x")
            .open("invite")
            .attribute("to", invited.as_str())
            .close("invite")
            .close("x");
    }
    xml.typed(&error);
    xml.close("message");
    xml.finish()
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

/// An IQ with the language of the one that came.
fn write(
    came: &Frame,
    [from, to]: [&Jid; 2],
    id: &str,
    type_: &str,
    children: impl FnOnce(&mut XmlWriter),
) -> Vec<u8> {
    let mut xml = XmlWriter::default();
    xml.open("iq")
        .attribute("from", from.as_str())
        .attribute("to", to.as_str())
        .attribute("id", id)
        .attribute("type", type_)
        .attribute_if("xml:lang", language::of(&came.header).as_deref());
    children(&mut xml);
    xml.close("iq");
    xml.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

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
             id='v1' xml:lang='de'><vCard xmlns='vcard-temp'/></iq>",
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
             type='get' xml:lang='de'><vCard xmlns='vcard-temp'/></iq>"
        );
    }

    #[test]
    fn a_returned_message_tells_why_and_no_address() {
        let returned = frame(
            "<message from='crone1@shakespeare.lit/d' id='ours' type='error' xml:lang='de'><body>x</body>\
             <error type='cancel' by='crone1@shakespeare.lit'>\
             <not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
        );
        let room = jid("coven@chat.shakespeare.lit");
        let (sender, invited) = (
            jid("hag66@shakespeare.lit/pda"),
            jid("hecate@shakespeare.lit"),
        );
        let xml = return_message(&returned, &room, &sender, Some("v1"), Some(&invited));
        assert_eq!(
            String::from_utf8(xml).unwrap(),
            "<message from='coven@chat.shakespeare.lit' to='hag66@shakespeare.lit/pda' id='v1' type='error' \
             xml:lang='de'><x xmlns='http://jabber.org/protocol/muc#user'><invite to='hecate@shakespeare.lit'/></x>\
             <error xmlns='jabber:component:accept' type='cancel'>\
             <not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'></not-acceptable></error></message>"
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
}
