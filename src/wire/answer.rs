//! What the room answers to an IQ. XEP-0045 §17.4 (#bizrules-iq). This is the table of contents:
//! each arm leads to the file that is named for it.

use jid::{BareJid, Jid};
use xmpp_parsers::disco::{DiscoInfoResult, DiscoItemsResult, Item};
use xmpp_parsers::ns;

use super::disco::conference;
use super::disco::room::room_information;
use super::muc::muc_admin;
use super::muc::muc_admin::ListDetail;
use super::muc::muc_owner::Shown;
use super::muc::register::Registration;
use super::muc::requests;
use super::stanza::envelope::{AnswerShape, Envelope};
use super::stanza::fit;
use super::xml::writer::XmlWriter;
use crate::room::Nick;
use crate::room::effect::{AffiliationItem, Answer, Information};
use crate::room::text::address;

/// The result that goes back to who asked; an error when no stanza can hold it. No answer has more
/// than [`STANZA_OUT_MAX`](super::stanza::envelope::STANZA_OUT_MAX) bytes.
pub fn answer(envelope: &Envelope, answer: &Answer) -> Vec<u8> {
    if let Answer::Occupants(nicks) = answer {
        return occupants(envelope, nicks);
    }
    let full = envelope.try_answer("result", |xml| write(xml, envelope, answer));
    full.unwrap_or_else(|_| match answer {
        Answer::Affiliations(list) => shortened_affiliations(envelope, list),
        Answer::Configuration(form) => envelope.answer("result", |xml| {
            xml.typed(&Shown::form_without_people(form));
        }),
        _ => envelope.refuse_to_answer(),
    })
}

/// A list of which reasons, and if need be nicks, are left out: everybody on it is told, or nobody.
fn shortened_affiliations(envelope: &Envelope, list: &[AffiliationItem]) -> Vec<u8> {
    let told = |detail| {
        envelope.try_answer("result", |xml| {
            xml.typed(&muc_admin::affiliations(list, detail));
        })
    };
    told(ListDetail::Nicks)
        .or_else(|_| told(ListDetail::Addresses))
        .unwrap_or_else(|_| envelope.refuse_to_answer())
}

fn write(xml: &mut XmlWriter, envelope: &Envelope, answer: &Answer) {
    match answer {
        // The list of occupants is told in parts, see `occupants`.
        Answer::Done | Answer::Occupants(_) => xml,
        Answer::Affiliations(list) => xml.typed(&muc_admin::affiliations(list, ListDetail::Full)),
        Answer::Roles(list) => xml.typed(&muc_admin::roles(list)),
        Answer::Configuration(form) => xml.typed(&Shown::form(form)),
        Answer::RegistrationForm {
            needs_approval,
            asked_for,
        } => xml.typed(&Registration::form(*needs_approval, asked_for.as_ref())),
        Answer::Requests(waiting) => requests::write(xml, waiting),
        Answer::AlreadyRegistered(nick) => xml.typed(&Registration::done(nick.as_ref())),
        Answer::ReservedNick(nick) => xml.typed(&reserved_nick(envelope, nick.as_ref())),
        Answer::Information(information) => write_information(xml, envelope, information),
        Answer::Avatar(Some(avatar)) => xml.elements(avatar.vcard.as_bytes()),
        Answer::Avatar(None) => xml.open_in(ns::VCARD, "vCard").close("vCard"),
    };
}

/// One's reserved nick, as the name of an identity; nothing when there is none. XEP-0045 §7.12
/// (#reservednick).
fn reserved_nick(envelope: &Envelope, nick: Option<&Nick>) -> DiscoInfoResult {
    let identity = nick.map(|nick| conference::identity(nick.to_string(), None));
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
    if envelope.shape == AnswerShape::Pong {
        return xml;
    }
    let mut answer = room_information(&envelope.asked.to_bare(), information);
    answer.node = envelope.node().map(str::to_owned);
    xml.typed(&answer)
}

/// Who is inside, by address. XEP-0045 §6.5 (#disco-roomitems).
fn occupants(envelope: &Envelope, nicks: &[Nick]) -> Vec<u8> {
    let room = envelope.asked.to_bare();
    let page = envelope.page();
    let mut nicks: Vec<&Nick> = nicks.iter().collect();
    nicks.sort();
    let (part, extent) = page.of(&nicks, |nick| nick.as_str(), OCCUPANTS_MAX);
    fit::items(envelope, part, &extent, |part, extent| {
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
    })
}

fn occupant(room: &BareJid, nick: &Nick) -> Option<Item> {
    // Every nick is a resource, since it was one when it was parsed.
    let jid = Jid::from(address::with_resource(room, nick.as_str()).ok()?);
    Some(Item {
        jid,
        node: None,
        name: None,
    })
}

/// Maximum number of occupants that are listed at once.
const OCCUPANTS_MAX: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::effect::{ConfigurationForm, RoleItem};
    use crate::room::request::Avatar;
    use crate::room::setting::configuration::Configuration;
    use crate::room::{Affiliation, Payload, Role};
    use crate::wire::disco::room::tests::information;
    use crate::wire::stanza::envelope::STANZA_OUT_MAX;
    use crate::wire::stanza::envelope::tests::envelope;
    use crate::wire::stanza::page::{PageRequest, Start};
    use crate::wire::xml::frame::Frame;
    use crate::wire::xml::writer::to_xml;
    use xso::FromXml;

    const QUESTION: &str =
        "<iq from='hag66@shakespeare.lit/pda' to='coven@chat.shakespeare.lit' type='get' id='i1'/>";

    fn asking(shape: AnswerShape) -> Envelope {
        let mut envelope = envelope(QUESTION);
        envelope.shape = shape;
        envelope
    }

    fn answered(shape: AnswerShape, reply: &Answer) -> String {
        String::from_utf8(answer(&asking(shape), reply)).unwrap()
    }

    fn payload<T: FromXml>(shape: AnswerShape, reply: &Answer) -> T {
        let frame = Frame::from_xml(answered(shape, reply).as_bytes()).unwrap();
        frame.children().next().unwrap().parse().unwrap()
    }

    #[test]
    fn success_is_told_without_words() {
        let expected = "<iq from='coven@chat.shakespeare.lit' to='hag66@shakespeare.lit/pda' id='i1' \
            type='result'/>";
        assert_eq!(answered(AnswerShape::Plain, &Answer::Done), expected);
        let information = Answer::Information(Box::new(information()));
        assert_eq!(answered(AnswerShape::Pong, &information), expected);
    }

    #[test]
    fn a_reserved_nick_is_the_name_of_an_identity() {
        let node = || AnswerShape::Node("x-roomuser-item".into());
        let nick = Some(Nick::new("thirdwitch").unwrap());
        let answer: DiscoInfoResult = payload(node(), &Answer::ReservedNick(nick));
        assert_eq!(answer.node.as_deref(), Some("x-roomuser-item"));
        assert_eq!(answer.identities[0].name.as_deref(), Some("thirdwitch"));
        let answer: DiscoInfoResult = payload(node(), &Answer::ReservedNick(None));
        assert!(answer.identities.is_empty());
    }

    #[test]
    fn occupants_are_listed_in_parts() {
        let nicks = ["b", "a", "c"].map(|nick| Nick::new(nick).unwrap());
        let reply = Answer::Occupants(nicks.to_vec());
        let all: DiscoItemsResult = payload(AnswerShape::Plain, &reply);
        assert_eq!(all.items[0].jid.as_str(), "coven@chat.shakespeare.lit/a");
        assert_eq!((all.items.len(), all.rsm), (3, None));
        let page = PageRequest {
            size_max: Some(1),
            start: Start::After("a".into()),
        };
        let part: DiscoItemsResult = payload(AnswerShape::Page(page), &reply);
        assert_eq!(part.items[0].jid.as_str(), "coven@chat.shakespeare.lit/b");
        let set = part.rsm.unwrap();
        assert_eq!((set.count, set.last.as_deref()), (Some(3), Some("b")));
        assert_eq!(set.first.unwrap().index, Some(1));
        let none = answered(AnswerShape::Plain, &Answer::Occupants(Vec::new()));
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
        let given = answered(AnswerShape::Plain, &Answer::Avatar(Some(avatar)));
        assert!(given.contains(std::str::from_utf8(vcard).unwrap()));
        let none = answered(AnswerShape::Plain, &Answer::Avatar(None));
        assert!(none.contains("<vCard xmlns='vcard-temp'/>"));
    }

    /// Hundreds of people, so that what is told of all of them takes about as many bytes as are
    /// asked for.
    fn affiliated(reason_size: usize, nick_size: usize, count: usize) -> Answer {
        let item = |number| AffiliationItem {
            jid: BareJid::new(&format!("witch{number}@shakespeare.lit")).unwrap(),
            affiliation: Affiliation::Member,
            nick: Some(Nick::new(&format!("{number}{}", "n".repeat(nick_size))).unwrap()),
            reason: Some("r".repeat(reason_size).into()),
        };
        Answer::Affiliations((0..count).map(item).collect())
    }

    #[track_caller]
    fn is_bounded(bytes: &[u8]) -> String {
        assert!(bytes.len() <= STANZA_OUT_MAX, "{} bytes", bytes.len());
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[track_caller]
    fn is_refused(bytes: &[u8]) {
        let xml = is_bounded(bytes);
        assert!(xml.contains(" id='i1' type='error'><error "), "{xml:.300}");
        assert!(xml.contains("<not-acceptable "), "{xml}");
        assert!(xml.contains("too long for one stanza"), "{xml}");
    }

    #[test]
    fn a_long_list_is_told_without_reasons_then_without_nicks_then_not_at_all() {
        let told = |reply| is_bounded(&answer(&asking(AnswerShape::Plain), &reply));
        let count = |xml: &str, what| xml.matches(what).count();
        for (reply, reasons, nicks) in [
            (affiliated(10, 10, 1000), 1000, 1000),
            (affiliated(1000, 10, 1000), 0, 1000),
            (affiliated(10, 900, 1000), 0, 0),
        ] {
            let xml = told(reply);
            assert_eq!(count(&xml, " jid='"), 1000);
            assert_eq!(count(&xml, "<reason"), reasons);
            assert_eq!(count(&xml, " nick='"), nicks);
        }
        is_refused(told(affiliated(0, 0, 10_000)).as_bytes());
    }

    #[test]
    fn no_answer_is_larger_than_a_stanza_may_be() {
        let item = |number: usize| RoleItem {
            nick: Nick::new(&number.to_string()).unwrap(),
            role: Role::Participant,
            affiliation: Affiliation::None,
            real_jid: None,
        };
        let roles = Answer::Roles((0..10_000).map(item).collect());
        is_refused(&answer(&asking(AnswerShape::Plain), &roles));
        let vcard = format!("<vCard xmlns='vcard-temp'>{}</vCard>", "x".repeat(250_000));
        let avatar = Avatar {
            vcard: Payload::new(vcard.as_bytes()),
            hash: "".into(),
        };
        is_refused(&answer(
            &asking(AnswerShape::Plain),
            &Answer::Avatar(Some(avatar)),
        ));
    }

    #[test]
    fn a_form_with_too_many_people_leaves_them_out() {
        let owner = |number| BareJid::new(&format!("witch{number}@shakespeare.lit")).unwrap();
        let mut form = ConfigurationForm {
            version: "first".into(),
            configuration: Configuration::default(),
            owners: vec![owner(0)],
            addins: std::sync::Arc::default(),
            admins: vec![owner(1)],
            category: "General".into(),
            categories: vec!["General".into(), "Trading".into()],
            presenters: None,
        };
        let told = |form: &ConfigurationForm| {
            let reply = Answer::Configuration(Box::new(form.clone()));
            is_bounded(&answer(&asking(AnswerShape::Plain), &reply))
        };
        assert!(told(&form).contains("muc#roomconfig_roomowners"));
        form.owners = (0..10_000).map(owner).collect();
        let xml = told(&form);
        assert!(xml.contains("muc#roomconfig_roomname"));
        assert!(!xml.contains("muc#roomconfig_roomowners"));
        assert!(!xml.contains("muc#roomconfig_roomadmins"));
    }

    #[test]
    fn an_error_that_its_id_makes_too_large_is_sent_without_it() {
        let mut envelope = asking(AnswerShape::Plain);
        envelope.id = Some("'".repeat(100_000));
        let xml = is_bounded(&answer(&envelope, &Answer::Done));
        assert!(
            xml.contains("type='error'") && !xml.contains(" id="),
            "{xml}"
        );
    }

    #[test]
    fn occupants_with_long_nicks_are_listed_in_pages_that_fit() {
        // An apostrophe is written as six bytes.
        let nick = |number| Nick::new(&format!("{number:03}{}", "'".repeat(900))).unwrap();
        let nicks: Vec<Nick> = (0..200).map(nick).collect();
        let reply = Answer::Occupants(nicks.clone());
        let mut start = Start::First;
        let mut seen = Vec::new();
        while seen.len() < nicks.len() {
            let page = PageRequest {
                size_max: None,
                start,
            };
            let bytes = answer(&asking(AnswerShape::Page(page)), &reply);
            is_bounded(&bytes);
            let frame = Frame::from_xml(&bytes).unwrap();
            let part: DiscoItemsResult = frame.children().next().unwrap().parse().unwrap();
            let set = part.rsm.unwrap();
            assert_eq!(set.count, Some(200));
            assert_eq!(set.first.unwrap().index, Some(seen.len()));
            seen.extend(
                part.items
                    .iter()
                    .map(|item| item.jid.resource().unwrap().to_string()),
            );
            assert_eq!(set.last.as_ref(), seen.last());
            start = Start::After(set.last.unwrap());
        }
        assert_eq!(seen, nicks.iter().map(Nick::to_string).collect::<Vec<_>>());
        let page = PageRequest {
            size_max: None,
            start: Start::Last,
        };
        let part: DiscoItemsResult = payload(AnswerShape::Page(page), &reply);
        let set = part.rsm.unwrap();
        assert_eq!(set.last.as_deref(), Some(nicks[199].as_str()));
        assert_eq!(set.first.unwrap().index, Some(200 - part.items.len()));
    }

    #[test]
    fn a_registration_is_answered() {
        let done = Answer::AlreadyRegistered(Some(Nick::new("thirdwitch").unwrap()));
        assert!(answered(AnswerShape::Plain, &done).contains("<username>thirdwitch</username>"));
        let form = Answer::RegistrationForm {
            needs_approval: true,
            asked_for: None,
        };
        let form = answered(AnswerShape::Plain, &form);
        let expected = String::from_utf8(to_xml(&Registration::form(true, None))).unwrap();
        assert!(form.contains(&expected), "{form}");
    }
}
