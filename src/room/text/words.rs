//! A short text that somebody wrote beside what they did, a reason for one, in its language.

use std::ops::Deref;
use std::sync::Arc;

/// What somebody wrote. It reads as a `str`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    text: Arc<str>,
    language: Option<Arc<str>>,
}

impl Words {
    /// A text, and its `xml:lang` when its author gave one: RFC 6120 §8.1.5 wants that kept.
    pub fn new(text: impl Into<Arc<str>>, language: Option<Arc<str>>) -> Self {
        let text = text.into();
        Self { text, language }
    }

    /// The text alone.
    pub fn text(&self) -> Arc<str> {
        self.text.clone()
    }

    /// The language, when it is known.
    pub fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }
}

impl Deref for Words {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl From<&str> for Words {
    fn from(text: &str) -> Self {
        Self::new(text, None)
    }
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        Self::new(text, None)
    }
}
