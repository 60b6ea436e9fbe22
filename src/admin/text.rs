//! Text that may be printed: only this type is, so that nothing which somebody else wrote reaches a
//! terminal as it is.
//!
//! A name, a nick or a reason with a line feed in it would forge a row, and one with an escape
//! sequence or U+202E would change the rows around it. [`Text`] is made of parts that are escaped
//! as they are put in.

use crate::room::text::one_line::is_unruly;

/// Lines that are safe to print: each is one line to the eye, whatever its parts held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text(String);

impl Text {
    /// One line of text.
    pub fn line(text: impl AsRef<str>) -> Self {
        Self(escaped(text.as_ref()) + "\n")
    }

    /// A line for each.
    pub fn lines<S: AsRef<str>>(lines: impl IntoIterator<Item = S>) -> Self {
        lines.into_iter().map(Self::line).collect()
    }

    /// What a program reads: JSON, in which the same characters are escaped as JSON has it, so that
    /// it means the same. What JSON puts between its values is left as it is.
    pub fn json(json: &str) -> Self {
        Self(json_escaped(json))
    }

    /// What is printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromIterator<Text> for Text {
    fn from_iter<I: IntoIterator<Item = Text>>(texts: I) -> Self {
        Self(texts.into_iter().map(|text| text.0).collect())
    }
}

/// The text with every character that does more than show itself written out, as `\n` or
/// `\u{202e}`.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => out.extend(character.escape_default()),
            unruly if is_unruly(unruly) => out.extend(unruly.escape_unicode()),
            plain => out.push(plain),
        }
    }
    out
}

/// JSON with no such character in it. Its writer escapes those below U+0020 itself, and the others
/// can stand in a string alone.
fn json_escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        if is_unruly(character) && character >= '\u{20}' {
            out.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_line_is_one_line_whatever_is_in_it(parts in prop::collection::vec(hostile(), 0..4)) {
            let text = Text::lines(&parts);
            prop_assert_eq!(text.as_str().lines().count(), parts.len());
            for line in text.as_str().lines() {
                prop_assert!(!line.contains(is_unruly), "{line:?}");
            }
        }

        #[test]
        fn json_means_the_same_and_has_only_its_own_line_breaks(value in hostile()) {
            let json = serde_json::to_string(&[&value]).unwrap();
            let text = Text::json(&json);
            prop_assert!(!text.as_str().contains(is_unruly));
            prop_assert_eq!(serde_json::from_str::<[String; 1]>(text.as_str()).unwrap(), [value]);
        }
    }

    fn hostile() -> impl Strategy<Value = String> {
        let character = prop_oneof![
            any::<char>(),
            (0_u32..0xa0).prop_map(|code| char::from_u32(code).unwrap()),
            (0x2028_u32..0x2070).prop_map(|code| char::from_u32(code).unwrap()),
        ];
        prop::collection::vec(character, 0..12).prop_map(String::from_iter)
    }
}
