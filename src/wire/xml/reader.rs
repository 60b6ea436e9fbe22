//! Bytes of the link in, [`Frame`]s out.
//!
//! tokio-xmpp could read stanzas too, but not all that a user can make a server send: an
//! attribute of more than 8 KiB ends its stream for good, and the tree it builds of a
//! hundred thousand levels overflows the stack when it is dropped. [`StanzaReader`] uses
//! the same parser, rxml, one layer lower. It builds no tree, so nothing recurses; each
//! event costs the same however deep it lies; and once a limit is passed the rest of that
//! stanza is still parsed, to find its end, but no longer kept.

use std::sync::Arc;

use rxml::error::EndOrError;
use rxml::parser::RawQName;
use rxml::{Parse, RawEvent, RawParser, WithOptions};
use xmpp_parsers::ns;
use xmpp_parsers::stream_error::{DefinedCondition, StreamError};

use super::disarm::Disarm;
use super::frame::{Frame, Received};
use super::head::Head;
use super::header::{CLIENT_NAMESPACE, Header, StanzaKind};
use super::limits::{StanzaLimits, TOKEN_LENGTH_MAX, Unreadable};
use super::namespace::Scope;
use super::payload::{Recorder, Recording};
use super::work;

/// What can be read from an established stream.
#[derive(Debug)]
pub enum StreamEvent {
    /// A stanza.
    Stanza(Received),
    /// The server says why it is about to close the stream. RFC 6120 §4.9.
    StreamError(StreamError),
    /// The server has closed the stream. RFC 6120 §4.4.
    StreamEnd,
}

/// Why the rest of the stream cannot be understood. The stream is lost.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReadError {
    /// Not well-formed, or a construct XMPP forbids. RFC 6120 §11.1.
    #[error("{0}")]
    Xml(#[from] rxml::Error),
    /// So many levels that remembering their names would cost too much memory.
    #[error("more than {LEVELS_MAX} levels of nesting")]
    Bottomless,
}

/// Reads the stanzas of one stream.
pub struct StanzaReader {
    parser: RawParser,
    disarm: Disarm,
    /// Bytes that `disarm` has seen and the parser has not.
    cleared: usize,
    /// What the byte after those is to be replaced by, if it is.
    replacement: Option<&'static [u8]>,
    limits: StanzaLimits,
    /// Elements that are open; 1 between stanzas, 2 directly in a stanza.
    depth: usize,
    scope: Scope,
    /// The element whose attributes are being read; `None` also when nobody wants them.
    head: Option<Head>,
    current: CurrentChild,
}

/// Why bytes are no [`Frame`].
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The bytes are not well-formed XML, or use what XMPP forbids. RFC 6120 §11.1.
    #[error("not well-formed: {0}")]
    Xml(#[from] ReadError),
    /// The bytes end before a stanza does.
    #[error("no complete stanza")]
    Incomplete,
    /// The stanza passes a limit.
    #[error("stanza refused: {0}")]
    Refused(Unreadable),
    /// The element is something else.
    #[error("not a stanza")]
    NotAStanza,
}

/// The child of the stream that is being read.
enum CurrentChild {
    Nothing,
    Stanza(Header, Recorder),
    StreamError(Recorder),
    Refused(Header, Unreadable),
    Ignored,
}

impl StanzaReader {
    /// A reader for what follows the server's answer to our handshake. XEP-0114 §3.
    pub fn new(limits: StanzaLimits) -> Self {
        let options = rxml::Options {
            max_token_length: TOKEN_LENGTH_MAX,
            ..Default::default()
        };
        let mut parser = <RawParser as WithOptions>::with_options(options);
        let mut root = ROOT;
        // The root is our own text and well-formed. Its declarations are in the scope.
        while let Ok(Some(_)) = parser.parse(&mut root, false) {}
        parser.set_text_buffering(false);
        Self {
            parser,
            disarm: Disarm::default(),
            cleared: 0,
            replacement: None,
            limits,
            depth: 1,
            scope: Scope::of_stream(),
            head: None,
            current: CurrentChild::Nothing,
        }
    }

    /// Reads from `bytes`, and takes off what it has read, until something is complete.
    /// `None` means that all bytes are taken and more are needed. What is not taken must be
    /// given again, before anything else.
    ///
    /// # Errors
    /// - [`ReadError`]: the stream is lost; every further call fails too.
    pub fn next(&mut self, bytes: &mut &[u8]) -> Result<Option<StreamEvent>, ReadError> {
        loop {
            if let Some(incoming) = self.next_in_cleared(bytes)? {
                return Ok(Some(incoming));
            }
            if bytes.is_empty() {
                return Ok(None);
            }
            if let Some(mut replacement) = self.replacement.take() {
                *bytes = &bytes[1..];
                if let Some(incoming) = self.parse(&mut replacement)? {
                    return Ok(Some(incoming));
                }
            }
            let found = self.disarm.find(bytes);
            self.cleared = found.map_or(bytes.len(), |(at, _)| at);
            self.replacement = found.map(|(_, replacement)| replacement);
        }
    }

    /// Reads what may be given to the parser as it is.
    fn next_in_cleared(&mut self, bytes: &mut &[u8]) -> Result<Option<StreamEvent>, ReadError> {
        let (mut cleared, _) = bytes.split_at(self.cleared.min(bytes.len()));
        let before = cleared.len();
        let read = self.parse(&mut cleared);
        let taken = before - cleared.len();
        self.cleared -= taken;
        *bytes = &bytes[taken..];
        read
    }

    fn parse(&mut self, bytes: &mut &[u8]) -> Result<Option<StreamEvent>, ReadError> {
        loop {
            let before = bytes.len();
            let parsed = self.parser.parse(bytes, false);
            work::steps(before - bytes.len());
            let event = match parsed {
                Ok(Some(event)) => event,
                Ok(None) => return Ok(Some(StreamEvent::StreamEnd)),
                Err(EndOrError::NeedMoreData) => return Ok(None),
                Err(EndOrError::Error(error)) => return Err(error.into()),
            };
            if let Some(incoming) = self.handle(event)? {
                return Ok(Some(incoming));
            }
        }
    }

    fn handle(&mut self, event: RawEvent) -> Result<Option<StreamEvent>, ReadError> {
        match event {
            RawEvent::ElementHeadOpen(_, name) => self.open(name)?,
            RawEvent::Attribute(_, name, value) => {
                let is_stanza = self.depth == 2;
                if let Some(head) = &mut self.head {
                    head.add(is_stanza, name, value);
                }
            }
            RawEvent::ElementHeadClose(_) => {
                if let Some(head) = self.head.take() {
                    self.begin(head);
                }
            }
            RawEvent::Text(_, text) => self.record(|recorder| recorder.text(&text)),
            RawEvent::ElementFoot(_) => return Ok(self.close()),
            RawEvent::XmlDeclaration(..) => {}
        }
        Ok(None)
    }

    fn open(&mut self, name: RawQName) -> Result<(), ReadError> {
        self.depth += 1;
        if self.depth > LEVELS_MAX {
            return Err(ReadError::Bottomless);
        }
        // The stream itself is not a level of the stanza.
        if self.depth - 1 > self.limits.depth_max {
            self.refuse(Unreadable::TooDeep);
        }
        let room_left = match &self.current {
            CurrentChild::Nothing => self.limits.stanza_size_max,
            CurrentChild::Stanza(_, recorder) | CurrentChild::StreamError(recorder) => {
                recorder.room_left()
            }
            CurrentChild::Refused(..) | CurrentChild::Ignored => return Ok(()),
        };
        self.head = Some(Head::new(name, room_left));
        Ok(())
    }

    /// Takes in an element whose attributes are complete.
    fn begin(&mut self, head: Head) {
        let declared = head.declare(self.depth, &mut self.scope);
        let namespace = self.scope.of_element(head.prefix());
        if self.depth == 2 {
            self.begin_top(head, declared, namespace);
            return;
        }
        let attributes = declared.and_then(|()| head.resolve(&self.scope));
        self.record(|recorder| recorder.start(namespace?, head.name(), &attributes?));
    }

    /// Takes in a child of the stream.
    fn begin_top(
        &mut self,
        head: Head,
        declared: Result<(), Unreadable>,
        namespace: Result<Arc<str>, Unreadable>,
    ) {
        let name = head.name();
        self.current = match (namespace.as_deref(), StanzaKind::from_name(name)) {
            (Ok(CLIENT_NAMESPACE), Some(kind)) => {
                let (header, size) = head.header(kind);
                let room_left = self.limits.stanza_size_max.saturating_sub(size);
                match declared {
                    Ok(()) => CurrentChild::Stanza(header, Recorder::new(room_left)),
                    Err(why) => CurrentChild::Refused(header, why),
                }
            }
            (Ok(ns::STREAM), None) if name == "error" => {
                CurrentChild::StreamError(Recorder::new(self.limits.stanza_size_max))
            }
            _ => {
                tracing::warn!(name, ?namespace, "ignored an element that is not a stanza");
                CurrentChild::Ignored
            }
        };
        self.parser
            .set_text_buffering(matches!(self.current, CurrentChild::Stanza(..)));
    }

    fn close(&mut self) -> Option<StreamEvent> {
        self.scope.leave(self.depth);
        self.depth -= 1;
        match self.depth {
            0 => Some(StreamEvent::StreamEnd),
            1 => self.finish(),
            _ => {
                self.record(Recorder::end);
                None
            }
        }
    }

    /// Hands out the child of the stream that has just ended.
    fn finish(&mut self) -> Option<StreamEvent> {
        self.parser.set_text_buffering(false);
        match std::mem::replace(&mut self.current, CurrentChild::Nothing) {
            CurrentChild::Stanza(header, recorder) => {
                let frame = Frame::new(header, recorder.finish());
                Some(StreamEvent::Stanza(Received::Stanza(frame)))
            }
            CurrentChild::Refused(header, why) => {
                self.parser.release_temporaries();
                Some(StreamEvent::Stanza(Received::Refused { header, why }))
            }
            CurrentChild::StreamError(recorder) => {
                Some(StreamEvent::StreamError(stream_error(&recorder.finish())))
            }
            CurrentChild::Nothing | CurrentChild::Ignored => None,
        }
    }

    /// Writes something down, if what is being read is to be kept.
    fn record(&mut self, write: impl FnOnce(&mut Recorder) -> Result<(), Unreadable>) {
        let (CurrentChild::Stanza(_, recorder) | CurrentChild::StreamError(recorder)) =
            &mut self.current
        else {
            return;
        };
        if let Err(why) = write(recorder) {
            self.refuse(why);
        }
    }

    /// Stops keeping what is being read.
    fn refuse(&mut self, why: Unreadable) {
        self.current = match std::mem::replace(&mut self.current, CurrentChild::Nothing) {
            CurrentChild::Stanza(header, _) => CurrentChild::Refused(header, why),
            // What little has been read of it says enough.
            CurrentChild::StreamError(_) => CurrentChild::StreamError(Recorder::new(0)),
            other => other,
        };
        self.parser.set_text_buffering(false);
    }
}

impl Frame {
    /// Reads one complete stanza whose namespace is `jabber:component:accept`,
    /// `jabber:client`, or not given.
    ///
    /// # Errors
    /// - [`FrameError`], see there.
    pub fn from_xml(xml: &[u8]) -> Result<Self, FrameError> {
        let mut reader = StanzaReader::new(StanzaLimits::default());
        match reader.next(&mut &*xml)? {
            Some(StreamEvent::Stanza(Received::Stanza(frame))) => Ok(frame),
            Some(StreamEvent::Stanza(Received::Refused { why, .. })) => {
                Err(FrameError::Refused(why))
            }
            Some(StreamEvent::StreamError(_) | StreamEvent::StreamEnd) => {
                Err(FrameError::NotAStanza)
            }
            None => Err(FrameError::Incomplete),
        }
    }
}

/// The stream error with these children; one that says nothing we know is
/// `undefined-condition`, which claims nothing. RFC 6120 §4.9.3.21.
fn stream_error(payload: &Recording) -> StreamError {
    let mut xml = b"<error xmlns='".to_vec();
    xml.extend_from_slice(ns::STREAM.as_bytes());
    xml.extend_from_slice(b"'>");
    xml.extend_from_slice(&payload.xml);
    xml.extend_from_slice(b"</error>");
    xso::from_bytes(&xml).unwrap_or_else(|_| StreamError {
        condition: DefinedCondition::UndefinedCondition,
        texts: Default::default(),
        application_specific: Vec::new(),
    })
}

/// Stands in for the stream header of the server, which tokio-xmpp has read.
const ROOT: &[u8] = b"<stream:stream xmlns='jabber:component:accept' \
    xmlns:stream='http://etherx.jabber.org/streams' id='0'>";

/// Open elements the stream survives; each costs some dozen bytes.
const LEVELS_MAX: usize = if cfg!(test) { 200_000 } else { 1_000_000 };

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that can be read from `xml`, given in pieces of `size` bytes.
    fn read_in_pieces(xml: &[u8], size: usize) -> Vec<StreamEvent> {
        let mut reader = StanzaReader::new(StanzaLimits::default());
        let mut read = Vec::new();
        for mut piece in xml.chunks(size) {
            while let Some(incoming) = reader.next(&mut piece).expect("well-formed") {
                read.push(incoming);
            }
        }
        read
    }

    fn read(xml: &str) -> Vec<Received> {
        let stanza = |incoming| match incoming {
            StreamEvent::Stanza(received) => received,
            other => panic!("not a stanza: {other:?}"),
        };
        read_in_pieces(xml.as_bytes(), usize::MAX)
            .into_iter()
            .map(stanza)
            .collect()
    }

    fn why(received: &Received) -> Option<Unreadable> {
        match received {
            Received::Stanza(_) => None,
            Received::Refused { why, .. } => Some(*why),
        }
    }

    const NEXT: &str = "<presence from='next@h/r' to='room@s/n'/>";

    #[track_caller]
    fn assert_refused(stanza: &str, expected: Unreadable) -> Header {
        let mut received = read(&format!("{stanza}{NEXT}"));
        assert_eq!(
            received.iter().map(why).collect::<Vec<_>>(),
            [Some(expected), None]
        );
        match received.swap_remove(0) {
            Received::Refused { header, .. } => header,
            Received::Stanza(_) => unreachable!("checked above"),
        }
    }

    #[test]
    fn a_hundred_thousand_levels_are_refused_and_reading_goes_on() {
        let levels = 100_000;
        let started = std::time::Instant::now();
        let header = assert_refused(
            &format!(
                "<message from='a@h/r' to='b@s' id='7'>{}{}</message>",
                "<x xmlns='urn:x'>".repeat(levels),
                "</x>".repeat(levels)
            ),
            Unreadable::TooDeep,
        );
        assert_eq!(header.id.as_deref(), Some("7"));
        // Five thousand million steps, one for each pair of levels, would take minutes.
        assert!(started.elapsed() < std::time::Duration::from_secs(30));
    }

    #[test]
    fn as_many_levels_as_allowed_are_accepted_and_one_more_is_not() {
        let nested = |levels: usize| {
            format!(
                "<iq from='a@h'>{}{}</iq>",
                "<x>".repeat(levels),
                "</x>".repeat(levels)
            )
        };
        assert_eq!(why(&read(&nested(99))[0]), None);
        assert_eq!(why(&read(&nested(100))[0]), Some(Unreadable::TooDeep));
    }

    #[test]
    fn a_stanza_of_half_a_mebibyte_is_refused_with_its_header() {
        let header = assert_refused(
            &format!(
                "<message from='a@h/r' to='b@s' type='groupchat' id='i'><body>{}</body></message>",
                "y".repeat(500 * 1024)
            ),
            Unreadable::TooLarge,
        );
        assert_eq!(header.from.as_deref(), Some("a@h/r"));
        assert_eq!(header.type_.as_deref(), Some("groupchat"));
    }

    #[test]
    fn an_attribute_of_a_hundred_kibibytes_is_refused_and_the_stream_goes_on() {
        for size in [8 * 1024, 100 * 1024] {
            let value = "z".repeat(size);
            let received = read(&format!(
                "<iq from='a@h'><x xmlns='urn:x' a='{value}'/></iq>{NEXT}"
            ));
            assert_eq!(received.len(), 2);
            let Received::Refused { header, why } = &received[0] else {
                panic!("an attribute of {size} bytes was kept")
            };
            assert_eq!(
                (header.from.as_deref(), *why),
                (Some("a@h"), Unreadable::TooLarge)
            );
        }
    }

    #[test]
    fn an_oversized_id_is_dropped_from_the_header_of_a_refused_stanza() {
        let id = "i".repeat(300 * 1024);
        let header = assert_refused(
            &format!("<iq id='{id}' from='a@h/r'/>"),
            Unreadable::TooLarge,
        );
        assert_eq!((header.id, header.from.as_deref()), (None, Some("a@h/r")));
    }

    #[test]
    fn an_id_counts_as_it_is_written_again() {
        let id = "'".repeat(50 * 1024);
        let header = assert_refused(
            &format!("<message id=\"{id}\" from='a@h/r'/>"),
            Unreadable::TooLarge,
        );
        assert_eq!((header.id, header.from.as_deref()), (None, Some("a@h/r")));
    }

    #[test]
    fn a_namespace_declared_once_and_written_often_does_not_multiply() {
        let namespace = "n".repeat(100 * 1024);
        assert_refused(
            &format!(
                "<message xmlns:a='{namespace}'>{}</message>",
                "<a:x><y/></a:x>".repeat(10_000)
            ),
            Unreadable::TooLarge,
        );
    }

    #[test]
    fn absurd_numbers_of_attributes_declarations_and_children_are_refused() {
        let attributes: String = (0..300).map(|n| format!(" a{n}=''")).collect();
        assert_refused(
            &format!("<iq><x{attributes}/></iq>"),
            Unreadable::TooComplex,
        );
        let declarations: String = (0..300).map(|n| format!(" xmlns:a{n}='u'")).collect();
        let header = assert_refused(
            &format!("<iq{declarations} from='a@h'/>"),
            Unreadable::TooComplex,
        );
        assert_eq!(header.from.as_deref(), Some("a@h"));
        assert_refused(
            &format!("<iq>{}</iq>", "<x/>".repeat(1001)),
            Unreadable::TooComplex,
        );
    }

    #[test]
    fn attributes_of_a_stanza_that_nobody_knows_cannot_crowd_out_its_address() {
        let unknown: String = (0..5000).map(|n| format!(" a{n}='v'")).collect();
        match &read(&format!("<iq{unknown} from='a@h'/>"))[0] {
            Received::Stanza(frame) => assert_eq!(frame.header.from.as_deref(), Some("a@h")),
            Received::Refused { why, .. } => panic!("refused: {why}"),
        }
    }

    #[test]
    fn undeclared_prefixes_and_duplicate_attributes_refuse_one_stanza_only() {
        for stanza in [
            "<iq><p:x/></iq>",
            "<iq><x p:a=''/></iq>",
            "<iq><x a='1' a='2'/></iq>",
            "<iq><x xmlns:p='u' xmlns:q='u' p:a='1' q:a='2'/></iq>",
            "<iq from='a@h' from='b@h'/>",
            "<iq><x xmlns='http://www.w3.org/XML/1998/namespace'/></iq>",
            "<iq><xml:x/></iq>",
        ] {
            assert_refused(stanza, Unreadable::Malformed);
        }
    }

    #[test]
    fn a_stream_split_at_every_byte_reads_the_same() {
        let xml = "<message from='a@h/r' to='r@s' id='1'><body>gr\u{fc}\u{df} &amp; \u{1f600}</body>\
                   <x xmlns='urn:x'><y:z xmlns:y='urn:y' y:a='&#x41;'/></x></message>\
                   <iq id='3'><x xmlns='http://www.w3.org/XML/1998/namespace'/></iq> \n \
                   <iq type='get' id='2'><query xmlns='q'/></iq><stream:error><conflict \
                   xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>";
        let whole = format!("{:?}", read_in_pieces(xml.as_bytes(), usize::MAX));
        assert_eq!(format!("{:?}", read_in_pieces(xml.as_bytes(), 1)), whole);
        for at in 1..xml.len() {
            let mut reader = StanzaReader::new(StanzaLimits::default());
            let mut read = Vec::new();
            for mut piece in [&xml.as_bytes()[..at], &xml.as_bytes()[at..]] {
                while let Some(incoming) = reader.next(&mut piece).expect("well-formed") {
                    let last = matches!(incoming, StreamEvent::StreamEnd);
                    read.push(incoming);
                    if last {
                        break;
                    }
                }
            }
            assert_eq!(format!("{read:?}"), whole, "split at {at}");
        }
    }

    #[test]
    fn carriage_returns_before_any_byte_anywhere_read_as_line_ends() {
        let followers: Vec<char> = (' '..='~')
            .chain(['\t', '\n', '\r', '\u{e9}', '\u{2028}', '\u{1f600}'])
            .collect();
        for follower in followers {
            // What must not stand for itself does not come from any server.
            let follower = match follower {
                '<' => "&lt;".to_owned(),
                '&' => "&amp;".to_owned(),
                '\'' => "&apos;".to_owned(),
                other => other.to_string(),
            };
            for line_end in ["\r", "\r\n", "\r\r", "a\r"] {
                let template = "<message from='a@b/c' id='CR'><body>CR</body><x xmlns='CR' a='CR' \
                                b='CRz'/>CR<y>CR<z/>CR</y>CR</message>CR";
                let with = |text: &str| template.replace("CR", text);
                let xml = with(&format!("{line_end}{follower}")) + NEXT;
                // As XML 1.0 §2.11 says.
                let normal = xml.replace("\r\n", "\n").replace('\r', "\n");
                // Only blanks may stand between stanzas.
                let between = |xml: String| match xml.split_once("</message>") {
                    Some((stanza, _)) => format!("{stanza}</message>\n\n{NEXT}"),
                    None => xml,
                };
                let (xml, normal) = (between(xml), between(normal));
                let expected = format!("{:?}", read_in_pieces(normal.as_bytes(), usize::MAX));
                for size in [1, 2, 3, 7, usize::MAX] {
                    let read = read_in_pieces(xml.as_bytes(), size);
                    assert_eq!(format!("{read:?}"), expected, "{xml:?} by {size}");
                }
            }
        }
        let [Received::Stanza(frame), _] = &read(&format!(
            "<iq id='a\rb\r\nc\r'\r><x\rxmlns='urn:x'\r\n/></iq\r>\r{NEXT}"
        ))[..] else {
            panic!("two stanzas");
        };
        assert_eq!(frame.header.id.as_deref(), Some("a b c "));
    }

    #[test]
    fn elements_that_are_no_stanzas_are_skipped() {
        let received = read(&format!(
            "<handshake/><x xmlns='urn:x'><message/></x><p:message/><message xmlns='urn:x'/>{NEXT}"
        ));
        assert_eq!(received.iter().map(why).collect::<Vec<_>>(), [None]);
    }

    #[test]
    fn stream_errors_are_typed_and_unknown_ones_undefined() {
        let condition = |xml: &str| match &read_in_pieces(xml.as_bytes(), usize::MAX)[..] {
            [StreamEvent::StreamError(error)] => error.condition.clone(),
            other => panic!("no stream error: {other:?}"),
        };
        assert_eq!(
            condition(
                "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
                 <text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>no</text></stream:error>"
            ),
            DefinedCondition::HostUnknown
        );
        assert_eq!(
            condition("<stream:error><x xmlns='urn:x'/></stream:error>"),
            DefinedCondition::UndefinedCondition
        );
        let deep = format!("{}{}", "<x>".repeat(5000), "</x>".repeat(5000));
        assert_eq!(
            condition(&format!("<stream:error>{deep}</stream:error>")),
            DefinedCondition::UndefinedCondition
        );
    }

    #[test]
    fn broken_xml_loses_the_stream_and_says_so_again_and_again() {
        for xml in [
            "<message></iq>",
            "<message a=1/>",
            "<!-- -->",
            "<iq>&nbsp;</iq>",
            "<x <y/>",
            "\u{1}",
        ] {
            let mut reader = StanzaReader::new(StanzaLimits::default());
            assert!(reader.next(&mut xml.as_bytes()).is_err(), "{xml}");
            assert!(reader.next(&mut "<iq/>".as_bytes()).is_err(), "{xml}");
        }
    }

    #[test]
    fn nesting_without_bottom_loses_the_stream_instead_of_the_memory() {
        let mut reader = StanzaReader::new(StanzaLimits::default());
        let xml = "<x>".repeat(LEVELS_MAX);
        let error = reader
            .next(&mut xml.as_bytes())
            .expect_err("too deep for anybody");
        assert!(matches!(error, ReadError::Bottomless));
    }
}
