//! How a search takes a character, by its script.
//!
//! The ranges are blocks of Unicode, not lists of what is assigned in them today, so that a
//! character of a later version is treated as its neighbours are.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// What a character is to a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A letter or digit of a script whose words are told apart by blanks.
    Letter,
    /// A character of a script without blanks between words: a word of its own, with the marks on
    /// it.
    Ideograph,
    /// A mark that changes what the letter before it is: a vowel sign, a virama. Belongs to that
    /// letter.
    Mark,
    /// An emoji: a word of its own.
    Symbol,
    /// Half of a flag.
    RegionalIndicator,
    /// Anything else: ends a word.
    Separator,
}

impl Class {
    /// The class of a character that was folded.
    pub(super) fn of(character: char) -> Self {
        if character.is_ascii() {
            return if character.is_ascii_alphanumeric() {
                Self::Letter
            } else {
                Self::Separator
            };
        }
        if is_plain_ideograph(character) {
            return Self::Ideograph;
        }
        match character {
            '\u{1f1e6}'..='\u{1f1ff}' => return Self::RegionalIndicator,
            // Letters that stand for an apostrophe or a breathing.
            '\u{2b9}'..='\u{2bf}' => return Self::Separator,
            _ => {}
        }
        match character.general_category_group() {
            GeneralCategoryGroup::Mark => Self::Mark,
            GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number => {
                if is_written_without_blanks(character) {
                    Self::Ideograph
                } else {
                    Self::Letter
                }
            }
            GeneralCategoryGroup::Punctuation
            | GeneralCategoryGroup::Symbol
            | GeneralCategoryGroup::Separator
            | GeneralCategoryGroup::Other => {
                if is_symbol(character) {
                    Self::Symbol
                } else {
                    Self::Separator
                }
            }
        }
    }
}

/// Whether a character is an ideograph that folding leaves as it is, whatever stands around it,
/// unless a mark or a jamo follows: the great majority of what is written in Chinese, Japanese and
/// Korean.
pub(super) fn is_plain_ideograph(character: char) -> bool {
    matches!(
        character,
        '\u{4e00}'..='\u{9fff}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{ac00}'..='\u{d7a3}'
    )
}

/// Whether a letter is of a script that doesn't put blanks between words, or, as Korean does, glues
/// to a word what is not searched for.
fn is_written_without_blanks(letter: char) -> bool {
    matches!(
        letter,
        // Thai and Lao; Myanmar; Khmer; Tai Le and New Tai Lue; Tai Tham; Myanmar again, with Tai
        // Viet.
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{1950}'..='\u{19df}'
        | '\u{1a20}'..='\u{1aaf}' | '\u{a9e0}'..='\u{a9ff}' | '\u{aa60}'..='\u{aadf}'
        // Hangul jamo and syllables.
        | '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}'
        // Radicals, kana, bopomofo, Han.
        | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{a48f}' | '\u{f900}'..='\u{faff}'
        | '\u{16fe0}'..='\u{18dff}' | '\u{1aff0}'..='\u{1b2ff}' | '\u{20000}'..='\u{3ffff}'
    )
}

/// Whether a character that is no letter is one that people search for: emoji and what is used as
/// such.
fn is_symbol(character: char) -> bool {
    matches!(
        character,
        // Technical signs; the sun to the wheelchair; dingbats but for quotation marks and
        // brackets; stars; pictographs.
        '\u{2300}'..='\u{23ff}' | '\u{2600}'..='\u{275a}' | '\u{2761}'..='\u{2767}' | '\u{2776}'..='\u{27bf}'
        | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}'
    )
}
