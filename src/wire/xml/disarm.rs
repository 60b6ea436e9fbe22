//! Makes harmless, before it is parsed, what would end the stream though XML allows it.
//!
//! COMPAT(Prosody): a user may write `&#13;` in an attribute; Prosody passes it on as a bare
//! carriage return, and rxml takes whatever follows one in an attribute for an error. So no
//! carriage return reaches it: all line ends are made line feeds here, which is what XML 1.0 §2.11
//! wants of a parser before anything else. In an attribute the line feed is then read as a blank,
//! §3.3.3.
//!
//! COMPAT(ejabberd): a user may send `<xml:x/>`, which is allowed; ejabberd passes it on as
//! `<x xmlns='http://www.w3.org/XML/1998/namespace'/>`, which is not (Namespaces in XML 1.0
//! §3), and rxml then gives up the whole stream. Any user could so cut any component off.
//! [`Disarm`] follows the bytes just far enough to know the value of such a declaration, and
//! has its last byte replaced. [`DISARMED`] then is a namespace whose stanza is refused.

/// Follows one stream.
#[derive(Debug, Default)]
pub(in crate::wire) struct Disarm {
    place: Position,
    /// Whether the last byte was a carriage return, which has become a line feed already.
    line_ended: bool,
    /// The attribute name being read, as much of it as is needed.
    name: AttributeName,
}

/// Where in the document the last byte was.
#[derive(Debug, Default, Clone, Copy)]
enum Position {
    #[default]
    Text,
    /// Right behind a `<`.
    Open,
    /// Behind `<!` and this number of bytes of what makes that a CDATA section.
    Section(usize),
    /// In a CDATA section, in which nothing but its end means anything; behind this number of
    /// brackets.
    Cdata(usize),
    Tag,
    Value {
        quote: u8,
        /// How much of the reserved name has been seen, while nothing else has.
        matched: Option<usize>,
    },
}

#[derive(Debug, Default, Clone, Copy)]
struct AttributeName {
    bytes: [u8; XMLNS_XML.len()],
    length: usize,
    /// Whether the next byte begins another name.
    ended: bool,
}

impl Disarm {
    /// Follows `bytes` and gives the place of the first that is to be replaced, and what by: one
    /// byte or none. The bytes before and including it count as seen.
    pub fn find(&mut self, bytes: &[u8]) -> Option<(usize, &'static [u8])> {
        let mut at = 0;
        loop {
            at += self.idle(&bytes[at..]);
            let byte = *bytes.get(at)?;
            if let Some(replacement) = self.take(byte) {
                return Some((at, replacement));
            }
            at += 1;
        }
    }

    /// How many of the next bytes mean nothing where they are: most are in a text or in a value,
    /// and passed over together.
    fn idle(&self, bytes: &[u8]) -> usize {
        if self.line_ended {
            return 0;
        }
        let meaning = match self.place {
            Position::Text => b'<',
            Position::Value {
                quote,
                matched: None,
            } => quote,
            Position::Value { .. }
            | Position::Open
            | Position::Section(_)
            | Position::Cdata(_)
            | Position::Tag => return 0,
        };
        let next = bytes
            .iter()
            .position(|byte| *byte == meaning || *byte == b'\r');
        next.unwrap_or(bytes.len())
    }

    fn take(&mut self, byte: u8) -> Option<&'static [u8]> {
        let line_ended = std::mem::replace(&mut self.line_ended, byte == b'\r');
        match byte {
            b'\n' if line_ended => Some(NOTHING),
            b'\r' => {
                self.follow(b'\n');
                Some(LINE_FEED)
            }
            byte => self.follow(byte).then_some(REPLACEMENT),
        }
    }

    /// Whether this is the byte that completes a declaration of the reserved namespace.
    fn follow(&mut self, byte: u8) -> bool {
        match self.place {
            Position::Text if byte == b'<' => {
                self.place = Position::Open;
                self.name.ended = true;
            }
            Position::Text => {}
            Position::Open if byte == b'!' => self.place = Position::Section(0),
            Position::Open => self.enter_tag(byte),
            Position::Section(seen) if CDATA.get(seen) == Some(&byte) => {
                self.place = match seen + 1 == CDATA.len() {
                    true => Position::Cdata(0),
                    false => Position::Section(seen + 1),
                };
            }
            // A comment or a declaration, at which the parser gives up the stream anyhow. RFC 6120
            // §11.1.
            Position::Section(_) => self.enter_tag(byte),
            Position::Cdata(brackets) => {
                self.place = match byte {
                    b']' => Position::Cdata((brackets + 1).min(2)),
                    b'>' if brackets == 2 => Position::Text,
                    _ => Position::Cdata(0),
                };
            }
            Position::Tag => self.take_in_tag(byte),
            Position::Value { quote, .. } if byte == quote => {
                self.place = Position::Tag;
                self.name.ended = true;
            }
            Position::Value { quote, matched } => {
                let matched = matched
                    .filter(|count| RESERVED[*count] == byte)
                    .map(|it| it + 1);
                let complete = matched == Some(RESERVED.len());
                let matched = matched.filter(|_| !complete);
                self.place = Position::Value { quote, matched };
                return complete;
            }
        }
        false
    }

    fn enter_tag(&mut self, byte: u8) {
        self.place = Position::Tag;
        self.take_in_tag(byte);
    }

    fn take_in_tag(&mut self, byte: u8) {
        match byte {
            b'>' => self.place = Position::Text,
            b'\'' | b'"' => {
                let matched = self.name.declares().then_some(0);
                self.place = Position::Value {
                    quote: byte,
                    matched,
                };
            }
            b' ' | b'\t' | b'\n' => self.name.ended = true,
            b'=' => {}
            byte => self.name.push(byte),
        }
    }
}

impl AttributeName {
    fn push(&mut self, byte: u8) {
        if std::mem::take(&mut self.ended) {
            self.length = 0;
        }
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
        }
        self.length = self.length.saturating_add(1);
    }

    /// Whether it is `xmlns` or `xmlns:` and anything but `xml`, which may be declared so.
    fn declares(&self) -> bool {
        let seen = &self.bytes[..self.length.min(self.bytes.len())];
        self.length == XMLNS.len() && seen == XMLNS
            || seen.starts_with(XMLNS_PREFIXED)
                && !(self.length == XMLNS_XML.len() && seen == XMLNS_XML)
    }
}

/// What the last byte of the reserved namespace becomes.
const REPLACEMENT: &[u8] = b"!";

/// What a carriage return becomes.
const LINE_FEED: &[u8] = b"\n";

/// What the line feed after one becomes.
const NOTHING: &[u8] = b"";

/// The reserved namespace after that.
pub(in crate::wire) const DISARMED: &str = "http://www.w3.org/XML/1998/namespac!";

const RESERVED: &[u8] = rxml::XMLNS_XML.as_bytes();
/// What begins a CDATA section, behind `<!`. XML 1.0 §2.7.
const CDATA: &[u8] = b"[CDATA[";
const XMLNS: &[u8] = b"xmlns";
const XMLNS_PREFIXED: &[u8] = b"xmlns:";
const XMLNS_XML: &[u8] = b"xmlns:xml";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::xml::frame::Received;
    use crate::wire::xml::limits::StanzaLimits;
    use crate::wire::xml::reader::{StanzaReader, StreamEvent};
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;
    use proptest::sample::select;

    /// The document with all replacements made, read in pieces of `size` bytes.
    fn disarmed(xml: &str, size: usize) -> String {
        let mut disarm = Disarm::default();
        let mut out = Vec::new();
        for mut piece in xml.as_bytes().chunks(size) {
            while let Some((at, replacement)) = disarm.find(piece) {
                out.extend_from_slice(&piece[..at]);
                out.extend_from_slice(replacement);
                piece = &piece[at + 1..];
            }
            out.extend_from_slice(piece);
        }
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn declarations_of_the_reserved_namespace_are_found_wherever_they_are_cut() {
        for template in [
            "<x xmlns='NS'/>",
            "<x a='1' xmlns = \"NS\">t</x><y xmlns='NS'/>",
            "<p:x xmlns:p='NS' xmlns:xmlx='NS' xmlns:xm='NS'/>",
            "it's <x xmlns='NS'/>",
            "<x a='>' b=\"'\" xmlns='NS'/>",
            "<b><![CDATA[it's]]></b><x xmlns='NS'/>",
            "<b><![CDATA[\"]]]></b><b><![CDATA[<']>]]>]]]]><![CDATA[>]]></b><x xmlns='NS'/>",
            "<b><![CDATA[]]></b><x a='<![CDATA[' xmlns='NS'/>",
        ] {
            let xml = template.replace("NS", rxml::XMLNS_XML);
            for size in 1..xml.len() {
                assert_eq!(disarmed(&xml, size), template.replace("NS", DISARMED));
            }
        }
    }

    #[test]
    fn other_mentions_are_left_alone() {
        for template in [
            "<body>NS xmlns='NS'</body>",
            "<a href='NS' axmlns='NS' xmlnsb='NS'>xmlns='NS'</a>",
            "<x xmlns:xml='NS'/>",
            "<x xmlns=' NS'/>",
            "<x xmlns='urn:x' a='NS'/>",
            "<b><![CDATA[<x xmlns='NS'/>]] ><x xmlns='NS'/>]]></b>",
        ] {
            let xml = template.replace("NS", rxml::XMLNS_XML);
            assert_eq!(disarmed(&xml, 7), xml);
        }
    }

    #[test]
    fn line_ends_become_line_feeds_wherever_they_are_cut() {
        let xml = "<x\ra='1\r2\r\n3\r\r4\n\r'\r\n>\r<y/>t\r\n\r\n\n\r</x>";
        let expected = "<x\na='1\n2\n3\n\n4\n\n'\n>\n<y/>t\n\n\n\n</x>";
        for size in 1..xml.len() {
            assert_eq!(disarmed(xml, size), expected);
        }
        let declared = format!("<x\rxmlns='{}'/>", rxml::XMLNS_XML);
        assert_eq!(disarmed(&declared, 5), format!("<x\nxmlns='{DISARMED}'/>"));
    }

    const TEXTS: &[&str] = &[
        "it's",
        "\"",
        "]]&gt;",
        "]",
        "&gt;",
        "&lt;![CDATA[",
        "&amp;lt;",
        "&#13;",
        "&#x10FFFF;",
        "\r\n",
        "xmlns='",
        "\u{85}",
        "=",
    ];
    const VALUES: &[&str] = &[
        "",
        "'",
        "\"",
        ">",
        "]]>",
        "/>",
        "&lt;",
        "&amp;#13;",
        "&#10;",
        "\r",
        "=",
        NS,
    ];
    const CDATA_PARTS: &[&str] = &[
        "'",
        "\"",
        "<",
        ">",
        "]",
        "]]",
        "&amp;",
        "<x a='",
        "<![CDATA[",
        "<!--",
        "\r",
        NS,
    ];
    const NAMES: &[&str] = &["a", "xmlns", "xmlns:p", "xml:lang", "b"];

    /// What a client can put into a stanza: as it is typed, and as a server may pass it on.
    fn content() -> impl Strategy<Value = String> {
        let section = vec(select(CDATA_PARTS), 0..6).prop_map(|parts| {
            let text = parts.concat().replace("]]>", "]] >");
            format!("<![CDATA[{text}]]>")
        });
        let text = select(TEXTS).prop_map(str::to_owned);
        let leaf = prop_oneof![text, section, Just("<xml:x/>".to_owned())];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            let attribute = option::of((select(NAMES), select(VALUES)));
            (attribute, vec(inner, 0..4)).prop_map(|(attribute, inner)| {
                let attribute = attribute.map(written).unwrap_or_default();
                format!("<e{attribute}>{}</e>", inner.concat())
            })
        })
    }

    fn written((name, value): (&str, &str)) -> String {
        // No server takes a prefix for no namespace. Namespaces in XML 1.0 §5.
        let value = match name == "xmlns:p" && value.is_empty() {
            true => "urn:x",
            false => value,
        };
        match value.contains('\'') {
            true => format!(" {name}=\"{value}\""),
            false => format!(" {name} = '{value}'"),
        }
    }

    const NS: &str = rxml::XMLNS_XML;

    /// Everything that is read of `xml`, given in pieces of `size` bytes.
    fn read(xml: &str, size: usize) -> Vec<Received> {
        let mut reader = StanzaReader::new(StanzaLimits::default());
        let mut read = Vec::new();
        for mut piece in xml.as_bytes().chunks(size) {
            while let Some(incoming) = reader.next(&mut piece).expect("the stream goes on") {
                match incoming {
                    StreamEvent::Stanza(stanza) => read.push(stanza),
                    other => panic!("{other:?}"),
                }
            }
        }
        read
    }

    proptest! {
        #[test]
        fn whatever_a_client_sends_the_stream_goes_on_and_it_can_be_passed_on(
            contents in vec(content(), 1..4), size in 1_usize..64,
        ) {
            let last = format!("<message id='last'><x xmlns='{NS}'/><b>it's</b></message>");
            let sent: String = contents.iter().map(|content| format!("<message id='m'>{content}</message>")).collect();
            let received = read(&format!("{sent}{last}{last}"), size);
            prop_assert_eq!(received.len(), contents.len() + 2);
            for stanza in received {
                let Received::Stanza(frame) = stanza else { continue };
                // As the next server's parser gets it: nothing is left but elements, texts and five
                // references.
                let passed_on = String::from_utf8(frame.payload().to_vec()).unwrap();
                prop_assert!(!passed_on.contains("]]>") && !passed_on.contains("<!"), "{}", passed_on);
                let again = read(&format!("<message>{passed_on}</message>"), 7);
                let [Received::Stanza(again)] = &again[..] else { panic!("{again:?}") };
                prop_assert_eq!(again.payload(), passed_on.as_bytes());
            }
        }
    }
}
