//! What was found in an archive, as it leaves. XEP-0313 §4.2 (#results), §6.1.2
//! (#business-storeret-muc-archives).

use jid::BareJid;
use xmpp_parsers::mam::Fin;
use xmpp_parsers::ns;
use xmpp_parsers::rsm::{First, SetResult};

use crate::room::effect::{Archived, Sender};
use crate::room::{Affiliation, ArchiveId, KnownAuthors, Role, Timestamp};
use crate::time;
use crate::wire::muc::message::write_stanza_id;
use crate::wire::muc::presence::{open_item, write_occupant_id};
use crate::wire::stanza::envelope::{Envelope, TooLong};
use crate::wire::xml::writer::XmlWriter;

/// A message, and what the reader may know of it.
#[derive(Clone, Copy, Debug)]
pub struct FoundMessage<'a> {
    /// The room in which it was said.
    pub room: &'a BareJid,
    /// The message itself.
    pub message: &'a Archived,
    /// Who of those behind the nicks the reader may know.
    pub authors: KnownAuthors,
}

/// What is told of a result when its messages have been sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResultEnd<'a> {
    /// The first and the last message of the page, in the order of the result.
    pub ends: Option<(&'a ArchiveId, &'a ArchiveId)>,
    /// How many messages the whole result has, if they were counted.
    pub count: Option<u64>,
    /// Whether there are no more in the direction that was asked for.
    pub complete: bool,
}

/// How much of a message is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ResultDetail {
    Everything,
    /// Without the author's own address.
    WithoutAuthor,
    /// Only that there was one. §3.2 (#archives_deletion): a server "may omit the <message> stanza
    /// from inside the <forwarded> element".
    WithoutMessage,
}

/// One result, never of more than
/// [`MESSAGE_OUT_MAX`](crate::wire::stanza::envelope::MESSAGE_OUT_MAX) bytes: where what is around
/// the message makes it too long, less is told.
pub fn result(envelope: &Envelope, found: &FoundMessage<'_>) -> Vec<u8> {
    let told = |detail| -> Result<Vec<u8>, TooLong> {
        envelope.try_message(&found.message.id.0, |xml| {
            write(xml, envelope, found, detail)
        })
    };
    told(ResultDetail::Everything)
        .or_else(|_| told(ResultDetail::WithoutAuthor))
        .or_else(|_| told(ResultDetail::WithoutMessage))
        .unwrap_or_default()
}

/// That all results have been sent. §4.3.2 (#query-paging-request).
pub fn end(envelope: &Envelope, end: &ResultEnd<'_>) -> Vec<u8> {
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
                .attribute("timestamp", &time::format(at))
                .close(name);
        }
        xml.close("metadata");
    })
}

fn write(xml: &mut XmlWriter, envelope: &Envelope, found: &FoundMessage<'_>, detail: ResultDetail) {
    let message = found.message;
    xml.open_in(ns::MAM, "result")
        .attribute_if("queryid", envelope.query_id())
        .attribute("id", &message.id.0);
    xml.open_in(ns::FORWARD, "forwarded");
    xml.open_in(ns::DELAY, "delay")
        .attribute("stamp", &time::format(message.at))
        .close("delay");
    if detail != ResultDetail::WithoutMessage {
        write_message(xml, found, detail);
    }
    xml.close("forwarded").close("result");
}

/// "the forwarded stanza MUST NOT have a 'to' attribute, and the 'from' MUST be the occupant JID of
/// the sender of the archived message". The namespace stands there because the stream has another.
fn write_message(xml: &mut XmlWriter, found: &FoundMessage<'_>, detail: ResultDetail) {
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
    if let Some(sender) = sender.filter(|sender| found.authors.include(sender.whois))
        && detail == ResultDetail::Everything
    {
        write_author(xml, sender);
    }
    xml.close("message");
}

/// Who is behind the nick. The affiliation and the role of that time are not kept, and those of
/// today are not those of the message; so they are `none`, since there must be a value.
fn write_author(xml: &mut XmlWriter, sender: &Sender) {
    if let Some(author) = &sender.author {
        xml.open_in(ns::MUC_USER, "x");
        open_item(xml, Affiliation::None, Role::None);
        xml.attribute("jid", author.as_str()).close("item");
        xml.close("x");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::effect::ArchivedKind;
    use crate::room::setting::configuration::Whois;
    use crate::room::{Content, Nick, OccupantId, Payload};
    use crate::wire::stanza::envelope::tests::envelope;
    use crate::wire::stanza::envelope::{AnswerShape, MESSAGE_OUT_MAX};
    use crate::wire::xml::frame::Frame;
    use jid::Jid;
    use proptest::prelude::*;

    const ASKED: &str = "<iq from='hag66@shakespeare.lit/pda' to='coven@chat.shakespeare.lit' \
        type='set' id='i1'/>";

    fn asking(query_id: Option<&str>) -> Envelope {
        let mut envelope = envelope(ASKED);
        envelope.shape = AnswerShape::Results(query_id.map(str::to_owned));
        envelope
    }

    fn archived(payload: &str) -> Archived {
        Archived {
            id: ArchiveId("a'1".into()),
            at: Timestamp(1_034_553_517_000_000),
            sender: Some(Sender {
                nick: Nick::new("firstwitch").unwrap(),
                occupant_id: Some(OccupantId("o1".into())),
                author: Some(Jid::new("crone1@shakespeare.lit/desktop").unwrap()),
                whois: Whois::Moderators,
            }),
            kind: ArchivedKind::Speech,
            original: None,
            content: Content {
                id: "162BEBB1".into(),
                language: Some("en".into()),
                payload: Payload::new(payload.as_bytes()),
            },
        }
    }

    fn told(envelope: &Envelope, message: &Archived, authors: KnownAuthors) -> String {
        let room = BareJid::new("coven@chat.shakespeare.lit").unwrap();
        let found = FoundMessage {
            room: &room,
            message,
            authors,
        };
        String::from_utf8(result(envelope, &found)).unwrap()
    }

    #[test]
    fn a_result_is_what_others_received_and_who_said_it() {
        let message = archived("<body>Thrice</body><x xmlns='urn:x' a=\"'\">&#13;</x>");
        assert_eq!(
            told(&asking(Some("g27")), &message, KnownAuthors::All),
            "<message from='coven@chat.shakespeare.lit' to='hag66@shakespeare.lit/pda' id='a&apos;1'>\
             <result xmlns='urn:xmpp:mam:2' queryid='g27' id='a&apos;1'>\
             <forwarded xmlns='urn:xmpp:forward:0'>\
             <delay xmlns='urn:xmpp:delay' stamp='2002-10-13T23:58:37Z'/>\
             <message xmlns='jabber:client' from='coven@chat.shakespeare.lit/firstwitch' id='162BEBB1' \
             type='groupchat' xml:lang='en'><body>Thrice</body><x xmlns='urn:x' a=\"'\">&#13;</x>\
             <stanza-id xmlns='urn:xmpp:sid:0' by='coven@chat.shakespeare.lit' id='a&apos;1'/>\
             <occupant-id xmlns='urn:xmpp:occupant-id:0' id='o1'/>\
             <x xmlns='http://jabber.org/protocol/muc#user'>\
             <item affiliation='none' role='none' jid='crone1@shakespeare.lit/desktop'/></x>\
             </message></forwarded></result></message>"
        );
    }

    #[test]
    fn nobody_learns_an_address_that_is_not_for_them() {
        let xml = told(
            &asking(None),
            &archived("<body>x</body>"),
            KnownAuthors::InTheOpen,
        );
        assert!(
            !xml.contains("crone1") && !xml.contains("muc#user"),
            "{xml}"
        );
        assert!(!xml.contains("queryid"), "{xml}");
    }

    #[test]
    fn what_the_room_itself_has_said_comes_from_the_room() {
        let mut message = archived("<x xmlns='urn:x'/>");
        message.sender = None;
        let xml = told(&asking(None), &message, KnownAuthors::All);
        assert!(
            xml.contains("<message xmlns='jabber:client' from='coven@chat.shakespeare.lit' id="),
            "{xml}"
        );
    }

    #[test]
    fn of_what_would_be_too_long_less_is_told() {
        let envelope = asking(None);
        let text = |size: usize| format!("<body>{}</body>", "x".repeat(size));
        let around = told(&envelope, &archived(&text(1)), KnownAuthors::All).len() - 1;
        let fits = told(
            &envelope,
            &archived(&text(MESSAGE_OUT_MAX - around)),
            KnownAuthors::All,
        );
        assert_eq!(fits.len(), MESSAGE_OUT_MAX);
        assert!(fits.contains("<item"));
        let longer = told(
            &envelope,
            &archived(&text(MESSAGE_OUT_MAX - around + 1)),
            KnownAuthors::All,
        );
        assert!(longer.len() < MESSAGE_OUT_MAX && longer.contains("<body>x"));
        assert!(!longer.contains("<item"));
        let longest = told(
            &envelope,
            &archived(&text(MESSAGE_OUT_MAX)),
            KnownAuthors::All,
        );
        assert!(longest.ends_with("<delay xmlns='urn:xmpp:delay' stamp='2002-10-13T23:58:37Z'/></forwarded></result></message>"));
    }

    #[test]
    fn the_end_tells_of_the_page() {
        let (first, last) = (ArchiveId("a".into()), ArchiveId("b".into()));
        let of_page = ResultEnd {
            ends: Some((&first, &last)),
            count: Some(7),
            complete: true,
        };
        let told = |ended: &ResultEnd<'_>| -> Fin {
            let frame = Frame::from_xml(&end(&asking(None), ended)).unwrap();
            frame.children().next().unwrap().parse().unwrap()
        };
        let fin = told(&of_page);
        assert!(fin.complete);
        let first = fin.set.first.unwrap();
        assert_eq!((first.item.as_str(), first.index), ("a", None));
        assert_eq!(
            (fin.set.last.as_deref(), fin.set.count),
            (Some("b"), Some(7))
        );
        let fin = told(&ResultEnd::default());
        assert!(!fin.complete && fin.set.first.is_none() && fin.set.count.is_none());
    }

    #[test]
    fn the_ends_of_an_archive_are_told_if_it_has_any() {
        let (first, last) = (ArchiveId("YWxwaGEg".into()), ArchiveId("b21lZ2Eg".into()));
        let ends = [(&first, Timestamp(0)), (&last, Timestamp(1_500_000))];
        let told = |ends| String::from_utf8(metadata(&asking(None), ends)).unwrap();
        let xml = told(Some(ends));
        assert!(
            xml.contains(
                "<metadata xmlns='urn:xmpp:mam:2'><start id='YWxwaGEg' timestamp='1970-01-01T00:00:00Z'/>\
                 <end id='b21lZ2Eg' timestamp='1970-01-01T00:00:01.500Z'/></metadata>"
            ),
            "{xml}"
        );
        assert!(told(None).contains("<metadata xmlns='urn:xmpp:mam:2'/>"));
    }

    proptest! {
        #[test]
        fn whatever_was_kept_makes_one_stanza(id in any::<String>(), query in any::<String>(), body in any::<String>()) {
            let mut xml = XmlWriter::default();
            xml.text_element("body", &body);
            let body = String::from_utf8(xml.finish()).unwrap();
            let mut message = archived(&body);
            message.id = ArchiveId(id.as_str().into());
            message.content.id = id.as_str().into();
            let told = told(&asking(Some(&query)), &message, KnownAuthors::All);
            let frame = Frame::from_xml(told.as_bytes()).unwrap();
            prop_assert_eq!(frame.children().count(), 1);
            prop_assert!(told.contains(&body));
        }
    }
}
