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

    /// How many elements there are in it, on all levels.
    pub fn element_count(&self) -> usize {
        self.payload.elements
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
///
/// A child is bytes and nothing else: [`Self::parse`], [`Self::text`] and [`Self::attribute`] each
/// parse them anew, as far as they have to. Most stanzas are relayed without any of it, and a tree
/// would cost every one of them more.
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

    /// The child as a typed payload. The stanza's `xml:lang` counts for it, and elements in the
    /// stanza's own namespace are in [`STANZA_NAMESPACE`]; a stanza *inside* a forwarded element is
    /// in `jabber:client`, as [`Self::xml`] has it. Text beside elements is passed over.
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

    /// The stanza's language, as far as it can be one. Each child that is parsed is parsed with it,
    /// so a long one would be paid for as often as there are children.
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

/// The longest language tag that counts, in bytes. RFC 5646 §4.4.1: "there are no limits", but
/// registered subtags make none longer than 35.
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
mod tests;
