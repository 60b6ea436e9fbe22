//! Words: what of a text is found, and by what. XEP-0431 §2.2 (#overview).
//!
//! A text becomes a list of index words by [`words()`], and what somebody searches for becomes a
//! [`Search`] of the same words; the two always agree because both go the same road. The store's
//! full-text index is given nothing but these words, each of letters and digits (or one emoji),
//! with one blank between them, so that its own tokenizer (`ascii`) has nothing left to decide.
//! XEP-0431 leaves the meaning of a search to the service; what [`Search::parse`] understands is
//! ours.
//!
//! The hard thing is that "word" means something else in each script. `script.rs` sorts characters:
//! scripts that put no blanks between words are indexed character by character, and a search for a
//! part of such a text is a phrase of characters. `fold.rs` makes alike what people take for the
//! same: case, accents, width, points.
//!
//! Here is no XML, no SQL, no clock and no chance. A change of what [`words()`] returns for any
//! text makes every index written before useless: the store must build it again.

mod error;
mod expression;
mod fold;
mod parse;
mod script;
mod words;

#[cfg(test)]
mod tests;

/// Grows with every change of what [`words`] returns for any text, so that the store knows that its
/// index is old.
pub const VERSION: u32 = 2;

pub use error::SearchError;
pub use expression::{Alternative, Search, SearchTerm};
pub use words::{DIFFERENT_WORDS_MAX, WORD_BYTES_MAX, WORDS_MAX, words};
