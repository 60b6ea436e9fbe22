//! Who asked whom, and how: what is needed to answer a stanza, once it has been checked that it may
//! be answered.
//!
//! The one hard thing is what an answer may look like to the server: an answer from an address that
//! is not ours or no address at all would make it close the stream. So an answer comes from the
//! address that was meant, letter by letter, if it is in our domain: a client finds the question by
//! it. That goes for one that we can't read, too, for the server has read it before us, as long as
//! its bare part is ours; else the answer comes from the service's own. What can't be answered has
//! no envelope.

use jid::{BareJid, Jid};

use super::page::PageRequest;
use super::problem::Problem;
use super::stanza_error;
use super::stanza_type::StanzaType;
use crate::wire::xml::address;
use crate::wire::xml::header::{Header, StanzaKind};
use crate::wire::xml::writer::XmlWriter;

/// What is needed to answer a stanza.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Which of the three stanzas it was; the answer is of the same kind.
    pub kind: StanzaKind,
    /// The address of whoever asked.
    pub asker: Jid,
    /// The address that was asked, ours.
    pub asked: Jid,
    /// The asker's id of the stanza.
    pub id: Option<String>,
    /// What of the question has to be known again when it is answered; the decoder notes it here.
    pub shape: AnswerShape,
    answerable: bool,
    /// Where the address stands that we can't read, if there is one.
    unreadable: Option<&'static str>,
    /// The two addresses as they were written, where the resource of one can't be read; the answer
    /// has them so.
    from_as_written: Option<Box<str>>,
    to_as_written: Option<Box<str>>,
}

/// What the answer to an IQ depends on beside the room.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum AnswerShape {
    /// Nothing beside the answer itself.
    #[default]
    Plain,
    /// The answer names this node of service discovery. XEP-0030 §3.2 (#info-nodes).
    Node(String),
    /// A part of a long list. XEP-0059.
    Page(PageRequest),
    /// Only whether the room is there: a ping to its address. XEP-0199.
    Pong,
    /// Messages of an archive; each result bears the id of the query, if that has one. XEP-0313
    /// §4.2 (#results).
    Results(Option<String>),
}

impl Envelope {
    /// The envelope of a stanza, `None` when its sender has no valid address or it is not for us.
    pub fn of(header: &Header, service: &BareJid) -> Option<Self> {
        let (asker, from_as_written) = read(header.from.as_deref()?)?;
        let to = header.to.as_deref();
        let read_to = to.map(|to| {
            let is_ours = |asked: &Jid| asked.domain() == service.domain();
            read(to).filter(|(asked, unread)| unread.is_none() || is_ours(asked))
        });
        let (unreadable, (asked, to_as_written)) = match read_to {
            Some(Some((asked, None))) => (None, (asked, None)),
            Some(Some(unread)) => (Some("to"), unread),
            Some(None) => (Some("to"), (service.clone().into(), None)),
            None => (None, (service.clone().into(), None)),
        };
        let unreadable = unreadable.or(from_as_written.as_ref().map(|_| "from"));
        (asked.domain() == service.domain()).then(|| Self {
            kind: header.kind,
            asker,
            asked,
            id: header.id.clone(),
            shape: AnswerShape::Plain,
            answerable: StanzaType::of(header).is_answerable(),
            unreadable,
            from_as_written,
            to_as_written,
        })
    }

    /// The room that was asked, or whose occupant was.
    pub fn room(&self) -> Option<BareJid> {
        let is_room = self.asked.node().is_some();
        is_room.then(|| self.asked.clone().into_bare())
    }

    /// The node of service discovery that was asked for, to be named in the answer.
    pub(in crate::wire) fn node(&self) -> Option<&str> {
        match &self.shape {
            AnswerShape::Node(node) => Some(node),
            AnswerShape::Plain
            | AnswerShape::Page(_)
            | AnswerShape::Pong
            | AnswerShape::Results(_) => None,
        }
    }

    /// The part of a list that was asked for.
    pub(in crate::wire) fn page(&self) -> PageRequest {
        match &self.shape {
            AnswerShape::Page(page) => page.clone(),
            AnswerShape::Plain
            | AnswerShape::Node(_)
            | AnswerShape::Pong
            | AnswerShape::Results(_) => PageRequest::default(),
        }
    }

    /// The id that the asker gave a query of an archive.
    pub(in crate::wire) fn query_id(&self) -> Option<&str> {
        match &self.shape {
            AnswerShape::Results(query_id) => query_id.as_deref(),
            AnswerShape::Plain
            | AnswerShape::Node(_)
            | AnswerShape::Page(_)
            | AnswerShape::Pong => None,
        }
    }

    /// Whether an error may be sent for the stanza.
    pub fn is_answerable(&self) -> bool {
        self.answerable
    }

    /// The attribute with the address that is no valid one, if there is one.
    pub(in crate::wire) fn unreadable(&self) -> Option<&'static str> {
        self.unreadable
    }

    /// A stanza back to the asker, never of more than [`STANZA_OUT_MAX`] bytes. A result that would
    /// be is replaced by an error, and an error that would be loses its id: only an absurd one
    /// makes it so large.
    pub(in crate::wire) fn answer(
        &self,
        type_: &'static str,
        children: impl Fn(&mut XmlWriter),
    ) -> Vec<u8> {
        match self.try_answer(type_, &children) {
            Ok(bytes) => bytes,
            Err(_) if type_ == "error" => self.write(None, type_, &children),
            Err(_) => self.refuse_to_answer(),
        }
    }

    /// The same when there is another way should the stanza be too large.
    ///
    /// # Errors
    /// - [`TooLong`]: it has more than [`STANZA_OUT_MAX`] bytes.
    pub(in crate::wire) fn try_answer(
        &self,
        type_: &'static str,
        children: impl Fn(&mut XmlWriter),
    ) -> Result<Vec<u8>, TooLong> {
        checked(
            self.write(self.id.as_deref(), type_, children),
            STANZA_OUT_MAX,
        )
    }

    /// A message to the asker, beside the answer.
    ///
    /// # Errors
    /// - [`TooLong`]: it has more than [`MESSAGE_OUT_MAX`] bytes.
    pub(in crate::wire) fn try_message(
        &self,
        id: &str,
        children: impl Fn(&mut XmlWriter),
    ) -> Result<Vec<u8>, TooLong> {
        let mut xml = XmlWriter::with_capacity(1024);
        xml.open(StanzaKind::Message.name())
            .attribute("from", self.asked.as_str())
            .attribute("to", self.asker.as_str())
            .attribute("id", id);
        children(&mut xml);
        xml.close(StanzaKind::Message.name());
        checked(xml.finish(), MESSAGE_OUT_MAX)
    }

    /// Tells that there is an answer but that no stanza can hold it; nothing when no error may be
    /// sent either.
    pub(in crate::wire) fn refuse_to_answer(&self) -> Vec<u8> {
        stanza_error::answer(self, &Problem::AnswerTooLong).unwrap_or_default()
    }

    fn write(
        &self,
        id: Option<&str>,
        type_: &'static str,
        children: impl Fn(&mut XmlWriter),
    ) -> Vec<u8> {
        let mut xml = XmlWriter::with_capacity(512);
        xml.open(self.kind.name())
            .attribute(
                "from",
                self.to_as_written.as_deref().unwrap_or(self.asked.as_str()),
            )
            .attribute(
                "to",
                self.from_as_written
                    .as_deref()
                    .unwrap_or(self.asker.as_str()),
            )
            .attribute_if("id", id)
            .attribute("type", type_);
        children(&mut xml);
        xml.close(self.kind.name());
        xml.finish()
    }
}

/// An address; where the resource alone can't be read, what is before it, and the whole as it was
/// written.
fn read(text: &str) -> Option<(Jid, Option<Box<str>>)> {
    if let Ok(jid) = address::parse(text) {
        return Some((jid, None));
    }
    let (bare, _) = text.split_once('/')?;
    Some((address::parse(bare).ok()?, Some(text.into())))
}

/// An answer that can't leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::wire) struct TooLong {
    /// How many bytes it would have.
    pub size: usize,
}

/// A stanza that may leave.
fn checked(bytes: Vec<u8>, size_max: usize) -> Result<Vec<u8>, TooLong> {
    let size = size_on_its_way(&bytes);
    if size > size_max {
        return Err(TooLong { size });
    }
    Ok(bytes)
}

/// How many bytes a stanza has when a server has written it anew: a quote that ends no value
/// then takes six, whether it was written as it is or by its number, which takes five.
fn size_on_its_way(bytes: &[u8]) -> usize {
    if bytes.len() * ESCAPED_QUOTE <= STANZA_OUT_MAX {
        return bytes.len();
    }
    let (mut in_tag, mut quote) = (false, None);
    let mut bare_quotes = 0;
    for byte in bytes {
        match (*byte, quote) {
            (byte, Some(open)) if byte == open => quote = None,
            (b'\'' | b'"', None) if in_tag => quote = Some(*byte),
            (b'\'' | b'"', _) => bare_quotes += 1,
            (b'<', None) => in_tag = true,
            (b'>', None) => in_tag = false,
            _ => {}
        }
    }
    let numbered = bytes.windows(2).filter(|pair| *pair == b"&#").count();
    bytes.len() + bare_quotes * (ESCAPED_QUOTE - 1) + numbered
}

/// The length of `&apos;` and `&quot;`.
const ESCAPED_QUOTE: usize = 6;

/// Maximum number of bytes of an answer, counted as a server writes them. Prosody closes a
/// component's stream over a stanza of more than 512 KiB, which a list can pass; and it lets no
/// client receive more than 256 KiB, of which some is left for what is added on the way.
pub const STANZA_OUT_MAX: usize = 240 * 1024;

/// Maximum number of bytes of a message that bears a result, counted so. Everybody has received
/// what it bears, and that may be nearly as long as anything that a client receives; so less is
/// left here for what is added on the way.
pub const MESSAGE_OUT_MAX: usize = 254 * 1024;

#[cfg(test)]
pub(in crate::wire) mod tests {
    use super::*;
    use crate::wire::xml::frame::Frame;

    pub fn service() -> BareJid {
        BareJid::new("chat.shakespeare.lit").unwrap()
    }

    /// The envelope of a stanza written as XML.
    pub fn envelope(xml: &str) -> Envelope {
        Envelope::of(&Frame::from_xml(xml.as_bytes()).unwrap().header, &service()).unwrap()
    }

    #[test]
    fn an_answer_goes_back_with_the_same_id() {
        let envelope =
            envelope("<iq from='A@b/c' to='Coven@chat.shakespeare.lit' id='&apos;1' type='get'/>");
        assert_eq!(
            String::from_utf8(envelope.answer("result", |_| ())).unwrap(),
            "<iq from='coven@chat.shakespeare.lit' to='a@b/c' id='&apos;1' type='result'/>"
        );
    }

    #[test]
    fn what_was_sent_to_no_valid_address_is_answered_by_the_service() {
        for to in ["", "to='@@'"] {
            let envelope = envelope(&format!("<iq from='a@b/c' {to} type='get'/>"));
            assert_eq!(envelope.asked, Jid::from(service()), "{to}");
            assert_eq!(envelope.room(), None);
        }
    }

    #[test]
    fn an_error_comes_from_where_the_stanza_went_and_goes_to_where_it_came_from() {
        let written = |from: &str, to: &str| {
            let envelope = envelope(&format!("<iq from='{from}' to='{to}' id='1' type='get'/>"));
            let answer = Frame::from_xml(&envelope.answer("error", |_| ())).unwrap();
            (
                answer.header.from.unwrap(),
                answer.header.to.unwrap(),
                envelope.unreadable(),
            )
        };
        let room = "coven@chat.shakespeare.lit";
        for resource in ["\u{85}", "\u{202e}x", "\u{2066}", "🐎\u{85}"] {
            let here = format!("{room}/{resource}");
            assert_eq!(written("a@b/c", &here), (here, "a@b/c".into(), Some("to")));
            let there = format!("a@b/{resource}");
            assert_eq!(written(&there, room), (room.into(), there, Some("from")));
        }
        let both = (
            "coven@chat.shakespeare.lit/🐎".into(),
            "bob@remote.test/Bobs 📱".into(),
            None,
        );
        assert_eq!(
            written("bob@remote.test/Bobs 📱", "coven@chat.shakespeare.lit/🐎"),
            both
        );
        assert_eq!(written("a@b/c", "@@").0, "chat.shakespeare.lit");
    }

    #[test]
    fn nothing_is_answered_to_nobody_or_for_another() {
        for xml in [
            "<iq to='chat.shakespeare.lit'/>",
            "<iq from='@' to='chat.shakespeare.lit'/>",
            "<iq from='a@b' to='coven@elsewhere.example'/>",
        ] {
            let frame = Frame::from_xml(xml.as_bytes()).unwrap();
            assert_eq!(Envelope::of(&frame.header, &service()), None, "{xml}");
        }
    }

    #[test]
    fn quotes_count_as_servers_write_them() {
        let text = "\"'".repeat(STANZA_OUT_MAX / ESCAPED_QUOTE / 2);
        let mut envelope = envelope("<iq from='a@b/c' to='chat.shakespeare.lit' id='1'/>");
        envelope.id = None;
        let around = envelope.try_answer("result", |_| ()).unwrap().len() + "></iq>".len();
        let answer = |cut: usize| {
            envelope.try_answer("result", |xml| {
                xml.elements(&text.as_bytes()[cut..]);
            })
        };
        let cut = around.div_ceil(ESCAPED_QUOTE);
        assert!(answer(cut).is_ok());
        let size = answer(0).unwrap_err().size;
        assert!(
            (STANZA_OUT_MAX..STANZA_OUT_MAX + 200).contains(&size),
            "{size}"
        );
    }
}
