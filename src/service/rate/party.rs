//! Who counts as one where something is shared out.
//!
//! Of a served domain each person does: somebody has given them an account. What a foreign domain says of who its people
//! are costs it nothing, so all of it counts as one.

use std::collections::BTreeSet;

use jid::{BareJid, DomainPart, Jid};

use crate::service::engine::{Engine, Stanza};
use crate::wire::link::parcel::{CausedBy, OrderedLine};
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
        if served.iter().any(|domain| **domain == *address.domain()) {
            Self::Person(address.to_bare())
        } else {
            Self::Domain(BareJid::from_parts(None, address.domain()))
        }
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Person(jid) | Self::Domain(jid) => jid.as_str(),
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

impl Engine {
    /// As whom somebody counts.
    pub(in crate::service) fn party(&self, address: &Jid) -> Party {
        Party::of(address, &self.directory.terms().served)
    }

    /// What goes out next is because of who asked this, and keeps its order with what comes from where they asked.
    pub(in crate::service) fn blame(&mut self, envelope: &Envelope) {
        let cause = CausedBy::of(self.party(&envelope.asker).as_str());
        let line = line_of(envelope);
        let output = self.output();
        output.blame(cause);
        output.stand_in(line);
    }

    /// What goes out next is told by a room, because somebody asked for something or by itself.
    pub(in crate::service) fn blame_for_room(&mut self, room: &BareJid, asked: Option<Stanza<'_>>) {
        if asked.is_none() {
            self.blame_nobody();
        }
        self.output().stand_in(OrderedLine::of(room.as_str()));
    }

    /// What goes out next is because nobody asked for anything.
    pub(in crate::service) fn blame_nobody(&mut self) {
        let output = self.output();
        output.blame(CausedBy::default());
        output.stand_in(OrderedLine::default());
    }
}

/// What a room tells keeps its order, whomever it tells; so does what the service tells one person.
pub(in crate::service) fn line_of(envelope: &Envelope) -> OrderedLine {
    match envelope.room() {
        Some(room) => OrderedLine::of(room.as_str()),
        None => OrderedLine::of(envelope.asker.to_bare().as_str()),
    }
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
        assert_eq!(party("ann@remote.test").as_str(), "remote.test");
        assert_eq!(party("ann@example.org").domain(), None);
    }
}
