//! Nicks: the last part of an occupant JID. XEP-0045 §17.1 (#bizrules-jids).
//!
//! The hard thing is likeness: two persons must not look the same. So nicks are compared by [`NickKey`], which
//! forgets case; the resourceprep profile, applied when a nick is parsed, has unified compatibility forms before.

use std::fmt;
use std::sync::Arc;

use jid::ResourcePart;

/// A nick as its owner spells it: resourceprepped, not blank, without invisible edges.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nick(Arc<str>);

/// What makes two nicks the same to the eye: the nick without case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NickKey(Arc<str>);

/// Why a text can't be a nick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidNick {
    /// Empty, or nothing but spaces and characters that show nothing. §17.1 (#bizrules-jids).
    Blank,
    /// Not allowed by the resourceprep profile, or longer than 1023 bytes.
    Malformed,
    /// Starts or ends with a space, which would make it look like another's (§14.6 (#security-dos)).
    Padded,
}

impl Nick {
    /// Parses a nick.
    ///
    /// # Errors
    /// See [`InvalidNick`].
    pub fn new(text: &str) -> Result<Self, InvalidNick> {
        if text.is_empty() {
            return Err(InvalidNick::Blank);
        }
        let prepared = ResourcePart::new(text).map_err(|_| InvalidNick::Malformed)?;
        let nick = prepared.as_str();
        if nick.chars().all(is_invisible) {
            return Err(InvalidNick::Blank);
        }
        if nick.starts_with(is_invisible) || nick.ends_with(is_invisible) {
            return Err(InvalidNick::Padded);
        }
        Ok(Self(nick.into()))
    }

    /// The nick as its owner spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the nick is compared by.
    pub fn key(&self) -> NickKey {
        if self.0.chars().any(char::is_uppercase) {
            return NickKey(self.0.to_lowercase().into());
        }
        NickKey(self.0.clone())
    }
}

impl fmt::Display for Nick {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Spaces, controls, and the format characters that draw nothing (zero width, direction marks, fillers).
fn is_invisible(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_and_padded_nicks_are_refused() {
        for blank in ["", " ", "\u{a0}\u{2003}", "\u{3164}", "\u{2800}\u{2800}"] {
            assert_eq!(Nick::new(blank), Err(InvalidNick::Blank), "{blank:?}");
        }
        assert_eq!(Nick::new("ann "), Err(InvalidNick::Padded));
        assert_eq!(Nick::new("a\u{7}b"), Err(InvalidNick::Malformed));
        assert_eq!(Nick::new(&"x".repeat(1024)), Err(InvalidNick::Malformed));
    }

    #[test]
    fn case_and_width_do_not_make_another_nick() {
        let plain = Nick::new("ann").unwrap();
        assert_eq!(Nick::new("Ann").unwrap().key(), plain.key());
        assert_eq!(Nick::new("\u{ff41}nn").unwrap().key(), plain.key());
        assert_ne!(Nick::new("anne").unwrap().key(), plain.key());
    }
}
