//! Passing over the rest of a stanza that is refused, to where the parser has to go on.
//!
//! What was refused is only read to find its end, and for that nothing of it need be understood
//! but which `<` opens an element and which ends one. [`Skim`] follows whole elements, however deep
//! they lie, at a fraction of what the parser takes for them, and stops before the first end tag
//! that ends an element which the parser has seen begin. What a server may not send in a stream
//! (RFC 6120 §11.1 (#xml-restrictions)) is left to the parser, which then gives up the stream.

/// Passes over the content of one element, from behind a tag on.
#[derive(Debug, Default)]
pub(in crate::wire) struct Skim {
    place: Place,
    /// Elements that have begun here and not ended.
    open: usize,
}

/// Where the last byte was.
#[derive(Debug, Default, Clone, Copy)]
enum Place {
    #[default]
    Text,
    /// Right behind a `<`.
    Open,
    /// In a start tag; whether a slash was the last byte.
    StartTag { slash: bool },
    /// In the value of an attribute, up to this quote.
    Value(u8),
    /// In an end tag.
    EndTag,
    /// Behind `<!` and this number of bytes of what makes that a CDATA section.
    Section(usize),
    /// In a CDATA section, behind this number of brackets.
    Cdata(usize),
}

/// What bytes have brought.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::wire) enum Skimmed {
    /// All were passed over, and more are to be.
    All,
    /// The parser has to go on: first with `owed`, which was passed over, then with the bytes from
    /// `at` on.
    Until { at: usize, owed: &'static [u8] },
}

impl Skim {
    /// Passes over bytes.
    pub fn pass(&mut self, bytes: &[u8]) -> Skimmed {
        let mut at = 0;
        loop {
            at += self.idle(&bytes[at..]);
            let Some(byte) = bytes.get(at) else {
                return Skimmed::All;
            };
            match self.follow(*byte) {
                Ok(place) => self.place = place,
                Err(owed) => return Skimmed::Until { at, owed },
            }
            at += 1;
        }
    }

    /// How many of the next bytes mean nothing where they are.
    fn idle(&self, bytes: &[u8]) -> usize {
        let meaning = match self.place {
            Place::Text => b'<',
            Place::Value(quote) => quote,
            Place::EndTag => b'>',
            Place::Open | Place::StartTag { .. } | Place::Section(_) | Place::Cdata(_) => return 0,
        };
        let next = bytes.iter().position(|byte| *byte == meaning);
        next.unwrap_or(bytes.len())
    }

    /// Where one is behind the next byte.
    ///
    /// # Errors
    /// What the parser has to read before that byte, since both are for it.
    fn follow(&mut self, byte: u8) -> Result<Place, &'static [u8]> {
        Ok(match (self.place, byte) {
            (Place::Text, b'<') => Place::Open,
            (Place::Text, _) => Place::Text,
            (Place::Open, b'/') if self.open == 0 => return Err(b"<"),
            (Place::Open, b'/') => Place::EndTag,
            (Place::Open, b'!') => Place::Section(0),
            (Place::Open, b'?') => return Err(b"<"),
            (Place::Open, _) => Place::StartTag { slash: false },
            (Place::StartTag { slash }, b'>') => {
                self.open += usize::from(!slash);
                Place::Text
            }
            (Place::StartTag { .. }, b'\'' | b'"') => Place::Value(byte),
            (Place::StartTag { .. }, _) => Place::StartTag {
                slash: byte == b'/',
            },
            (Place::Value(quote), _) if byte == quote => Place::StartTag { slash: false },
            (Place::Value(quote), _) => Place::Value(quote),
            (Place::EndTag, b'>') => {
                self.open -= 1;
                Place::Text
            }
            (Place::EndTag, _) => Place::EndTag,
            (Place::Section(seen), _) if CDATA.get(seen + 2) == Some(&byte) => {
                match seen + 3 == CDATA.len() {
                    true => Place::Cdata(0),
                    false => Place::Section(seen + 1),
                }
            }
            (Place::Section(seen), _) => return Err(&CDATA[..seen + 2]),
            (Place::Cdata(brackets), b']') => Place::Cdata((brackets + 1).min(2)),
            (Place::Cdata(2), b'>') => Place::Text,
            (Place::Cdata(_), _) => Place::Cdata(0),
        })
    }
}

/// What begins a CDATA section. XML 1.0 §2.7.
const CDATA: &[u8] = b"<![CDATA[";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the parser is given, when the text is cut into pieces of this size.
    fn left(text: &str, size: usize) -> Option<String> {
        let mut skim = Skim::default();
        let mut pieces = text.as_bytes().chunks(size);
        while let Some(piece) = pieces.next() {
            if let Skimmed::Until { at, owed } = skim.pass(piece) {
                let rest = [owed, &piece[at..], &pieces.collect::<Vec<_>>().concat()].concat();
                return Some(String::from_utf8(rest).expect("text"));
            }
        }
        None
    }

    #[test]
    fn all_is_passed_over_up_to_the_end_of_what_the_parser_has_begun() {
        for content in [
            "",
            "text > ' \" / ]]",
            "<x/><y a='/'/><z a=\"'>\" b='</x>'/>",
            "<x><y><x/></y ></x>",
            "<x a='1' / >t</x><![CDATA[</x><y>]]]]>",
            "<x><![CDATA[]]>]]></x>",
        ] {
            let text = format!("{content}</iq><message/>");
            for size in 1..=text.len() {
                let left = left(&text, size);
                assert_eq!(left.as_deref(), Some("</iq><message/>"), "{content}");
            }
        }
    }

    #[test]
    fn what_no_stream_may_have_is_left_to_the_parser() {
        for forbidden in ["<!-- </x> -->", "<?x </x>?>", "<!DOCTYPE x>", "<![CDAT<x/>"] {
            let text = format!("<x/>{forbidden}</iq>");
            for size in 1..=text.len() {
                assert_eq!(left(&text, size), Some(text[4..].to_owned()));
            }
        }
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_strange(bytes: Vec<u8>, size in 1_usize..20) {
            let mut skim = Skim::default();
            for piece in bytes.chunks(size) {
                if skim.pass(piece) != Skimmed::All {
                    break;
                }
            }
        }
    }
}
