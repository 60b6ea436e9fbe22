//! What is found, and by what.

mod fts5;
mod languages;
mod properties;
mod typed;

use super::*;

/// Whether what a user types finds a text.
fn finds(typed: &str, text: &str) -> bool {
    Search::parse(typed)
        .unwrap_or_else(|error| panic!("{typed:?}: {error}"))
        .matches(text)
}

/// Sees that each of some searches finds a text.
fn all_find<const COUNT: usize>(typed: [&str; COUNT], text: &str) {
    for typed in typed {
        assert!(
            finds(typed, text),
            "{typed:?} does not find {text:?}: {:?}",
            words(text)
        );
    }
}

/// Sees that none of some searches finds a text.
fn none_finds<const COUNT: usize>(typed: [&str; COUNT], text: &str) {
    for typed in typed {
        assert!(
            !finds(typed, text),
            "{typed:?} finds {text:?}: {:?}",
            words(text)
        );
    }
}
