//! Addresses as users send them.

use jid::{Error, Jid};

use crate::room::text::address;

/// Reads an address.
pub(in crate::wire) fn parse(text: &str) -> Result<Jid, Error> {
    address::parse(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_same_when_it_is_read_again() {
        let letter = parse("\u{1f110}@example.org/x").unwrap();
        assert_eq!(letter.as_str(), "\u{1f110}@example.org/x");
        assert_eq!(
            parse("Ann@Example.org/X").unwrap().as_str(),
            "ann@example.org/X"
        );
        assert_eq!(
            parse("J\u{fc}rgen@example.org").unwrap().as_str(),
            "j\u{fc}rgen@example.org"
        );
        assert!(parse("@@").is_err());
        assert_eq!(
            parse("bob@example.test./x.").unwrap().as_str(),
            "bob@example.test/x."
        );
    }
}
