//! Nicks: the last part of an occupant JID. XEP-0045 §17.1 (#bizrules-jids).
//!
//! The hard thing is likeness: two persons must not look the same. So nicks are compared by
//! [`NickKey`], of which `likeness.rs` tells what it forgets. What is not handled are letters of
//! different scripts that look alike (a Cyrillic `\u{430}` for a Latin `a`): telling them apart is
//! left to clients and moderators.

use std::fmt;
use std::sync::Arc;

use super::text::{address, likeness, one_line};

/// A nick as its owner spells it: resourceprepped, not blank, without invisible edges.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nick(Arc<str>);

/// What makes two nicks the same to the eye.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NickKey(Arc<str>);

/// Why a text can't be a nick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidNick {
    /// Empty, or nothing but spaces and characters that show nothing. §17.1 (#bizrules-jids).
    Blank,
    /// Not allowed by the resourceprep profile, longer than 1023 bytes, or not one line.
    Malformed,
    /// Starts or ends with a space, which would make it look like another's (§14.6
    /// (#security-dos)).
    Padded,
}

impl Nick {
    /// Parses a nick.
    ///
    /// # Errors
    /// [`InvalidNick`] says what is wrong.
    pub fn new(text: &str) -> Result<Self, InvalidNick> {
        if text.is_empty() {
            return Err(InvalidNick::Blank);
        }
        let prepared = address::resource(text).map_err(|_| InvalidNick::Malformed)?;
        let nick = prepared.as_str();
        if !one_line::is_one_line(nick) {
            return Err(InvalidNick::Malformed);
        }
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
        let is_plain = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
        if self.0.bytes().all(is_plain) && !self.0.contains("  ") {
            return NickKey(self.0.clone());
        }
        NickKey(likeness::of(&self.0).into())
    }
}

impl NickKey {
    /// The making of keys. The store keeps keys; it makes them anew when this is another number
    /// than before, so it is to be raised whenever two nicks that were the same are not any more,
    /// or the other way round.
    pub const VERSION: u32 = 2;

    /// The key as a text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Nick {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Spaces, and what draws nothing.
fn is_invisible(character: char) -> bool {
    character.is_whitespace() || likeness::draws_nothing(character)
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
        for unruly in [
            '\u{7}', '\n', '\t', '\u{85}', '\u{2028}', '\u{202e}', '\u{2066}',
        ] {
            let nick = format!("a{unruly}b");
            assert_eq!(Nick::new(&nick), Err(InvalidNick::Malformed), "{nick:?}");
        }
        assert_eq!(Nick::new(&"x".repeat(1024)), Err(InvalidNick::Malformed));
    }

    /// Whoever changes what makes nicks the same raises [`NickKey::VERSION`], and then writes the
    /// new number here.
    #[test]
    fn the_version_of_keys_is_raised_with_every_change() {
        let mut sum: u64 = 0xcbf2_9ce4_8422_2325;
        for character in '\0'..=char::MAX {
            let Ok(nick) = Nick::new(&format!("a {character} b")) else {
                continue;
            };
            for byte in nick.key().as_str().bytes() {
                sum = (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        assert_eq!(
            (NickKey::VERSION, sum),
            (2, 14_775_009_316_238_481_198),
            "raise the version"
        );
    }

    #[test]
    fn case_and_width_do_not_make_another_nick() {
        let plain = Nick::new("ann").unwrap();
        assert_eq!(Nick::new("Ann").unwrap().key(), plain.key());
        assert_eq!(Nick::new("\u{ff41}nn").unwrap().key(), plain.key());
        assert_ne!(Nick::new("anne").unwrap().key(), plain.key());
        let odysseus = |text| Nick::new(text).unwrap().key();
        assert_eq!(odysseus("ὈΔΥΣΣΕΎΣ"), odysseus("Ὀδυσσεύς"));
        assert_eq!(odysseus("Ὀδυσσεύσ"), odysseus("Ὀδυσσεύς"));
    }

    #[test]
    fn what_draws_nothing_and_wider_gaps_do_not_make_another_nick() {
        let key = |text| Nick::new(text).unwrap().key();
        for twin in [
            "ann\u{115f} lee",
            "a\u{17b4}nn\u{2800} lee",
            "ann  lee",
            "ann\u{2003} Lee",
            "ann \u{3164} lee",
        ] {
            assert_eq!(key(twin), key("ann lee"), "{twin:?}");
        }
        assert_ne!(key("annlee"), key("ann lee"));
    }

    #[test]
    fn what_belongs_to_an_emoji_is_allowed_and_makes_no_difference() {
        let key = |text| Nick::new(text).map(|nick| nick.key());
        assert!(key("ann \u{2764}\u{fe0f}!").is_ok());
        assert_eq!(key("ann \u{2764}\u{fe0f}!"), key("ann \u{2764}!"));
        assert_eq!(
            key("\u{2764}\u{200d}\u{2600} ann"),
            key("\u{2764}\u{2600} ann")
        );
    }
}
