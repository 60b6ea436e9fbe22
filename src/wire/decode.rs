//! From XML to what the service is to do. This is the table of contents: each arm leads to the file that is named
//! for it.
//!
//! A stanza that means nothing here is refused at once, with the error its sender gets; what is understood still
//! has to be allowed, which is the room's decision. Nothing is decided by time or chance: fresh ids come in.

use std::sync::Arc;

use jid::{BareJid, FullJid};

use super::archive::unread::UnreadQuestion;
use super::stanza::bounce;
use super::stanza::bounce::{Condition, StanzaOutcome};
use super::stanza::envelope::Envelope;
use super::stanza::fresh::Fresh;
use super::stanza::page::PageRequest;
use super::stanza::problem::Problem;
use super::stanza::stanza_type::StanzaType;
use super::xml::frame::Frame;
use super::xml::header::StanzaKind;
use super::{incoming_iq, incoming_message, incoming_presence};
use crate::room::Action;
use crate::room::occupying::archive::PageQuestion;

/// What a stanza means.
#[derive(Debug)]
pub enum Incoming {
    /// Somebody wants something of a room.
    ToRoom {
        /// Which room; whether it exists is another question.
        room: BareJid,
        /// Who. For an IQ that came from a bare JID, with a resource that nobody has.
        from: Arc<FullJid>,
        /// What is wanted of it.
        action: Action,
    },
    /// Somebody asks the service itself.
    ToService(ServiceQuestion),
    /// The answer to an IQ that went out from here, or what claims to be one. The envelope's asker is who answers.
    Reply {
        /// The id of the question.
        id: String,
        /// What the answer is.
        outcome: StanzaOutcome,
    },
    /// A message or presence of ours came back. The envelope's asker is who did not get it, under the id of ours.
    Bounce(Condition),
    /// The stanza is to be answered with an error, see [`answer`](super::stanza::stanza_error::answer).
    Refused(Problem),
    /// There is nothing to be done.
    Nothing,
}

/// What can be asked of the service itself.
#[derive(Debug, Clone, PartialEq)]
pub enum ServiceQuestion {
    /// disco#info. XEP-0045 §6.2 (#disco-service-features).
    Information,
    /// The public rooms. XEP-0045 §6.3 (#disco-rooms).
    Rooms(PageRequest),
    /// Whether the service is there. XEP-0199.
    Ping,
    /// Which software this is. XEP-0092.
    Version,
    /// What time it is. XEP-0202.
    Time,
    /// The card of the service. XEP-0054.
    VCard,
    /// By what messages can be asked for. XEP-0313 §4.1.5 (#query-form).
    ArchiveForm,
    /// The ends of all archives together. XEP-0313 §5 (#archive-metadata).
    ArchiveMetadata,
    /// Messages of all rooms. XEP-0313 §4 (#query).
    Archive(Box<PageQuestion>),
    /// How much is unread.
    Unread(UnreadQuestion),
}

/// Reads a stanza that came in this envelope, and notes in that what its answer must look like.
pub fn decode(envelope: &mut Envelope, frame: &Frame, fresh: Fresh) -> Incoming {
    if let Some(outcome) = bounce::outcome(frame) {
        return Incoming::returned(frame, outcome);
    }
    let mut reading = Addressed { frame, envelope };
    match reading.read(fresh) {
        Ok(incoming) => incoming,
        Err(problem) if envelope.is_answerable() => Incoming::Refused(problem),
        Err(_) => Incoming::Nothing,
    }
}

/// A stanza that is being read, and its envelope.
pub(super) struct Addressed<'a> {
    pub frame: &'a Frame,
    pub envelope: &'a mut Envelope,
}

/// The address that a stanza was sent to.
pub(super) enum Address {
    /// The service itself.
    Service,
    /// Something in the service that is no room.
    Nowhere,
    /// A room as a whole.
    Room(BareJid),
    /// An occupant, by what need not be a valid nick.
    Occupant(BareJid, String),
}

impl Addressed<'_> {
    fn read(&mut self, fresh: Fresh) -> Result<Incoming, Problem> {
        if let Some(place) = self.envelope.unreadable() {
            return Err(Problem::BadAddress { place });
        }
        match StanzaType::of(&self.frame.header) {
            StanzaType::Message(type_) => incoming_message::decode(self, type_, fresh),
            StanzaType::Presence(type_) => incoming_presence::decode(self, type_),
            StanzaType::Iq(type_) => incoming_iq::decode(self, type_, fresh),
        }
    }

    /// What the stanza was sent to.
    pub fn address(&self) -> Address {
        let asked = &self.envelope.asked;
        let resource = asked
            .resource()
            .map(|resource| resource.as_str().to_owned());
        match (self.envelope.room(), resource) {
            (None, None) => Address::Service,
            (None, Some(_)) => Address::Nowhere,
            (Some(room), None) => Address::Room(room),
            (Some(room), Some(nick)) => Address::Occupant(room, nick),
        }
    }

    /// The session that sent the stanza; none when it came from an account or a server.
    pub fn session(&self) -> Option<FullJid> {
        self.envelope.asker.try_as_full().ok().cloned()
    }
}

impl Incoming {
    /// What came back of a stanza of ours. It is never answered, however broken it is.
    fn returned(frame: &Frame, outcome: StanzaOutcome) -> Self {
        match (frame.header.kind, outcome) {
            (StanzaKind::Iq, outcome) => match frame.header.id.clone() {
                Some(id) => Self::Reply { id, outcome },
                None => Self::Nothing,
            },
            (StanzaKind::Message | StanzaKind::Presence, StanzaOutcome::Error(condition)) => {
                Self::Bounce(condition)
            }
            (StanzaKind::Message | StanzaKind::Presence, StanzaOutcome::Result) => Self::Nothing,
        }
    }

    pub(super) fn to_room(room: BareJid, from: FullJid, action: Action) -> Self {
        Self::ToRoom {
            room,
            from: Arc::new(from),
            action,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::room::ArchiveId;
    use crate::wire::stanza::envelope::tests::service;
    use crate::wire::stanza::stanza_error;
    use jid::Jid;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    /// What a stanza written as XML means to `chat.shakespeare.lit`; nothing when it has no envelope.
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
