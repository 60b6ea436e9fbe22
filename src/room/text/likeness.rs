//! What two texts have in common that look the same: by this nicks are compared.
//!
//! It forgets case, characters that draw nothing, how wide a gap is, and by which of several ways
//! the same letter is written: canonical and compatibility forms (UAX #15), and the dots of `i` and
//! `j`. A soft-dotted letter (Unicode's property Soft_Dotted) is drawn without its dot where a mark
//! stands above it. So with U+0307, a dot above, it looks as it does without, and a dotless letter
//! with any mark above looks as the dotted one with that mark.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// What a text looks like, to be compared and not to be shown.
pub(in crate::room) fn of(text: &str) -> String {
    let seen = text.chars().filter(|character| !draws_nothing(*character));
    let lower: String = seen.nfkd().flat_map(char::to_lowercase).collect();
    // Lower case may have made a mark of what was a letter alone, as of U+0130.
    let lower: Vec<char> = lower.nfkd().map(without_final_form).collect();
    let mut look = String::with_capacity(text.len());
    let mut rest = &lower[..];
    while let Some((base, behind)) = rest.split_first() {
        let marks = behind
            .iter()
            .take_while(|mark| canonical_combining_class(**mark) != 0);
        let (marks, behind) = behind.split_at(marks.count());
        rest = behind;
        if base.is_whitespace() {
            if !look.ends_with(' ') {
                look.push(' ');
            }
            look.extend(marks);
        } else {
            draw(*base, marks, &mut look);
        }
    }
    look
}

/// Writes a letter with its marks as it is drawn.
fn draw(base: char, marks: &[char], look: &mut String) {
    let above = |mark: &&char| canonical_combining_class(**mark) == ABOVE;
    let base = match (base, marks.iter().any(|mark| above(&mark))) {
        ('\u{131}', true) => 'i',
        ('\u{237}', true) => 'j',
        (base, _) => base,
    };
    look.push(base);
    let only_a_dot = marks.iter().filter(above).eq([&DOT_ABOVE]);
    let is_drawn = |mark: &&char| !(only_a_dot && is_soft_dotted(base) && **mark == DOT_ABOVE);
    look.extend(marks.iter().filter(is_drawn));
}

/// A sigma looks different at the end of a word; in capitals it does not.
fn without_final_form(lowercase: char) -> char {
    if lowercase == 'ς' { 'σ' } else { lowercase }
}

/// Unicode's Default_Ignorable_Code_Point, controls, and the fillers of Hangul and Braille; spaces
/// are not among them.
pub(in crate::room) fn draws_nothing(character: char) -> bool {
    character.is_control() && !character.is_whitespace()
        || matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Unicode 16.0, PropList.txt, Soft_Dotted.
fn is_soft_dotted(character: char) -> bool {
    SOFT_DOTTED
        .iter()
        .any(|(first, last)| (*first..=*last).contains(&character))
}

/// The canonical combining class of what stands above a letter.
const ABOVE: u8 = 230;

const DOT_ABOVE: char = '\u{307}';

const SOFT_DOTTED: [(char, char); 34] = [
    ('i', 'j'),
    ('\u{12f}', '\u{12f}'),
    ('\u{249}', '\u{249}'),
    ('\u{268}', '\u{268}'),
    ('\u{29d}', '\u{29d}'),
    ('\u{2b2}', '\u{2b2}'),
    ('\u{3f3}', '\u{3f3}'),
    ('\u{456}', '\u{456}'),
    ('\u{458}', '\u{458}'),
    ('\u{1d62}', '\u{1d62}'),
    ('\u{1d96}', '\u{1d96}'),
    ('\u{1da4}', '\u{1da4}'),
    ('\u{1da8}', '\u{1da8}'),
    ('\u{1e2d}', '\u{1e2d}'),
    ('\u{1ecb}', '\u{1ecb}'),
    ('\u{2071}', '\u{2071}'),
    ('\u{2148}', '\u{2149}'),
    ('\u{2c7c}', '\u{2c7c}'),
    ('\u{1d422}', '\u{1d423}'),
    ('\u{1d456}', '\u{1d457}'),
    ('\u{1d48a}', '\u{1d48b}'),
    ('\u{1d4be}', '\u{1d4bf}'),
    ('\u{1d4f2}', '\u{1d4f3}'),
    ('\u{1d526}', '\u{1d527}'),
    ('\u{1d55a}', '\u{1d55b}'),
    ('\u{1d58e}', '\u{1d58f}'),
    ('\u{1d5c2}', '\u{1d5c3}'),
    ('\u{1d5f6}', '\u{1d5f7}'),
    ('\u{1d62a}', '\u{1d62b}'),
    ('\u{1d65e}', '\u{1d65f}'),
    ('\u{1d692}', '\u{1d693}'),
    ('\u{1df1a}', '\u{1df1a}'),
    ('\u{1e04c}', '\u{1e04d}'),
    ('\u{1e068}', '\u{1e068}'),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All soft-dotted letters.
    fn soft_dotted() -> impl Iterator<Item = char> {
        let all = SOFT_DOTTED.iter();
        all.flat_map(|(first, last)| *first..=*last)
    }

    #[test]
    fn a_soft_dotted_letter_looks_the_same_with_a_dot_above() {
        assert_eq!(soft_dotted().count(), 50);
        for letter in soft_dotted() {
            let text = |marks: &str| format!("a{letter}{marks}b");
            assert_eq!(of(&text("\u{307}")), of(&text("")), "{letter}");
            // Whatever stands below or draws nothing is no difference to that.
            assert_eq!(
                of(&text("\u{323}\u{307}")),
                of(&text("\u{323}")),
                "{letter}"
            );
            assert_eq!(of(&text("\u{34f}\u{307}")), of(&text("")), "{letter}");
            // A mark beside the dot is drawn, and so is the dot.
            assert_ne!(
                of(&text("\u{307}\u{301}")),
                of(&text("\u{301}")),
                "{letter}"
            );
            assert_ne!(of(&text("\u{301}")), of(&text("")), "{letter}");
        }
    }

    #[test]
    fn dotless_letters_with_a_mark_above_look_as_the_dotted_ones() {
        for (dotless, dotted) in [
            ("\u{131}", "i"),
            ("\u{237}", "j"),
            ("\u{1d6a4}", "i"),
            ("\u{1d6a5}", "j"),
        ] {
            assert_ne!(of(dotless), of(dotted));
            for mark in ["\u{301}", "\u{308}", "\u{302}", "\u{307}\u{301}"] {
                let (one, other) = (format!("{dotless}{mark}"), format!("{dotted}{mark}"));
                assert_eq!(of(&one), of(&other), "{one} {other}");
            }
            assert_eq!(of(&format!("{dotless}\u{307}")), of(dotted));
            assert_ne!(
                of(&format!("{dotless}\u{323}")),
                of(&format!("{dotted}\u{323}"))
            );
        }
        assert_eq!(of("\u{130}"), of("i"));
        assert_eq!(of("L\u{130}SA"), of("lisa"));
    }

    #[test]
    fn what_differs_to_the_eye_differs() {
        for (one, other) in [
            ("lisa", "l\u{131}sa"),
            ("o\u{308}", "o"),
            ("ann lee", "annlee"),
            ("e\u{307}", "e"),
        ] {
            assert_ne!(of(one), of(other), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn the_same_written_in_another_way_looks_the_same(text in letters()) {
            for twin in [
                text.nfc().collect::<String>(),
                text.nfd().collect(),
                text.nfkc().collect(),
                text.nfkd().collect(),
                of(&text),
            ] {
                prop_assert_eq!(of(&twin), of(&text), "{:?} {:?}", twin, text);
            }
        }

        #[test]
        fn what_draws_nothing_makes_no_difference(text in letters(), place in any::<prop::sample::Index>(),
                                                  code in 0_u32..0x11_0000) {
            let Some(nothing) = char::from_u32(code).filter(|character| draws_nothing(*character)) else {
                return Ok(());
            };
            let mut twin: Vec<char> = text.chars().collect();
            twin.insert(place.index(twin.len() + 1), nothing);
            prop_assert_eq!(of(&String::from_iter(twin)), of(&text));
        }
    }

    fn letters() -> impl Strategy<Value = String> {
        let letter = prop_oneof![
            prop::sample::select(vec![
                'i', 'I', 'j', '\u{131}', '\u{130}', '\u{237}', '\u{456}', '\u{1e2d}', 'a', ' '
            ]),
            prop::sample::select(vec!['\u{307}', '\u{301}', '\u{323}', '\u{34f}', '\u{328}']),
            any::<char>(),
        ];
        prop::collection::vec(letter, 0..8).prop_map(String::from_iter)
    }
}
