//! What a session sees.

use super::crowd::Place;
use crate::support::xml::{Element, STANZAS, Whole};

/// Something that a session has seen.
pub struct Sight {
    /// The number of its seat.
    pub seat: usize,
    pub what: Seen,
    /// How many notes of the disk there were then, in bytes.
    pub noted: usize,
}

/// What it was.
pub enum Seen {
    /// A message of the history that a newcomer is sent.
    Past(Message),
    /// A message that is said to all.
    Live(Message),
    /// A message that it had missed, and asked the archive for.
    Missed(Message),
    /// The end of what it had asked for, and whether that was all there is.
    CaughtUp(bool),
    /// That it is inside now, or outside.
    Place(Place),
}

/// A message as it was delivered.
pub struct Message {
    /// The id that the room gave it. XEP-0359.
    pub stanza_id: String,
    /// The whole stanza, byte for byte.
    pub stanza: String,
    /// The number of its author's seat.
    pub seat: usize,
}

impl Seen {
    /// Reads what is delivered to a session; `None` where that says nothing of messages or places.
    ///
    /// # Errors
    /// That it is a message without an id or an author.
    pub fn in_stanza(stanza: &Whole) -> Result<Option<Self>, String> {
        let element = &stanza.element;
        match element.name.as_str() {
            "message" => Self::in_message(stanza),
            "presence" => Ok(own_place(element).map(Self::Place)),
            _ => Ok(element.child(MAM, "fin").map(|fin| {
                let complete = fin.attribute("complete") == Some("true");
                Self::CaughtUp(complete)
            })),
        }
    }

    fn in_message(stanza: &Whole) -> Result<Option<Self>, String> {
        let element = &stanza.element;
        if let Some(result) = element.child(MAM, "result") {
            let forwarded = result.child(FORWARD, "forwarded");
            let missed = forwarded.and_then(|forwarded| forwarded.child(STANZAS, "message"));
            let missed = missed.ok_or("a result without a message")?;
            return message(missed, &stanza.raw).map(|missed| Some(Self::Missed(missed)));
        }
        let (says, is_kept) = (
            element.child(STANZAS, "body").is_some(),
            element.child(STANZA_ID, "stanza-id").is_some(),
        );
        // Which subject a newcomer finds is no message.
        if !says && !is_kept {
            return Ok(None);
        }
        let is_past = element.child(DELAY, "delay").is_some();
        let message = message(element, &stanza.raw)?;
        Ok(Some(match is_past {
            true => Self::Past(message),
            false => Self::Live(message),
        }))
    }
}

fn message(element: &Element, raw: &str) -> Result<Message, String> {
    let stanza_id = element.child(STANZA_ID, "stanza-id");
    let stanza_id = stanza_id.and_then(|element| element.attribute("id"));
    // As the crowd numbers its messages: round, seat, number.
    let id = element.attribute("id").unwrap_or_default();
    let author = id.split('.').nth(1).and_then(|seat| seat.parse().ok());
    match (stanza_id, author) {
        (Some(stanza_id), Some(seat)) => Ok(Message {
            stanza_id: stanza_id.to_owned(),
            stanza: raw.to_owned(),
            seat,
        }),
        _ => Err(format!("without id or author: {raw}")),
    }
}

/// What a session's own presence says. XEP-0045 §7.2.2 (#enter-pres), §7.14 (#exit).
fn own_place(presence: &Element) -> Option<Place> {
    let x = presence.child(&format!("{MUC}#user"), "x")?;
    let has = |code| {
        x.elements()
            .any(|status| status.attribute("code") == Some(code))
    };
    // With 303 the old nick leaves, not the session.
    let own = has("110") && !has("303");
    own.then(|| match presence.attribute("type") {
        Some("unavailable") => Place::Outside,
        _ => Place::Inside,
    })
}

pub const MUC: &str = "http://jabber.org/protocol/muc";
pub const MAM: &str = "urn:xmpp:mam:2";
const STANZA_ID: &str = "urn:xmpp:sid:0";
const FORWARD: &str = "urn:xmpp:forward:0";
const DELAY: &str = "urn:xmpp:delay";
