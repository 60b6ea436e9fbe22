//! Addresses as users send them.

use jid::{Error, Jid};

use crate::room::root::strip_root;

/// Reads an address, and refuses one whose normal form is not normal itself: stringprep leaves `(A)` of `🄐`, which
/// it would read as `(a)` the next time. Such an address would not be the same person after it was stored, and a
/// ban of it would not hold.
pub(super) fn parse(text: &str) -> Result<Jid, Error> {
    let jid = Jid::new(&strip_root(text)?)?;
    if !text.is_ascii() && Jid::new(jid.as_str())? != jid {
        return Err(Error::NodePrep);
    }
    Ok(jid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_same_when_it_is_read_again() {
        assert!(parse("\u{1f110}@example.org/x").is_err());
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
