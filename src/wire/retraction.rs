//! Messages that were taken back. XEP-0424, XEP-0425.

use jid::BareJid;

use super::message::start_own;
use super::presence::write_occupant_id;
use super::stamp;
use super::template::Template;
use super::xml::XmlWriter;
use crate::room::Payload;
use crate::room::effect::{MessageModerated, Tombstone};

/// What is left of a message that its author took back. XEP-0424 §4 (#tombstones).
pub fn tombstone(tombstone: &Tombstone) -> Payload {
    let mut xml = XmlWriter::with_capacity(256);
    xml.open_in(RETRACTION, "retracted")
        .attribute("id", &tombstone.retraction_id)
        .attribute("stamp", &stamp::format(tombstone.at))
        .close("retracted");
    Payload::new(&xml.finish())
}

/// What is left of a message that a moderator took back. XEP-0425 §4 (#tombstones).
pub fn tombstone_of_moderated(room: &BareJid, moderated: &MessageModerated) -> Payload {
    let mut xml = XmlWriter::with_capacity(512);
    xml.open_in(RETRACTION, "retracted")
        .attribute("id", &moderated.id)
        .attribute("stamp", &stamp::format(moderated.at));
    write_moderated(&mut xml, room, moderated);
    xml.close("retracted");
    Payload::new(&xml.finish())
}

/// What the room says when a moderator takes a message back, as it is archived. XEP-0425 §3.1 (#usecase-success).
pub fn announcement(room: &BareJid, moderated: &MessageModerated) -> Payload {
    let mut xml = XmlWriter::with_capacity(512);
    xml.open_in(RETRACTION, "retract")
        .attribute("id", &moderated.message.0);
    write_moderated(&mut xml, room, moderated);
    xml.close("retract");
    Payload::new(&xml.finish())
}

/// The same as it is sent to everybody.
pub(super) fn encode_moderated(room: &BareJid, moderated: &MessageModerated) -> Template {
    let payload = announcement(room, moderated);
    let mut draft = start_own(room, &moderated.id);
    draft
        .xml()
        .word("type", "groupchat")
        .elements(payload.as_bytes());
    super::message::write_stanza_id(&mut draft, room, &moderated.archive_id);
    draft.finish()
}

fn write_moderated(xml: &mut XmlWriter, room: &BareJid, moderated: &MessageModerated) {
    xml.open_in(MODERATION, "moderated");
    if let Some((nick, occupant_id)) = &moderated.moderator {
        xml.attribute_of("by", &[room.as_str(), "/", nick.as_str()]);
        write_occupant_id(xml, occupant_id);
    } else {
        xml.attribute("by", room.as_str());
    }
    xml.close("moderated");
    if let Some(reason) = &moderated.reason {
        xml.text_element("reason", reason);
    }
}

const RETRACTION: &str = "urn:xmpp:message-retract:1";
const MODERATION: &str = "urn:xmpp:message-moderate:1";
