//! Texts of one line: names, nicks, whatever stands in a row with other things. XEP-0004 §3.3
//! (#protocol-fieldtypes), `text-single`: "gather or provide a single line or word of text".
//!
//! A character that begins a line, moves the cursor, or turns the direction of what follows lets
//! one text pass for several, or for another. The marks U+200E, U+200F and U+061C are not among
//! them: they turn nothing that a letter of their direction would not, and Hebrew and Arabic names
//! need them.

use std::borrow::Cow;

/// Whether a text is one line, with nothing in it that would do more than show itself.
pub fn is_one_line(text: &str) -> bool {
    !text.contains(is_unruly)
}

/// The text as one line: a blank for every character that would do more. For what was kept before
/// it was refused.
pub fn in_one_line(text: &str) -> Cow<'_, str> {
    match is_one_line(text) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.replace(is_unruly, " ")),
    }
}

/// Whether a character does something to what stands around it: the controls C0 and C1 with DEL,
/// the separators of lines and paragraphs, embeddings, overrides and isolates of direction, the
/// deprecated format controls, and the marks of interlinear annotation.
pub fn is_unruly(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_that_begins_a_line_or_turns_one_is_unruly() {
        let ranges = [
            (0, 0x1f),
            (0x7f, 0x9f),
            (0x2028, 0x202e),
            (0x2066, 0x206f),
            (0xfff9, 0xfffb),
        ];
        for code in 0..=0x0010_ffff {
            let Some(character) = char::from_u32(code) else {
                continue;
            };
            let listed = ranges
                .iter()
                .any(|(first, last)| (*first..=*last).contains(&code));
            assert_eq!(is_unruly(character), listed, "{code:x}");
        }
    }

    #[test]
    fn names_of_any_script_and_emoji_are_one_line() {
        for name in [
            "",
            "Kaffeeküche ☕",
            "עברית\u{200f}!",
            "क्\u{200d}ष",
            "👩\u{200d}💻",
        ] {
            assert!(is_one_line(name), "{name}");
        }
        assert!(!is_one_line("Lounge\nroom2@rooms.example.org"));
    }
}
