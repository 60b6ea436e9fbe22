//! Bytes of the link in, [`Frame`]s out.
//!
//! tokio-xmpp could read stanzas too, but not all that a user can make a server send: an
//! attribute of more than 8 KiB ends its stream for good, and the tree it builds of a
//! hundred thousand levels overflows the stack when it is dropped. [`StanzaReader`] uses
//! the same parser, rxml, one layer lower. It builds no tree, so nothing recurses; each
//! event costs the same however deep it lies; and once a limit is passed the rest of that
//! stanza is passed over.

use std::sync::Arc;
use std::time::Instant;

use rxml::error::EndOrError;
use rxml::parser::RawQName;
use rxml::{Parse, RawEvent, RawParser, WithOptions};
use xmpp_parsers::ns;
use xmpp_parsers::stream_error::StreamError;

use super::disarm::Disarm;
use super::frame::{Frame, Received};
use super::head::Head;
use super::header::{CLIENT_NAMESPACE, Header, StanzaKind};
use super::limits::{StanzaLimits, TOKEN_LENGTH_MAX, Unreadable};
use super::namespace::NamespaceScope;
use super::overspent::{ELEMENTS_FREE, Overspent};
use super::payload::Recorder;
use super::skim::{Skim, Skimmed};
use super::stream_error::stream_error;
use super::work;

/// What can be read from an established stream.
#[derive(Debug)]
pub enum StreamEvent {
    /// A stanza, or the header of one that was refused.
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
    /// More levels than there is memory to remember the names of.
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
    scope: NamespaceScope,
    /// The element whose attributes are being read; `None` also when nobody wants them.
    head: Option<Head>,
    current: CurrentChild,
    /// Passes over what follows, while it does.
    skim: Option<Skim>,
    /// Whether the last thing the parser has told of was a tag in a stanza that is refused.
    is_behind_refused_tag: bool,
    overspent: Overspent,
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
            scope: NamespaceScope::of_stream(),
            head: None,
            current: CurrentChild::Nothing,
            skim: None,
            is_behind_refused_tag: false,
            overspent: Overspent::default(),
        }
    }

    /// The same reader, which refuses the long stanzas of these people.
    #[must_use]
    pub fn refusing(self, overspent: Overspent) -> Self {
        Self { overspent, ..self }
    }

    /// Reads from `bytes`, and takes off what it has read, until something is complete.
    /// `None` means that all bytes are taken and more are needed. Bytes that are left must be
    /// given again, before any others.
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
            if !self.pass_over(bytes)? {
                return Ok(None);
            }
            // Without any bytes the parser tells what it has still to tell of those before.
            let mut nothing: &[u8] = &[];
            let input = match self.is_behind_refused_tag {
                true => &mut nothing,
                false => &mut *bytes,
            };
            let before = input.len();
            let parsed = self.parser.parse(input, false);
            work::steps(before - input.len());
            let event = match parsed {
                Ok(Some(event)) => event,
                Ok(None) => return Ok(Some(StreamEvent::StreamEnd)),
                Err(EndOrError::NeedMoreData) if self.is_behind_refused_tag => {
                    self.is_behind_refused_tag = false;
                    self.skim = Some(Skim::default());
                    continue;
                }
                Err(EndOrError::NeedMoreData) => return Ok(None),
                Err(EndOrError::Error(error)) => return Err(error.into()),
            };
            if let Some(incoming) = self.handle(event)? {
                return Ok(Some(incoming));
            }
        }
    }

    /// Passes over what is not wanted. Returns whether the parser is to go on.
    fn pass_over(&mut self, bytes: &mut &[u8]) -> Result<bool, ReadError> {
        let Some(skim) = &mut self.skim else {
            return Ok(true);
        };
        let Skimmed::Until { at, mut owed } = skim.pass(bytes) else {
            work::steps(bytes.len());
            *bytes = &[];
            return Ok(false);
        };
        work::steps(at);
        self.skim = None;
        *bytes = &bytes[at..];
        // The beginning of a tag, which completes nothing.
        match self.parser.parse(&mut owed, false) {
            Err(EndOrError::Error(error)) => Err(error.into()),
            Ok(_) | Err(EndOrError::NeedMoreData) => Ok(true),
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
                self.is_behind_refused_tag = self.is_refusing();
            }
            RawEvent::Text(_, text) => self.record(|recorder| recorder.text(&text)),
            RawEvent::ElementFoot(_) => {
                let complete = self.close();
                self.is_behind_refused_tag = self.is_refusing();
                return Ok(complete);
            }
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
        if let CurrentChild::Stanza(header, recorder) = &self.current
            && recorder.elements() == ELEMENTS_FREE + 1
            && let Some(from) = &header.from
            && self.overspent.refuses(from, Instant::now())
        {
            self.refuse(Unreadable::Overspent);
        }
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

    fn is_refusing(&self) -> bool {
        matches!(self.current, CurrentChild::Refused(..))
    }

    /// Stops keeping what is being read.
    fn refuse(&mut self, why: Unreadable) {
        self.current = match std::mem::replace(&mut self.current, CurrentChild::Nothing) {
            CurrentChild::Stanza(header, _) => CurrentChild::Refused(header, why),
            // The little that has been read of it says enough.
            CurrentChild::StreamError(_) => CurrentChild::StreamError(Recorder::new(0)),
            other => other,
        };
        self.parser.set_text_buffering(false);
    }
}

/// Stands in for the stream header of the server, which tokio-xmpp has read.
const ROOT: &[u8] = b"<stream:stream xmlns='jabber:component:accept' \
    xmlns:stream='http://etherx.jabber.org/streams' id='0'>";

/// Open elements the stream survives; each costs some dozen bytes.
const LEVELS_MAX: usize = if cfg!(test) { 200_000 } else { 1_000_000 };

#[cfg(test)]
mod tests;
