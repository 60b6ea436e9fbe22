//! What users send each other, which the room passes on without looking inside.

use std::fmt;
use std::sync::Arc;

/// The child elements of a stanza as bytes, already rid of everything that only the service may say.
/// Opaque to the room.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload(Arc<[u8]>);

impl Payload {
    /// Wraps serialised child elements.
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// No child elements.
    pub fn empty() -> Self {
        Self(Arc::from([]))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Default for Payload {
    fn default() -> Self {
        Self::empty()
    }
}

impl fmt::Debug for Payload {
    /// Shows the text, for a failing test; the service itself never logs payloads.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Payload({})", String::from_utf8_lossy(&self.0))
    }
}

/// A message as far as it is its author's: id, language and child elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The author's id of the stanza, or one made for it. Reflected to all (`muc#stable_id`, §7.4).
    pub id: Arc<str>,
    /// `xml:lang`, when the author gave it.
    pub language: Option<Arc<str>>,
    /// What is said.
    pub payload: Payload,
}
