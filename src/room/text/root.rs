//! The dot at the end of a domain, which names the root of DNS and nothing else.

use std::borrow::Cow;

use jid::Error;

/// The text of an address without the dot at the end of its domain: RFC 7622 §3.2, "this character
/// MUST be stripped from the domainpart before any other canonicalization steps are taken". Else
/// `bob@example.test.` would be stored, and would never be the person who comes from
/// `bob@example.test`. To be done before the library reads it, which forgets the dot where there is
/// no resource and keeps it where there is one.
///
/// # Errors
/// Nothing is left of the domain, or it ends with more than one dot.
pub fn strip_root(text: &str) -> Result<Cow<'_, str>, Error> {
    let (bare, resource) = match text.split_once('/') {
        Some((bare, resource)) => (bare, Some(resource)),
        None => (text, None),
    };
    let Some(rest) = bare.strip_suffix(SEPARATORS) else {
        return Ok(Cow::Borrowed(text));
    };
    if rest.is_empty() || rest.ends_with(SEPARATORS) || rest.ends_with('@') {
        return Err(Error::Idna);
    }
    Ok(match resource {
        Some(resource) => Cow::Owned(format!("{rest}/{resource}")),
        None => Cow::Borrowed(rest),
    })
}

/// What separates labels; IDNA takes the ideographic full stops for dots.
const SEPARATORS: [char; 4] = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'];

#[cfg(test)]
mod tests {
    use super::*;
    use jid::Jid;

    fn read(text: &str) -> Option<String> {
        let jid = Jid::new(&strip_root(text).ok()?).ok()?;
        Some(jid.to_string())
    }

    #[test]
    fn an_address_is_the_same_with_and_without_the_dot_of_the_root() {
        for node in ["", "bob@", "bob.@"] {
            for resource in ["", "/desk.", "/a.b/c@d.", "/."] {
                let plain = format!("{node}example.test{resource}");
                assert_eq!(read(&plain), Some(plain.clone()));
                for dot in SEPARATORS {
                    let dotted = format!("{node}example.test{dot}{resource}");
                    assert_eq!(read(&dotted), Some(plain.clone()), "{dotted}");
                }
            }
        }
    }

    #[test]
    fn a_domain_of_dots_is_none() {
        for text in [
            "bob@.",
            ".",
            "bob@example.test..",
            "bob@example.test.\u{3002}/x",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
