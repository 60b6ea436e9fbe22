//! Reading one stanza that stands alone.

use super::frame::{Frame, Received};
use super::limits::{StanzaLimits, Unreadable};
use super::reader::{ReadError, StanzaReader, StreamEvent};

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

impl Frame {
    /// Reads one complete stanza whose namespace is `jabber:component:accept`,
    /// `jabber:client`, or not given.
    ///
    /// # Errors
    /// - [`FrameError`]: the bytes are not exactly one stanza within the limits.
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
