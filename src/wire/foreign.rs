//! XML that did not come over our link: messages and vCards out of files and other servers' databases.
//!
//! It is trusted no more than what users send. Whatever leaves this module is well-formed, within the limits of the
//! link, written as [`frame`](super::frame) writes it, and rid of what only the service may say.

use std::sync::Arc;

use jid::{BareJid, Jid};
use thiserror::Error;
use xmpp_parsers::ns;
use xso::FromXml;

use super::element::{Element, Node};
use super::frame::{Frame, FrameError, Limits, StanzaKind};
use super::reader::{Incoming, StanzaReader};
use super::{address, frame, stamp, traffic, vcard};
use crate::room::request::Avatar;
use crate::room::{Action, OccupantId, Payload, Timestamp};

/// Why a text from outside can't be used.
#[derive(Debug, Error)]
pub enum Unfit {
    /// It is no whole stanza, or passes a limit of the link.
    #[error("the XML is {0}")]
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
    /// The author's id of it; `None` when he gave none.
    pub id: Option<Arc<str>>,
    /// `xml:lang`.
    pub language: Option<Arc<str>>,
    /// The stanza id that the room gave it. XEP-0359.
    pub stanza_id: Option<Arc<str>>,
    /// The author's id in the room. XEP-0421.
    pub occupant_id: Option<OccupantId>,
    /// When the room took it, where it says so. XEP-0203.
    pub delay: Option<Timestamp>,
    /// The author's own address, where the room noted it in the message. XEP-0045 §7.2.14 (#enter-history).
    pub author: Option<Jid>,
    /// The text of the new subject, when the message changes it.
    pub subject: Option<Arc<str>>,
    /// What was said, without what only the service may say.
    pub payload: Payload,
}

/// Reads one `<message/>` with everything around what was said. `room` is where it was said; what claims to be from
/// any of the `services`, an address of each given, is not passed on.
///
/// # Errors
/// See [`Unfit`].
pub fn message(xml: &str, room: &BareJid, services: &[&BareJid]) -> Result<ForeignMessage, Unfit> {
    let frame = whole(xml.as_bytes())?;
    if frame.header.kind != StanzaKind::Message {
        return Err(Unfit::Other(frame.header.kind.name()));
    }
    let header = &frame.header;
    let text = |text: &Option<String>| {
        text.as_deref()
            .filter(|text| !text.is_empty())
            .map(Arc::from)
    };
    Ok(ForeignMessage {
        type_: header.type_.clone(),
        from: header.from.as_deref().and_then(address),
        id: text(&header.id),
        language: text(&header.lang),
        stanza_id: stanza_id(&frame, room),
        occupant_id: occupant_id(&frame),
        delay: delay(&frame),
        author: author(&frame),
        subject: super::incoming_message::new_subject(&frame),
        payload: traffic::relayed_among(&frame, services),
    })
}

/// Checks the children of a message, as they are kept without it, and takes out what only the service may say.
///
/// # Errors
/// See [`Unfit`].
pub fn said(payload: &str, services: &[&BareJid]) -> Result<Payload, Unfit> {
    Ok(traffic::relayed_among(&wrapped(payload)?, services))
}

/// Checks the children of a message of the service itself, and leaves all of them.
///
/// # Errors
/// See [`Unfit`].
pub fn own(payload: &str) -> Result<Payload, Unfit> {
    Ok(Payload::new(wrapped(payload)?.payload()))
}

/// Reads a room's vCard, for its picture. XEP-0486.
///
/// # Errors
/// See [`Unfit`].
pub fn avatar(vcard: &str) -> Result<Avatar, Unfit> {
    let frame = wrapped(vcard)?;
    let child = frame.children().next().ok_or(Unfit::VCard)?;
    match vcard::decode_set(&child) {
        Ok(Action::SetAvatar {
            avatar: Some(avatar),
        }) => Ok(avatar),
        _ => Err(Unfit::VCard),
    }
}

fn wrapped(payload: &str) -> Result<Frame, Unfit> {
    whole(format!("<message>{payload}</message>").as_bytes())
}

/// The children of a message that changes the subject to this; `None` when it has characters that XML has not.
pub fn subject(text: &str) -> Option<Payload> {
    let subject = Element {
        name: "subject".to_owned(),
        attributes: Vec::new(),
        nodes: vec![Node::Text(text.to_owned())],
    };
    own(&subject.to_xml()?).ok()
}

/// Reads an address, and refuses one that would not be the same when it is read again.
pub fn address(text: &str) -> Option<Jid> {
    address::parse(text).ok()
}

/// One stanza and nothing else.
fn whole(xml: &[u8]) -> Result<Frame, Unfit> {
    let mut reader = StanzaReader::new(Limits::default());
    let mut rest = xml;
    match reader.next(&mut rest).map_err(FrameError::from)? {
        Some(Incoming::Stanza(frame::Received::Stanza(frame))) => {
            let is_space = |byte: &u8| byte.is_ascii_whitespace();
            rest.iter()
                .all(is_space)
                .then_some(frame)
                .ok_or(Unfit::Trailing)
        }
        Some(Incoming::Stanza(frame::Received::Refused { why, .. })) => {
            Err(FrameError::Refused(why).into())
        }
        Some(Incoming::StreamError(_) | Incoming::StreamEnd) => Err(FrameError::NotAStanza.into()),
        None => Err(FrameError::Incomplete.into()),
    }
}

/// The last one that the room has put in; those before it are somebody's forgery.
fn stanza_id(frame: &Frame, room: &BareJid) -> Option<Arc<str>> {
    let ours = |by: String| BareJid::new(&by).is_ok_and(|by| by == *room);
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

fn delay(frame: &Frame) -> Option<Timestamp> {
    let delay = frame.child(ns::DELAY, "delay")?;
    stamp::parse(&delay.attribute("stamp")?)
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
    items: Vec<Item>,
}

#[derive(FromXml, Debug)]
#[xml(namespace = ns::MUC_USER, name = "item", on_unknown_attribute = Discard, on_unknown_child = Discard)]
struct Item {
    #[xml(attribute(default))]
    jid: Option<Jid>,
}
