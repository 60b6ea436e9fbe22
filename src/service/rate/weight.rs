//! What a stanza weighs before anything of it is understood.
//!
//! What it costs to understand a stanza and to do what it asks for grows with its elements: each
//! item of a list, each invitation is looked up and written down. So they are counted for
//! everything alike, before anybody looks at what they are, and who sends them pays for what is
//! beyond an ordinary stanza's.

use crate::wire::xml::frame::Frame;
use crate::wire::xml::overspent::ELEMENTS_FREE;

/// How large a stanza is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// Bytes of its children.
    pub bytes: usize,
    /// Elements in it, on all levels, beyond those that nobody has to pay for.
    pub elements: usize,
}

impl Weight {
    /// That of a stanza.
    pub fn of(frame: &Frame) -> Self {
        Self {
            bytes: frame.payload().len(),
            elements: frame.element_count().saturating_sub(ELEMENTS_FREE),
        }
    }
}

#[cfg(test)]
impl From<usize> for Weight {
    /// The weight of some bytes, with no more elements than are free.
    fn from(bytes: usize) -> Self {
        Self { bytes, elements: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(children: &str) -> Weight {
        let xml = format!("<iq from='a@b' to='c@d' type='set' id='1'>{children}</iq>");
        Weight::of(&Frame::from_xml(xml.as_bytes()).unwrap())
    }

    #[test]
    fn elements_are_counted_on_all_levels_whatever_stands_between_them() {
        let items = "<item jid='&lt;a&gt;'>&lt;b/&gt;<![CDATA[<c/>]]><reason>x</reason></item>";
        let query = format!("<query xmlns='urn:x'>{}</query>", items.repeat(150));
        assert_eq!(weight(&query).elements, 301 - ELEMENTS_FREE);
        assert_eq!(weight("<query xmlns='urn:x'/>").elements, 0);
        assert_eq!(weight(&"<x/>".repeat(101)).elements, 1);
    }

    #[test]
    fn an_everyday_stanza_has_no_more_elements_than_are_free() {
        let body = "word ".repeat(5_000);
        let message = format!("<body>{body}</body>{}", "<mark xmlns='urn:x'/>".repeat(99));
        assert_eq!(weight(&message).elements, 0);
        assert!(weight(&message).bytes > 25_000);
    }
}
