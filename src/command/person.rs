//! People and domains among the arguments of commands.

use jid::BareJid;

use crate::room::text::address;

/// Reads the address of a person.
pub(super) fn a_person(text: &str) -> Result<BareJid, String> {
    let jid = a_person_or_domain(text)?;
    match jid.node() {
        Some(_) => Ok(jid),
        None => Err("a person is wanted, by an address like ann@example.org".to_owned()),
    }
}

/// Reads the address of a person, or a domain, which stands for everybody there.
pub(super) fn a_person_or_domain(text: &str) -> Result<BareJid, String> {
    let problem = |error| format!("this is no address: {error}; one is ann@example.org");
    address::parse_bare(text).map_err(problem)
}
