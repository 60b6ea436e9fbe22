//! Texts that people write beside what they do, a reason for example. They are kept, and repeated
//! in lists and to many, so one that is as long as a stanza may be would make others too long.

use std::sync::Arc;

use super::language;
use super::problem::Problem;
use crate::room::Words;
use crate::wire::xml::writer::XmlWriter;

/// Maximum number of characters of a short text.
pub const TEXT_MAX: usize = 1000;

/// A text as it stands in an element, behind the language that holds there.
pub(in crate::wire) type Said = (Option<String>, String);

/// A text that is there and not blank, with the language that holds for it: its own, or that of
/// what it stands in.
///
/// # Errors
/// - Those of [`decode`].
pub(in crate::wire) fn decode_words(
    element: &'static str,
    text: Option<Said>,
) -> Result<Option<Words>, Problem> {
    let Some((language, text)) = text else {
        return Ok(None);
    };
    let language = language.as_deref().and_then(language::tag);
    let text = decode(element, Some(text))?;
    Ok(text.map(|text| Words::new(text, language)))
}

/// Writes such a text.
pub(in crate::wire) fn write_words(xml: &mut XmlWriter, element: &'static str, words: &Words) {
    xml.open(element)
        .attribute_if("xml:lang", words.language())
        .text(words)
        .close(element);
}

/// A text that is there and not blank. `element` is the name of what holds it.
///
/// # Errors
/// - [`Problem::TextTooLong`]: it has more than [`TEXT_MAX`] characters.
pub(in crate::wire) fn decode(
    element: &'static str,
    text: Option<String>,
) -> Result<Option<Arc<str>>, Problem> {
    decode_exact(element, text.filter(|text| !text.trim().is_empty()))
}

/// A text that is there and not empty, such as a password, of which blanks are a part.
///
/// # Errors
/// - [`Problem::TextTooLong`]: it has more than [`TEXT_MAX`] characters.
pub(in crate::wire) fn decode_exact(
    element: &'static str,
    text: Option<String>,
) -> Result<Option<Arc<str>>, Problem> {
    match text.filter(|text| !text.is_empty()) {
        Some(text) if cut(&text).len() < text.len() => Err(Problem::TextTooLong { element }),
        text => Ok(text.map(Arc::from)),
    }
}

/// As much of a text as would have been accepted.
pub fn cut(text: &str) -> &str {
    match text.char_indices().nth(TEXT_MAX) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_characters_are_accepted_and_one_more_is_not() {
        let text = |count| decode("reason", Some("\u{e9}".repeat(count)));
        assert_eq!(text(1000).unwrap().unwrap().chars().count(), 1000);
        let element = "reason";
        assert_eq!(text(1001), Err(Problem::TextTooLong { element }));
        assert_eq!(decode(element, Some(" \n".into())), Ok(None));
        assert_eq!(decode(element, None), Ok(None));
        assert_eq!(cut(&"\u{e9}".repeat(1001)), "\u{e9}".repeat(1000));
    }
}
