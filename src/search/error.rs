//! Why there is nothing that could be searched for.

/// Why a text is no search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// There is no word in it: it is empty, or nothing but signs.
    #[error("there is no word to search for")]
    Empty,
    /// It, or one side of an `or`, says only what is *not* to be found: all the rest would match.
    #[error("there must be a word to search for beside those that are excluded")]
    OnlyExclusions,
    /// More than [`TERMS_MAX`](super::Search::TERMS_MAX) terms, or more than
    /// [`WORDS_MAX`](super::Search::WORDS_MAX) words in all of them together.
    #[error("there are too many words to search for")]
    TooManyTerms,
    /// More than [`PREFIXES_MAX`](super::Search::PREFIXES_MAX) terms that are prefixes.
    #[error("there are too many words to search for of which only the beginning is given")]
    TooManyPrefixes,
}
