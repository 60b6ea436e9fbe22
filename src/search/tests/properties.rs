//! What holds for any text and any search.

use std::ops::ControlFlow;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::search::fold::{fold, in_context};

/// Pieces that texts and searches share, so that many of them meet: few letters, in every script
/// that is treated in its own way, and what joins or separates them.
const PIECES: [&str; 66] = [
    "a",
    "b",
    "A",
    "ß",
    "é",
    "e\u{301}",
    "ø",
    "İ",
    "ı",
    "1",
    "٣",
    "ab",
    "Abba",
    "don't",
    "x_y",
    "σ",
    "ς",
    "Σ",
    "й",
    "ё",
    "ا",
    "أ",
    "ة",
    "ش\u{651}",
    "ש\u{5c1}",
    "क",
    "क्",
    "कि",
    "语",
    "言",
    "语言",
    "か",
    "か\u{3099}",
    "ｶ",
    "ﾞ",
    "ー",
    "학",
    "하",
    "\u{1100}",
    "\u{1161}",
    "\u{11a8}",
    "ㄳ",
    "ก",
    "กิ",
    "น้ำ",
    "เ",
    "👍",
    "👍🏽",
    "❤\u{fe0f}",
    "🇩",
    "🇪",
    "\u{200d}",
    "\u{200b}",
    "\u{e000}",
    "\u{301}",
    "\u{e49}",
    " ",
    " ",
    " ",
    ".",
    "\u{3000}",
    "\0",
    "ﬁ",
    "ﷺ",
    "㍿",
    "\u{ad}",
];

const SIGNS: [&str; 18] = [
    "\"", "\"", "“", "”", "-", "-", "*", "*", "|", " or ", " OR ", " AND ", " NOT ", "(", ")", ":",
    "NEAR(", "^",
];

/// Few enough words that any two texts have some in common.
const WORDS: [&str; 10] = ["a", "ab", "abc", "b", "ba", "语", "言", "ก", "กิ", "👍"];

/// A text: of few words, of pieces, or sometimes anything.
pub(super) fn text() -> impl Strategy<Value = String> {
    let of_words = vec(select(&WORDS[..]), 1..8).prop_map(|words| words.join(" "));
    let of_pieces = vec(select(&PIECES[..]), 0..24).prop_map(|pieces| pieces.concat());
    prop_oneof![4 => of_words, 5 => of_pieces, 1 => any::<String>()]
}

/// What somebody might type: something with a meaning, pieces with signs, or sometimes anything.
pub(super) fn typed() -> impl Strategy<Value = String> {
    let piece = prop_oneof![3 => select(&PIECES[..]), 1 => select(&SIGNS[..])];
    let of_pieces = vec(piece, 0..16).prop_map(|pieces| pieces.concat());
    prop_oneof![4 => meant(), 5 => of_pieces, 1 => any::<String>()]
}

/// Alternatives of a few terms, excluded or not.
fn meant() -> impl Strategy<Value = String> {
    let excluded = select(&["", "", "-"][..]);
    let words = vec(select(&WORDS[..]), 1..3).prop_map(|words| words.join(" "));
    let star = select(&["", "*"][..]);
    let term = (excluded, words, star)
        .prop_map(|(excluded, words, star)| format!("{excluded}\"{words}\"{star}"));
    let alternative = vec(term, 1..4).prop_map(|terms| terms.join(" "));
    vec(alternative, 1..3).prop_map(|alternatives| alternatives.join(" or "))
}

proptest! {
    #[test]
    fn folding_in_pieces_is_folding_by_the_book(text in text()) {
        let text: String = text.chars().filter(|character| !character.is_ascii()).collect();
        let mut folded = String::new();
        let _ = fold(&text, |character| {
            folded.push(character);
            ControlFlow::Continue(())
        });
        prop_assert_eq!(folded, in_context(&text).collect::<String>());
    }

    #[test]
    fn the_words_of_words_are_the_same(text in text()) {
        let indexed = words(&text);
        prop_assert_eq!(words(&indexed), indexed);
    }

    #[test]
    fn words_are_short_separate_and_of_letters(text in text()) {
        let indexed = words(&text);
        for word in indexed.split(' ').filter(|_| !indexed.is_empty()) {
            prop_assert!(!word.is_empty() && word.len() <= WORD_BYTES_MAX, "{word:?}");
            prop_assert!(!word.contains(['\u{e000}', '"', '\0']), "{word:?}");
            prop_assert!(word.chars().all(|letter| !letter.is_ascii() || letter.is_ascii_digit() || letter.is_ascii_lowercase()), "{word:?}");
        }
    }

    #[test]
    fn composition_and_joining_make_no_difference(text in text()) {
        use unicode_normalization::UnicodeNormalization;
        prop_assert_eq!(words(&text.nfd().collect::<String>()), words(&text.nfc().collect::<String>()));
        prop_assert_eq!(words(&text.nfkc().collect::<String>()), words(&text));
    }

    #[test]
    fn every_word_of_a_text_finds_it(text in text()) {
        for word in words(&text).split(' ').filter(|word| !word.is_empty()) {
            prop_assert!(Search::exact(word).unwrap().matches(&text), "{word:?}");
        }
        for typed in text.split_whitespace() {
            if let Ok(search) = Search::exact(typed) {
                prop_assert!(search.matches(&text), "{typed:?}");
            }
        }
    }

    #[test]
    fn every_prefix_of_a_word_finds_its_text(text in text()) {
        for word in words(&text).split(' ').filter(|word| word.chars().count() > 1) {
            for (at, _) in word.char_indices().skip(2) {
                let search = Search::parse(&format!("{}*", &word[..at])).unwrap();
                prop_assert!(search.matches(&text), "{search:?}");
            }
        }
    }

    #[test]
    fn every_part_of_a_chinese_text_finds_it(text in "[一-丘，。]{1,20}", start in 0..20usize, length in 1..20usize) {
        let part: String = text.chars().skip(start).take(length).collect();
        if let Ok(search) = Search::parse(&part) {
            prop_assert!(search.matches(&text), "{search:?}");
        }
    }

    #[test]
    fn excluding_is_the_opposite_of_finding(text in text(), piece in select(&PIECES[..])) {
        if !words(piece).is_empty() {
            let found = Search::parse(&format!("a \"{piece}\"")).unwrap();
            let excluded = Search::parse(&format!("a -\"{piece}\"")).unwrap();
            let a = Search::exact("a").unwrap();
            prop_assert_eq!(found.matches(&text) ^ excluded.matches(&text), a.matches(&text));
        }
    }

    #[test]
    fn alternatives_are_found_if_one_of_them_is(text in text(), one in select(&PIECES[..]), other in select(&PIECES[..])) {
        let matches = |typed: &str| Search::parse(typed).map(|search| search.matches(&text));
        if let (Ok(first), Ok(second)) = (matches(one), matches(other)) {
            prop_assert_eq!(matches(&format!("{one} or {other}")), Ok(first || second));
            prop_assert_eq!(matches(&format!("{one} {other}")), Ok(first && second));
        }
    }
}

#[test]
fn every_character_is_folded_for_good_and_in_any_case() {
    use unicode_normalization::UnicodeNormalization;
    // Beyond are ideographs, of which only these are folded, and nothing.
    for character in ('\0'..'\u{20000}').chain('\u{2f800}'..'\u{2fa20}') {
        let text = String::from(character);
        let indexed = words(&text);
        assert_eq!(words(&indexed), indexed, "{character:?}");
        assert_eq!(words(&text.to_lowercase()), indexed, "{character:?}");
        // The small iota below a Greek vowel is an accent; in capitals it is a letter of its own.
        if !text.nfd().any(|part| part == '\u{345}') {
            assert_eq!(words(&text.to_uppercase()), indexed, "{character:?}");
        }
    }
}
