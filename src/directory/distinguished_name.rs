//! Names of entries in an LDAP directory, in the one form in which two of them can be compared.
//! RFC 4514 (the text), RFC 4518 (which spellings are the same).

use std::fmt::Write;

/// The name of an entry: its own part first, the root last. Two spellings of one name are equal:
/// without regard to case, to spaces around the signs, and to how a character is escaped. What is
/// equal by the rules of one attribute only (a number's leading zeros) is not found out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DistinguishedName(Box<str>);

/// Why a text is no such name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// There is nothing in it.
    #[error("the name is empty")]
    Empty,
    /// A part isn't an attribute and a value.
    #[error("a part of the name is not written as attribute=value")]
    NoValue,
    /// What stands before the `=` can't be an attribute.
    #[error("a part of the name does not begin with an attribute, such as cn, ou or uid")]
    NoAttribute,
    /// A character that has a meaning stands where it can't.
    #[error("`{0}` is written with a backslash before it in a value")]
    Unescaped(char),
    /// A backslash with nothing behind it that it could escape.
    #[error(
        "a backslash is followed by two hexadecimal digits, or by the character that it is for"
    )]
    BadEscape,
    /// What is escaped is not UTF-8.
    #[error("the name is not UTF-8")]
    NotUtf8,
}

impl DistinguishedName {
    /// Maximum number of bytes of a name that is read.
    pub const BYTES_MAX: usize = 4096;

    /// The name that a text means.
    ///
    /// # Errors
    /// Why it means none.
    pub fn parse(text: &str) -> Result<Self, NameFault> {
        if text.trim().is_empty() {
            return Err(NameFault::Empty);
        }
        let mut parts = Vec::new();
        for part in split(text, ',') {
            let mut pairs = split(part, '+').map(pair).collect::<Result<Vec<_>, _>>()?;
            // The attributes of one part have no order, RFC 4512 §2.3.1.
            pairs.sort_unstable();
            parts.push(pairs.join("+"));
        }
        Ok(Self(parts.join(",").into()))
    }

    /// As it is compared, which is a spelling of it, too.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the entry is somewhere below the other.
    pub fn is_below(&self, other: &Self) -> bool {
        // A comma that stands as such separates parts: those in values are escaped.
        self.0
            .strip_suffix(&*other.0)
            .is_some_and(|own| own.ends_with(','))
    }
}

/// What stands between the separators that are not escaped.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_escaped = false;
    text.split(move |character| {
        let is_separator = character == separator && !is_escaped;
        is_escaped = character == '\\' && !is_escaped;
        is_separator
    })
}

/// `attribute=value` in the form in which it is compared.
fn pair(text: &str) -> Result<String, NameFault> {
    let (attribute, value) = text.split_once('=').ok_or(NameFault::NoValue)?;
    let attribute = attribute.trim();
    let is_attribute =
        |character: char| character.is_ascii_alphanumeric() || "-.".contains(character);
    if attribute.is_empty() || !attribute.chars().all(is_attribute) {
        return Err(NameFault::NoAttribute);
    }
    let value = unescaped(value)?;
    let mut pair = format!("{}=", attribute.to_ascii_lowercase());
    // RFC 4518 §2.2, §2.6.1: case doesn't count, nor how many spaces there are.
    for (place, word) in value.split_whitespace().enumerate() {
        pair.push_str(if place == 0 { "" } else { " " });
        for character in word.chars().flat_map(char::to_lowercase) {
            match character {
                ',' | '+' | '\\' | '"' | '<' | '>' | ';' | '=' | '#' => {
                    let _ = write!(pair, "\\{:02x}", u32::from(character));
                }
                _ => pair.push(character),
            }
        }
    }
    Ok(pair)
}

/// A value without its escapes, and the spaces around it. RFC 4514 §2.4.
fn unescaped(text: &str) -> Result<String, NameFault> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut characters = text.trim_start().chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => bytes.extend(escaped(&mut characters)?),
            '"' | '<' | '>' | ';' => return Err(NameFault::Unescaped(character)),
            _ => bytes.extend(character.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    String::from_utf8(bytes).map_err(|_| NameFault::NotUtf8)
}

/// What a backslash stands before.
fn escaped(rest: &mut std::str::Chars<'_>) -> Result<Vec<u8>, NameFault> {
    let first = rest.next().ok_or(NameFault::BadEscape)?;
    let Some(high) = first.to_digit(16) else {
        return match first.is_ascii_punctuation() || first == ' ' {
            true => Ok(vec![first as u8]),
            false => Err(NameFault::BadEscape),
        };
    };
    let low = rest.next().and_then(|second| second.to_digit(16));
    let low = low.ok_or(NameFault::BadEscape)?;
    let byte = u8::try_from(high * 16 + low).map_err(|_| NameFault::BadEscape)?;
    Ok(vec![byte])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> DistinguishedName {
        DistinguishedName::parse(text).unwrap()
    }

    #[test]
    fn spellings_of_one_name_are_equal() {
        let one = name("cn=Traders, ou=Groups,dc=Example,DC=org");
        assert_eq!(one, name("CN = traders,OU=groups , dc=example,dc=org"));
        assert_eq!(name(r"cn=Sales\, EU"), name(r"cn=sales\2c  eu"));
        assert_eq!(name(r"cn=a\3Db"), name("cn=a=b"));
        assert_eq!(name("cn=Ärger"), name(r"cn=\c3\84rger"));
        assert_eq!(name("cn=a+sn=b"), name("sn=b+cn=a"));
        assert_ne!(name(r"cn=a\,cn=b"), name("cn=a,cn=b"));
        assert_ne!(one, name("cn=traders,ou=groups,dc=example"));
    }

    #[test]
    fn what_is_below_is_told_by_whole_parts() {
        let people = name("ou=people,dc=example");
        assert!(name("uid=ann,OU=People,dc=example").is_below(&people));
        assert!(name("uid=ann,ou=x,ou=people,dc=example").is_below(&people));
        assert!(!people.is_below(&people));
        assert!(!name(r"uid=ann\,ou=people,dc=example").is_below(&people));
        assert!(!name("uid=ann,xou=people,dc=example").is_below(&people));
    }

    #[test]
    fn what_is_no_name_is_told_why() {
        for (text, fault) in [
            ("", NameFault::Empty),
            ("traders", NameFault::NoValue),
            ("cn=a,", NameFault::NoValue),
            ("=a", NameFault::NoAttribute),
            ("c n=a", NameFault::NoAttribute),
            (r"cn=a\", NameFault::BadEscape),
            (r"cn=a\4", NameFault::BadEscape),
            (r"cn=a\zz", NameFault::BadEscape),
            (r"cn=\ff", NameFault::NotUtf8),
            ("cn=a;b", NameFault::Unescaped(';')),
        ] {
            assert_eq!(DistinguishedName::parse(text), Err(fault), "{text}");
        }
    }

    proptest! {
        /// What is compared is itself a spelling of the name.
        #[test]
        fn the_compared_form_means_the_same(text in r##"[ac]n=[a-cA-C ,+=\\"#;äß0-9]{0,12}(,dc=[a-z]{1,3})?"##) {
            if let Ok(name) = DistinguishedName::parse(&text) {
                prop_assert_eq!(DistinguishedName::parse(name.as_str()), Ok(name));
            }
        }
    }
}
