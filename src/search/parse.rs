//! What a user typed, taken apart. Nothing is refused here: what has no meaning is text.

use super::expression::{Alternative, Search, SearchTerm};
use super::script::Class;

/// The alternatives that a text says; some may have only exclusions, or nothing at all. One term
/// more than a search may have is the last that is looked at.
pub(super) fn parse(text: &str) -> Vec<Alternative> {
    let mut alternatives = Vec::new();
    let mut alternative = Alternative::default();
    let mut parts = Parts { text, at: 0 }.peekable();
    let mut terms = 0;
    // Whether the part before was a term: only then can a connective follow.
    let mut after_term = false;
    while terms <= Search::TERMS_MAX
        && let Some(part) = parts.next()
    {
        let connects = after_term && parts.peek().is_some();
        after_term = true;
        match part {
            TypedPart::Found(term) => alternative.all.push(term),
            TypedPart::Excluded(term) => alternative.none.push(term),
            TypedPart::Or(_) if connects => {
                alternatives.push(std::mem::take(&mut alternative));
                after_term = false;
            }
            TypedPart::And(_) if connects => after_term = false,
            TypedPart::Or(word) | TypedPart::And(word) => match SearchTerm::exact(word) {
                Some(term) => alternative.all.push(term),
                None => after_term = false,
            },
        }
        terms += usize::from(after_term);
    }
    alternatives.push(alternative);
    alternatives
}

/// A part of what was typed.
enum TypedPart<'a> {
    Found(SearchTerm),
    Excluded(SearchTerm),
    /// `or`, `OR`, `|`, as it was typed.
    Or(&'a str),
    /// `AND`, as it was typed.
    And(&'a str),
}

/// The parts of a text; those without a word are passed over.
struct Parts<'a> {
    text: &'a str,
    /// How many bytes were read.
    at: usize,
}

impl<'a> Iterator for Parts<'a> {
    type Item = TypedPart<'a>;

    fn next(&mut self) -> Option<TypedPart<'a>> {
        loop {
            self.skip_while(is_gap);
            if self.skip_if(is_bar) {
                return Some(TypedPart::Or("|"));
            }
            if self.at == self.text.len() {
                return None;
            }
            let excluded = self.reads_exclusion();
            let term = match self.read_quoted() {
                Some((quoted, true)) => SearchTerm::prefix(quoted),
                Some((quoted, false)) => SearchTerm::exact(quoted),
                None => match (self.read_bare(), excluded) {
                    (or @ ("or" | "OR"), false) => return Some(TypedPart::Or(or)),
                    (and @ "AND", false) => return Some(TypedPart::And(and)),
                    (bare, _) if is_prefix(bare) => SearchTerm::prefix(bare),
                    (bare, _) => SearchTerm::exact(bare),
                },
            };
            match term {
                Some(term) if excluded => return Some(TypedPart::Excluded(term)),
                Some(term) => return Some(TypedPart::Found(term)),
                None => {}
            }
        }
    }
}

impl<'a> Parts<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_while(&mut self, is_skipped: fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(is_skipped).len();
    }

    fn skip_if(&mut self, is_skipped: fn(char) -> bool) -> bool {
        let first = self
            .rest()
            .chars()
            .next()
            .filter(|first| is_skipped(*first));
        self.at += first.map_or(0, char::len_utf8);
        first.is_some()
    }

    /// Reads a sign of exclusion: at the start of a part, and directly before what it excludes. So
    /// the signs of `--force` and of `a - b` are text.
    fn reads_exclusion(&mut self) -> bool {
        let before = self.text[..self.at].chars().next_back();
        if before.is_some_and(|before| !is_gap(before) && !is_bar(before)) {
            return false;
        }
        let mut characters = self.rest().chars();
        let is_sign = characters.next().is_some_and(is_minus)
            && characters
                .next()
                .is_some_and(|next| is_quote(next) || is_of_word(next));
        is_sign && self.skip_if(is_minus)
    }

    /// Reads what stands between quotation marks, and whether its last word may go on.
    fn read_quoted(&mut self) -> Option<(&'a str, bool)> {
        let inside = self.rest().strip_prefix(is_quote)?;
        let (quoted, _) = inside.split_once(is_quote)?;
        self.skip_if(is_quote);
        self.at += quoted.len();
        self.skip_if(is_quote);
        Some((quoted, self.skip_if(is_star) || is_prefix(quoted)))
    }

    /// Reads up to a gap, a bar, or a quotation mark that doesn't stand behind a letter: in
    /// `5" disk` and in Hebrew abbreviations it is a part of the word.
    fn read_bare(&mut self) -> &'a str {
        let rest = self.rest();
        let mut before = None;
        let end = rest.find(|character| {
            let behind_letter = before
                .replace(character)
                .is_none_or(|before| matches!(Class::of(before), Class::Letter | Class::Mark));
            is_gap(character) || is_bar(character) || is_quote(character) && !behind_letter
        });
        let bare = &rest[..end.unwrap_or(rest.len())];
        self.at += bare.len();
        bare
    }
}

/// Whether a star follows the last word of a text.
fn is_prefix(text: &str) -> bool {
    let after = text
        .trim_end_matches(|character| !is_of_word(character))
        .len();
    text[after..].starts_with(is_star)
}

fn is_of_word(character: char) -> bool {
    Class::of(character) != Class::Separator
}

fn is_gap(character: char) -> bool {
    character.is_whitespace() || character.is_control()
}

fn is_bar(character: char) -> bool {
    matches!(character, '|' | '｜')
}

fn is_minus(character: char) -> bool {
    matches!(character, '-' | '−' | '－')
}

fn is_star(character: char) -> bool {
    matches!(character, '*' | '＊')
}

/// Keyboards of phones write typographical quotation marks unasked.
fn is_quote(character: char) -> bool {
    matches!(character, '"' | '“' | '”' | '„' | '‟' | '«' | '»' | '＂')
}
