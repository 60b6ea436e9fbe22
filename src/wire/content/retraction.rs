//! Messages that were taken back: what is left of them, and what the room says of it. XEP-0424,
//! XEP-0425.
//!
//! Everything is written in two versions, one beside the other, since clients know the one or the
//! other. COMPAT(clients of before 2023): the second is that of XEP-0424 0.3 and XEP-0425 0.2.

use jid::BareJid;

use crate::room::Payload;
use crate::room::effect::{MessageModerated, Tombstone};
use crate::time;
use crate::wire::muc::message::start_own;
use crate::wire::muc::presence::write_occupant_id;
use crate::wire::stanza::short_text;
use crate::wire::xml::template::Template;
use crate::wire::xml::writer::XmlWriter;

/// What is left of a message that its author took back. XEP-0424 §4 (#tombstones).
pub fn tombstone(tombstone: &Tombstone) -> Payload {
    let stamp = time::format(tombstone.at);
    let mut xml = XmlWriter::with_capacity(256);
    xml.open_in(RETRACTION, "retracted")
        .attribute("id", &tombstone.retraction_id)
        .attribute("stamp", &stamp)
        .close("retracted");
    write_retracted_before(&mut xml, &stamp);
    Payload::new(&xml.finish())
}

/// What is left of a message that a moderator took back. XEP-0425 §4 (#tombstones).
pub fn tombstone_of_moderated(room: &BareJid, moderated: &MessageModerated) -> Payload {
    let stamp = time::format(moderated.at);
    let mut xml = XmlWriter::with_capacity(1024);
    xml.open_in(RETRACTION, "retracted")
        .attribute("id", &moderated.id)
        .attribute("stamp", &stamp);
    write_moderated(&mut xml, room, moderated);
    xml.close("retracted");
    open_moderated_before(&mut xml, room, moderated);
    write_retracted_before(&mut xml, &stamp);
    write_reason(&mut xml, moderated);
    xml.close("moderated");
    Payload::new(&xml.finish())
}

/// What the room says when a moderator takes a message back, as it is archived. XEP-0425 §3.1
/// (#usecase-success).
pub fn announcement(room: &BareJid, moderated: &MessageModerated) -> Payload {
    let mut xml = XmlWriter::with_capacity(1024);
    xml.open_in(RETRACTION, "retract")
        .attribute("id", &moderated.message.0);
    write_moderated(&mut xml, room, moderated);
    xml.close("retract");
    xml.open_in(FASTENING, "apply-to")
        .attribute("id", &moderated.message.0);
    open_moderated_before(&mut xml, room, moderated);
    xml.open_in(RETRACTION_BEFORE, "retract").close("retract");
    write_reason(&mut xml, moderated);
    xml.close("moderated").close("apply-to");
    Payload::new(&xml.finish())
}

/// The same as it is sent to everybody.
pub(in crate::wire) fn encode_moderated(room: &BareJid, moderated: &MessageModerated) -> Template {
    let payload = announcement(room, moderated);
    let mut draft = start_own(room, &moderated.id);
    draft
        .xml()
        .word("type", "groupchat")
        .elements(payload.as_bytes());
    crate::wire::muc::message::write_stanza_id(draft.xml(), room, &moderated.archive_id);
    draft.finish()
}

fn write_moderated(xml: &mut XmlWriter, room: &BareJid, moderated: &MessageModerated) {
    xml.open_in(MODERATION, "moderated");
    write_by(xml, room, moderated);
    if let Some((_, occupant_id)) = &moderated.moderator {
        write_occupant_id(xml, occupant_id);
    }
    xml.close("moderated");
    write_reason(xml, moderated);
}

fn open_moderated_before(xml: &mut XmlWriter, room: &BareJid, moderated: &MessageModerated) {
    xml.open_in(MODERATION_BEFORE, "moderated");
    write_by(xml, room, moderated);
}

fn write_retracted_before(xml: &mut XmlWriter, stamp: &str) {
    xml.open_in(RETRACTION_BEFORE, "retracted")
        .attribute("stamp", stamp)
        .close("retracted");
}

/// Who did it, by the address that everybody may know.
fn write_by(xml: &mut XmlWriter, room: &BareJid, moderated: &MessageModerated) {
    match &moderated.moderator {
        Some((nick, _)) => xml.attribute_of("by", &[room.as_str(), "/", nick.as_str()]),
        None => xml.attribute("by", room.as_str()),
    };
}

fn write_reason(xml: &mut XmlWriter, moderated: &MessageModerated) {
    if let Some(reason) = &moderated.reason {
        short_text::write_words(xml, "reason", reason);
    }
}

const FASTENING: &str = "urn:xmpp:fasten:0";
const RETRACTION: &str = "urn:xmpp:message-retract:1";
const RETRACTION_BEFORE: &str = "urn:xmpp:message-retract:0";
const MODERATION: &str = "urn:xmpp:message-moderate:1";
const MODERATION_BEFORE: &str = "urn:xmpp:message-moderate:0";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::{ArchiveId, Nick, OccupantId, Timestamp};

    fn room() -> BareJid {
        BareJid::new("room@muc.example.com").unwrap()
    }

    fn moderated() -> MessageModerated {
        MessageModerated {
            message: ArchiveId("stanza-id-1".into()),
            at: Timestamp(0),
            moderator: Some((Nick::new("macbeth").unwrap(), OccupantId("dd72".into()))),
            reason: Some("Not <here>".into()),
            archive_id: ArchiveId("stanza-id-2".into()),
            id: "retraction-id-1".into(),
        }
    }

    fn text(payload: &Payload) -> String {
        String::from_utf8(payload.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn the_room_tells_clients_of_both_versions() {
        assert_eq!(
            text(&announcement(&room(), &moderated())),
            "<retract xmlns='urn:xmpp:message-retract:1' id='stanza-id-1'>\
             <moderated xmlns='urn:xmpp:message-moderate:1' by='room@muc.example.com/macbeth'>\
             <occupant-id xmlns='urn:xmpp:occupant-id:0' id='dd72'/></moderated>\
             <reason>Not &lt;here&gt;</reason></retract>\
             <apply-to xmlns='urn:xmpp:fasten:0' id='stanza-id-1'>\
             <moderated xmlns='urn:xmpp:message-moderate:0' by='room@muc.example.com/macbeth'>\
             <retract xmlns='urn:xmpp:message-retract:0'/>\
             <reason>Not &lt;here&gt;</reason></moderated></apply-to>"
        );
    }

    #[test]
    fn a_moderator_who_is_not_inside_is_the_room_to_all() {
        let absent = MessageModerated {
            moderator: None,
            reason: None,
            ..moderated()
        };
        let told = text(&announcement(&room(), &absent));
        assert_eq!(told.matches("by='room@muc.example.com'").count(), 2);
        assert!(
            !told.contains("occupant-id") && !told.contains("reason"),
            "{told}"
        );
    }

    #[test]
    fn tombstones_name_the_retraction_and_its_time() {
        let by_author = Tombstone {
            message: ArchiveId("stanza-id-1".into()),
            at: Timestamp(0),
            retraction_id: "retract-message-1".into(),
        };
        assert_eq!(
            text(&tombstone(&by_author)),
            "<retracted xmlns='urn:xmpp:message-retract:1' id='retract-message-1' \
             stamp='1970-01-01T00:00:00Z'/>\
             <retracted xmlns='urn:xmpp:message-retract:0' stamp='1970-01-01T00:00:00Z'/>"
        );
        let by_moderator = text(&tombstone_of_moderated(&room(), &moderated()));
        assert!(
            by_moderator.starts_with(
                "<retracted xmlns='urn:xmpp:message-retract:1' id='retraction-id-1' \
                 stamp='1970-01-01T00:00:00Z'><moderated xmlns='urn:xmpp:message-moderate:1' \
                 by='room@muc.example.com/macbeth'><occupant-id "
            ),
            "{by_moderator}"
        );
        assert!(
            by_moderator.ends_with(
                "<moderated xmlns='urn:xmpp:message-moderate:0' by='room@muc.example.com/macbeth'>\
                 <retracted xmlns='urn:xmpp:message-retract:0' stamp='1970-01-01T00:00:00Z'/>\
                 <reason>Not &lt;here&gt;</reason></moderated>"
            ),
            "{by_moderator}"
        );
    }
}
