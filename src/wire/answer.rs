//! What the room answers to an IQ. XEP-0045 §17.4 (#bizrules-iq). This is the table of contents: each arm leads to
//! the file that is named for it.

use jid::{BareJid, Jid, ResourcePart};
use xmpp_parsers::disco::{DiscoInfoResult, DiscoItemsResult, Identity, Item};
use xmpp_parsers::ns;

use super::envelope::{Envelope, Wanted};
use super::muc_owner::Shown;
use super::register::Registration;
use super::room_information::{Extent, room_information};
use super::xml::XmlWriter;
use super::{caps, muc_admin};
use crate::room::Nick;
use crate::room::effect::{Answer, Information};

/// The result that goes back to who asked.
pub fn answer(envelope: &Envelope, answer: &Answer) -> Vec<u8> {
    envelope.answer("result", |xml| write(xml, envelope, answer))
}

fn write(xml: &mut XmlWriter, envelope: &Envelope, answer: &Answer) {
    match answer {
        Answer::Done => xml,
        Answer::Affiliations(list) => xml.typed(&muc_admin::affiliations(list)),
        Answer::Roles(list) => xml.typed(&muc_admin::roles(list)),
        Answer::Configuration(form) => xml.typed(&Shown::form(form)),
        Answer::RegistrationForm => xml.typed(&Registration::form()),
        Answer::AlreadyRegistered(nick) => xml.typed(&Registration::done(nick.as_ref())),
        Answer::ReservedNick(nick) => xml.typed(&reserved_nick(envelope, nick.as_ref())),
        Answer::Information(information) => write_information(xml, envelope, information),
        Answer::Occupants(nicks) => xml.typed(&occupants(envelope, nicks)),
        Answer::Avatar(Some(avatar)) => xml.elements(avatar.vcard.as_bytes()),
        Answer::Avatar(None) => xml.open_in(ns::VCARD, "vCard").close("vCard"),
    };
}

/// One's reserved nick, as the name of an identity; nothing when there is none. XEP-0045 §7.12 (#reservednick).
fn reserved_nick(envelope: &Envelope, nick: Option<&Nick>) -> DiscoInfoResult {
    let identity = nick.map(|nick| Identity {
        category: "conference".to_owned(),
        type_: "text".to_owned(),
        lang: None,
        name: Some(nick.to_string()),
    });
    DiscoInfoResult {
        node: envelope.node().map(str::to_owned),
        identities: identity.into_iter().collect(),
        features: [].into(),
        extensions: Vec::new(),
    }
}

fn write_information<'a>(
    xml: &'a mut XmlWriter,
    envelope: &Envelope,
    information: &Information,
) -> &'a mut XmlWriter {
    let extent = match &envelope.wanted {
        Wanted::Pong => return xml,
        // Asked for by the node that a hash was given with, the answer has to have that hash. XEP-0115 §6.2
        // (#discover).
        Wanted::Node(node) if node.starts_with(caps::NODE) => Extent::Lasting,
        Wanted::Plain | Wanted::Node(_) | Wanted::Page(_) => Extent::Everything,
    };
    let mut answer = room_information(&envelope.asked.to_bare(), information, extent);
    answer.node = envelope.node().map(str::to_owned);
    xml.typed(&answer)
}

/// Who is inside, by address. XEP-0045 §6.5 (#disco-roomitems).
fn occupants(envelope: &Envelope, nicks: &[Nick]) -> DiscoItemsResult {
    let room = envelope.asked.to_bare();
    let page = match &envelope.wanted {
        Wanted::Page(page) => page.clone(),
        Wanted::Plain | Wanted::Node(_) | Wanted::Pong => Default::default(),
    };
    let mut nicks: Vec<&Nick> = nicks.iter().collect();
    nicks.sort();
    let (part, extent) = page.of(&nicks, |nick| nick.as_str(), OCCUPANTS_MAX);
    let ends = part.first().zip(part.last());
    let ends = ends.map(|(first, last)| (first.as_str(), last.as_str()));
    let partial = part.len() < nicks.len() || page.size_max.is_some();
    DiscoItemsResult {
        node: None,
        items: part
            .iter()
            .filter_map(|nick| occupant(&room, nick))
            .collect(),
        rsm: partial.then(|| extent.to_set(ends)),
    }
}

fn occupant(room: &BareJid, nick: &Nick) -> Option<Item> {
    // Every nick is a resource, since it was one when it was parsed.
    let resource = ResourcePart::new(nick.as_str()).ok()?;
    let jid = Jid::from(room.with_resource(&resource));
    Some(Item {
        jid,
        node: None,
        name: None,
    })
}

/// So many occupants at most are listed at once.
const OCCUPANTS_MAX: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::Payload;
    use crate::room::request::Avatar;
    use crate::wire::envelope::tests::envelope;
    use crate::wire::frame::Frame;
    use crate::wire::page::{Page, Start};
    use crate::wire::room_information::tests::information;
    use crate::wire::xml::to_xml;
    use xso::FromXml;

    const QUESTION: &str =
        "<iq from='hag66@shakespeare.lit/pda' to='coven@chat.shakespeare.lit' type='get' id='i1'/>";

    fn asking(wanted: Wanted) -> Envelope {
        let mut envelope = envelope(QUESTION);
        envelope.wanted = wanted;
        envelope
    }

    fn answered(wanted: Wanted, reply: &Answer) -> String {
        String::from_utf8(answer(&asking(wanted), reply)).unwrap()
    }

    fn payload<T: FromXml>(wanted: Wanted, reply: &Answer) -> T {
        let frame = Frame::from_xml(answered(wanted, reply).as_bytes()).unwrap();
        frame.children().next().unwrap().parse().unwrap()
    }

    #[test]
    fn success_is_told_without_words() {
        let expected = "<iq from='coven@chat.shakespeare.lit' to='hag66@shakespeare.lit/pda' id='i1' \
            type='result'/>";
        assert_eq!(answered(Wanted::Plain, &Answer::Done), expected);
        let information = Answer::Information(Box::new(information()));
        assert_eq!(answered(Wanted::Pong, &information), expected);
    }

    #[test]
    fn a_reserved_nick_is_the_name_of_an_identity() {
        let node = || Wanted::Node("x-roomuser-item".into());
        let nick = Some(Nick::new("thirdwitch").unwrap());
        let answer: DiscoInfoResult = payload(node(), &Answer::ReservedNick(nick));
        assert_eq!(answer.node.as_deref(), Some("x-roomuser-item"));
        assert_eq!(answer.identities[0].name.as_deref(), Some("thirdwitch"));
        let answer: DiscoInfoResult = payload(node(), &Answer::ReservedNick(None));
        assert!(answer.identities.is_empty());
    }

    #[test]
    fn what_is_asked_by_hash_has_that_hash() {
        let room = BareJid::new("coven@chat.shakespeare.lit").unwrap();
        let version = caps::room_version(&room, &information());
        let node = format!("{}#{version}", caps::NODE);
        let reply = Answer::Information(Box::new(information()));
        let answer: DiscoInfoResult = payload(Wanted::Node(node.clone()), &reply);
        assert_eq!(answer.node, Some(node));
        let lasting = room_information(&room, &information(), Extent::Lasting);
        assert_eq!(answer.features, lasting.features);
        assert_eq!(answer.extensions, lasting.extensions);
        let answer: DiscoInfoResult = payload(Wanted::Plain, &reply);
        assert_ne!(answer.extensions, lasting.extensions);
    }

    #[test]
    fn occupants_are_listed_in_parts() {
        let nicks = ["b", "a", "c"].map(|nick| Nick::new(nick).unwrap());
        let reply = Answer::Occupants(nicks.to_vec());
        let all: DiscoItemsResult = payload(Wanted::Plain, &reply);
        assert_eq!(all.items[0].jid.as_str(), "coven@chat.shakespeare.lit/a");
        assert_eq!((all.items.len(), all.rsm), (3, None));
        let page = Page {
            size_max: Some(1),
            start: Start::After("a".into()),
        };
        let part: DiscoItemsResult = payload(Wanted::Page(page), &reply);
        assert_eq!(part.items[0].jid.as_str(), "coven@chat.shakespeare.lit/b");
        let set = part.rsm.unwrap();
        assert_eq!((set.count, set.last.as_deref()), (Some(3), Some("b")));
        assert_eq!(set.first.unwrap().index, Some(1));
        let none = answered(Wanted::Plain, &Answer::Occupants(Vec::new()));
        assert!(
            none.contains("<query xmlns='http://jabber.org/protocol/disco#items'>"),
            "{none}"
        );
    }

    #[test]
    fn a_picture_is_given_as_it_was_set() {
        let vcard = b"<vCard xmlns='vcard-temp'><FN>Coven</FN></vCard>";
        let avatar = Avatar {
            vcard: Payload::new(vcard),
            hash: "".into(),
        };
        let given = answered(Wanted::Plain, &Answer::Avatar(Some(avatar)));
        assert!(given.contains(std::str::from_utf8(vcard).unwrap()));
        let none = answered(Wanted::Plain, &Answer::Avatar(None));
        assert!(none.contains("<vCard xmlns='vcard-temp'/>"));
    }

    #[test]
    fn a_registration_is_answered() {
        let done = Answer::AlreadyRegistered(Some(Nick::new("thirdwitch").unwrap()));
        assert!(answered(Wanted::Plain, &done).contains("<username>thirdwitch</username>"));
        let form = answered(Wanted::Plain, &Answer::RegistrationForm);
        let expected = String::from_utf8(to_xml(&Registration::form())).unwrap();
        assert!(form.contains(&expected), "{form}");
    }
}
