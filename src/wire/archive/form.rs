//! The form by which an archive is asked for certain messages, as it is told. XEP-0313 §4.1.5
//! (#query-form), XEP-0431.
//!
//! The form as it comes back, filled, is read by [`filter`](super::filter). For a search in words
//! four names are in use, and a client that asks for the form takes the one it knows. All of them
//! mean the same here.

use jid::BareJid;
use xmpp_parsers::data_forms_validate::{Datatype, Method, Validate};
use xmpp_parsers::ns;

use crate::wire::form::blank_form;
use crate::wire::form::blank_form::{BlankField, BlankForm};
use crate::wire::stanza::envelope::Envelope;

/// The feature of XEP-0431 §2.1 (#feature).
pub(in crate::wire) const FULLTEXT: &str = "urn:xmpp:fulltext:0";
/// The feature of everything that came after the first version. XEP-0313 §7 (#support).
pub(in crate::wire) const EXTENDED: &str = "urn:xmpp:mam:2#extended";

/// What a field is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::wire) enum Meaning {
    FormType,
    With,
    Start,
    End,
    BeforeId,
    AfterId,
    Ids,
    Search,
    Order,
    Rooms,
}

/// All fields, in the order of the form: those of §4.1 (#filter), then searches, then our own.
///
/// COMPAT: besides XEP-0431's field, `withtext` is ejabberd's and Prosody's, `full-text-search`
/// MongooseIM's, `search` M-Link's.
const FIELDS: [(&str, &str, Meaning); 13] = [
    ("FORM_TYPE", "hidden", Meaning::FormType),
    ("with", "jid-single", Meaning::With),
    ("start", "text-single", Meaning::Start),
    ("end", "text-single", Meaning::End),
    ("before-id", "text-single", Meaning::BeforeId),
    ("after-id", "text-single", Meaning::AfterId),
    ("ids", "list-multi", Meaning::Ids),
    (SEARCH, "text-single", Meaning::Search),
    ("withtext", "text-single", Meaning::Search),
    ("full-text-search", "text-single", Meaning::Search),
    ("search", "text-single", Meaning::Search),
    (ORDER, "list-single", Meaning::Order),
    (ROOMS, "jid-multi", Meaning::Rooms),
];

pub(in crate::wire) const SEARCH: &str = "{urn:xmpp:fulltext:0}fulltext";
pub(in crate::wire) const ORDER: &str = "{urn:lyceum:0}order";
/// The service alone has it.
const ROOMS: &str = "{urn:lyceum:0}rooms";
pub(in crate::wire) const CHRONOLOGICAL: &str = "chronological";
pub(in crate::wire) const RANK: &str = "rank";

/// The form that tells what can be asked for. §4.1.5 (#query-form).
pub fn answer(envelope: &Envelope) -> Vec<u8> {
    envelope.answer("result", |xml| {
        let form = form(&envelope.asked.to_bare());
        xml.open_in(ns::MAM, "query").typed(&form).close("query");
    })
}

/// No field is ever required, says §4.1 (#filter).
fn form(archive: &BareJid) -> BlankForm {
    let fields = FIELDS
        .iter()
        .filter(|field| is_known_to(archive, field.2))
        .filter_map(|(var, type_, meaning)| match meaning {
            Meaning::FormType => None,
            Meaning::Ids => Some(ids_field()),
            Meaning::Order => Some(order_field()),
            Meaning::With
            | Meaning::Start
            | Meaning::End
            | Meaning::BeforeId
            | Meaning::AfterId
            | Meaning::Search
            | Meaning::Rooms => Some(blank_form::bare(type_, var)),
        });
    BlankForm::new(ns::MAM, fields.collect())
}

/// The field of this name, if the archive knows it.
pub(in crate::wire) fn field(archive: &BareJid, var: &str) -> Option<(&'static str, Meaning)> {
    FIELDS
        .iter()
        .find(|(known, _, meaning)| *known == var && is_known_to(archive, *meaning))
        .map(|(known, _, meaning)| (*known, *meaning))
}

/// A room has no others; all rooms are asked at the service.
fn is_known_to(archive: &BareJid, meaning: Meaning) -> bool {
    meaning != Meaning::Rooms || archive.node().is_none()
}

/// "the server MUST include a XEP-0122 <validate/> element that signals the list is open to
/// arbitrary values".
fn ids_field() -> BlankField {
    blank_form::bare("list-multi", "ids").validated(Validate {
        datatype: Some(Datatype::String),
        method: Some(Method::Open),
        list_range: None,
    })
}

fn order_field() -> BlankField {
    let options = [
        (CHRONOLOGICAL, "As it was said"),
        (RANK, "What fits best first"),
    ];
    blank_form::choice(ORDER, "Order of what is found", CHRONOLOGICAL, &options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::stanza::envelope::tests::envelope;
    use crate::wire::xml::frame::Frame;

    #[test]
    fn the_form_has_the_types_of_the_specification_and_requires_nothing() {
        let envelope =
            envelope("<iq from='a@b/c' to='coven@chat.shakespeare.lit' type='get' id='1'/>");
        let answer = Frame::from_xml(&answer(&envelope)).unwrap();
        let xml = std::str::from_utf8(answer.payload()).unwrap().to_owned();
        assert!(!xml.contains("required"), "{xml}");
        for (var, type_) in [
            ("with", "jid-single"),
            ("start", "text-single"),
            ("end", "text-single"),
            ("before-id", "text-single"),
            ("after-id", "text-single"),
            ("ids", "list-multi"),
        ] {
            let field = format!("type='{type_}' var='{var}'");
            assert!(xml.replace('"', "'").contains(&field), "{var}: {xml}");
        }
    }

    #[test]
    fn the_service_can_be_asked_for_some_rooms_and_a_room_can_not() {
        let archive = |jid| BareJid::new(jid).unwrap();
        assert!(field(&archive("chat.shakespeare.lit"), ROOMS).is_some());
        assert_eq!(field(&archive("coven@chat.shakespeare.lit"), ROOMS), None);
    }
}
