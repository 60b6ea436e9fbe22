//! How much is unread, for many rooms in one question. An extension of our own, asked of the
//! service:
//!
//! ```xml
//! <unread xmlns='urn:lyceum:0'>
//!   <room jid='coven@chat.shakespeare.lit' since='28482-98726-73623'/>
//! </unread>
//! ```
//!
//! Without children it asks for all rooms that the asker belongs to. Without `since`, messages
//! count from where the asker's own messages, chat markers among them, show that they have read. A
//! room may also be given as XEP-0490 keeps what was displayed, so that a client can hand on the
//! items of its PEP node; those of other conversations are passed over. The answer names each room
//! that the asker may read, with the number of messages to be read that came since, and
//! `more='true'` where there are more than were counted:
//!
//! ```xml
//! <unread xmlns='urn:lyceum:0'>
//!   <room jid='coven@chat.shakespeare.lit' count='3'/>
//! </unread>
//! ```

use std::collections::BTreeMap;

use jid::BareJid;
use xmpp_parsers::ns;
use xso::FromXml;

use crate::room::ArchiveId;
use crate::room::occupying::archive::UnreadRoom;
use crate::wire::stanza::OWN_NAMESPACE;
use crate::wire::stanza::envelope::Envelope;
use crate::wire::stanza::problem::Problem;
use crate::wire::xml::address;
use crate::wire::xml::frame::Child;

/// In which rooms, and since which message; `None`: in all that the asker belongs to.
pub type UnreadQuestion = Option<Vec<(BareJid, Option<ArchiveId>)>>;

#[derive(FromXml, Debug)]
#[xml(namespace = OWN_NAMESPACE, name = "unread")]
struct UnreadElement {
    #[xml(child(n = ..))]
    marks: Vec<ReadMark>,
}

/// Up to where somebody has read.
#[derive(FromXml, Debug)]
#[xml()]
enum ReadMark {
    #[xml(namespace = OWN_NAMESPACE, name = "room")]
    Room {
        #[xml(attribute)]
        jid: String,
        #[xml(attribute(default))]
        since: Option<String>,
    },
    /// XEP-0490 §3 (#usecases), as it is asked for.
    #[xml(namespace = ns::PUBSUB, name = "item")]
    Item {
        #[xml(attribute)]
        id: String,
        #[xml(child)]
        displayed: Displayed,
    },
    /// The same as it is told by an event.
    #[xml(namespace = ns::PUBSUB_EVENT, name = "item")]
    Event {
        #[xml(attribute)]
        id: String,
        #[xml(child)]
        displayed: Displayed,
    },
}

/// COMPAT(slixmpp): the library's own type wants to know by whom the id was given, which that
/// client leaves out.
#[derive(FromXml, Debug)]
#[xml(namespace = ns::MDS, name = "displayed")]
struct Displayed {
    #[xml(child)]
    stanza_id: StanzaId,
}

#[derive(FromXml, Debug)]
#[xml(namespace = ns::SID, name = "stanza-id")]
struct StanzaId {
    #[xml(attribute)]
    id: String,
}

/// Maximum number of rooms that can be named at once.
const ROOMS_MAX: usize = 1000;

/// Reads the question. Of two marks of a room the later counts.
///
/// # Errors
/// - [`Problem::Malformed`]: it is not of the form above.
/// - [`Problem::BadAddressInField`]: what is named as a room is none of this service.
/// - [`Problem::BadField`]: there are more than 1000 rooms.
pub(in crate::wire) fn decode(
    child: &Child<'_>,
    service: &BareJid,
) -> Result<UnreadQuestion, Problem> {
    let query: UnreadElement = child.parse().map_err(|_| Problem::Malformed {
        element: "unread",
        wanted: "any number of <room jid='…'/>, and items of XEP-0490 with id, <displayed/> and <stanza-id/>",
    })?;
    if query.marks.is_empty() {
        return Ok(None);
    }
    let mut rooms = BTreeMap::new();
    for mark in query.marks {
        match mark {
            ReadMark::Room { jid, since } => {
                let field = "jid";
                let room = room(&jid, service).ok_or(Problem::BadAddressInField { field })?;
                rooms.insert(room, since.map(|id| ArchiveId(id.into())));
            }
            ReadMark::Item { id, displayed } | ReadMark::Event { id, displayed } => {
                if let Some(room) = room(&id, service) {
                    rooms.insert(room, Some(ArchiveId(displayed.stanza_id.id.into())));
                }
            }
        }
    }
    if rooms.len() > ROOMS_MAX {
        let (field, problem) = ("room", format!("at most {ROOMS_MAX} at once").into());
        return Err(Problem::BadField { field, problem });
    }
    Ok(Some(rooms.into_iter().collect()))
}

fn room(jid: &str, service: &BareJid) -> Option<BareJid> {
    let jid = BareJid::try_from(address::parse(jid).ok()?).ok()?;
    (jid.node().is_some() && jid.domain() == service.domain()).then_some(jid)
}

/// Tells each room with its number.
pub fn answer(envelope: &Envelope, rooms: &[UnreadRoom]) -> Vec<u8> {
    envelope.answer("result", |xml| {
        xml.open_in(OWN_NAMESPACE, "unread");
        for UnreadRoom { room, count, more } in rooms {
            xml.open("room").attribute("jid", room.as_str());
            match count {
                Some(count) => xml
                    .attribute("count", &count.to_string())
                    .attribute_if("more", more.then_some("true")),
                None => xml
                    .open_in(ns::XMPP_STANZAS, "item-not-found")
                    .close("item-not-found"),
            };
            xml.close("room");
        }
        xml.close("unread");
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::stanza::envelope::tests::{envelope, service};
    use crate::wire::xml::frame::Frame;

    fn decoded(children: &str) -> Result<UnreadQuestion, Problem> {
        let xml = format!("<iq><unread xmlns='urn:lyceum:0'>{children}</unread></iq>");
        let frame = Frame::from_xml(xml.as_bytes()).unwrap();
        decode(&frame.children().next().unwrap(), &service())
    }

    fn jid(jid: &str) -> BareJid {
        BareJid::new(jid).unwrap()
    }

    fn displayed(namespace: &str, id: &str) -> String {
        format!(
            "<item xmlns='{namespace}' id='{id}' publisher='a@b'>\
             <displayed xmlns='urn:xmpp:mds:displayed:0'>\
             <stanza-id xmlns='urn:xmpp:sid:0' id='s1'/></displayed></item>"
        )
    }

    #[test]
    fn without_children_all_rooms_are_meant() {
        assert_eq!(decoded(""), Ok(None));
    }

    #[test]
    fn rooms_are_named_one_way_or_the_other() {
        let since = |id: &str| Some(ArchiveId(id.into()));
        let children = [
            "<room jid='coven@chat.shakespeare.lit'/>",
            "<room jid='heath@chat.shakespeare.lit' since='s0'/>",
            &displayed(
                "http://jabber.org/protocol/pubsub",
                "palace@chat.shakespeare.lit",
            ),
            &displayed(
                "http://jabber.org/protocol/pubsub#event",
                "field@chat.shakespeare.lit",
            ),
        ];
        let expected = vec![
            (jid("coven@chat.shakespeare.lit"), None),
            (jid("field@chat.shakespeare.lit"), since("s1")),
            (jid("heath@chat.shakespeare.lit"), since("s0")),
            (jid("palace@chat.shakespeare.lit"), since("s1")),
        ];
        assert_eq!(decoded(&children.concat()), Ok(Some(expected)));
    }

    #[test]
    fn conversations_elsewhere_are_passed_over() {
        let elsewhere = displayed("http://jabber.org/protocol/pubsub", "hag66@shakespeare.lit");
        assert_eq!(decoded(&elsewhere), Ok(Some(Vec::new())));
        let wrong = Err(Problem::BadAddressInField { field: "jid" });
        for no in [
            "hag66@shakespeare.lit",
            "chat.shakespeare.lit",
            "@",
            "coven@chat.shakespeare.lit/x",
        ] {
            assert_eq!(decoded(&format!("<room jid='{no}'/>")), wrong, "{no}");
        }
    }

    #[test]
    fn what_is_no_question_is_refused() {
        assert!(matches!(decoded("<room/>"), Err(Problem::Malformed { .. })));
        let item = "<item xmlns='http://jabber.org/protocol/pubsub' id='x'/>";
        assert!(matches!(decoded(item), Err(Problem::Malformed { .. })));
        let rooms: String = (0..=ROOMS_MAX)
            .map(|number| format!("<room jid='r{number}@chat.shakespeare.lit'/>"))
            .collect();
        assert!(matches!(
            decoded(&rooms),
            Err(Problem::BadField { field: "room", .. })
        ));
    }

    #[test]
    fn each_room_is_told_with_its_number() {
        let envelope = envelope("<iq from='a@b/c' to='chat.shakespeare.lit' type='get' id='1'/>");
        let [coven, palace, heath] =
            ["coven", "palace", "heath"].map(|node| jid(&format!("{node}@chat.shakespeare.lit")));
        let rooms = [
            UnreadRoom {
                room: coven,
                count: Some(3),
                more: false,
            },
            UnreadRoom {
                room: palace,
                count: Some(1000),
                more: true,
            },
            UnreadRoom {
                room: heath,
                count: None,
                more: false,
            },
        ];
        let told = String::from_utf8(answer(&envelope, &rooms)).unwrap();
        assert!(
            told.contains(
                "<unread xmlns='urn:lyceum:0'><room jid='coven@chat.shakespeare.lit' count='3'/>\
                 <room jid='palace@chat.shakespeare.lit' count='1000' more='true'/>\
                 <room jid='heath@chat.shakespeare.lit'>\
                 <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></room></unread>"
            ),
            "{told}"
        );
    }
}
