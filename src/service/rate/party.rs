//! Who counts as one where something is shared out.
//!
//! Of a served domain each person does: somebody has given them an account. What a foreign domain
//! says of who its people are costs it nothing, so all of it counts as one.

use std::collections::BTreeSet;

use jid::{BareJid, DomainPart, Jid};

use crate::room::text::address;
use crate::wire::link::parcel::OrderedLine;
use crate::wire::stanza::envelope::Envelope;

/// A person of a served domain, or a domain that is not served.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Party {
    /// By bare JID.
    Person(BareJid),
    /// By the domain alone.
    Domain(BareJid),
}

impl Party {
    /// As whom somebody counts.
    pub fn of(address: &Jid, served: &BTreeSet<DomainPart>) -> Self {
        if is_served(address, served) {
            Self::Person(address::bare(address))
        } else {
            Self::Domain(BareJid::from_parts(None, address.domain()))
        }
    }

    /// The name of the party as which somebody counts, which need not be made for that.
    pub(super) fn name_of<'a>(address: &'a Jid, served: &BTreeSet<DomainPart>) -> &'a str {
        match is_served(address, served) {
            true => address::bare_text(address),
            false => address.domain().as_str(),
        }
    }

    /// The domain, if it counts as one.
    pub fn domain(&self) -> Option<&BareJid> {
        match self {
            Self::Person(_) => None,
            Self::Domain(domain) => Some(domain),
        }
    }
}

/// Whether somebody is of a served domain.
pub(in crate::service) fn is_served(address: &Jid, served: &BTreeSet<DomainPart>) -> bool {
    served.iter().any(|domain| **domain == *address.domain())
}

/// What a room tells keeps its order, whomever it tells; so does what the service tells one person.
pub(in crate::service) fn line_of(envelope: &Envelope) -> OrderedLine {
    let told_by_room = envelope.asked.node().is_some();
    OrderedLine::of(address::bare_text(match told_by_room {
        true => &envelope.asked,
        false => &envelope.asker,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_of_a_foreign_domain_count_as_one() {
        let served = BTreeSet::from([DomainPart::new("example.org").unwrap().into_owned()]);
        let party = |address: &str| Party::of(&Jid::new(address).unwrap(), &served);
        assert_eq!(party("ann@example.org/a"), party("ann@example.org/b"));
        assert_ne!(party("ann@example.org"), party("bob@example.org"));
        assert_eq!(party("ann@remote.test/a"), party("bob@remote.test"));
        assert_ne!(party("ann@remote.test"), party("ann@example.org.test"));
        let name = |address: &str| Party::name_of(&Jid::new(address).unwrap(), &served).to_owned();
        assert_eq!(name("ann@remote.test/a"), "remote.test");
        assert_eq!(name("ann@example.org/a"), "ann@example.org");
        assert_eq!(party("ann@example.org").domain(), None);
    }
}
