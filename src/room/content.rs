//! What users send each other, which the room passes on without looking inside.

use std::fmt;
use std::sync::Arc;

/// The child elements of a stanza as bytes, already rid of everything that only the service may
/// say. Opaque to the room.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload {
    xml: Arc<[u8]>,
    language: Option<Arc<str>>,
}

impl Payload {
    /// Wraps serialised child elements.
    pub fn new(bytes: &[u8]) -> Self {
        Self {
            xml: bytes.into(),
            language: None,
        }
    }

    /// The same as what a presence shows, with the `xml:lang` of that stanza: of whatever in it has
    /// none of its own. RFC 6120 §8.1.5. That of a message is in [`Content`].
    pub fn in_language(mut self, language: Option<Arc<str>>) -> Self {
        self.language = language;
        self
    }

    /// No child elements.
    pub fn empty() -> Self {
        Self::new(&[])
    }

    /// The bytes of the elements.
    pub fn as_bytes(&self) -> &[u8] {
        &self.xml
    }

    /// The `xml:lang` of the presence, when its author gave it.
    pub fn language(&self) -> Option<&Arc<str>> {
        self.language.as_ref()
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
        let language = self.language.as_deref().unwrap_or_default();
        let xml = String::from_utf8_lossy(&self.xml);
        write!(formatter, "Payload({language}:{xml})")
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
