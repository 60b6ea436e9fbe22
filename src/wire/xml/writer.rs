//! Writing XML as bytes, for stanzas of which a great many leave: presence and messages.
//!
//! Everything else is made of typed structs, which [`XmlWriter::typed`] puts between. The one hard
//! thing is that nothing may break the stream, which would take the whole service with it: every
//! value is escaped, and a character that XML does not allow becomes U+FFFD.

use rxml::Item;
use xso::AsXml;

/// Writes elements one after the other. Who opens an element closes it.
#[derive(Debug, Default)]
pub(in crate::wire) struct XmlWriter {
    bytes: Vec<u8>,
    /// Whether the last head still lacks its `>`.
    in_head: bool,
}

impl XmlWriter {
    /// An empty writer with room for this many bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(capacity),
            in_head: false,
        }
    }

    /// Opens an element in the namespace of what is around it.
    pub fn open(&mut self, name: &'static str) -> &mut Self {
        self.finish_head();
        self.bytes.push(b'<');
        self.bytes.extend_from_slice(name.as_bytes());
        self.in_head = true;
        self
    }

    /// Opens an element in a namespace of its own.
    pub fn open_in(&mut self, namespace: &'static str, name: &'static str) -> &mut Self {
        self.open(name).word("xmlns", namespace)
    }

    /// Adds an attribute to the element that was opened last.
    pub fn attribute(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.attribute_of(name, &[value])
    }

    /// Adds an attribute whose value is a word of ours, in which nothing needs escaping.
    pub fn word(&mut self, name: &'static str, value: &'static str) -> &mut Self {
        for part in [" ", name, "='", value, "'"] {
            self.bytes.extend_from_slice(part.as_bytes());
        }
        self
    }

    /// Adds an attribute if there is a value.
    pub fn attribute_if(&mut self, name: &'static str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.attribute(name, value),
            None => self,
        }
    }

    /// Adds an attribute whose value is made of parts.
    pub fn attribute_of(&mut self, name: &'static str, parts: &[&str]) -> &mut Self {
        self.bytes.push(b' ');
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(b"='");
        for part in parts {
            escape(&mut self.bytes, part);
        }
        self.bytes.push(b'\'');
        self
    }

    /// Leaves an attribute's value to be put in later, and tells where.
    pub fn attribute_gap(&mut self, name: &'static str) -> usize {
        self.attribute_of(name, &[]);
        self.bytes.len() - 1
    }

    /// Adds text, escaped.
    pub fn text(&mut self, text: &str) -> &mut Self {
        if !text.is_empty() {
            self.finish_head();
            escape(&mut self.bytes, text);
        }
        self
    }

    /// Adds whole elements as they are.
    pub fn elements(&mut self, xml: &[u8]) -> &mut Self {
        if !xml.is_empty() {
            self.finish_head();
            self.bytes.extend_from_slice(xml);
        }
        self
    }

    /// Adds an element with nothing but text in it.
    pub fn text_element(&mut self, name: &'static str, text: &str) -> &mut Self {
        self.open(name).text(text).close(name)
    }

    /// Adds a typed element.
    pub fn typed(&mut self, element: &impl AsXml) -> &mut Self {
        let xml = to_xml(element);
        self.elements(&xml)
    }

    /// Closes the element of this name, which was opened last.
    pub fn close(&mut self, name: &'static str) -> &mut Self {
        if self.in_head {
            self.bytes.extend_from_slice(b"/>");
            self.in_head = false;
        } else {
            self.bytes.extend_from_slice(b"</");
            self.bytes.extend_from_slice(name.as_bytes());
            self.bytes.push(b'>');
        }
        self
    }

    /// What was written.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn finish_head(&mut self) {
        if self.in_head {
            self.bytes.push(b'>');
            self.in_head = false;
        }
    }
}

/// Serialises a typed element. Characters that XML does not allow become U+FFFD.
pub(in crate::wire) fn to_xml(element: &impl AsXml) -> Vec<u8> {
    try_to_xml(element)
        .expect("our own types have names that are literals and texts that were made valid")
}

fn try_to_xml(element: &impl AsXml) -> Result<Vec<u8>, xso::error::Error> {
    let mut encoder = rxml::writer::Encoder::new();
    let mut bytes = Vec::new();
    for item in element.as_xml_iter()? {
        let item = item?;
        let valid;
        let item = match item.as_rxml_item() {
            Item::Text(text) if has_invalid(text) => {
                valid = text.replace(is_invalid, "\u{fffd}");
                Item::Text(&valid)
            }
            Item::Attribute(namespace, name, value) if has_invalid(value) => {
                valid = value.replace(is_invalid, "\u{fffd}");
                Item::Attribute(namespace, name, &valid)
            }
            other => other,
        };
        encoder.encode(item, &mut bytes)?;
    }
    Ok(bytes)
}

fn has_invalid(text: &str) -> bool {
    text.contains(is_invalid)
}

/// Whether XML 1.0 §2.2 leaves a character out.
fn is_invalid(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}'
    )
}

/// Writes text so that it may stand between tags and between single quotes.
pub(in crate::wire) fn escape(out: &mut Vec<u8>, text: &str) {
    // Nearly all addresses are plain, and one is written for every delivery. Without an early end
    // the compiler looks at many bytes at once.
    let plain = text.bytes().fold(true, |plain, byte| {
        let special = matches!(byte, 0..=0x1f | b'&' | b'<' | b'>' | b'\'' | b'"' | 0xef);
        plain & !special
    });
    if plain {
        out.extend_from_slice(text.as_bytes());
    } else {
        escape_some(out, text);
    }
}

fn escape_some(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let mut copied = 0;
    let mut at = 0;
    while at < bytes.len() {
        let (replacement, length) = match bytes[at] {
            b'&' => (b"&amp;".as_slice(), 1),
            b'<' => (b"&lt;".as_slice(), 1),
            b'>' => (b"&gt;".as_slice(), 1),
            b'\'' => (b"&apos;".as_slice(), 1),
            b'"' => (b"&quot;".as_slice(), 1),
            // Left as they are, they would be read back as blanks in an attribute. XML 1.0 §3.3.3.
            b'\t' => (b"&#9;".as_slice(), 1),
            b'\n' => (b"&#10;".as_slice(), 1),
            b'\r' => (b"&#13;".as_slice(), 1),
            0..=0x1f => (REPLACEMENT, 1),
            0xef if matches!(bytes.get(at + 1..at + 3), Some([0xbf, 0xbe | 0xbf])) => {
                (REPLACEMENT, 3)
            }
            _ => {
                at += 1;
                continue;
            }
        };
        out.extend_from_slice(&bytes[copied..at]);
        out.extend_from_slice(replacement);
        at += length;
        copied = at;
    }
    out.extend_from_slice(&bytes[copied..]);
}

/// U+FFFD in UTF-8.
const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use xso::FromXml;

    #[derive(FromXml, AsXml, Debug, PartialEq)]
    #[xml(namespace = "urn:test", name = "e")]
    struct Element {
        #[xml(attribute)]
        a: String,
        #[xml(text)]
        text: String,
    }

    fn written(value: &str) -> Vec<u8> {
        let mut xml = XmlWriter::default();
        xml.open_in("urn:test", "e")
            .attribute("a", value)
            .text(value)
            .close("e");
        xml.finish()
    }

    #[test]
    fn elements_nest_and_close() {
        let mut xml = XmlWriter::default();
        xml.open_in("urn:a", "a").attribute("b", "'\"<>&\n");
        xml.open("c")
            .close("c")
            .text_element("d", "x")
            .elements(b"<raw/>")
            .text("")
            .close("a");
        assert_eq!(
            String::from_utf8(xml.finish()).unwrap(),
            "<a xmlns='urn:a' b='&apos;&quot;&lt;&gt;&amp;&#10;'><c/><d>x</d><raw/></a>"
        );
    }

    #[test]
    fn what_xml_does_not_allow_is_replaced() {
        let expected = Element {
            a: "a\u{fffd}b\u{fffd}\u{fffc}".into(),
            text: "a\u{fffd}b\u{fffd}\u{fffc}".into(),
        };
        let value = "a\u{1}b\u{ffff}\u{fffc}";
        assert_eq!(
            xso::from_bytes::<Element>(&written(value)).unwrap(),
            expected
        );
        let typed = to_xml(&Element {
            a: value.into(),
            text: value.into(),
        });
        assert_eq!(xso::from_bytes::<Element>(&typed).unwrap(), expected);
    }

    proptest! {
        #[test]
        fn every_text_reads_back(value in any::<String>()) {
            let valid = value.replace(is_invalid, "\u{fffd}");
            let element = Element { a: valid.clone(), text: valid };
            prop_assert_eq!(xso::from_bytes::<Element>(&written(&value)).unwrap(), element);
        }
    }
}
