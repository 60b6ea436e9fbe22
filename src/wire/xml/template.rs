//! A stanza that goes to many: written once, with a gap where each recipient's address comes.

use jid::BareJid;

use super::header::StanzaKind;
use super::writer::{XmlWriter, escape};
use crate::room::Nick;

/// A stanza without its `to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    bytes: Vec<u8>,
    /// Where the value of `to` belongs.
    gap: usize,
}

impl Template {
    /// Appends the stanza as it goes to one recipient. Allocates nothing beyond what `out` has to
    /// grow.
    pub fn write(&self, to: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.bytes[..self.gap]);
        escape(out, to);
        out.extend_from_slice(&self.bytes[self.gap..]);
    }

    /// The stanza as it goes to one recipient.
    pub fn to(&self, to: &str) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes.len() + to.len());
        self.write(to, &mut out);
        out
    }

    /// How many bytes the stanza has without its recipient's address.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// How many characters the stanza has as it goes to one recipient; what `maxchars` counts.
    /// XEP-0045 §7.2.14 (#enter-managehistory).
    pub fn characters(&self, to: &str) -> u64 {
        let text =
            std::str::from_utf8(&self.bytes).map_or(self.bytes.len(), |text| text.chars().count());
        (text + to.chars().count()) as u64
    }
}

/// A [`Template`] in the making: a stanza whose children are being written.
pub(in crate::wire) struct Draft {
    xml: XmlWriter,
    kind: StanzaKind,
    gap: usize,
}

impl Draft {
    /// A stanza from the room itself, or with a nick from one of its occupants.
    pub fn new(kind: StanzaKind, room: &BareJid, nick: Option<&Nick>, payload_size: usize) -> Self {
        let mut xml = XmlWriter::with_capacity(ENVELOPE_SIZE + payload_size);
        xml.open(kind.name());
        match nick {
            Some(nick) => xml.attribute_of("from", &[room.as_str(), "/", nick.as_str()]),
            None => xml.attribute("from", room.as_str()),
        };
        let gap = xml.attribute_gap("to");
        Self { xml, kind, gap }
    }

    /// Where attributes of the stanza, and then its children, are written.
    pub fn xml(&mut self) -> &mut XmlWriter {
        &mut self.xml
    }

    /// Ends the stanza.
    pub fn finish(mut self) -> Template {
        self.xml.close(self.kind.name());
        Template {
            bytes: self.xml.finish(),
            gap: self.gap,
        }
    }
}

/// Room for addresses, ids and what the room adds, so that a usual stanza is written without
/// growing.
const ENVELOPE_SIZE: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::xml::frame::Frame;
    use proptest::prelude::*;

    fn template() -> Template {
        let room = BareJid::new("coven@chat.shakespeare.lit").unwrap();
        let nick = Nick::new("o'hag<&>").unwrap();
        let mut draft = Draft::new(StanzaKind::Message, &room, Some(&nick), 0);
        draft
            .xml()
            .attribute("type", "groupchat")
            .text_element("body", "hi");
        draft.finish()
    }

    #[test]
    fn only_the_recipient_differs() {
        let xml = template().to("hag66@shakespeare.lit/p'da");
        assert_eq!(
            String::from_utf8(xml).unwrap(),
            "<message from='coven@chat.shakespeare.lit/o&apos;hag&lt;&amp;&gt;' \
             to='hag66@shakespeare.lit/p&apos;da' type='groupchat'><body>hi</body></message>"
        );
    }

    #[test]
    fn characters_are_counted_with_the_recipient() {
        assert_eq!(template().characters("é"), template().size() as u64 + 1);
    }

    proptest! {
        #[test]
        fn every_recipient_reads_back(to in "[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\u{fffe}\\u{ffff}]{0,40}") {
            let frame = Frame::from_xml(&template().to(&to)).unwrap();
            prop_assert_eq!(frame.header.to, Some(to));
            prop_assert_eq!(frame.header.from.as_deref(), Some("coven@chat.shakespeare.lit/o'hag<&>"));
            prop_assert_eq!(frame.header.type_.as_deref(), Some("groupchat"));
        }
    }
}
