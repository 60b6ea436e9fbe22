//! A text, as the words it is found by.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::fold::fold;
use super::script::Class;

/// How long a word may be, in bytes after folding. Of a longer one the rest is ignored, in an index
/// and in a search alike, so that what looks like a word and is a file in base64 does not fill the
/// index.
pub const WORD_BYTES_MAX: usize = 64;

/// How many words of one text are indexed; what follows is not found.
pub const WORDS_MAX: usize = 20_000;

/// How many different words of one text are indexed: as many as a text of ten thousand words in
/// prose has. What comes after the last of them is not found, since an index costs by the words
/// that are new to it: whoever made up 20,000 words for each message would have everybody wait for
/// it.
pub const DIFFERENT_WORDS_MAX: usize = 2_000;

/// The words of a text as they are indexed, in order, separated by one blank.
///
/// A word is a run of letters and digits with the marks on them, folded; in scripts without blanks
/// between words it is a single character, and an emoji is one, too. So is a Hangul syllable, since
/// Korean glues particles to its words: the price is that `학교` is also found where one word ends
/// with 학 and the next begins with 교. All else separates: `don't` is `don t`, `a_b@c.de` is
/// `a b c de`. The words of a result are the result itself. No word has a character for private use
/// in it: those are left to the store for words of its own. See [`WORD_BYTES_MAX`], [`WORDS_MAX`]
/// and [`DIFFERENT_WORDS_MAX`].
pub fn words(text: &str) -> String {
    let mut words = WordsBuilder::of(text.len());
    let mut rest = text;
    while !rest.is_empty() && !words.is_full() {
        let (ascii, after) = rest.split_at(leading(rest, |byte| byte.is_ascii()));
        words.add_ascii(ascii);
        let (other, after) = after.split_at(leading(after, |byte| !byte.is_ascii()));
        words.add_other(other);
        rest = after;
    }
    cut_to_different(words)
}

/// The words up to the last that is taken of those that are different.
fn cut_to_different(words: WordsBuilder) -> String {
    let mut text = words.text;
    if words.count <= DIFFERENT_WORDS_MAX {
        return text;
    }
    let mut different = HashSet::with_capacity(DIFFERENT_WORDS_MAX);
    let mut end = 0;
    for word in text.split(' ') {
        if !different.contains(word) {
            if different.len() == DIFFERENT_WORDS_MAX {
                break;
            }
            different.insert(word);
        }
        end += word.len() + 1;
    }
    // The last word that is taken is followed by a blank or by the end.
    text.truncate(end - 1);
    text
}

/// How many bytes from the start are of one kind.
fn leading(text: &str, is_kind: impl Fn(u8) -> bool) -> usize {
    text.bytes()
        .position(|byte| !is_kind(byte))
        .unwrap_or(text.len())
}

/// Words while they are put together from folded characters.
struct WordsBuilder {
    text: String,
    /// Of words in `text`; one more than [`WORDS_MAX`] if no more are taken.
    count: usize,
    /// Where in `text` the last word begins.
    start: usize,
    last: Last,
}

/// What may still be added to the last word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// Letters and marks.
    Word,
    /// Marks, but no letters.
    Ideograph,
    /// The second half of a flag.
    Flag,
    /// Nothing: there is none, or it is complete.
    Ended,
    /// Nothing, but letters and marks that follow are its rest: it has [`WORD_BYTES_MAX`], or there
    /// are too many.
    Full,
}

impl WordsBuilder {
    /// None yet, with room for those of a text.
    fn of(bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes.min(WORDS_MAX) + 16),
            count: 0,
            start: 0,
            last: Last::Ended,
        }
    }

    /// Whether there are too many, and what follows is ignored.
    fn is_full(&self) -> bool {
        self.count > WORDS_MAX
    }

    fn add_ascii(&mut self, text: &str) {
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() {
                self.add_letter(byte.to_ascii_lowercase().into());
            } else {
                self.last = Last::Ended;
            }
        }
    }

    /// Adds text without ASCII.
    fn add_other(&mut self, text: &str) {
        let _ = fold(text, |character| {
            self.add(character);
            if self.is_full() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
    }

    /// Adds a folded character.
    fn add(&mut self, character: char) {
        match Class::of(character) {
            Class::Letter => self.add_letter(character),
            Class::Ideograph => self.begin(character, Last::Ideograph),
            Class::Mark => match self.last {
                Last::Word | Last::Ideograph => self.append(character),
                // A mark on nothing, or on something that has none.
                Last::Flag | Last::Ended | Last::Full => {}
            },
            Class::Symbol => self.begin(character, Last::Ended),
            Class::RegionalIndicator if self.last == Last::Flag => {
                self.append(character);
                self.last = Last::Ended;
            }
            Class::RegionalIndicator => self.begin(character, Last::Flag),
            Class::Separator => self.last = Last::Ended,
        }
    }

    fn add_letter(&mut self, letter: char) {
        match self.last {
            Last::Word => self.append(letter),
            Last::Full => {}
            Last::Ideograph | Last::Flag | Last::Ended => self.begin(letter, Last::Word),
        }
    }

    fn begin(&mut self, character: char, last: Last) {
        self.count += 1;
        if self.count > WORDS_MAX {
            self.count = WORDS_MAX + 1;
            self.last = Last::Full;
            return;
        }
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.start = self.text.len();
        self.text.push(character);
        self.last = last;
    }

    fn append(&mut self, character: char) {
        if self.text.len() - self.start + character.len_utf8() > WORD_BYTES_MAX {
            self.last = match self.last {
                Last::Word | Last::Full => Last::Full,
                Last::Ideograph | Last::Flag | Last::Ended => Last::Ended,
            };
        } else {
            self.text.push(character);
        }
    }
}
