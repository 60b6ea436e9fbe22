//! From XML to what the service is to do. This is the table of contents: each arm leads to the file
//! that is named for it.
//!
//! A stanza that means nothing here is refused at once, with the error its sender gets; what is
//! understood still has to be allowed, which is the room's decision. Nothing is decided by time or
//! chance: fresh ids come in.

use super::incoming::{Addressed, Incoming};
use super::stanza::bounce;
use super::stanza::envelope::Envelope;
use super::stanza::fresh::Fresh;
use super::stanza::problem::Problem;
use super::stanza::stanza_type::StanzaType;
use super::xml::frame::Frame;
use super::{incoming_iq, incoming_message, incoming_presence};

/// Reads a stanza that came in this envelope, and notes in that what its answer must look like.
pub fn decode(envelope: &mut Envelope, frame: &Frame, fresh: Fresh) -> Incoming {
    if let Some(outcome) = bounce::outcome(frame) {
        return Incoming::returned(frame, outcome);
    }
    let mut reading = Addressed { frame, envelope };
    match read(&mut reading, fresh) {
        Ok(incoming) => incoming,
        Err(problem) if envelope.is_answerable() => Incoming::Refused(problem),
        Err(_) => Incoming::Nothing,
    }
}

fn read(reading: &mut Addressed<'_>, fresh: Fresh) -> Result<Incoming, Problem> {
    if let Some(place) = reading.envelope.unreadable() {
        return Err(Problem::BadAddress { place });
    }
    match StanzaType::of(&reading.frame.header) {
        StanzaType::Message(type_) => incoming_message::decode(reading, type_, fresh),
        StanzaType::Presence(type_) => incoming_presence::decode(reading, type_),
        StanzaType::Iq(type_) => incoming_iq::decode(reading, type_, fresh),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::room::Action;
    use crate::room::ArchiveId;
    use crate::wire::stanza::envelope::tests::service;
    use crate::wire::stanza::stanza_error;
    use jid::Jid;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    /// What a stanza written as XML means to `chat.shakespeare.lit`; nothing when it has no
    /// envelope.
    pub fn decoded(xml: &str) -> Incoming {
        read(xml).map_or(Incoming::Nothing, |(_, incoming)| incoming)
    }

    /// The same, with its envelope.
    pub fn read(xml: &str) -> Option<(Envelope, Incoming)> {
        let frame = Frame::from_xml(xml.as_bytes()).unwrap();
        let fresh = Fresh {
            archive_id: ArchiveId("fresh-archive".into()),
            message_id: "fresh-message".into(),
        };
        let mut envelope = Envelope::of(&frame.header, &service())?;
        let incoming = decode(&mut envelope, &frame, fresh);
        Some((envelope, incoming))
    }

    /// What it asks of the room `coven`.
    #[track_caller]
    pub fn asked(xml: &str) -> Action {
        match decoded(xml) {
            Incoming::ToRoom { room, action, .. } => {
                assert_eq!(room.as_str(), "coven@chat.shakespeare.lit");
                action
            }
            other => panic!("{other:?}"),
        }
    }

    /// What is wrong with it.
    #[track_caller]
    pub fn refused(xml: &str) -> Problem {
        match decoded(xml) {
            Incoming::Refused(problem) => problem,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_address_that_is_none_is_told() {
        for (from, to) in [
            ("a@b/c", "@@"),
            ("a@b/c", "coven@chat.shakespeare.lit/a\u{85}b"),
        ] {
            let xml = format!("<message from='{from}' to='{to}'><body>x</body></message>");
            let place = "to";
            assert_eq!(refused(&xml), Problem::BadAddress { place }, "{to:?}");
        }
        let xml = "<message from='@@' to='coven@chat.shakespeare.lit'><body>x</body></message>";
        assert!(matches!(decoded(xml), Incoming::Nothing));
    }

    #[test]
    fn what_must_not_be_answered_is_not_refused() {
        let xml = "<presence from='a@b/c' to='@@' type='unavailable'/>";
        assert!(matches!(decoded(xml), Incoming::Nothing));
    }

    pub const KINDS: &[&str] = &["message", "presence", "iq"];
    pub const TYPES: &[&str] = &[
        "get",
        "set",
        "result",
        "error",
        "chat",
        "groupchat",
        "normal",
        "headline",
        "unavailable",
        "subscribe",
        "probe",
        "",
        "\u{e9}",
    ];
    pub const ADDRESSES: &[&str] = &[
        "chat.shakespeare.lit",
        "chat.shakespeare.lit/x",
        "coven@chat.shakespeare.lit",
        "coven@chat.shakespeare.lit/firstwitch",
        "coven@chat.shakespeare.lit/\u{3164}",
        "a@b/c",
        "b",
        "@@",
        "",
    ];
    pub const CHILDREN: &[&str] = &[
        "<body/>",
        "<subject>x</subject>",
        "<error/>",
        "<x xmlns='http://jabber.org/protocol/muc'><history since='x' maxchars='-1'/></x>",
        "<x xmlns='http://jabber.org/protocol/muc#user'><invite to='@'/><decline/></x>",
        "<x xmlns='http://jabber.org/protocol/muc#user'><decline to='coven@chat.shakespeare.lit/ '/></x>",
        "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>\
         <value>http://jabber.org/protocol/muc#request</value></field></x>",
        "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'/><field var='FORM_TYPE'/></x>",
        "<query xmlns='http://jabber.org/protocol/muc#admin'><item jid='' nick='' role='none'/></query>",
        "<query xmlns='http://jabber.org/protocol/muc#owner'><destroy jid='/'/></query>",
        "<query xmlns='http://jabber.org/protocol/disco#info' node=''/>",
        "<query xmlns='http://jabber.org/protocol/disco#items'><set xmlns='http://jabber.org/protocol/rsm'>\
         <max>-1</max></set></query>",
        "<query xmlns='jabber:iq:register'><remove/><remove/></query>",
        "<vCard xmlns='vcard-temp'><PHOTO><BINVAL>=</BINVAL></PHOTO></vCard>",
        "<ping xmlns='urn:xmpp:ping'>x</ping>",
        "<retract xmlns='urn:xmpp:message-retract:1'/>",
        "<replace xmlns='urn:xmpp:message-correct:0' id='1'/>",
        "<moderate xmlns='urn:xmpp:message-moderate:1' id='1'><x xmlns=''/></moderate>",
        "<apply-to xmlns='urn:xmpp:fasten:0' id='1'><retract xmlns='urn:xmpp:message-retract:0'/></apply-to>",
        "<query/>",
        "<query xmlns='urn:xmpp:mam:2' queryid=''><x xmlns='jabber:x:data' type='submit'>\
         <field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field><field var='with'><value>@</value></field>\
         <field var='start'><value>x</value></field><field var='search'><value>\"</value></field></x></query>",
        "<query xmlns='urn:xmpp:mam:2' node=''><set xmlns='http://jabber.org/protocol/rsm'><before/><after/>\
         <max>1</max></set><flip-page/><flip-page/></query>",
        "<metadata xmlns='urn:xmpp:mam:2'>x</metadata>",
        "<unread xmlns='urn:lyceum:0'><room jid='@'/><item xmlns='http://jabber.org/protocol/pubsub' id=''/></unread>",
    ];

    proptest! {
        #[test]
        fn whatever_comes_is_dealt_with_and_errors_are_never_answered(
            kind in select(KINDS),
            type_ in select(TYPES),
            from in select(ADDRESSES),
            to in select(ADDRESSES),
            children in vec(select(CHILDREN), 0..4),
        ) {
            let xml = format!(
                "<{kind} type='{type_}' from='{from}' to='{to}' id='1'>{}</{kind}>",
                children.concat()
            );
            if let Some((envelope, Incoming::Refused(problem))) = read(&xml) {
                let answer = stanza_error::answer(&envelope, &problem).expect("refused is answerable");
                let answer = Frame::from_xml(&answer).expect("an answer is a stanza").header;
                let farewell = matches!((kind, type_), ("iq", "result") | ("presence", "unavailable"));
                prop_assert!(type_ != "error" && !farewell);
                prop_assert_eq!(answer.kind.name(), kind);
                prop_assert!(Jid::new(&answer.from.expect("an address")).expect("ours").domain() == service().domain());
            }
        }
    }
}
