//! What the service answers for itself. XEP-0045 §6.2 (#disco-service-features), §6.3
//! (#disco-rooms).

use chrono::{DateTime, FixedOffset, Utc};
use jid::Jid;
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field};
use xmpp_parsers::disco::{DiscoInfoResult, DiscoItemsResult, Item};
use xmpp_parsers::ns;
use xmpp_parsers::server_info::generate_address_field;
use xmpp_parsers::time::TimeResult;
use xmpp_parsers::version::VersionResult;
use xso::AsXml;

use super::conference;
use super::room::name_of_address;
use crate::room::{PublicRoom, Timestamp};
use crate::wire::stanza::envelope::Envelope;
use crate::wire::stanza::fit;
use crate::wire::stanza::page::Extent;

/// What the service tells about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceInformation {
    /// Its name, for people.
    pub name: String,
    /// The language of the name, an RFC 5646 tag.
    pub lang: String,
    /// Where to turn to: the fields of the form of XEP-0157 §7.1 (#registrar-formtype) that have a
    /// value, each with its addresses as URIs (`mailto:`, `xmpp:`, `https:`).
    pub contacts: Vec<(&'static str, Vec<String>)>,
    /// Whether it tells which software it is. XEP-0092.
    pub tells_version: bool,
}

/// disco#info of the service.
pub fn information(envelope: &Envelope, service: &ServiceInformation) -> Vec<u8> {
    let mut features = conference::features(FEATURES);
    if service.tells_version {
        features.insert(ns::VERSION.to_owned());
    }
    let identity = conference::identity(service.name.clone(), Some(service.lang.clone()));
    let answer = DiscoInfoResult {
        node: None,
        identities: vec![identity],
        features,
        extensions: contact_form(&service.contacts).into_iter().collect(),
    };
    result(envelope, &answer)
}

/// A part of the list of public rooms, which `extent` places in the whole; a room's key is its
/// address. Of what one stanza can't hold, the rest is left for the next page.
pub fn rooms(envelope: &Envelope, rooms: &[PublicRoom], extent: &Extent) -> Vec<u8> {
    fit::items(envelope, rooms, extent, |part, extent| {
        let ends = part.first().zip(part.last());
        let ends = ends.map(|(first, last)| (first.jid.as_str(), last.jid.as_str()));
        DiscoItemsResult {
            node: None,
            items: part.iter().map(item).collect(),
            rsm: Some(extent.to_set(ends)),
        }
    })
}

fn item(room: &PublicRoom) -> Item {
    Item {
        jid: Jid::from(room.jid.clone()),
        node: None,
        name: Some(match &*room.name {
            "" => name_of_address(&room.jid),
            name => name.to_owned(),
        }),
    }
}

/// An empty result: to a ping. XEP-0199 §3 (#protocol).
pub fn done(envelope: &Envelope) -> Vec<u8> {
    envelope.answer("result", |_| ())
}

/// Which software this is. XEP-0092.
pub fn version(envelope: &Envelope) -> Vec<u8> {
    let answer = VersionResult {
        name: "Lyceum".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        os: None,
    };
    result(envelope, &answer)
}

/// What time it is, in UTC. XEP-0202.
pub fn time(envelope: &Envelope, now: Timestamp) -> Vec<u8> {
    let answer = TimeResult {
        tz_offset: FixedOffset::east_opt(0).expect("UTC is an offset"),
        utc: DateTime::<Utc>::from_timestamp_micros(now.0).unwrap_or_default(),
    };
    result(envelope, &answer)
}

/// The card of the service: its name. XEP-0054.
pub fn vcard(envelope: &Envelope, service: &ServiceInformation) -> Vec<u8> {
    envelope.answer("result", |xml| {
        xml.open_in(ns::VCARD, "vCard")
            .text_element("FN", &service.name)
            .close("vCard");
    })
}

fn result(envelope: &Envelope, payload: &impl AsXml) -> Vec<u8> {
    envelope.answer("result", |xml| {
        xml.typed(payload);
    })
}

/// The addresses that there are, `None` when there is none. XEP-0157 §3 (#xmpp).
fn contact_form(contacts: &[(&'static str, Vec<String>)]) -> Option<DataForm> {
    if contacts.is_empty() {
        return None;
    }
    let field =
        |(var, addresses): &(&str, Vec<String>)| generate_address_field(*var, addresses.clone());
    let fields: Vec<Field> = contacts.iter().map(field).collect();
    Some(DataForm::new(
        DataFormType::Result_,
        ns::SERVER_INFO,
        fields,
    ))
}

/// What only the service can do.
const FEATURES: &[&str] = &[ns::TIME, "muc_rooms"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::stanza::envelope::tests::envelope;
    use crate::wire::stanza::envelope::{AnswerShape, STANZA_OUT_MAX};
    use crate::wire::stanza::page::{PageRequest, Start};
    use crate::wire::xml::frame::Frame;
    use jid::BareJid;
    use xso::FromXml;

    fn question() -> Envelope {
        envelope(
            "<iq from='hag66@shakespeare.lit/pda' to='chat.shakespeare.lit' type='get' id='i1'/>",
        )
    }

    fn payload<T: FromXml>(answer: &[u8]) -> T {
        let frame = Frame::from_xml(answer).unwrap();
        assert_eq!(frame.header.type_.as_deref(), Some("result"));
        assert_eq!(frame.header.from.as_deref(), Some("chat.shakespeare.lit"));
        frame.children().next().unwrap().parse().unwrap()
    }

    fn service() -> ServiceInformation {
        ServiceInformation {
            name: "Shakespearean Chat Service".into(),
            lang: "en".into(),
            contacts: vec![("admin-addresses", vec!["xmpp:bard@shakespeare.lit".into()])],
            tells_version: true,
        }
    }

    #[test]
    fn the_service_is_a_conference_with_contacts() {
        let answer: DiscoInfoResult = payload(&information(&question(), &service()));
        assert_eq!(
            answer.identities[0].name.as_deref(),
            Some("Shakespearean Chat Service")
        );
        for feature in [
            ns::MUC,
            ns::VERSION,
            ns::VCARD,
            "http://jabber.org/protocol/muc#stable_id",
        ] {
            assert!(answer.features.contains(feature), "{feature}");
        }
        let form = &answer.extensions[0];
        assert_eq!(form.form_type(), Some(ns::SERVER_INFO));
        assert_eq!(form.fields.len(), 2);
        let plain = information(&question(), &ServiceInformation::default());
        let answer: DiscoInfoResult = payload(&plain);
        assert!(answer.extensions.is_empty() && !answer.features.contains(ns::VERSION));
    }

    #[test]
    fn rooms_are_listed_with_their_place_in_the_whole() {
        let room = |jid: &str, name: &str| PublicRoom {
            jid: BareJid::new(jid).unwrap(),
            name: name.into(),
        };
        let list = [
            room("coven@chat.shakespeare.lit", "A Dark Cave"),
            room("heath@chat.shakespeare.lit", ""),
        ];
        let extent = Extent {
            first_index: None,
            count: Some(37),
        };
        let answer: DiscoItemsResult = payload(&rooms(&question(), &list, &extent));
        assert_eq!(answer.items[0].name.as_deref(), Some("A Dark Cave"));
        assert_eq!(answer.items[1].name.as_deref(), Some("heath"));
        let set = answer.rsm.unwrap();
        assert_eq!(set.last.as_deref(), Some("heath@chat.shakespeare.lit"));
        assert_eq!(set.count, Some(37));
        let nothing = Extent {
            first_index: None,
            count: Some(0),
        };
        let answer: DiscoItemsResult = payload(&rooms(&question(), &[], &nothing));
        assert_eq!(answer.rsm.unwrap().first, None);
    }

    #[test]
    fn rooms_with_long_names_are_listed_in_pages_that_fit() {
        let room = |number| PublicRoom {
            jid: BareJid::new(&format!("room{number:03}@chat.shakespeare.lit")).unwrap(),
            name: "<".repeat(256).into(),
        };
        let list: Vec<PublicRoom> = (0..500).map(room).collect();
        let extent = Extent {
            first_index: Some(0),
            count: Some(700),
        };
        let told = |start: Start| -> DiscoItemsResult {
            let mut envelope = question();
            envelope.shape = AnswerShape::Page(PageRequest {
                size_max: None,
                start,
            });
            let bytes = rooms(&envelope, &list, &extent);
            assert!(bytes.len() <= STANZA_OUT_MAX, "{} bytes", bytes.len());
            payload(&bytes)
        };
        let part = told(Start::First);
        assert!(
            (100..300).contains(&part.items.len()),
            "{}",
            part.items.len()
        );
        let set = part.rsm.unwrap();
        assert_eq!(
            set.last.as_deref(),
            part.items.last().map(|item| item.jid.as_str())
        );
        let first = set.first.unwrap();
        assert_eq!(
            (first.item.as_str(), first.index),
            (list[0].jid.as_str(), Some(0))
        );
        assert_eq!(set.count, Some(700));
        // Who pages backwards goes on before the first item, so those at the end are kept.
        let set = told(Start::Last).rsm.unwrap();
        assert_eq!(set.last.as_deref(), Some(list[499].jid.as_str()));
    }

    #[test]
    fn version_and_time_are_told() {
        let answer: VersionResult = payload(&version(&question()));
        assert_eq!((answer.name.as_str(), answer.os), ("Lyceum", None));
        let answer: TimeResult = payload(&time(&question(), Timestamp(0)));
        assert_eq!(answer.utc, DateTime::<Utc>::UNIX_EPOCH);
        assert!(
            String::from_utf8(vcard(&question(), &service()))
                .unwrap()
                .contains("<FN>")
        );
    }
}
