//! Requests as they come in. XEP-0045 §17.4 (#bizrules-iq).
//!
//! Each namespace has a file of its own; here is which is known where.

use jid::{BareJid, FullJid, ResourcePart};
use xmpp_parsers::disco::{DiscoInfoQuery, DiscoItemsQuery};
use xmpp_parsers::ns;

use super::adhoc;
use super::adhoc::request::{self, CommandQuestion};
use super::archive::{query, unread};
use super::content::moderation;
use super::disco::vcard;
use super::incoming::{Address, Addressed, Incoming, ServiceQuestion};
use super::muc::{muc_admin, muc_owner, register};
use super::stanza::OWN_NAMESPACE;
use super::stanza::envelope::{AnswerShape, Envelope};
use super::stanza::fresh::Fresh;
use super::stanza::page::PageRequest;
use super::stanza::problem::Problem;
use super::stanza::stanza_type::IqType;
use super::xml::frame::{Child, Frame};
use crate::room::occupying::archive::{ArchiveQuestion, PageQuestion};
use crate::room::request::QueryTarget;
use crate::room::{Action, Nick, Refusal};

/// Whether something is asked or to be changed. RFC 6120 §8.2.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Get,
    Set,
}

/// Reads an IQ. Of a get or a set, "an IQ stanza ... MUST contain exactly one child element".
pub(super) fn decode(
    reading: &mut Addressed<'_>,
    type_: IqType,
    fresh: Fresh,
) -> Result<Incoming, Problem> {
    let verb = match type_ {
        IqType::Get => Verb::Get,
        IqType::Set => Verb::Set,
        IqType::Result | IqType::Error | IqType::Unknown => return Err(MALFORMED),
    };
    let child = only_child(reading.frame)?;
    if let Some(question) = about_commands(&child, verb, reading)? {
        return Ok(Incoming::ToCommands(question));
    }
    match reading.address() {
        Address::Nowhere => Err(Problem::NothingThere),
        Address::Service => to_service(&child, verb, reading.envelope).map(Incoming::ToService),
        Address::Room(room) => {
            let action = to_room(&child, verb, fresh, reading.envelope)?;
            Ok(Incoming::to_room(room, asker(reading), action))
        }
        Address::Occupant(room, nick) => {
            let action = to_occupant(&child, verb, &nick)?;
            Ok(Incoming::to_room(room, asker(reading), action))
        }
    }
}

fn only_child(frame: &Frame) -> Result<Child<'_>, Problem> {
    let mut children = frame.children();
    match (children.next(), children.next()) {
        (Some(child), None) => Ok(child),
        _ => Err(MALFORMED),
    }
}

/// What is asked about commands, if anything is: of the service and of rooms alike. XEP-0050.
fn about_commands(
    child: &Child<'_>,
    verb: Verb,
    reading: &Addressed<'_>,
) -> Result<Option<CommandQuestion>, Problem> {
    match reading.address() {
        Address::Service | Address::Room(_) => {}
        Address::Nowhere | Address::Occupant(..) => return Ok(None),
    }
    Ok(match (verb, child.namespace(), child.name()) {
        (Verb::Set, adhoc::NAMESPACE, "command") => {
            let step = request::decode(child)?;
            Some(CommandQuestion::Step(Box::new(step)))
        }
        (Verb::Get, ns::DISCO_INFO, "query") => {
            let node = child.attribute("node");
            node.as_deref().and_then(request::question)
        }
        (Verb::Get, ns::DISCO_ITEMS, "query") => {
            let node = child.attribute("node");
            (node.as_deref() == Some(adhoc::NAMESPACE)).then_some(CommandQuestion::List)
        }
        _ => None,
    })
}

fn to_service(
    child: &Child<'_>,
    verb: Verb,
    envelope: &mut Envelope,
) -> Result<ServiceQuestion, Problem> {
    match (verb, child.namespace(), child.name()) {
        (Verb::Get, ns::DISCO_INFO, "query") => match node(child)? {
            None => Ok(ServiceQuestion::Information),
            Some(_) => Err(Problem::NoSuchNode),
        },
        (Verb::Get, ns::DISCO_ITEMS, "query") => {
            let page = page(child)?;
            envelope.shape = AnswerShape::Page(page.clone());
            Ok(ServiceQuestion::Rooms(page))
        }
        (Verb::Get, ns::PING, "ping") => Ok(ServiceQuestion::Ping),
        (Verb::Get, ns::VERSION, "query") => Ok(ServiceQuestion::Version),
        (Verb::Get, ns::TIME, "time") => Ok(ServiceQuestion::Time),
        (Verb::Get, ns::VCARD, "vCard") => Ok(ServiceQuestion::VCard),
        (Verb::Get, ns::MAM, "query") => {
            query::decode_form_question(child).map(|()| ServiceQuestion::ArchiveForm)
        }
        (Verb::Get, ns::MAM, "metadata") => Ok(ServiceQuestion::ArchiveMetadata),
        (Verb::Set, ns::MAM, "query") => archive(child, envelope).map(ServiceQuestion::Archive),
        (Verb::Get, OWN_NAMESPACE, "unread") => {
            unread::decode(child, &envelope.asked.to_bare()).map(ServiceQuestion::Unread)
        }
        _ => Err(Problem::unsupported(child)),
    }
}

fn to_room(
    child: &Child<'_>,
    verb: Verb,
    fresh: Fresh,
    envelope: &mut Envelope,
) -> Result<Action, Problem> {
    let shape = &mut envelope.shape;
    match (verb, child.namespace(), child.name()) {
        (Verb::Get, ns::DISCO_INFO, "query") => information(child, shape),
        (Verb::Get, ns::DISCO_ITEMS, "query") => {
            *shape = AnswerShape::Page(page(child)?);
            Ok(Action::ShowOccupants)
        }
        (Verb::Get, ns::PING, "ping") => {
            // A room that may know of itself is there; the answer is only that.
            *shape = AnswerShape::Pong;
            Ok(Action::ShowInformation)
        }
        (Verb::Get, muc_admin::NAMESPACE, "query") => muc_admin::decode_get(child),
        (Verb::Set, muc_admin::NAMESPACE, "query") => muc_admin::decode_set(child),
        (Verb::Get, muc_owner::NAMESPACE, "query") => Ok(Action::ShowConfiguration),
        (Verb::Set, muc_owner::NAMESPACE, "query") => muc_owner::decode_set(child),
        (Verb::Set, moderation::NAMESPACE, "moderate") => moderation::decode(child, fresh),
        (Verb::Set, moderation::FASTENING, "apply-to") => moderation::decode_fastened(child, fresh),
        (Verb::Get, ns::REGISTER, "query") => Ok(Action::ShowRegistration),
        (Verb::Set, ns::REGISTER, "query") => register::decode_set(child),
        (Verb::Get, OWN_NAMESPACE, "requests") => Ok(Action::ShowRequests),
        (Verb::Get, ns::VCARD, "vCard") => Ok(Action::ShowAvatar),
        (Verb::Set, ns::VCARD, "vCard") => vcard::decode_set(child),
        (Verb::Get, ns::MAM, "query") => {
            query::decode_form_question(child).map(|()| read_archive(ArchiveQuestion::Form))
        }
        (Verb::Get, ns::MAM, "metadata") => Ok(read_archive(ArchiveQuestion::Metadata)),
        (Verb::Set, ns::MAM, "query") => {
            archive(child, envelope).map(|page| read_archive(ArchiveQuestion::Page(page)))
        }
        _ => Err(Problem::unsupported(child)),
    }
}

/// A query of messages; its id is wanted again when it is answered.
fn archive(child: &Child<'_>, envelope: &mut Envelope) -> Result<Box<PageQuestion>, Problem> {
    let query = query::decode_query(child, &envelope.asked.to_bare())?;
    envelope.shape = AnswerShape::Results(query.query_id);
    Ok(Box::new(query.question))
}

fn read_archive(question: ArchiveQuestion) -> Action {
    Action::ReadArchive(Box::new(question))
}

/// disco#info of a room, by node. XEP-0045 §6.4 (#disco-roominfo), §16.4 (#registrar-nodes).
fn information(child: &Child<'_>, shape: &mut AnswerShape) -> Result<Action, Problem> {
    let Some(node) = node(child)? else {
        return Ok(Action::ShowInformation);
    };
    let action = match node.as_str() {
        "x-roomuser-item" => Action::ShowReservedNick,
        // "If a service does not discard any namespaces, it MUST return a service-unavailable
        // error"; of what users have to say, none is discarded.
        "http://jabber.org/protocol/muc#traffic" => return Err(Problem::unsupported(child)),
        _ => return Err(Problem::NoSuchNode),
    };
    *shape = AnswerShape::Node(node);
    Ok(action)
}

fn node(child: &Child<'_>) -> Result<Option<String>, Problem> {
    let query: DiscoInfoQuery = child.parse().map_err(|_| NOT_A_QUESTION)?;
    Ok(query.node)
}

/// The part of a list that is wanted; no list here has nodes.
fn page(child: &Child<'_>) -> Result<PageRequest, Problem> {
    let query: DiscoItemsQuery = child.parse().map_err(|_| NOT_A_QUESTION)?;
    match query.node {
        None => Ok(query.rsm.map(PageRequest::from).unwrap_or_default()),
        Some(_) => Err(Problem::NoSuchNode),
    }
}

fn to_occupant(child: &Child<'_>, verb: Verb, nick: &str) -> Result<Action, Problem> {
    let to = Nick::new(nick).map_err(|_| Refusal::NoSuchOccupant)?;
    if (verb, child.namespace(), child.name()) == (Verb::Get, ns::PING, "ping") {
        return Ok(Action::Ping { to });
    }
    let of_the_account =
        child.namespace() == ns::VCARD || child.namespace().starts_with(ns::PUBSUB);
    let target = if of_the_account {
        QueryTarget::Account
    } else {
        QueryTarget::Client
    };
    Ok(Action::Query { to, target })
}

/// Who asks. An account or a server that asks on its own is nobody's session, and gets a resource
/// that makes it one which is in no room.
fn asker(reading: &Addressed<'_>) -> FullJid {
    reading.session().unwrap_or_else(|| {
        let bare: BareJid = reading.envelope.asker.to_bare();
        let resource = ResourcePart::new(NO_SESSION).expect("a letter is a resource");
        bare.with_resource(&resource)
    })
}

const NO_SESSION: &str = "-";

const MALFORMED: Problem = Problem::Malformed {
    element: "iq",
    wanted: "the type get or set, and exactly one element in it",
};
const NOT_A_QUESTION: Problem = Problem::Malformed {
    element: "query",
    wanted: "nothing in it but at most one <set/> of XEP-0059 with numbers from 0 up",
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::decode::tests::{asked, decoded, read, refused};
    use crate::wire::stanza::page::Start;

    const ROOM: &str = "coven@chat.shakespeare.lit";
    const OCCUPANT: &str = "coven@chat.shakespeare.lit/firstwitch";
    const SERVICE: &str = "chat.shakespeare.lit";

    fn iq(to: &str, type_: &str, child: &str) -> String {
        format!(
            "<iq from='hag66@shakespeare.lit/pda' to='{to}' type='{type_}' id='i1'>{child}</iq>"
        )
    }

    fn act(to: &str, type_: &str, child: &str) -> Action {
        asked(&iq(to, type_, child))
    }

    fn question(child: &str) -> ServiceQuestion {
        match decoded(&iq(SERVICE, "get", child)) {
            Incoming::ToService(question) => question,
            other => panic!("{other:?}"),
        }
    }

    fn shape(child: &str) -> AnswerShape {
        let (envelope, _) = read(&iq(ROOM, "get", child)).unwrap();
        envelope.shape
    }

    const INFO: &str = "<query xmlns='http://jabber.org/protocol/disco#info'/>";

    #[test]
    fn a_room_answers_what_it_knows() {
        assert!(matches!(act(ROOM, "get", INFO), Action::ShowInformation));
        let items = "<query xmlns='http://jabber.org/protocol/disco#items'/>";
        assert!(matches!(act(ROOM, "get", items), Action::ShowOccupants));
        let owner = "<query xmlns='http://jabber.org/protocol/muc#owner'/>";
        assert!(matches!(act(ROOM, "get", owner), Action::ShowConfiguration));
        let register = "<query xmlns='jabber:iq:register'/>";
        assert!(matches!(
            act(ROOM, "get", register),
            Action::ShowRegistration
        ));
        assert!(matches!(
            act(ROOM, "get", "<vCard xmlns='vcard-temp'/>"),
            Action::ShowAvatar
        ));
        let ping = "<ping xmlns='urn:xmpp:ping'/>";
        assert!(matches!(act(ROOM, "get", ping), Action::ShowInformation));
        assert_eq!(shape(ping), AnswerShape::Pong);
    }

    #[test]
    fn nodes_of_a_room_are_known_or_not() {
        let node = |node: &str| {
            format!("<query xmlns='http://jabber.org/protocol/disco#info' node='{node}'/>")
        };
        assert!(matches!(
            act(ROOM, "get", &node("x-roomuser-item")),
            Action::ShowReservedNick
        ));
        assert_eq!(
            shape(&node("x-roomuser-item")),
            AnswerShape::Node("x-roomuser-item".into())
        );
        let about = decoded(&iq(ROOM, "get", &node("urn:lyceum:0#room-show")));
        let is_command = |about: &Incoming| match about {
            Incoming::ToCommands(CommandQuestion::Information(node)) => {
                node == "urn:lyceum:0#room-show"
            }
            _ => false,
        };
        assert!(is_command(&about), "{about:?}");
        let traffic = node("http://jabber.org/protocol/muc#traffic");
        let refusal = refused(&iq(ROOM, "get", &traffic));
        assert!(matches!(refusal, Problem::Unsupported { .. }));
        assert_eq!(
            refused(&iq(ROOM, "get", &node("urn:lyceum:01"))),
            Problem::NoSuchNode
        );
        let rooms = "<query xmlns='http://jabber.org/protocol/disco#items' \
            node='http://jabber.org/protocol/muc#rooms'/>";
        assert_eq!(refused(&iq(ROOM, "get", rooms)), Problem::NoSuchNode);
    }

    #[test]
    fn the_service_answers_what_it_knows() {
        assert_eq!(question(INFO), ServiceQuestion::Information);
        assert_eq!(
            question("<ping xmlns='urn:xmpp:ping'/>"),
            ServiceQuestion::Ping
        );
        assert_eq!(
            question("<query xmlns='jabber:iq:version'/>"),
            ServiceQuestion::Version
        );
        assert_eq!(
            question("<time xmlns='urn:xmpp:time'/>"),
            ServiceQuestion::Time
        );
        assert_eq!(
            question("<vCard xmlns='vcard-temp'/>"),
            ServiceQuestion::VCard
        );
        let page = PageRequest {
            size_max: Some(10),
            start: Start::After("m".into()),
        };
        let items = "<query xmlns='http://jabber.org/protocol/disco#items'>\
            <set xmlns='http://jabber.org/protocol/rsm'><max>10</max><after>m</after></set></query>";
        assert_eq!(question(items), ServiceQuestion::Rooms(page));
    }

    #[test]
    fn what_nobody_knows_is_unsupported() {
        for child in [
            "<query xmlns='jabber:iq:register'/>",
            "<query xmlns='jabber:iq:search'/>",
            "<query xmlns='urn:example:unheard'/>",
        ] {
            let refusal = refused(&iq(SERVICE, "get", child));
            assert!(matches!(refusal, Problem::Unsupported { .. }), "{child}");
        }
        let asked = "<query xmlns='http://jabber.org/protocol/disco#info'/>".into();
        assert_eq!(
            refused(&iq(ROOM, "set", INFO)),
            Problem::Unsupported { asked }
        );
        assert_eq!(
            refused(&iq("chat.shakespeare.lit/x", "get", INFO)),
            Problem::NothingThere
        );
    }

    #[test]
    fn a_request_has_exactly_one_child_and_a_known_type() {
        assert_eq!(refused(&iq(ROOM, "get", "")), MALFORMED);
        assert_eq!(
            refused(&iq(ROOM, "set", &format!("{INFO}{INFO}"))),
            MALFORMED
        );
        assert_eq!(refused(&iq(ROOM, "fetch", INFO)), MALFORMED);
        assert_eq!(
            refused(&format!("<iq from='a@b/c' to='{ROOM}'>{INFO}</iq>")),
            MALFORMED
        );
    }

    #[test]
    fn an_occupant_is_pinged_or_asked() {
        let ping = act(OCCUPANT, "get", "<ping xmlns='urn:xmpp:ping'/>");
        assert!(matches!(ping, Action::Ping { to } if to.as_str() == "firstwitch"));
        for (child, expected) in [
            ("<vCard xmlns='vcard-temp'/>", QueryTarget::Account),
            (
                "<pubsub xmlns='http://jabber.org/protocol/pubsub'/>",
                QueryTarget::Account,
            ),
            ("<query xmlns='jabber:iq:version'/>", QueryTarget::Client),
            (INFO, QueryTarget::Client),
        ] {
            let Action::Query { target, .. } = act(OCCUPANT, "get", child) else {
                panic!("not passed on: {child}");
            };
            assert_eq!(target, expected, "{child}");
        }
    }

    #[test]
    fn a_server_may_ask_about_a_room() {
        let xml = format!("<iq from='example.org' to='{ROOM}' type='get' id='1'>{INFO}</iq>");
        let Some((envelope, Incoming::ToRoom { from, .. })) = read(&xml) else {
            panic!("not asked")
        };
        assert_eq!(from.to_bare().as_str(), "example.org");
        assert_eq!(envelope.asker.as_str(), "example.org");
    }
}
