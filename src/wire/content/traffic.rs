//! The part of a user's stanza that is passed on: everything but what only the service may say.
//! XEP-0045 §17.3 (#bizrules-presence), §18.1.1 (#impl-service-traffic).
//!
//! The hard thing is that clients believe the room: whatever an occupant could forge in its name
//! would be believed. So rather too much is taken out than too little.

use jid::BareJid;
use xmpp_parsers::ns;

use crate::room::Payload;
use crate::room::text::address;
use crate::wire::xml::frame::{Child, Frame};
use crate::wire::xml::header::STANZA_NAMESPACE;
use crate::wire::xml::work;

/// The children of a stanza that may be passed on, as bytes.
pub(in crate::wire) fn relayed(frame: &Frame, room: &BareJid) -> Payload {
    if frame.children().all(|child| is_relayed(&child, room)) {
        return Payload::new(frame.payload());
    }
    Payload::new(&relayed_bytes(frame, room))
}

/// The same for a message that may have been said in the room under any of several addresses.
pub(in crate::wire) fn relayed_among(frame: &Frame, rooms: &[&BareJid]) -> Payload {
    let mut bytes = Vec::with_capacity(frame.payload().len());
    let said = |child: &Child<'_>| rooms.iter().all(|room| is_relayed(child, room));
    for child in frame.children().filter(said) {
        bytes.extend_from_slice(child.xml());
    }
    Payload::new(&bytes)
}

/// The same for a private message, which is marked as one. XEP-0045 §7.5 (#privatemessage).
pub(in crate::wire) fn relayed_privately(frame: &Frame, room: &BareJid) -> Payload {
    let mut bytes = relayed_bytes(frame, room);
    bytes.extend_from_slice(PRIVATE_MARK);
    Payload::new(&bytes)
}

fn relayed_bytes(frame: &Frame, room: &BareJid) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(frame.payload().len() + PRIVATE_MARK.len());
    for child in frame.children().filter(|child| is_relayed(child, room)) {
        bytes.extend_from_slice(child.xml());
    }
    bytes
}

/// Whether an element of a user's stanza is passed on.
pub(in crate::wire) fn is_relayed(child: &Child<'_>, room: &BareJid) -> bool {
    let namespace = child.namespace();
    match namespace {
        ns::OID | ADDRESSES | PUBSUB_EVENT => false,
        // A stanza that is no error must not look like one. RFC 6120 §8.3.1.
        STANZA_NAMESPACE if child.name() == "error" => false,
        ns::SID if child.name() == "stanza-id" => !may_be_ours(child, "by", room),
        ns::DELAY | OLD_DELAY => !may_be_ours(child, "from", room),
        _ if SERVERS.iter().any(|servers| namespace.starts_with(servers)) => false,
        _ if OURS.iter().any(|ours| namespace.starts_with(ours)) => false,
        _ if FASTENINGS
            .iter()
            .any(|fastening| namespace.starts_with(fastening)) =>
        {
            !is_only_the_services(child)
        }
        _ => true,
    }
}

/// Whether there is nothing in a message but what a server tells a component: what it may do in its
/// users' names. XEP-0355 §4 (#namespace), XEP-0356 §4.2 (#advertise_roster). We make no use of
/// either, and an error would only be logged there at each connection.
pub(in crate::wire) fn is_of_the_server(frame: &Frame) -> bool {
    let advertises = |child: Child<'_>| {
        let namespace = child.namespace();
        namespace.starts_with("urn:xmpp:delegation:")
            || namespace.starts_with("urn:xmpp:privilege:")
    };
    frame.children().next().is_some() && frame.children().all(advertises)
}

/// Whether an element may be taken for one that we have made: it names an address in the service or
/// none at all. Only what names somebody else for certain is passed on, since clients compare
/// addresses in their own ways.
fn may_be_ours(child: &Child<'_>, attribute: &str, room: &BareJid) -> bool {
    let Some(named) = child.attribute(attribute) else {
        return true;
    };
    if named.contains(char::is_whitespace) {
        return true;
    }
    // These are read as the dots of a domain too. RFC 3490 §3.1.
    let named = named.replace(DOTS, ".");
    match address::parse(named.trim_end_matches('.')) {
        Ok(named) => named.domain().as_str().trim_end_matches('.') == room.domain().as_str(),
        Err(_) => true,
    }
}

/// What stands for a dot in a domain beside the dot itself.
const DOTS: [char; 3] = ['\u{3002}', '\u{ff0e}', '\u{ff61}'];

/// Whether a moderator's act is wrapped in it, which only the room may announce, XEP-0425 §5
/// (#rules); or what is left of a message that was taken back, which only an archive may say,
/// XEP-0424 §4 (#tombstones).
fn is_only_the_services(child: &Child<'_>) -> bool {
    let marks: [&[u8]; 2] = [b"xmlns='urn:xmpp:message-moderate:", b"<retracted"];
    work::steps(child.xml().len() * marks.len());
    let has = |mark: &[u8]| child.xml().windows(mark.len()).any(|window| window == mark);
    marks.into_iter().any(has)
}

/// Every namespace that starts like one of these belongs to the service.
const OURS: &[&str] = &[
    "http://jabber.org/protocol/muc",
    "urn:xmpp:mam:",
    "urn:xmpp:message-moderate:",
    "urn:xmpp:muc:affiliations:",
    "urn:xmpp:hats:",
    "urn:lyceum:",
    "xmpp:prosody.im/protocol/hats",
];
/// And each of these to the recipient's own server, which vouches for what is in it: carbons of
/// one's own messages (XEP-0280 §11 (#security)), what a component does in one's name (XEP-0355,
/// XEP-0356).
const SERVERS: &[&str] = &[
    "urn:xmpp:carbons:",
    "urn:xmpp:delegation:",
    "urn:xmpp:privilege:",
];
/// What XEP-0425 is wrapped in, in its versions.
const FASTENINGS: &[&str] = &["urn:xmpp:fasten:", "urn:xmpp:message-retract:"];
/// What a person's account publishes; from a room it would be taken for the room's.
const PUBSUB_EVENT: &str = "http://jabber.org/protocol/pubsub#event";
const ADDRESSES: &str = "http://jabber.org/protocol/address";
const OLD_DELAY: &str = "jabber:x:delay";
const PRIVATE_MARK: &[u8] = b"<x xmlns='http://jabber.org/protocol/muc#user'/>";

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(children: &str) -> String {
        let frame = Frame::from_xml(format!("<message>{children}</message>").as_bytes()).unwrap();
        let room = BareJid::new("coven@chat.shakespeare.lit").unwrap();
        String::from_utf8(relayed(&frame, &room).as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn what_users_say_is_passed_on_as_it_is() {
        for children in [
            "<body>x</body><show>away</show><priority>1</priority>",
            "<x xmlns='vcard-temp:x:update'><photo>1</photo></x>",
            "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/>",
            "<nick xmlns='http://jabber.org/protocol/nick'>x</nick>",
            "<origin-id xmlns='urn:xmpp:sid:0' id='o'/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' id='s' by='other@example.org'/>",
            "<delay xmlns='urn:xmpp:delay' from='example.org' stamp='2002-10-13T23:58:37Z'/>",
            "<retract xmlns='urn:xmpp:message-retract:1' id='r'/>",
            "<reactions xmlns='urn:xmpp:reactions:0' id='r'><reaction>+</reaction></reactions>",
            "<x xmlns='jabber:x:conference' jid='heath@chat.shakespeare.lit'/>",
            "<error xmlns='urn:x'/>",
        ] {
            assert_eq!(passed(children), children);
        }
    }

    #[test]
    fn what_only_the_service_may_say_is_taken_out() {
        for forged in [
            "<x xmlns='http://jabber.org/protocol/muc'/>",
            "<x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x>",
            "<stanza-id xmlns='urn:xmpp:sid:0' id='s' by='COVEN@Chat.shakespeare.lit'/>",
            "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='o'/>",
            "<delay xmlns='urn:xmpp:delay' from='Chat.Shakespeare.lit' stamp='2002-10-13T23:58:37Z'/>",
            "<delay xmlns='urn:xmpp:delay' from='coven@chat.shakespeare.lit/x' stamp=''/>",
            "<delay xmlns='urn:xmpp:delay' stamp='2002-10-13T23:58:37Z'/>",
            "<x xmlns='jabber:x:delay' from='chat.shakespeare.lit' stamp='20021013T23:58:37'/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' id='s'/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' id='s' by=''/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' id='s' by='@'/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' id='s' by=' coven@chat.shakespeare.lit'/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' id='s' by='coven@chat.shakespeare.lit '/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' id='s' by='coven@chat.shakespeare.lit&#10;'/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' id='s' by='coven@chat.shakespeare.lit.'/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' id='s' by='coven@chat\u{3002}shakespeare.lit'/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' id='s' by='coven@chat\u{ff0e}shakespeare\u{ff61}lit'/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' id='s' by='coven@ch\u{ad}at.shakespeare.lit'/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' id='s' by='chat.shakespeare.lit'/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' id='s' by='heath@chat.shakespeare.lit'/>",
            "<delay xmlns='urn:xmpp:delay' from='chat\u{3002}shakespeare.lit' stamp=''/>",
            "<hats xmlns='xmpp:prosody.im/protocol/hats:1'><hat title='Boss' uri='urn:boss'/></hats>",
            "<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'/></received>",
            "<sent xmlns='urn:xmpp:carbons:2'/>",
            "<privilege xmlns='urn:xmpp:privilege:2'/>",
            "<delegation xmlns='urn:xmpp:delegation:2'/>",
            "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='n'/></event>",
            "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
            "<hats xmlns='urn:xmpp:hats:0'><hat title='Boss' uri='urn:boss'/></hats>",
            "<addresses xmlns='http://jabber.org/protocol/address'/>",
            "<mav xmlns='urn:xmpp:muc:affiliations:1'/>",
            "<result xmlns='urn:xmpp:mam:2' id='1'/>",
            "<moderated xmlns='urn:xmpp:message-moderate:1'/>",
            "<retract xmlns='urn:xmpp:message-retract:1' id='r'>\
             <m:moderated xmlns:m='urn:xmpp:message-moderate:1'/></retract>",
            "<apply-to xmlns='urn:xmpp:fasten:0' id='r'>\
             <moderated xmlns='urn:xmpp:message-moderate:0'/></apply-to>",
            "<retracted xmlns='urn:xmpp:message-retract:1' id='r' stamp='2019-09-20T23:09:32Z'/>",
            "<r:retracted xmlns:r='urn:xmpp:message-retract:0'/>",
            "<apply-to xmlns='urn:xmpp:fasten:0' id='r'><retracted xmlns='urn:xmpp:message-retract:0'/></apply-to>",
            "<retract xmlns='urn:xmpp:message-retract:1' id='r'><retracted/></retract>",
        ] {
            let said = format!("<body>a</body>{forged}<body>b</body>{forged}");
            assert_eq!(passed(&said), "<body>a</body><body>b</body>", "{forged}");
        }
    }

    #[test]
    fn a_private_message_is_marked_once() {
        let xml =
            "<message><body>a</body><x xmlns='http://jabber.org/protocol/muc#user'/></message>";
        let frame = Frame::from_xml(xml.as_bytes()).unwrap();
        let room = BareJid::new("coven@chat.shakespeare.lit").unwrap();
        assert_eq!(
            relayed_privately(&frame, &room).as_bytes(),
            b"<body>a</body><x xmlns='http://jabber.org/protocol/muc#user'/>"
        );
    }
}
