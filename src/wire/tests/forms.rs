//! Every form that is sent to be filled, as it leaves.

use jid::{BareJid, FullJid};
use xmpp_parsers::minidom::Element;

use crate::room::Nick;
use crate::room::effect::ConfigurationForm;
use crate::room::setting::configuration::Configuration;
use crate::wire::archive::form;
use crate::wire::form::room_form;
use crate::wire::muc::muc_owner::Shown;
use crate::wire::muc::register::Registration;
use crate::wire::muc::{register, voice};
use crate::wire::stanza::envelope::tests::envelope;
use crate::wire::xml::frame::Frame;
use crate::wire::xml::writer::to_xml;

/// The forms with what asks for them or sends them.
fn forms() -> Vec<(&'static str, Element)> {
    let room = BareJid::new("coven@chat.shakespeare.lit").unwrap();
    let asker = FullJid::new("hag66@shakespeare.lit/pda").unwrap();
    let nick = Nick::new("thirdwitch").unwrap();
    let archive = |to: &str| {
        form::answer(&envelope(&format!(
            "<iq from='a@b/c' to='{to}' type='get' id='1'/>"
        )))
    };
    let message = |template: crate::wire::xml::template::Template| template.to("a@b/c");
    let all = [
        ("configuration", wrapped(&to_xml(&Shown::form(&shown())))),
        (
            "configuration without people",
            wrapped(&to_xml(&Shown::form_without_people(&shown()))),
        ),
        (
            "registration",
            wrapped(&to_xml(&Registration::form(true, Some(&nick)))),
        ),
        (
            "request for registration",
            message(register::encode_request(
                &room,
                &asker.to_bare(),
                &nick,
                "f1",
            )),
        ),
        (
            "request for voice",
            message(voice::encode(&room, (&nick, &asker), true, "f1")),
        ),
        ("archive of a room", archive(room.as_str())),
        ("archive of the service", archive("chat.shakespeare.lit")),
    ];
    all.into_iter()
        .map(|(name, xml)| (name, form_in(&xml)))
        .collect()
}

fn shown() -> ConfigurationForm {
    ConfigurationForm {
        version: "first".into(),
        configuration: Configuration::default(),
        owners: vec![BareJid::new("crone1@shakespeare.lit").unwrap()],
        addins: std::sync::Arc::default(),
        admins: Vec::new(),
        category: "General".into(),
        categories: vec!["General".into(), "Trading".into()],
        presenters: Some(Vec::new()),
    }
}

fn wrapped(xml: &[u8]) -> Vec<u8> {
    [b"<iq>", xml, b"</iq>"].concat()
}

/// The form in a stanza, wherever it stands.
fn form_in(stanza: &[u8]) -> Element {
    let frame = Frame::from_xml(stanza).unwrap();
    let elements = frame.children().map(|child| child.parse().unwrap());
    let is_form = |element: &Element| element.is("x", "jabber:x:data");
    elements
        .flat_map(|element: Element| {
            let below: Vec<_> = element.children().cloned().collect();
            std::iter::once(element).chain(below)
        })
        .find(is_form)
        .unwrap()
}

fn fields(form: &Element) -> impl Iterator<Item = &Element> {
    form.children()
        .filter(|child| child.is("field", "jabber:x:data"))
}

#[test]
fn every_field_of_every_form_to_be_filled_has_its_type() {
    const TYPES: &[&str] = &[
        "boolean",
        "fixed",
        "hidden",
        "jid-multi",
        "jid-single",
        "list-multi",
        "list-single",
        "text-multi",
        "text-private",
        "text-single",
    ];
    for (name, form) in forms() {
        assert_eq!(form.attr("type"), Some("form"), "{name}");
        assert!(fields(&form).count() > 1, "{name}");
        for field in fields(&form) {
            let type_ = field.attr("type").unwrap_or_default();
            assert!(TYPES.contains(&type_), "{name}: {field:?}");
            // "For data forms of type "form", ... the 'var' attribute MUST" be there but for fields
            // that are fixed.
            assert_eq!(
                field.attr("var").is_none(),
                type_ == "fixed",
                "{name}: {field:?}"
            );
        }
    }
}

#[test]
fn every_field_that_a_person_fills_has_words_that_say_what_it_is() {
    for (name, form) in forms() {
        if name.starts_with("archive") {
            continue;
        }
        for field in fields(&form) {
            let wordless = matches!(field.attr("type"), Some("hidden" | "fixed"));
            let label = field.attr("label").unwrap_or_default();
            assert!(wordless || !label.is_empty(), "{name}: {field:?}");
            assert!(!label.contains("muc#"), "{name}: {field:?}");
        }
    }
}

#[test]
fn the_configuration_form_has_headings_and_is_read_from_the_top() {
    let form = form_in(&wrapped(&to_xml(&Shown::form(&shown()))));
    let mut parts: Vec<(String, Vec<String>)> = Vec::new();
    for field in fields(&form) {
        match field.attr("type") {
            Some("fixed") => {
                let words = field.get_child("value", "jabber:x:data").unwrap().text();
                parts.push((words, Vec::new()));
            }
            Some("hidden") => assert!(parts.is_empty(), "what the form is about comes first"),
            _ => {
                let var = field.attr("var").unwrap().to_owned();
                parts.last_mut().expect("a heading comes first").1.push(var);
            }
        }
    }
    assert!((4..=8).contains(&parts.len()), "{parts:?}");
    assert!(
        parts.iter().all(|(_, vars)| (1..=8).contains(&vars.len())),
        "{parts:?}"
    );
    let (first, last) = (&parts[0].1, &parts[parts.len() - 1].1);
    assert_eq!(first[0], "muc#roomconfig_roomname");
    for rare in [
        "muc#roomconfig_pubsub",
        "muc#roomconfig_presencebroadcast",
        "muc#roomconfig_getmemberlist",
    ] {
        assert!(last.iter().any(|var| var == rare), "{rare}");
    }
    let mut shown: Vec<_> = parts.iter().flat_map(|(_, vars)| vars).collect();
    let mut known: Vec<_> = room_form::rows()
        .map(|row| row.var)
        .chain([room_form::PROTECTED, room_form::ADMINS, room_form::OWNERS])
        .chain([
            room_form::CATEGORY,
            room_form::PRIVACY,
            room_form::ROOM_TYPE,
            room_form::PRESENTERS,
            room_form::ADDIN,
        ])
        .collect();
    shown.sort();
    known.sort();
    assert_eq!(
        shown.iter().map(|var| var.as_str()).collect::<Vec<_>>(),
        known
    );
}
