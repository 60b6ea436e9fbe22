//! Makes the same what people take for the same: case, accents, width, points.
//!
//! Compatibility decomposition (NFKD) takes characters apart; of the parts, accents and what draws
//! nothing are dropped; the rest is put into lower case and together again (NFC), so that Hangul
//! stays syllables and kana keep their voice. A mark is an accent only where a word without it is
//! still taken for the same word: in Latin, Greek, Cyrillic, Hebrew, Arabic and Syriac. The vowel
//! signs and viramas of India and South-East Asia stay.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::script::{Class, is_plain_ideograph};

/// Folds text that has no ASCII in it, and gives the characters of the result, in canonical
/// composition, one by one to `each`, until that has enough.
///
/// No letter of ASCII composes with anything that is not dropped, so a text may be folded in parts,
/// cut wherever ASCII stands.
pub(super) fn fold(text: &str, mut each: impl FnMut(char) -> ControlFlow<()>) -> ControlFlow<()> {
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let (now, later) = rest.split_at(character.len_utf8());
        rest = later;
        match alone(character, later) {
            Alone::One(one) => each(one)?,
            Alone::Two(first, second) => {
                each(first)?;
                each(second)?;
            }
            Alone::Nothing => {}
            Alone::Unknown => {
                let together = now.len() + later.find(stands_alone).unwrap_or(later.len());
                let (together, later) =
                    text[text.len() - now.len() - later.len()..].split_at(together);
                in_context(together).try_for_each(&mut each)?;
                rest = later;
            }
        }
    }
    ControlFlow::Continue(())
}

/// Folds characters that may change each other, by the book.
pub(super) fn in_context(text: &str) -> impl Iterator<Item = char> + '_ {
    text.nfkd()
        .filter(|character| !is_dropped(*character))
        .flat_map(in_one_case)
        .flat_map(as_usually_typed)
        .nfc()
}

/// The result of folding a character, where its neighbours make no difference. It is kept because
/// folding in full takes a hundred times as long for a character as for one of ASCII.
#[derive(Clone, Copy)]
enum Alone {
    One(char),
    Two(char, char),
    /// It is dropped.
    Nothing,
    Unknown,
}

/// What a character is folded to before some text.
fn alone(character: char, later: &str) -> Alone {
    if is_plain_ideograph(character) {
        let composes = later.chars().next().is_some_and(|next| !stands_alone(next));
        return if composes {
            Alone::Unknown
        } else {
            Alone::One(character)
        };
    }
    match character {
        FIRST_KNOWN..=LAST_KNOWN => KNOWN[character as usize - FIRST_KNOWN as usize],
        _ => Alone::Unknown,
    }
}

/// Whether a character composes with nothing before it, and neither does what follows it with
/// anything before.
fn stands_alone(character: char) -> bool {
    is_plain_ideograph(character) || matches!(alone(character, ""), Alone::One(_) | Alone::Two(..))
}

const FIRST_KNOWN: char = '\u{80}';
const LAST_KNOWN: char = '\u{206f}';

/// How the characters of Latin, Greek, Cyrillic, Hebrew and Arabic are folded, and punctuation: the
/// marks that would compose with them are dropped.
static KNOWN: LazyLock<Vec<Alone>> = LazyLock::new(|| {
    let known = |character: char| {
        if ('\u{700}'..'\u{1e00}').contains(&character) {
            return Alone::Unknown;
        }
        let folded: Vec<_> = in_context(character.encode_utf8(&mut [0; 4])).collect();
        match folded[..] {
            [] => Alone::Nothing,
            [one] if Class::of(one) != Class::Mark => Alone::One(one),
            [first, second] if Class::of(second) != Class::Mark => Alone::Two(first, second),
            _ => Alone::Unknown,
        }
    };
    (FIRST_KNOWN..=LAST_KNOWN).map(known).collect()
});

/// One letter in one case: `ß`, `ẞ` and `SS` become `ss`, all sigmas one, and all four of the
/// Turkish i's.
///
/// Up and down again is what full case folding does, and `std` has tables for these two.
fn in_one_case(character: char) -> impl Iterator<Item = char> {
    let as_it_is = has_no_case(character).then_some(character);
    let folded = as_it_is.is_none().then(|| {
        character
            .to_lowercase()
            .flat_map(char::to_uppercase)
            .flat_map(char::to_lowercase)
    });
    as_it_is.into_iter().chain(folded.into_iter().flatten())
}

/// Whether a character is of the many scripts that have no capitals; not whether it is of one that
/// has.
fn has_no_case(character: char) -> bool {
    matches!(
        character,
        '\u{591}'..='\u{109f}' | '\u{1100}'..='\u{139f}' | '\u{1400}'..='\u{1c7f}' | '\u{2e80}'..='\u{a63f}'
    )
}

/// What many can't type as it is written, in letters that they can.
fn as_usually_typed(character: char) -> impl Iterator<Item = char> {
    let (first, second) = match character {
        // Strokes and ligatures, which have no decomposition.
        'ø' => ('o', None),
        'đ' => ('d', None),
        'ħ' => ('h', None),
        'ł' => ('l', None),
        'ŧ' => ('t', None),
        'æ' => ('a', Some('e')),
        'œ' => ('o', Some('e')),
        // Persian and Arabic keyboards differ in these, and Egyptian writers in the last.
        '\u{6cc}' | '\u{649}' => ('\u{64a}', None),
        '\u{6a9}' => ('\u{643}', None),
        '\u{629}' => ('\u{647}', None),
        other => (ascii_digit(other).unwrap_or(other), None),
    };
    std::iter::once(first).chain(second)
}

/// A decimal digit of another script, in ASCII.
fn ascii_digit(character: char) -> Option<char> {
    /// Where the ten digits of scripts in use begin.
    const ZEROS: [u32; 18] = [
        0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50,
        0xed0, 0xf20, 0x1040, 0x17e0, 0x1810,
    ];
    let code = character.into();
    ZEROS
        .iter()
        .find(|zero| (**zero..**zero + 10).contains(&code))
        .and_then(|zero| char::from_digit(code - zero, 10))
}

/// Whether a character, after decomposition, makes no difference to a search: an accent or a point,
/// or something that draws nothing. What is neither dropped nor part of a word separates words, as
/// U+200B does.
fn is_dropped(character: char) -> bool {
    is_accent(character) || is_invisible(character)
}

/// Accents of Latin, Greek and Cyrillic, points of Hebrew, Arabic and Syriac, and marks for all of
/// them.
fn is_accent(character: char) -> bool {
    matches!(
        character,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{2de0}'..='\u{2dff}' | '\u{a66f}'..='\u{a672}' | '\u{a674}'..='\u{a67d}'
        | '\u{fe20}'..='\u{fe2f}'
        // Hebrew.
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}' | '\u{fb1e}'
        // Arabic, with the line that only makes a word longer.
        | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}'
        | '\u{6df}'..='\u{6e4}' | '\u{6e7}' | '\u{6e8}' | '\u{6ea}'..='\u{6ed}' | '\u{898}'..='\u{89f}'
        | '\u{8ca}'..='\u{8e1}' | '\u{8e3}'..='\u{8ff}'
        // Syriac; ideographic tones.
        | '\u{711}' | '\u{730}'..='\u{74a}' | '\u{302a}'..='\u{302f}'
    )
}

/// What draws nothing, or only says how to draw its neighbour: soft hyphens, joiners, direction
/// marks, fillers, variation selectors, skin tones.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{fff0}'..='\u{fff8}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e0fff}'
    )
}
