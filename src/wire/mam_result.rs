//! What was found in an archive, as it leaves. XEP-0313 §4.2 (#results), §6.1.2 (#business-storeret-muc-archives).

use jid::BareJid;
use xmpp_parsers::mam::Fin;
use xmpp_parsers::ns;
use xmpp_parsers::rsm::{First, SetResult};

use super::envelope::{Envelope, TooLong};
use super::message::write_stanza_id;
use super::presence::{open_item, write_occupant_id};
use super::stamp;
use super::xml::XmlWriter;
use crate::room::effect::{Archived, Sender};
use crate::room::{Affiliation, ArchiveId, Role, Timestamp};

/// A message, and what the reader may know of it.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// The room in which it was said.
    pub room: &'a BareJid,
    /// It.
    pub message: &'a Archived,
    /// Whether the reader may know who is behind a nick.
    pub sees_real_jids: bool,
}

/// What is told of a result when its messages have been sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct End<'a> {
    /// The first and the last message of the page, in the order of the result.
    pub ends: Option<(&'a ArchiveId, &'a ArchiveId)>,
    /// How many messages the whole result has, if they were counted.
    pub count: Option<u64>,
    /// Whether there are no more in the direction that was asked for.
    pub complete: bool,
}

/// How much of a message is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Detail {
    Everything,
    /// Without the author's own address.
    WithoutAuthor,
    /// Only that there was one. §3.2 (#archives_deletion): a server "may omit the <message> stanza from inside the
    /// <forwarded> element".
    WithoutMessage,
}

/// One result. Never of more than [`STANZA_OUT_MAX`](super::envelope::STANZA_OUT_MAX) bytes: where what is around the
/// message makes it too long, less is told.
pub fn result(envelope: &Envelope, found: &Found<'_>) -> Vec<u8> {
    let told = |detail| -> Result<Vec<u8>, TooLong> {
        envelope.try_message(&found.message.id.0, |xml| {
            write(xml, envelope, found, detail)
        })
    };
    told(Detail::Everything)
        .or_else(|_| told(Detail::WithoutAuthor))
        .or_else(|_| told(Detail::WithoutMessage))
        .unwrap_or_default()
}

/// That all results have been sent. §4.3.2 (#query-paging-request).
pub fn end(envelope: &Envelope, end: &End<'_>) -> Vec<u8> {
    let set = SetResult {
        first: end.ends.map(|(first, _)| First {
            index: None,
            item: first.0.to_string(),
        }),
        last: end.ends.map(|(_, last)| last.0.to_string()),
        count: end
            .count
            .map(|count| usize::try_from(count).unwrap_or(usize::MAX)),
    };
    let complete = end.complete;
    envelope.answer("result", |xml| {
        xml.typed(&Fin {
            complete,
            set: set.clone(),
        });
    })
}

/// The first and the last message of an archive, if there are any. §5 (#archive-metadata).
pub fn metadata(envelope: &Envelope, ends: Option<[(&ArchiveId, Timestamp); 2]>) -> Vec<u8> {
    envelope.answer("result", |xml| {
        xml.open_in(ns::MAM, "metadata");
        for (name, (id, at)) in ["start", "end"].into_iter().zip(ends.into_iter().flatten()) {
            xml.open(name)
                .attribute("id", &id.0)
                .attribute("timestamp", &stamp::format(at))
                .close(name);
        }
        xml.close("metadata");
    })
}

fn write(xml: &mut XmlWriter, envelope: &Envelope, found: &Found<'_>, detail: Detail) {
    let message = found.message;
    xml.open_in(ns::MAM, "result")
        .attribute_if("queryid", envelope.query_id())
        .attribute("id", &message.id.0);
    xml.open_in(ns::FORWARD, "forwarded");
    xml.open_in(ns::DELAY, "delay")
        .attribute("stamp", &stamp::format(message.at))
        .close("delay");
    if detail != Detail::WithoutMessage {
        write_message(xml, found, detail);
    }
    xml.close("forwarded").close("result");
}

/// "the forwarded stanza MUST NOT have a 'to' attribute, and the 'from' MUST be the occupant JID of the sender of the
/// archived message". The namespace stands there because the stream has another.
fn write_message(xml: &mut XmlWriter, found: &Found<'_>, detail: Detail) {
    let content = &found.message.content;
    let sender = found.message.sender.as_ref();
    xml.open_in(ns::JABBER_CLIENT, "message");
    match sender {
        Some(sender) => xml.attribute_of("from", &[found.room.as_str(), "/", sender.nick.as_str()]),
        None => xml.attribute("from", found.room.as_str()),
    };
    xml.attribute("id", &content.id)
        .word("type", "groupchat")
        .attribute_if("xml:lang", content.language.as_deref())
        .elements(content.payload.as_bytes());
    write_stanza_id(xml, found.room, &found.message.id);
    if let Some(occupant_id) = sender.and_then(|sender| sender.occupant_id.as_ref()) {
        write_occupant_id(xml, occupant_id);
    }
    if found.sees_real_jids && detail == Detail::Everything {
        write_author(xml, sender);
    }
    xml.close("message");
}

/// Who is behind the nick. The affiliation and the role that he had are not kept, and those that he has are not those
/// of the message; so they are `none`, as they must be something.
fn write_author(xml: &mut XmlWriter, sender: Option<&Sender>) {
    if let Some(author) = sender.and_then(|sender| sender.author.as_ref()) {
        xml.open_in(ns::MUC_USER, "x");
        open_item(xml, Affiliation::None, Role::None);
        xml.attribute("jid", author.as_str()).close("item");
        xml.close("x");
    }
}
