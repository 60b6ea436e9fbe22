//! Messages as they leave. XEP-0045 §7.4 (#message), §7.5 (#privatemessage).
//!
//! The author's elements are copied as they are, and only what clients need is put behind them:
//! every further element costs the server as much as a third of the delivery.

use jid::BareJid;
use xmpp_parsers::ns;

use super::presence::{open_item, write_occupant_id, write_statuses};
use crate::room::effect::{Archived, Status, Statuses};
use crate::room::moderating::subject::Subject;
use crate::room::request::WhisperKind;
use crate::room::{Affiliation, ArchiveId, Content, Nick, OccupantId, Role, Timestamp, Words};
use crate::time;
use crate::wire::stanza::short_text;
use crate::wire::xml::header::StanzaKind;
use crate::wire::xml::template::{Draft, Template};
use crate::wire::xml::writer::XmlWriter;

/// What an occupant says to all. XEP-0045 §7.4 (#message).
pub(in crate::wire) fn encode_speech(
    room: &BareJid,
    nick: &Nick,
    occupant_id: &OccupantId,
    archive_id: Option<&ArchiveId>,
    content: &Content,
) -> Template {
    let mut draft = start_groupchat(room, nick, content);
    if let Some(archive_id) = archive_id {
        write_stanza_id(draft.xml(), room, archive_id);
    }
    write_occupant_id(draft.xml(), occupant_id);
    draft.finish()
}

/// A message of the past. XEP-0045 §7.2.13 (#enter-history).
pub(in crate::wire) fn encode_past(room: &BareJid, archived: &Archived) -> Template {
    let nick = archived.sender.as_ref().map(|sender| &sender.nick);
    let mut draft = start_past(room, nick, &archived.content);
    write_stanza_id(draft.xml(), room, &archived.id);
    let occupant_id = archived
        .sender
        .as_ref()
        .and_then(|sender| sender.occupant_id.as_ref());
    if let Some(occupant_id) = occupant_id {
        write_occupant_id(draft.xml(), occupant_id);
    }
    write_delay(draft.xml(), room, archived.at);
    draft.finish()
}

/// The subject as a newcomer is told of it. XEP-0045 §7.2.15 (#enter-subject).
pub(in crate::wire) fn encode_subject(
    room: &BareJid,
    subject: &Subject,
    fresh_id: &str,
) -> Template {
    if let Some(set) = &subject.set {
        let mut draft = start_groupchat(room, &set.nick, &set.content);
        write_delay(draft.xml(), room, set.at);
        return draft.finish();
    }
    let mut draft = start_own(room, fresh_id);
    draft
        .xml()
        .word("type", "groupchat")
        .text_element("subject", "");
    draft.finish()
}

/// A message to one occupant. XEP-0045 §7.5 (#privatemessage).
pub(in crate::wire) fn encode_whisper(
    room: &BareJid,
    nick: &Nick,
    occupant_id: &OccupantId,
    kind: WhisperKind,
    content: &Content,
) -> Template {
    let payload = content.payload.as_bytes();
    let mut draft = Draft::new(StanzaKind::Message, room, Some(nick), payload.len());
    let xml = draft.xml();
    xml.attribute("id", &content.id);
    match kind {
        WhisperKind::Chat => xml.attribute("type", "chat"),
        WhisperKind::Normal => xml,
    };
    xml.attribute_if("xml:lang", content.language.as_deref())
        .elements(payload);
    write_occupant_id(xml, occupant_id);
    draft.finish()
}

/// Status codes of the room itself. XEP-0045 §10.2.1 (#roomconfig-notify).
pub(in crate::wire) fn encode_notice(
    room: &BareJid,
    statuses: &Statuses,
    fresh_id: &str,
) -> Template {
    let mut draft = start_own(room, fresh_id);
    let xml = draft.xml();
    xml.word("type", "groupchat").open_in(ns::MUC_USER, "x");
    write_statuses(xml, statuses);
    xml.close("x");
    draft.finish()
}

/// An affiliation that has changed, of somebody who is not in the room: told to those inside with
/// the JID, and to the person itself without it, but with status 101. XEP-0045 §10.3 (#grantowner),
/// §18.1 (#impl-service).
pub(in crate::wire) fn encode_affiliation(
    room: &BareJid,
    jid: Option<&BareJid>,
    affiliation: Affiliation,
    reason: Option<&Words>,
    fresh_id: &str,
) -> Template {
    let mut draft = start_own(room, fresh_id);
    let xml = draft.xml();
    xml.open_in(ns::MUC_USER, "x");
    open_item(xml, affiliation, Role::None);
    xml.attribute_if("jid", jid.map(|jid| jid.as_str()));
    if let Some(reason) = reason {
        short_text::write_words(xml, "reason", reason);
    }
    xml.close("item");
    if jid.is_none() {
        write_statuses(xml, &Statuses::one(Status::AffiliationChanged));
    }
    xml.close("x");
    draft.finish()
}

/// A message of the room itself, to which the caller adds its type and children.
pub(in crate::wire) fn start_own(room: &BareJid, fresh_id: &str) -> Draft {
    let mut draft = Draft::new(StanzaKind::Message, room, None, 0);
    draft.xml().attribute("id", fresh_id);
    draft
}

fn start_groupchat(room: &BareJid, nick: &Nick, content: &Content) -> Draft {
    start_past(room, Some(nick), content)
}

/// Starts a message of an occupant, or without a nick of the room itself.
fn start_past(room: &BareJid, nick: Option<&Nick>, content: &Content) -> Draft {
    let payload = content.payload.as_bytes();
    let mut draft = Draft::new(StanzaKind::Message, room, nick, payload.len());
    draft
        .xml()
        .attribute("id", &content.id)
        .word("type", "groupchat")
        .attribute_if("xml:lang", content.language.as_deref())
        .elements(payload);
    draft
}

/// Tells that a stanza is older than its delivery, on the room's word. XEP-0203 §2 (#protocol).
fn write_delay(xml: &mut XmlWriter, room: &BareJid, at: Timestamp) {
    xml.open_in(ns::DELAY, "delay")
        .attribute("from", room.as_str())
        .attribute("stamp", &time::format(at))
        .close("delay");
}

/// XEP-0359 §2.1 (#stanza-id).
pub(in crate::wire) fn write_stanza_id(
    xml: &mut XmlWriter,
    room: &BareJid,
    archive_id: &ArchiveId,
) {
    xml.open_in(ns::SID, "stanza-id")
        .attribute("by", room.as_str())
        .attribute("id", &archive_id.0)
        .close("stanza-id");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::moderating::subject::SubjectSet;
    use crate::room::{Payload, Timestamp};

    fn room() -> BareJid {
        BareJid::new("coven@chat.shakespeare.lit").unwrap()
    }

    fn nick() -> Nick {
        Nick::new("thirdwitch").unwrap()
    }

    fn content(payload: &str) -> Content {
        Content {
            id: "hysf1v37".into(),
            language: Some("en".into()),
            payload: Payload::new(payload.as_bytes()),
        }
    }

    #[track_caller]
    fn assert_written(template: &Template, expected: &str) {
        let xml = template.to("crone1@shakespeare.lit/desktop");
        let expected = expected.replace("TO", "to='crone1@shakespeare.lit/desktop'");
        assert_eq!(String::from_utf8(xml).unwrap(), expected);
    }

    #[test]
    fn speech_carries_what_clients_need_and_nothing_more() {
        let (id, occupant_id) = (ArchiveId("a'1".into()), OccupantId("o1".into()));
        let template = encode_speech(
            &room(),
            &nick(),
            &occupant_id,
            Some(&id),
            &content("<body>x</body>"),
        );
        assert_written(
            &template,
            "<message from='coven@chat.shakespeare.lit/thirdwitch' TO id='hysf1v37' type='groupchat' \
             xml:lang='en'><body>x</body>\
             <stanza-id xmlns='urn:xmpp:sid:0' by='coven@chat.shakespeare.lit' id='a&apos;1'/>\
             <occupant-id xmlns='urn:xmpp:occupant-id:0' id='o1'/></message>",
        );
    }

    #[test]
    fn a_subject_tells_who_set_it_and_when() {
        let set = SubjectSet {
            nick: nick(),
            at: Timestamp(1_034_553_517_000_000),
            content: content("<subject>Fire</subject>"),
        };
        let subject = Subject {
            text: "Fire".into(),
            set: Some(set),
        };
        assert_written(
            &encode_subject(&room(), &subject, "f1"),
            "<message from='coven@chat.shakespeare.lit/thirdwitch' TO id='hysf1v37' type='groupchat' \
             xml:lang='en'><subject>Fire</subject><delay xmlns='urn:xmpp:delay' \
             from='coven@chat.shakespeare.lit' stamp='2002-10-13T23:58:37Z'/></message>",
        );
    }

    #[test]
    fn a_subject_never_set_is_empty() {
        assert_written(
            &encode_subject(&room(), &Subject::default(), "f1"),
            "<message from='coven@chat.shakespeare.lit' TO id='f1' type='groupchat'><subject/></message>",
        );
    }

    #[test]
    fn the_affiliation_of_an_absent_person_is_told() {
        let jid = BareJid::new("hecate@shakespeare.lit").unwrap();
        assert_written(
            &encode_affiliation(
                &room(),
                Some(&jid),
                Affiliation::Owner,
                Some(&"A worthy witch!".into()),
                "f1",
            ),
            "<message from='coven@chat.shakespeare.lit' TO id='f1'>\
             <x xmlns='http://jabber.org/protocol/muc#user'>\
             <item affiliation='owner' role='none' jid='hecate@shakespeare.lit'>\
             <reason>A worthy witch!</reason></item></x></message>",
        );
        assert_written(
            &encode_affiliation(&room(), None, Affiliation::Member, None, "f1"),
            "<message from='coven@chat.shakespeare.lit' TO id='f1'>\
             <x xmlns='http://jabber.org/protocol/muc#user'>\
             <item affiliation='member' role='none'/><status code='101'/></x></message>",
        );
    }

    #[test]
    fn a_whisper_has_its_own_type() {
        let content = content("<body>x</body><x xmlns='http://jabber.org/protocol/muc#user'/>");
        let occupant_id = OccupantId("o1".into());
        for (kind, type_) in [
            (WhisperKind::Chat, " type='chat'"),
            (WhisperKind::Normal, ""),
        ] {
            assert_written(
                &encode_whisper(&room(), &nick(), &occupant_id, kind, &content),
                &format!(
                    "<message from='coven@chat.shakespeare.lit/thirdwitch' TO id='hysf1v37'{type_} \
                     xml:lang='en'><body>x</body><x xmlns='http://jabber.org/protocol/muc#user'/>\
                     <occupant-id xmlns='urn:xmpp:occupant-id:0' id='o1'/></message>"
                ),
            );
        }
    }

    #[test]
    fn a_notice_bears_codes_only() {
        let statuses = Statuses::one(Status::NowNonAnonymous).and(Status::LoggingEnabled);
        assert_written(
            &encode_notice(&room(), &statuses, "f1"),
            "<message from='coven@chat.shakespeare.lit' TO id='f1' type='groupchat'>\
             <x xmlns='http://jabber.org/protocol/muc#user'><status code='170'/><status code='172'/></x></message>",
        );
    }
}
