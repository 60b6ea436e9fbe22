//! Writing the children of a stanza down again, with every namespace resolved.
//!
//! [`Recorder`] is fed elements and texts and keeps one buffer with an index of the
//! stanza's children. Prefixes are not kept: an element is always written without one,
//! with an `xmlns` wherever the namespace differs from that of its parent. Nothing here
//! recurses, and the buffer never grows past its limit.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::header::{CLIENT_NAMESPACE, STANZA_NAMESPACE};
use super::limits::Unreadable;

/// The children of a stanza.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::wire) struct Recording {
    /// All children, one after the other.
    pub xml: Vec<u8>,
    /// Where each child lies in `xml`, in ascending order.
    pub children: Vec<ChildEntry>,
    /// How many elements there are, on all levels.
    pub elements: usize,
}

impl fmt::Debug for Recording {
    /// The names of the children only: their contents are not for a log.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |child: &ChildEntry| format!("{{{}}}{}", child.namespace, child.name);
        formatter
            .debug_list()
            .entries(self.children.iter().map(name))
            .finish()
    }
}

/// The place of one child in a [`Recording`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::wire) struct ChildEntry {
    pub namespace: Arc<str>,
    pub name: Box<str>,
    pub range: Range<usize>,
}

/// An attribute whose prefix has been resolved; the namespace is empty for none.
pub(in crate::wire) struct ResolvedAttribute {
    pub namespace: Arc<str>,
    pub name: String,
    pub value: String,
}

/// Writes a [`Recording`].
pub(in crate::wire) struct Recorder {
    xml: Vec<u8>,
    children: Vec<ChildEntry>,
    open: Vec<Open>,
    /// How many elements there are, on all levels.
    elements: usize,
    /// Whether the last head still lacks its `>`; an element without content is then
    /// closed with `/>`.
    head_unfinished: bool,
    size_max: usize,
}

/// An element whose end has not come.
struct Open {
    /// As written, so `jabber:client` for the stanza's own.
    namespace: Arc<str>,
    name: String,
}

impl Recorder {
    /// A recorder of no more than `size_max` bytes.
    pub fn new(size_max: usize) -> Self {
        Self {
            xml: Vec::new(),
            children: Vec::new(),
            open: Vec::new(),
            elements: 0,
            head_unfinished: false,
            size_max,
        }
    }

    /// How many elements have been opened, on all levels.
    pub fn elements(&self) -> usize {
        self.elements
    }

    /// Opens an element.
    ///
    /// # Errors
    /// - [`Unreadable::TooLarge`], [`Unreadable::TooComplex`]: the recorder is of no
    ///   further use.
    pub fn start(
        &mut self,
        namespace: Arc<str>,
        name: &str,
        attributes: &[ResolvedAttribute],
    ) -> Result<(), Unreadable> {
        self.finish_head();
        self.elements += 1;
        if self.elements > ELEMENTS_MAX {
            return Err(Unreadable::TooComplex);
        }
        if self.open.is_empty() {
            self.begin_child(&namespace, name)?;
        }
        self.xml.push(b'<');
        self.xml.extend_from_slice(name.as_bytes());
        let inherited = self
            .open
            .last()
            .map_or(CLIENT_NAMESPACE, |parent| &parent.namespace);
        if *namespace != *inherited {
            self.xml.extend_from_slice(b" xmlns='");
            escape(&mut self.xml, &namespace);
            self.xml.push(b'\'');
        }
        for (number, attribute) in attributes.iter().enumerate() {
            self.attribute(number, attribute);
            self.check_size()?;
        }
        self.head_unfinished = true;
        self.open.push(Open {
            namespace,
            name: name.to_owned(),
        });
        self.check_size()
    }

    /// Adds text to the open element. Text directly in the stanza is dropped: no stanza
    /// has any. RFC 6120 §8.4.
    ///
    /// # Errors
    /// - [`Unreadable::TooLarge`]: the recorder is of no further use.
    pub fn text(&mut self, text: &str) -> Result<(), Unreadable> {
        if self.open.is_empty() || text.is_empty() {
            return Ok(());
        }
        self.finish_head();
        escape_text(&mut self.xml, text);
        self.check_size()
    }

    /// Closes the element that was opened last.
    ///
    /// # Errors
    /// - [`Unreadable::TooLarge`]: the recorder is of no further use.
    pub fn end(&mut self) -> Result<(), Unreadable> {
        let Some(element) = self.open.pop() else {
            return Ok(());
        };
        if self.head_unfinished {
            self.xml.extend_from_slice(b"/>");
            self.head_unfinished = false;
        } else {
            self.xml.extend_from_slice(b"</");
            self.xml.extend_from_slice(element.name.as_bytes());
            self.xml.push(b'>');
        }
        if self.open.is_empty()
            && let Some(child) = self.children.last_mut()
        {
            child.range.end = self.xml.len();
        }
        self.check_size()
    }

    /// How many bytes may still be written.
    pub fn room_left(&self) -> usize {
        self.size_max.saturating_sub(self.xml.len())
    }

    /// What was recorded.
    pub fn finish(mut self) -> Recording {
        self.xml.shrink_to_fit();
        Recording {
            xml: self.xml,
            children: self.children,
            elements: self.elements,
        }
    }

    fn begin_child(&mut self, namespace: &Arc<str>, name: &str) -> Result<(), Unreadable> {
        if self.children.len() == CHILDREN_MAX {
            return Err(Unreadable::TooComplex);
        }
        let namespace = match **namespace {
            ref own if own == CLIENT_NAMESPACE => Arc::from(STANZA_NAMESPACE),
            _ => Arc::clone(namespace),
        };
        let start = self.xml.len();
        self.children.push(ChildEntry {
            namespace,
            name: name.into(),
            range: start..start,
        });
        Ok(())
    }

    fn attribute(&mut self, number: usize, attribute: &ResolvedAttribute) {
        let xml = &mut self.xml;
        xml.push(b' ');
        match &*attribute.namespace {
            "" => {}
            rxml::XMLNS_XML => xml.extend_from_slice(b"xml:"),
            namespace => {
                let prefix = format!("n{number}");
                xml.extend_from_slice(b"xmlns:");
                xml.extend_from_slice(prefix.as_bytes());
                xml.extend_from_slice(b"='");
                escape(xml, namespace);
                xml.extend_from_slice(b"' ");
                xml.extend_from_slice(prefix.as_bytes());
                xml.push(b':');
            }
        }
        xml.extend_from_slice(attribute.name.as_bytes());
        xml.extend_from_slice(b"='");
        escape(xml, &attribute.value);
        xml.push(b'\'');
    }

    fn finish_head(&mut self) {
        if self.head_unfinished {
            self.xml.push(b'>');
            self.head_unfinished = false;
        }
    }

    fn check_size(&self) -> Result<(), Unreadable> {
        if self.xml.len() > self.size_max {
            Err(Unreadable::TooLarge)
        } else {
            Ok(())
        }
    }
}

/// The head of an element that gives its children the stanza's namespace and language.
pub(in crate::wire) fn stanza_head(lang: Option<&str>) -> Vec<u8> {
    let mut head = b"<stanza xmlns='".to_vec();
    head.extend_from_slice(STANZA_NAMESPACE.as_bytes());
    head.push(b'\'');
    if let Some(lang) = lang {
        head.extend_from_slice(b" xml:lang='");
        escape(&mut head, lang);
        head.push(b'\'');
    }
    head.push(b'>');
    head
}

/// Writes an attribute value, to stand between single quotes.
fn escape(out: &mut Vec<u8>, value: &str) {
    escape_with(out, value, |byte| match byte {
        b'&' => Some(b"&amp;".as_slice()),
        b'<' => Some(b"&lt;"),
        b'>' => Some(b"&gt;"),
        b'\'' => Some(b"&apos;"),
        b'"' => Some(b"&quot;"),
        // Left as they are, they would be read back as blanks. XML 1.0 §3.3.3.
        b'\t' => Some(b"&#9;"),
        b'\n' => Some(b"&#10;"),
        b'\r' => Some(b"&#13;"),
        _ => None,
    });
}

/// Writes character data.
fn escape_text(out: &mut Vec<u8>, text: &str) {
    escape_with(out, text, |byte| match byte {
        b'&' => Some(b"&amp;".as_slice()),
        b'<' => Some(b"&lt;"),
        b'>' => Some(b"&gt;"),
        // Left as it is, it would be read back as a line feed. XML 1.0 §2.11.
        b'\r' => Some(b"&#13;"),
        _ => None,
    });
}

/// Copies runs of ordinary bytes at once; all that is escaped is ASCII, so that cutting
/// there never splits a character.
fn escape_with(out: &mut Vec<u8>, text: &str, escape: impl Fn(u8) -> Option<&'static [u8]>) {
    let bytes = text.as_bytes();
    let mut copied = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if let Some(replacement) = escape(*byte) {
            out.extend_from_slice(&bytes[copied..at]);
            out.extend_from_slice(replacement);
            copied = at + 1;
        }
    }
    out.extend_from_slice(&bytes[copied..]);
}

/// No stanza of any specification has more than a handful.
const CHILDREN_MAX: usize = 1000;

/// Children, children of these and so on, together. The longest that are taken in, of a thousand
/// rooms that something is asked about or a thousand people whose standing changes, have three
/// elements for each.
const ELEMENTS_MAX: usize = 10_000;
