//! The language in which a stanza is written: its `xml:lang`. RFC 6120 §8.1.5: "an entity MUST NOT
//! modify or delete" it.

use std::sync::Arc;

use crate::wire::xml::header::Header;

/// The language that the author of a stanza gave. A text that can't be a tag, by its characters or
/// its length, tells nothing, and would be sent on to many.
pub(in crate::wire) fn of(header: &Header) -> Option<Arc<str>> {
    tag(header.lang.as_deref()?)
}

/// A language tag, if it is one.
pub(in crate::wire) fn tag(text: &str) -> Option<Arc<str>> {
    // Clients write `en_US`, too, as their systems do.
    let is_tag =
        (1..=TAG_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    is_tag.then(|| text.into())
}

/// Maximum number of characters of a tag. RFC 5646 §4.4.1 (#section-4.4.1) finds that none needs
/// more than 35, and has implementations allow for longer ones.
const TAG_MAX: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_told_by_a_tag_and_by_nothing_else() {
        for tag in ["en", "zh-Hans-CN", "de-1996", "en_US", &"x".repeat(100)] {
            assert_eq!(super::tag(tag).as_deref(), Some(tag));
        }
        for text in ["", "e n", "d\u{e9}", &"x".repeat(101)] {
            assert_eq!(tag(text), None, "{text:?}");
        }
    }
}
