//! XML that did not come over our link: messages and vCards out of files and other servers'
//! databases.
//!
//! It is trusted no more than what users send. Whatever leaves this module is well-formed, within
//! the limits of the link, written as [`frame`] writes it, and rid of what only the service may
//! say.

use std::sync::Arc;

use jid::{BareJid, Jid};
use thiserror::Error;
use xmpp_parsers::ns;
use xso::FromXml;

use super::content::{purpose, traffic};
use super::disco::vcard;
use super::xml::element::{Attribute, Element, Node};
use super::xml::frame::{Child, Frame};
use super::xml::header::{STANZA_NAMESPACE, StanzaKind};
use super::xml::limits::StanzaLimits;
use super::xml::one_stanza::FrameError;
use super::xml::reader::{StanzaReader, StreamEvent};
use super::xml::{address, frame};
use crate::room::request::{Avatar, Purpose};
use crate::room::{Action, OccupantId, Payload, Timestamp};
use crate::time;

/// Why a text from outside can't be used.
#[derive(Debug, Error)]
pub enum UnfitXml {
    /// It is no whole stanza, or passes a limit of the link.
    #[error("the XML is unusable: {0}")]
    Xml(#[from] FrameError),
    /// There is something behind what should be all.
    #[error("the XML has more than one root")]
    Trailing,
    /// It is another stanza than a message.
    #[error("it is no message but <{0}/>")]
    Other(&'static str),
    /// A vCard that has no picture, a broken one, or one that is too large to be given to anybody.
    #[error("the vCard has no picture that could be shown")]
    VCard,
}

/// A message as another server has kept it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignMessage {
    /// The type it was sent with.
    pub type_: Option<String>,
    /// The sender: an occupant's JID, when the room has stamped it.
    pub from: Option<Jid>,
    /// The id that its author gave it, if any.
    pub id: Option<Arc<str>>,
    /// The language of its texts, from `xml:lang`.
    pub language: Option<Arc<str>>,
    /// The stanza id that the room gave it. XEP-0359.
    pub stanza_id: Option<Arc<str>>,
    /// The author's id in the room. XEP-0421.
    pub occupant_id: Option<OccupantId>,
    /// When the room took it, where it says so. XEP-0203.
    pub delay: Option<Timestamp>,
    /// The author's own address, where the room noted it in the message. XEP-0045 §7.2.14
    /// (#enter-history).
    pub author: Option<Jid>,
    /// Whether it is what is left of a message that was taken back. XEP-0424 §4 (#tombstones),
    /// XEP-0425.
    pub is_tombstone: bool,
    /// What it is for; `None`: it is about more than one message, or does not say about which.
    pub purpose: Option<Purpose>,
    /// The text of the new subject, when the message changes it.
    pub subject: Option<Arc<str>>,
    /// What was said, without what only the service may say; of a tombstone nothing but that it is
    /// one.
    pub payload: Payload,
}

/// Reads one `<message/>` with everything around what was said. `room` is where it was said; what
/// claims to be from any of the `services`, an address of each given, is not passed on.
///
/// # Errors
/// - [`UnfitXml`], the variant being the cause.
pub fn message(
    xml: &str,
    room: &BareJid,
    services: &[&BareJid],
) -> Result<ForeignMessage, UnfitXml> {
    let frame = whole(xml.as_bytes())?;
    if frame.header.kind != StanzaKind::Message {
        return Err(UnfitXml::Other(frame.header.kind.name()));
    }
    let header = &frame.header;
    let text = |text: &Option<String>| {
        text.as_deref()
            .filter(|text| !text.is_empty())
            .map(Arc::from)
    };
    let tombstone = tombstone(&frame);
    Ok(ForeignMessage {
        type_: header.type_.clone(),
        from: header.from.as_deref().and_then(address),
        id: text(&header.id),
        language: text(&header.lang),
        stanza_id: stanza_id(&frame, room),
        occupant_id: occupant_id(&frame),
        delay: delay(&frame),
        author: author(&frame),
        is_tombstone: tombstone.is_some(),
        purpose: purpose::of(&frame, room).ok(),
        subject: super::incoming_message::new_subject(&frame),
        payload: tombstone.unwrap_or_else(|| traffic::relayed_among(&frame, services)),
    })
}

/// Checks the children of a message, as they are kept without it, and takes out what only the
/// service may say.
///
/// # Errors
/// - [`UnfitXml`], the variant being the cause.
pub fn said(payload: &str, services: &[&BareJid]) -> Result<Payload, UnfitXml> {
    Ok(traffic::relayed_among(&wrapped(payload)?, services))
}

/// Checks the children of a message of the service itself, and leaves all of them.
///
/// # Errors
/// - [`UnfitXml`], the variant being the cause.
pub fn own(payload: &str) -> Result<Payload, UnfitXml> {
    Ok(Payload::new(wrapped(payload)?.payload()))
}

/// Reads a room's vCard, for its picture. XEP-0486.
///
/// # Errors
/// - [`UnfitXml`], the variant being the cause.
pub fn avatar(vcard: &str) -> Result<Avatar, UnfitXml> {
    let frame = wrapped(vcard)?;
    let child = frame.children().next().ok_or(UnfitXml::VCard)?;
    match vcard::decode_set(&child) {
        Ok(Action::SetAvatar {
            avatar: Some(avatar),
        }) => Ok(avatar),
        _ => Err(UnfitXml::VCard),
    }
}

fn wrapped(payload: &str) -> Result<Frame, UnfitXml> {
    whole(format!("<message>{payload}</message>").as_bytes())
}

/// The children of a message that changes the subject to these texts, each with its language or
/// none. `None` when there is a character that XML has not.
pub fn subject<'a>(texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<Payload> {
    let mut xml = String::new();
    for (language, text) in texts {
        let language = Attribute {
            namespace: None,
            name: "xml:lang".to_owned(),
            value: language.to_owned(),
        };
        let has_language = !language.value.is_empty();
        let subject = Element {
            name: "subject".to_owned(),
            attributes: has_language.then_some(language).into_iter().collect(),
            nodes: vec![Node::Text(text.to_owned())],
        };
        xml.push_str(&subject.to_xml()?);
    }
    own(&xml).ok()
}

/// Reads an address, and refuses one that would not be the same when it is read again.
pub fn address(text: &str) -> Option<Jid> {
    address::parse(text).ok()
}

/// One stanza and nothing else.
fn whole(xml: &[u8]) -> Result<Frame, UnfitXml> {
    let mut reader = StanzaReader::new(StanzaLimits::default());
    let mut rest = xml;
    match reader.next(&mut rest).map_err(FrameError::from)? {
        Some(StreamEvent::Stanza(frame::Received::Stanza(frame))) => {
            let is_space = |byte: &u8| byte.is_ascii_whitespace();
            rest.iter()
                .all(is_space)
                .then_some(frame)
                .ok_or(UnfitXml::Trailing)
        }
        Some(StreamEvent::Stanza(frame::Received::Refused { why, .. })) => {
            Err(FrameError::Refused(why).into())
        }
        Some(StreamEvent::StreamError(_) | StreamEvent::StreamEnd) => {
            Err(FrameError::NotAStanza.into())
        }
        None => Err(FrameError::Incomplete.into()),
    }
}

/// The last one that the room has put in; those before it are somebody's forgery.
fn stanza_id(frame: &Frame, room: &BareJid) -> Option<Arc<str>> {
    let ours = |by: String| crate::room::text::address::parse_bare(&by).is_ok_and(|by| by == *room);
    frame
        .children()
        .filter(|child| child.namespace() == ns::SID && child.name() == "stanza-id")
        .filter(|child| child.attribute("by").is_some_and(ours))
        .filter_map(|child| child.attribute("id"))
        .last()
        .map(Arc::from)
}

fn occupant_id(frame: &Frame) -> Option<OccupantId> {
    frame
        .children()
        .filter(|child| child.namespace() == ns::OID && child.name() == "occupant-id")
        .filter_map(|child| child.attribute("id"))
        .last()
        .map(|id| OccupantId(id.into()))
}

/// The element that takes the place of what was taken back, with its time and without what else it
/// tells, which cannot be proved. One beside a text takes nobody's place.
fn tombstone(frame: &Frame) -> Option<Payload> {
    let is_mark = |child: &Child<'_>| {
        let (name, namespace) = (child.name(), child.namespace());
        name == "retracted" && namespace.starts_with("urn:xmpp:message-retract:")
            || name == "moderated" && namespace.starts_with("urn:xmpp:message-moderate:")
    };
    let speaks = |child: Child<'_>| child.namespace() == STANZA_NAMESPACE;
    let mark = frame.children().find(is_mark)?;
    if frame.children().any(speaks) {
        return None;
    }
    let attribute = |name: &str, value: String| Attribute {
        namespace: None,
        name: name.to_owned(),
        value,
    };
    let stamp = mark
        .attribute("stamp")
        .and_then(|stamp| time::parse(&stamp));
    let stamp = stamp.map(|stamp| attribute("stamp", time::format(stamp)));
    let namespace = attribute("xmlns", "urn:xmpp:message-retract:1".to_owned());
    let element = Element {
        name: "retracted".to_owned(),
        attributes: [Some(namespace), stamp].into_iter().flatten().collect(),
        nodes: Vec::new(),
    };
    own(&element.to_xml()?).ok()
}

fn delay(frame: &Frame) -> Option<Timestamp> {
    let delay = frame.child(ns::DELAY, "delay")?;
    time::parse(&delay.attribute("stamp")?)
}

/// The room writes it into `<x/>` of its own, which nobody else may send.
fn author(frame: &Frame) -> Option<Jid> {
    let x: Extension = frame.child(ns::MUC_USER, "x")?.parse().ok()?;
    x.items.into_iter().find_map(|item| item.jid)
}

/// What a room tells of an occupant. XEP-0045 §15.5.2 (#schemas-user).
#[derive(FromXml, Debug)]
#[xml(namespace = ns::MUC_USER, name = "x", on_unknown_child = Discard)]
struct Extension {
    #[xml(child(n = ..))]
    items: Vec<AuthorItem>,
}

#[derive(FromXml, Debug)]
#[xml(namespace = ns::MUC_USER, name = "item", on_unknown_attribute = Discard, on_unknown_child = Discard)]
struct AuthorItem {
    #[xml(attribute(default))]
    jid: Option<Jid>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: &str = "coven@chat.shakespeare.lit";

    fn read(attributes: &str, children: &str) -> ForeignMessage {
        let room = BareJid::new(ROOM).unwrap();
        let xml = format!("<message {attributes}>{children}</message>");
        message(&xml, &room, &[&room]).unwrap()
    }

    fn payload(message: &ForeignMessage) -> &str {
        std::str::from_utf8(message.payload.as_bytes()).unwrap()
    }

    #[test]
    fn a_message_is_taken_apart() {
        let message = read(
            "xmlns='jabber:client' from='coven@chat.shakespeare.lit/first' id='i' type='groupchat' xml:lang='en'",
            "<body>hi</body><stanza-id xmlns='urn:xmpp:sid:0' by='coven@chat.shakespeare.lit' id='s'/>\
             <occupant-id xmlns='urn:xmpp:occupant-id:0' id='o'/>\
             <delay xmlns='urn:xmpp:delay' from='coven@chat.shakespeare.lit' stamp='2002-10-13T23:58:37Z'/>\
             <x xmlns='http://jabber.org/protocol/muc#user'><item jid='hag66@shakespeare.lit' role='none'/><status code='1'/></x>",
        );
        assert_eq!(payload(&message), "<body>hi</body>");
        assert_eq!(message.type_.as_deref(), Some("groupchat"));
        assert_eq!(
            message.from,
            Jid::new("coven@chat.shakespeare.lit/first").ok()
        );
        assert_eq!(message.author, Jid::new("hag66@shakespeare.lit").ok());
        assert_eq!(message.id.as_deref(), Some("i"));
        assert_eq!(message.language.as_deref(), Some("en"));
        assert_eq!(message.stanza_id.as_deref(), Some("s"));
        assert_eq!(message.occupant_id, Some(OccupantId("o".into())));
        assert_eq!(message.delay, Some(Timestamp(1_034_553_517_000_000)));
        assert_eq!((message.subject, message.is_tombstone), (None, false));
    }

    #[test]
    fn a_subject_is_told_from_speech() {
        let subject = |children: &str| read("", children).subject;
        assert_eq!(subject("<subject>Fire</subject>").as_deref(), Some("Fire"));
        assert_eq!(subject("<subject>Fire</subject><body>x</body>"), None);
    }

    #[test]
    fn of_a_tombstone_only_that_it_is_one_is_left() {
        let stamp = "stamp='2019-09-20T23:09:32Z'";
        for mark in [
            format!("<retracted xmlns='urn:xmpp:message-retract:1' {stamp} by='x'/>"),
            format!(
                "<moderated xmlns='urn:xmpp:message-moderate:0' {stamp}><reason>r</reason></moderated>"
            ),
        ] {
            let message = read("", &mark);
            assert!(message.is_tombstone);
            let left = format!("<retracted xmlns='urn:xmpp:message-retract:1' {stamp}/>");
            assert_eq!(payload(&message), left);
            let message = read("", &format!("{mark}<body>x</body>"));
            assert!(!message.is_tombstone);
        }
    }

    #[test]
    fn what_is_no_whole_message_is_refused() {
        let room = BareJid::new(ROOM).unwrap();
        let refused = |xml: &str| message(xml, &room, &[&room]).unwrap_err().to_string();
        assert_eq!(refused("<presence/>"), "it is no message but <presence/>");
        assert_eq!(
            refused("<message/> <message/>"),
            "the XML has more than one root"
        );
        assert_eq!(
            refused("<message>"),
            "the XML is unusable: no complete stanza"
        );
        assert_eq!(refused(""), "the XML is unusable: no complete stanza");
        assert_eq!(
            refused("<message><a:b/></message>"),
            "the XML is unusable: stanza refused: not namespace-well-formed"
        );
        let large = format!("<message><body>{}</body></message>", "x".repeat(300_000));
        assert_eq!(
            refused(&large),
            "the XML is unusable: stanza refused: too large"
        );
        let deep = format!(
            "<message>{}{}</message>",
            "<x>".repeat(200),
            "</x>".repeat(200)
        );
        assert_eq!(
            refused(&deep),
            "the XML is unusable: stanza refused: nested too deeply"
        );
        assert!(message("<message/>\n ", &room, &[]).is_ok());
    }

    #[test]
    fn children_alone_are_checked_as_whole_messages_are() {
        let room = BareJid::new(ROOM).unwrap();
        let hats = "<hats xmlns='urn:xmpp:hats:0'/>";
        let text = |payload: Payload| String::from_utf8(payload.as_bytes().to_vec()).unwrap();
        let both = format!("<body>x</body>{hats}");
        assert_eq!(text(said(&both, &[&room]).unwrap()), "<body>x</body>");
        assert_eq!(text(own(&both).unwrap()), both);
        assert!(own("</message><message>").is_err());
        assert!(said("</message><iq/>", &[&room]).is_err());
    }

    #[test]
    fn subjects_are_written_with_their_languages() {
        let payload = subject([("", "a<b"), ("de", "c")]).unwrap();
        let expected = b"<subject>a&lt;b</subject><subject xml:lang='de'>c</subject>";
        assert_eq!(payload.as_bytes(), expected);
    }

    #[test]
    fn a_vcard_without_picture_is_no_avatar() {
        assert!(avatar("<vCard xmlns='vcard-temp'><FN>x</FN></vCard>").is_err());
        assert!(avatar("").is_err());
        let photo = "<vCard xmlns='vcard-temp'><PHOTO><BINVAL>aGVsbG8=</BINVAL></PHOTO></vCard>";
        assert_eq!(avatar(photo).unwrap().vcard.as_bytes(), photo.as_bytes());
    }
}
