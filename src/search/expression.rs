//! What somebody searches for, and what it finds.

use super::SearchError;
use super::parse::parse;
use super::script::Class;
use super::words::words;

/// What somebody searches for: alternatives, of which one must match.
///
/// There is at least one. It finds the same by [`Self::matches`] as an FTS5 table does by
/// [`Self::to_match`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    any: Vec<Alternative>,
}

/// What matches a text that has all of its terms and none of its exclusions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alternative {
    /// At least one, once it is part of a [`Search`].
    pub all: Vec<SearchTerm>,
    /// None of these may be in the text.
    pub none: Vec<SearchTerm>,
}

/// What may be in a text. Its words are as [`words`] returns them: folded, and with one blank
/// between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchTerm {
    /// A single word.
    Word(String),
    /// Two words or more that follow each other.
    Phrase(String),
    /// One word or more that follow each other, of which the last may go on.
    Prefix(String),
}

impl Search {
    /// How many terms a search may have, exclusions included.
    pub const TERMS_MAX: usize = 50;
    /// How many words its terms may have together. A phrase of one word again and again costs as
    /// much as it is long.
    pub const WORDS_MAX: usize = 100;
    /// How many of its terms may be prefixes, exclusions included. For each of them FTS5 puts the
    /// lists of all words together that begin so, of all rooms, before it finds anything.
    pub const PREFIXES_MAX: usize = 5;

    /// Parses what a user typed.
    ///
    /// | Typed | Found |
    /// | --- | --- |
    /// | `cat dog`, `cat AND dog` | texts with both words |
    /// | `"black cat"` | texts where the words follow each other; also in typographical quotation marks |
    /// | `black-cat`, `a.b@c.de`, `黒猫` | the same, since these are several words |
    /// | `cat*`, `"black cat*"`, `"black cat"*` | words that begin so |
    /// | `cat -dog`, `cat -"black dog"` | texts without what is excluded |
    /// | `cat or dog`, `cat OR dog`, `cat \| dog` | texts with one of them |
    /// | `a b or c d` | texts with both `a` and `b`, or both `c` and `d` |
    ///
    /// Anything else is text: signs without a word are ignored, an `or` or `AND` that does not
    /// stand between terms is a word, and a quotation mark that is not closed, or stands inside a
    /// word, is none. A prefix of a single letter or digit is taken as the whole word, since every
    /// index has too many words that begin so; this does not hold for scripts without blanks
    /// between words.
    ///
    /// # Errors
    /// - [`SearchError`], the variant being the cause.
    pub fn parse(text: &str) -> Result<Self, SearchError> {
        Self::of(parse(text))
    }

    /// Finds texts that have every word of a text, which has no operators in it.
    ///
    /// # Errors
    /// [`SearchError::Empty`], [`SearchError::TooManyTerms`].
    pub fn all(text: &str) -> Result<Self, SearchError> {
        let all = exact_terms(text).collect();
        let none = Vec::new();
        Self::of(vec![Alternative { all, none }])
    }

    /// Finds texts that have any word of a text, which has no operators in it.
    ///
    /// # Errors
    /// [`SearchError::Empty`], [`SearchError::TooManyTerms`].
    pub fn any(text: &str) -> Result<Self, SearchError> {
        Self::of(exact_terms(text).map(Alternative::from).collect())
    }

    /// Finds texts where the words of a text, which has no operators in it, follow each other.
    ///
    /// # Errors
    /// [`SearchError::Empty`], [`SearchError::TooManyTerms`].
    pub fn exact(text: &str) -> Result<Self, SearchError> {
        Self::of(
            SearchTerm::exact(text)
                .map(Alternative::from)
                .into_iter()
                .collect(),
        )
    }

    /// Checks what all ways to a search have to keep to. Alternatives without any term are
    /// forgotten.
    fn of(mut any: Vec<Alternative>) -> Result<Self, SearchError> {
        any.retain(|alternative| alternative.terms().next().is_some());
        if any.is_empty() {
            return Err(SearchError::Empty);
        }
        let terms = || any.iter().flat_map(Alternative::terms);
        if terms().count() > Self::TERMS_MAX
            || terms().map(SearchTerm::word_count).sum::<usize>() > Self::WORDS_MAX
        {
            return Err(SearchError::TooManyTerms);
        }
        if terms().filter(|term| term.is_prefix()).count() > Self::PREFIXES_MAX {
            return Err(SearchError::TooManyPrefixes);
        }
        if any.iter().any(|alternative| alternative.all.is_empty()) {
            return Err(SearchError::OnlyExclusions);
        }
        Ok(Self { any })
    }

    /// The alternatives, of which one must match.
    pub fn alternatives(&self) -> &[Alternative] {
        &self.any
    }

    /// As an FTS5 MATCH expression, for a table whose tokenizer is `ascii` and whose texts went
    /// through [`words`].
    ///
    /// FTS5 accepts it whatever the search is. To make it a part of a larger expression, put it
    /// into parentheses. What it costs grows with the number of words in the index that a prefix
    /// stands for.
    pub fn to_match(&self) -> String {
        let any: Vec<_> = self.any.iter().map(Alternative::to_match).collect();
        any.join(" OR ")
    }

    /// Whether a text is found: the same that FTS5 says to [`Self::to_match`].
    pub fn matches(&self, text: &str) -> bool {
        // With a blank on either side, a word starts after a blank and ends before one.
        let padded = format!(" {} ", words(text));
        self.any.iter().any(|alternative| {
            alternative.all.iter().all(|term| term.is_in(&padded))
                && !alternative.none.iter().any(|term| term.is_in(&padded))
        })
    }
}

impl Alternative {
    fn terms(&self) -> impl Iterator<Item = &SearchTerm> {
        self.all.iter().chain(&self.none)
    }

    fn to_match(&self) -> String {
        let all = join(&self.all, " AND ");
        if self.none.is_empty() {
            format!("({all})")
        } else {
            format!("(({all}) NOT ({}))", join(&self.none, " OR "))
        }
    }
}

impl From<SearchTerm> for Alternative {
    fn from(term: SearchTerm) -> Self {
        Self {
            all: vec![term],
            none: Vec::new(),
        }
    }
}

/// The terms of a text without operators: not more than are needed to see that they are too many.
fn exact_terms(text: &str) -> impl Iterator<Item = SearchTerm> {
    text.split_whitespace()
        .filter_map(SearchTerm::exact)
        .take(Search::TERMS_MAX + 1)
}

fn join(terms: &[SearchTerm], operator: &str) -> String {
    let terms: Vec<_> = terms.iter().map(SearchTerm::to_match).collect();
    terms.join(operator)
}

impl SearchTerm {
    /// The words of a text, one after the other; `None` if it has none.
    pub(super) fn exact(text: &str) -> Option<Self> {
        let words = words(text);
        match words.is_empty() {
            true => None,
            false if words.contains(' ') => Some(Self::Phrase(words)),
            false => Some(Self::Word(words)),
        }
    }

    /// As [`Self::exact`], of which the last word may go on if it is not too short.
    pub(super) fn prefix(text: &str) -> Option<Self> {
        match Self::exact(text)? {
            Self::Word(words) | Self::Phrase(words) | Self::Prefix(words) if may_go_on(&words) => {
                Some(Self::Prefix(words))
            }
            exact => Some(exact),
        }
    }

    fn words(&self) -> &str {
        match self {
            Self::Word(words) | Self::Phrase(words) | Self::Prefix(words) => words,
        }
    }

    fn is_prefix(&self) -> bool {
        matches!(self, Self::Prefix(_))
    }

    fn word_count(&self) -> usize {
        self.words().split(' ').count()
    }

    /// The words have nothing in them that would have to be escaped.
    fn to_match(&self) -> String {
        match self {
            Self::Word(words) | Self::Phrase(words) => format!("\"{words}\""),
            Self::Prefix(words) => format!("\"{words}\"*"),
        }
    }

    /// Whether it is in a list of words that has a blank before and after each.
    fn is_in(&self, padded: &str) -> bool {
        match self {
            Self::Word(words) | Self::Phrase(words) => padded.contains(&format!(" {words} ")),
            Self::Prefix(words) => padded.contains(&format!(" {words}")),
        }
    }
}

/// Whether the last of some words is long enough to be a prefix: two letters, or one ideograph.
fn may_go_on(words: &str) -> bool {
    let last = words.rsplit(' ').next().unwrap_or_default();
    let mut characters = last.chars();
    let first = characters.next();
    characters.next().is_some() || first.map(Class::of) == Some(Class::Ideograph)
}
