//! Words, and what is searched for. XEP-0431.

/// What somebody searches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    text: String,
}

/// Why a text can't be searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchError {
    /// There is no word in it.
    Empty,
}

impl Search {
    /// Understands what somebody typed.
    ///
    /// # Errors
    /// - [`SearchError::Empty`]
    pub fn parse(text: &str) -> Result<Self, SearchError> {
        let text = words(text);
        if text.is_empty() {
            Err(SearchError::Empty)
        } else {
            Ok(Self { text })
        }
    }

    /// As an FTS5 expression.
    pub fn to_match(&self) -> String {
        self.text
            .split(' ')
            .map(|word| format!("\"{word}\""))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// The words of a text, in order, separated by one blank.
pub fn words(text: &str) -> String {
    let words: Vec<_> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ").to_lowercase()
}
