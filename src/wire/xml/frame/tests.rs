//! Frames: what is written reads back as the same.

use super::*;
use crate::wire::xml::header::StanzaKind;
use crate::wire::xml::one_stanza::FrameError;
use xmpp_parsers::stanza_error::StanzaError;

fn frame(xml: &str) -> Frame {
    Frame::from_xml(xml.as_bytes()).expect("a stanza")
}

fn payload(xml: &str) -> String {
    String::from_utf8(frame(xml).payload().to_vec()).expect("UTF-8")
}

#[track_caller]
fn assert_payload(given: &str, written: &str) {
    for stanza in [
        format!("<message>{given}</message>"),
        format!("<message xmlns='jabber:client'>{given}</message>"),
        format!("<c:message xmlns:c='jabber:component:accept'>{given}</c:message>"),
    ] {
        assert_eq!(payload(&stanza), written, "{stanza}");
    }
}

#[test]
fn children_of_the_stanzas_namespace_need_no_declaration() {
    assert_payload("<body>hi</body><show/>", "<body>hi</body><show/>");
    assert_payload("<body xmlns='jabber:client'>hi</body>", "<body>hi</body>");
    assert_payload("<e xmlns=''><f/></e>", "<e xmlns=''><f/></e>");
}

#[test]
fn other_children_declare_every_namespace_they_use() {
    assert_payload(
        "<a:x xmlns:a='urn:a' xmlns:b='urn:b' k='1' b:k='2'><a:y/><b:z/></a:x>",
        "<x xmlns='urn:a' k='1' xmlns:n1='urn:b' n1:k='2'><y/><z xmlns='urn:b'/></x>",
    );
}

#[test]
fn a_prefix_declared_on_the_stanza_is_declared_in_the_child() {
    assert_eq!(
        payload("<message xmlns:a='urn:a'><a:x/><a:y><body/></a:y></message>"),
        "<x xmlns='urn:a'/><y xmlns='urn:a'><body xmlns='jabber:client'/></y>"
    );
}

#[test]
fn a_forwarded_stanza_is_in_jabber_client() {
    for namespace in ["jabber:client", "jabber:component:accept"] {
        assert_payload(
            &format!(
                "<forwarded xmlns='urn:xmpp:forward:0'>\
                 <message xmlns='{namespace}'><body/></message></forwarded>"
            ),
            "<forwarded xmlns='urn:xmpp:forward:0'>\
             <message xmlns='jabber:client'><body/></message></forwarded>",
        );
    }
}

#[test]
fn texts_are_kept_and_escaped() {
    assert_payload(
        "<x xmlns='urn:x' a='&quot;&apos;&lt;&#10;&#9;\u{e9}' xml:lang='de'> a\n <![CDATA[&]]>\
         &gt;&#13;&#x1F600; </x>",
        "<x xmlns='urn:x' a='&quot;&apos;&lt;&#10;&#9;\u{e9}' xml:lang='de'> a\n &amp;&gt;&#13;\
         \u{1f600} </x>",
    );
}

#[test]
fn what_is_written_reads_back_as_the_same() {
    let first = payload(
        "<message><x xmlns='urn:x' a='&#13;&amp;amp;'>&amp;lt;<y xmlns='urn:y'/>t</x><body/></message>",
    );
    assert_eq!(payload(&format!("<message>{first}</message>")), first);
    assert_eq!(
        payload(&format!("<message xmlns='jabber:client'>{first}</message>")),
        first
    );
}

#[test]
fn text_between_children_is_dropped() {
    assert_payload("\n  <body/>  stray  <thread/>\n", "<body/><thread/>");
}

#[test]
fn children_are_found_by_either_name_of_the_stanzas_namespace() {
    let frame = frame("<message><x xmlns='urn:x'/><body>one</body><body>two</body></message>");
    for namespace in ["jabber:client", "jabber:component:accept", STANZA_NAMESPACE] {
        assert_eq!(
            frame.child(namespace, "body").expect("a body").text(),
            "one"
        );
    }
    assert!(frame.child("urn:x", "body").is_none());
    assert_eq!(
        frame.child("urn:x", "x").expect("an x").xml(),
        b"<x xmlns='urn:x'/>"
    );
    assert_eq!(frame.children().count(), 3);
}

#[test]
fn a_header_is_taken_as_sent() {
    let frame =
        frame("<iq from='@@' to=' ' id='&amp;1' type='fetch' xml:lang='de' other='x' n='1'/>");
    assert_eq!(
        frame.header,
        Header {
            kind: StanzaKind::Iq,
            from: Some("@@".into()),
            to: Some(" ".into()),
            id: Some("&1".into()),
            type_: Some("fetch".into()),
            lang: Some("de".into()),
        }
    );
}

#[test]
fn children_parse_as_the_types_of_xmpp_parsers() {
    let frame = frame(
        "<message xmlns='jabber:client'><error type='cancel'><item-not-found \
         xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>\
         <delay xmlns='urn:xmpp:delay' stamp='2002-09-10T23:08:25Z'/></message>",
    );
    let error: StanzaError = frame
        .child("jabber:client", "error")
        .expect("an error")
        .parse()
        .expect("valid");
    assert_eq!(
        error.defined_condition,
        xmpp_parsers::stanza_error::DefinedCondition::ItemNotFound
    );
    let delay = frame.child("urn:xmpp:delay", "delay").expect("a delay");
    assert!(delay.parse::<xmpp_parsers::delay::Delay>().is_ok());
    assert!(matches!(
        delay.parse::<StanzaError>(),
        Err(XsoError::TypeMismatch)
    ));
}

#[derive(xso::FromXml)]
#[xml(namespace = STANZA_NAMESPACE, name = "body")]
struct LanguageBody {
    #[xml(lang)]
    lang: Option<String>,
    #[xml(text)]
    text: String,
}

#[test]
fn the_stanzas_language_counts_for_its_children() {
    let frame = frame("<message xml:lang=\"d'e\"><body>hallo</body></message>");
    let body: LanguageBody = frame
        .child("jabber:client", "body")
        .expect("a body")
        .parse()
        .expect("valid");
    assert_eq!(
        (body.lang.as_deref(), body.text.as_str()),
        (Some("d'e"), "hallo")
    );
}

#[test]
fn text_and_attributes_of_a_child_are_its_own() {
    let frame = frame(
        "<message><status xml:lang='de' code='&lt;'>a<x>b<y>c</y></x>d&amp;</status></message>",
    );
    let status = frame.child(STANZA_NAMESPACE, "status").expect("a status");
    assert_eq!(status.text(), "ad&");
    assert_eq!(status.attribute("code").as_deref(), Some("<"));
    assert_eq!(status.attribute("xml:lang").as_deref(), Some("de"));
    assert_eq!(status.attribute("lang"), None);
}

#[test]
fn what_is_no_stanza_makes_no_frame() {
    let error = |xml: &str| Frame::from_xml(xml.as_bytes()).expect_err("no stanza");
    assert!(matches!(error("<message>"), FrameError::Incomplete));
    assert!(matches!(error("<foo/>"), FrameError::Incomplete));
    assert!(matches!(error("<message"), FrameError::Incomplete));
    assert!(matches!(error("<message></iq>"), FrameError::Xml(_)));
    assert!(matches!(error("</stream:stream>"), FrameError::NotAStanza));
    let deep = format!("<iq>{}{}</iq>", "<x>".repeat(200), "</x>".repeat(200));
    assert!(matches!(
        error(&deep),
        FrameError::Refused(Unreadable::TooDeep)
    ));
}

proptest::proptest! {
    /// Pieces of XML in any order: nothing panics, and what becomes a frame is written so
    /// that it reads back as the same.
    #[test]
    fn any_order_of_pieces_is_survived(pieces in proptest::collection::vec(0_usize..21, 0..40)) {
        const PIECES: [&str; 21] = [
            "<x", "<p:y", "<body", " xmlns='urn:x'", " xmlns:p='urn:p'", " a='1'", " p:a='2'",
            " xmlns=''", " xmlns='jabber:client'", ">", ">", ">", "/>", "/>", "</x>", "</p:y>",
            "</body>", "t&amp;", "<![CDATA[<]]>", " xml:lang='de'",
            " xmlns='http://www.w3.org/XML/1998/namespace'",
        ];
        let inner: String = pieces.into_iter().map(|piece| PIECES[piece]).collect();
        for close in ["", "</x>", "</p:y></x>", "</body>"] {
            let xml = format!("<message xmlns:p='urn:q'>{inner}{close}</message>");
            if let Ok(frame) = Frame::from_xml(xml.as_bytes()) {
                let text = String::from_utf8(frame.payload().to_vec()).expect("UTF-8");
                let again = Frame::from_xml(format!("<message>{text}</message>").as_bytes())
                    .expect("a stanza");
                proptest::prop_assert_eq!(again.payload(), frame.payload());
                let lengths = frame.children().map(|child| child.xml().len());
                proptest::prop_assert_eq!(lengths.sum::<usize>(), text.len());
                for child in frame.children() {
                    child.text();
                    child.attribute("a");
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let _ = Frame::from_xml(&bytes);
    }
}
