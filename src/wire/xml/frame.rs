//! One incoming stanza, as the rest of the program sees it.
//!
//! A [`Frame`] is a stanza taken apart no further than everybody needs: its
//! addressing is in a [`Header`], and its children are bytes, indexed by namespace
//! and name. Who wants one typed asks for it with [`Child::parse`]; who only relays
//! copies [`Child::xml`].
//!
//! The hard thing is that the bytes of a child can be moved to another stanza as
//! they are. Every namespace a child uses is declared in it, except the stanza's own:
//! `body`, `subject`, `show` and their like are written without `xmlns`, so that they
//! belong to `jabber:component:accept` on our link and to `jabber:client` inside a
//! forwarded message. Below a child of another namespace, elements of the stanza's own
//! namespace are always written as `jabber:client`, because XEP-0297 §3 wants a
//! forwarded stanza in that namespace and no client knows the other one.
//!
//! How frames come into being is in [`reader`](super::reader).

use std::ops::Range;

use rxml::error::EndOrError;
use rxml::xml_lang::XmlLangStack;
use rxml::{Event, Parse, Parser, WithOptions};
use xso::error::{Error as XsoError, FromEventsError};
use xso::{Context, FromEventsBuilder, FromXml};

use super::header::{Header, STANZA_NAMESPACE};
use super::limits::{TOKEN_LENGTH_MAX, Unreadable};
use super::payload::{self, Recording};
use super::text_between::TextBetween;
use super::work;

/// What the link hands to the service for one stanza.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// A stanza within all limits.
    Stanza(Frame),
    /// A stanza of which only the header was kept.
    Refused {
        /// Enough to answer with an error. An attribute that alone passed the limit
        /// is missing.
        header: Header,
        /// What was wrong with it.
        why: Unreadable,
    },
}

/// A stanza that was read completely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The stanza's attributes.
    pub header: Header,
    payload: Recording,
}

impl Frame {
    pub(in crate::wire) fn new(header: Header, payload: Recording) -> Self {
        Self { header, payload }
    }

    /// The children, in the order they were sent.
    pub fn children(&self) -> impl Iterator<Item = Child<'_>> {
        self.payload.children.iter().map(|entry| {
            work::steps(1);
            Child { frame: self, entry }
        })
    }

    /// The first child of this name. `jabber:client` and `jabber:component:accept` both
    /// mean the stanza's own namespace.
    pub fn child(&self, namespace: &str, name: &str) -> Option<Child<'_>> {
        let namespace = match namespace {
            xmpp_parsers::ns::JABBER_CLIENT => STANZA_NAMESPACE,
            other => other,
        };
        self.children()
            .find(|child| child.name() == name && child.namespace() == namespace)
    }

    /// All children as one run of bytes; text between them is not kept.
    pub fn payload(&self) -> &[u8] {
        &self.payload.xml
    }
}

/// A direct child of a stanza.
#[derive(Debug, Clone, Copy)]
pub struct Child<'a> {
    frame: &'a Frame,
    entry: &'a payload::ChildEntry,
}

impl<'a> Child<'a> {
    /// The namespace of the child's element, [`STANZA_NAMESPACE`] for the stanza's own.
    pub fn namespace(&self) -> &'a str {
        &self.entry.namespace
    }

    /// The local name of the child's element.
    pub fn name(&self) -> &'a str {
        &self.entry.name
    }

    /// The child as it can be put into any other stanza; see the module's documentation.
    pub fn xml(&self) -> &'a [u8] {
        &self.frame.payload.xml[self.range()]
    }

    /// Where [`Self::xml`] lies in [`Frame::payload`].
    pub fn range(&self) -> Range<usize> {
        self.entry.range.clone()
    }

    /// The child as a typed payload. The stanza's `xml:lang` counts for it, and elements
    /// in the stanza's own namespace are in [`STANZA_NAMESPACE`]; a stanza *inside* a
    /// forwarded element is in `jabber:client`, as [`Self::xml`] has it. Text beside elements is passed over.
    ///
    /// # Errors
    /// - [`XsoError::TypeMismatch`]: it is another element than `T` is made from.
    /// - Any other [`XsoError`]: it is that element, but not a valid one.
    pub fn parse<T: FromXml>(&self) -> Result<T, XsoError> {
        let mut events = Events::new(self, self.language());
        let Some(Event::StartElement(_, name, attributes)) = events.next()? else {
            return Err(XsoError::TypeMismatch);
        };
        let mut builder = match T::from_events(name, attributes, &events.context()) {
            Ok(builder) => builder,
            Err(FromEventsError::Mismatch { .. }) => return Err(XsoError::TypeMismatch),
            Err(FromEventsError::Invalid(error)) => return Err(error),
        };
        let mut between = TextBetween::within_one();
        let mut passed = Vec::new();
        while let Some(event) = events.next()? {
            between.pass(event, &mut passed);
            for event in passed.drain(..) {
                if let Some(value) = builder.feed(event, &events.context())? {
                    return Ok(value);
                }
            }
        }
        Err(XsoError::Other("element ended too early"))
    }

    /// The child's own text; that of its descendants is left out.
    pub fn text(&self) -> String {
        let mut events = Events::new(self, None);
        let mut text = String::new();
        let mut depth = 0_usize;
        while let Ok(Some(event)) = events.next() {
            match event {
                Event::StartElement(..) => depth += 1,
                Event::EndElement(_) => depth = depth.saturating_sub(1),
                Event::Text(_, part) if depth == 1 => text.push_str(&part),
                Event::Text(..) | Event::XmlDeclaration(..) => {}
            }
            if depth == 0 {
                break;
            }
        }
        text
    }

    /// The stanza's language, as far as it can be one. Each child that is parsed is parsed with it, so a long one
    /// would be paid for as often as there are children.
    pub fn language(&self) -> Option<&'a str> {
        let language = self.frame.header.lang.as_deref();
        language.filter(|language| language.len() <= LANGUAGE_MAX)
    }

    /// An attribute of the child's element that has no namespace, or `xml:lang`.
    pub fn attribute(&self, name: &str) -> Option<String> {
        let (namespace, name) = match name.strip_prefix("xml:") {
            Some(name) => (rxml::XMLNS_XML, name),
            None => ("", name),
        };
        match Events::new(self, None).next() {
            Ok(Some(Event::StartElement(_, _, attributes))) => {
                attributes.get(namespace, name).cloned()
            }
            _ => None,
        }
    }
}

/// The longest language tag that counts, in bytes. RFC 5646 §4.4.1: "there are no limits", but registered subtags make
/// none longer than 35.
const LANGUAGE_MAX: usize = 100;

/// The XML events of a child, read as if it still stood in its stanza.
struct Events<'a> {
    parser: Parser,
    rest: &'a [u8],
    languages: XmlLangStack,
}

impl<'a> Events<'a> {
    fn new(child: &Child<'a>, language: Option<&str>) -> Self {
        let options = rxml::Options {
            max_token_length: TOKEN_LENGTH_MAX,
            ..Default::default()
        };
        let mut events = Self {
            parser: Parser::with_options(options),
            rest: &[],
            languages: XmlLangStack::new(),
        };
        let header = payload::stanza_head(language);
        work::steps(header.len());
        let mut header = header.as_slice();
        // The head is ours and well-formed, so that one event comes of it and no error.
        if let Ok(Some(event)) = events.parser.parse(&mut header, false) {
            events.languages.handle_event(&event);
        }
        events.rest = child.xml();
        events
    }

    /// The next event, `None` at the end of the child.
    fn next(&mut self) -> Result<Option<Event>, XsoError> {
        let before = self.rest.len();
        let parsed = self.parser.parse(&mut self.rest, false);
        work::steps(before - self.rest.len());
        match parsed {
            Ok(Some(event)) => {
                self.languages.handle_event(&event);
                Ok(Some(event))
            }
            Ok(None) | Err(EndOrError::NeedMoreData) => Ok(None),
            Err(EndOrError::Error(error)) => Err(XsoError::XmlError(error)),
        }
    }

    fn context(&self) -> Context<'_> {
        Context::empty().with_language(self.languages.current())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::xml::header::StanzaKind;
    use crate::wire::xml::reader::FrameError;
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
}
