//! XML as the tests see it: small trees, and the splitting of a stream into them.
//!
//! Nothing of the program is used here, so that a fault in its XML can't hide itself. Elements of
//! `jabber:component:accept` are taken for `jabber:client`: which of the two a stanza is in is a
//! property of the stream, not of the stanza.

use std::fmt::{self, Write};

use rxml::error::EndOrError;
use rxml::{Event, Parse, Parser, WithOptions};

/// The namespace of stanzas.
pub const STANZAS: &str = "jabber:client";

const COMPONENT: &str = "jabber:component:accept";

/// An element with all that is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    pub namespace: String,
    pub name: String,
    /// Names are as written; of those with a prefix only `xml:` is kept apart.
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Node>,
}

/// What can be in an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.attributes.retain(|(key, _)| key != name);
        self.attributes.push((name.to_owned(), value.to_owned()));
    }

    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    pub fn child(&self, namespace: &str, name: &str) -> Option<&Element> {
        self.elements()
            .find(|element| element.namespace == namespace && element.name == name)
    }

    /// The element's own text, without the white space around it.
    pub fn text(&self) -> String {
        let text: String = self
            .children
            .iter()
            .filter_map(|node| match node {
                Node::Text(text) => Some(text.as_str()),
                Node::Element(_) => None,
            })
            .collect();
        text.trim().to_owned()
    }

    /// Changes every attribute's value and every text.
    pub fn map_values(&mut self, change: &mut impl FnMut(&str) -> String) {
        for (_, value) in &mut self.attributes {
            *value = change(value);
        }
        for node in &mut self.children {
            match node {
                Node::Element(element) => element.map_values(change),
                Node::Text(text) => *text = change(text),
            }
        }
    }

    /// Changes every namespace.
    pub fn map_namespaces(&mut self, change: &impl Fn(&str) -> String) {
        self.namespace = change(&self.namespace);
        for node in &mut self.children {
            if let Node::Element(element) = node {
                element.map_namespaces(change);
            }
        }
    }

    fn write(&self, parent: &str, out: &mut impl Write) -> fmt::Result {
        write!(out, "<{}", self.name)?;
        if self.namespace != parent {
            write!(out, " xmlns='{}'", escape(&self.namespace))?;
        }
        for (name, value) in &self.attributes {
            write!(out, " {name}='{}'", escape(value))?;
        }
        if self.children.is_empty() {
            return out.write_str("/>");
        }
        out.write_char('>')?;
        for node in &self.children {
            match node {
                Node::Element(element) => element.write(&self.namespace, out)?,
                Node::Text(text) => out.write_str(&escape(text))?,
            }
        }
        write!(out, "</{}>", self.name)
    }
}

/// The element as it stands in a stream of `jabber:client` or of the same meaning.
impl fmt::Display for Element {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(STANZAS, formatter)
    }
}

/// Text as it can be written between tags and in attributes.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\'' => escaped.push_str("&apos;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' | '\r' => {
                let _ = write!(escaped, "&#{};", u32::from(character));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

/// What comes out of a stream.
#[derive(Clone, Debug)]
pub enum Piece {
    /// The stream's head, without children.
    Head(Element),
    /// An element directly below the head.
    Whole(Whole),
    /// The stream has ended.
    End,
}

/// An element directly below a stream's head.
#[derive(Clone, Debug)]
pub struct Whole {
    pub element: Element,
    /// Its bytes as they were sent.
    pub raw: String,
    /// Where in the stream its bytes begin.
    pub offset: usize,
}

/// Splits a stream into the elements below its head.
pub struct Splitter {
    parser: Parser,
    /// Bytes that the parser has taken but that no event has accounted for.
    pending: Vec<u8>,
    /// Bytes of the element that is being read.
    raw: Vec<u8>,
    read: usize,
    offset: usize,
    opened: bool,
    open: Vec<Element>,
}

impl Splitter {
    pub fn new() -> Self {
        let options = rxml::Options {
            max_token_length: 1 << 22,
            ..Default::default()
        };
        Self {
            parser: Parser::with_options(options),
            pending: Vec::new(),
            raw: Vec::new(),
            read: 0,
            offset: 0,
            opened: false,
            open: Vec::new(),
        }
    }

    /// Takes bytes and gives what has become complete with them.
    ///
    /// # Errors
    /// What is not well-formed about them.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<Vec<Piece>, String> {
        self.pending.extend_from_slice(bytes);
        let mut pieces = Vec::new();
        loop {
            match self.parser.parse(&mut bytes, false) {
                Ok(Some(event)) => pieces.extend(self.event(event)),
                Ok(None) | Err(EndOrError::NeedMoreData) => return Ok(pieces),
                Err(EndOrError::Error(error)) => return Err(error.to_string()),
            }
        }
    }

    fn event(&mut self, event: Event) -> Option<Piece> {
        let length = event.metrics().len();
        if self.open.is_empty() {
            self.raw.clear();
            self.offset = self.read;
        }
        self.read += length;
        self.raw.extend(self.pending.drain(..length));
        match event {
            Event::XmlDeclaration(..) => None,
            Event::StartElement(_, (namespace, name), attributes) => {
                let attributes = attributes
                    .into_iter()
                    .map(|((namespace, name), value)| (attribute_name(&namespace, &name), value))
                    .collect();
                let element = Element {
                    namespace: namespace.to_string().replace(COMPONENT, STANZAS),
                    name: name.to_string(),
                    attributes,
                    children: Vec::new(),
                };
                if !self.opened {
                    self.opened = true;
                    return Some(Piece::Head(element));
                }
                self.open.push(element);
                None
            }
            Event::Text(_, text) => {
                let inside = self.open.last_mut()?;
                inside.children.push(Node::Text(text));
                None
            }
            Event::EndElement(_) => {
                let Some(element) = self.open.pop() else {
                    return Some(Piece::End);
                };
                if let Some(parent) = self.open.last_mut() {
                    parent.children.push(Node::Element(element));
                    return None;
                }
                let raw = String::from_utf8_lossy(&self.raw).into_owned();
                Some(Piece::Whole(Whole {
                    element,
                    raw,
                    offset: self.offset,
                }))
            }
        }
    }
}

fn attribute_name(namespace: &str, name: &str) -> String {
    match namespace {
        "" => name.to_owned(),
        rxml::XMLNS_XML => format!("xml:{name}"),
        other => format!("{{{other}}}{name}"),
    }
}

/// All elements in a text, as if they stood in a stream of `jabber:client`. White space between
/// them is of no meaning.
///
/// # Errors
/// What is not well-formed about them.
pub fn elements(text: &str) -> Result<Vec<Whole>, String> {
    let mut splitter = Splitter::new();
    splitter.feed(HEAD.as_bytes())?;
    let mut wholes = Vec::new();
    for piece in splitter.feed(text.as_bytes())? {
        if let Piece::Whole(mut whole) = piece {
            whole.offset -= HEAD.len();
            wholes.push(whole);
        }
    }
    if !splitter.open.is_empty() || !splitter.feed(TAIL.as_bytes())?.iter().any(is_end) {
        return Err("an element is not closed".to_owned());
    }
    Ok(wholes)
}

fn is_end(piece: &Piece) -> bool {
    matches!(piece, Piece::End)
}

const HEAD: &str = "<stream xmlns='jabber:client'>";
const TAIL: &str = "</stream>";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_split_wherever_its_bytes_break() {
        let stream = "<?xml version='1.0'?><s xmlns='jabber:component:accept'>\n<a b='1'>x<c \
                      xmlns='d'/></a> <e/></s>";
        for step in 1..stream.len() {
            let mut splitter = Splitter::new();
            let mut pieces = Vec::new();
            for bytes in stream.as_bytes().chunks(step) {
                pieces.extend(splitter.feed(bytes).unwrap());
            }
            let [Piece::Head(_), Piece::Whole(a), Piece::Whole(e), Piece::End] = &pieces[..] else {
                panic!("{pieces:?}");
            };
            assert_eq!(a.raw, "<a b='1'>x<c xmlns='d'/></a>");
            assert_eq!(a.element.to_string(), a.raw);
            assert_eq!(&stream[a.offset..][..a.raw.len()], a.raw);
            assert_eq!(e.raw, "<e/>");
            assert_eq!(e.element.namespace, STANZAS);
        }
    }

    #[test]
    fn what_is_not_closed_is_told() {
        assert!(elements("<a><b></a>").is_err());
        assert!(elements("<a>").is_err());
        assert_eq!(elements("\n  <a/>\n <b/>\n").unwrap()[1].offset, 9);
    }
}
