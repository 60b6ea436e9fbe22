//! Affiliations: the lasting bond between a person and a room. XEP-0045 §5.2 (#affil).
//!
//! They belong to a bare JID, or to a whole domain (a ban of `example.net` holds for everybody
//! there, §9.2 (#modifyban)), and carry why, by whom and when they were given. Who may change which
//! is in `rights.rs`.

use std::collections::{BTreeMap, BTreeSet};

use jid::BareJid;

use super::bond::{BondKind, Lengths, List};
use super::{Timestamp, Words};

/// A person's lasting standing in a room, lowest first, so that `<` compares power.
/// XEP-0045 §5.2 (#affil).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Affiliation {
    /// Banned; may not enter.
    Outcast,
    /// No affiliation at all; never stored.
    None,
    /// May enter a members-only room; the nick may be reserved.
    Member,
    /// May ban, admit members and appoint moderators.
    Admin,
    /// May do everything, configure and destroy included.
    Owner,
}

impl Affiliation {
    /// Every affiliation, lowest first.
    pub const ALL: [Self; 5] = [
        Self::Outcast,
        Self::None,
        Self::Member,
        Self::Admin,
        Self::Owner,
    ];

    /// The name of the wire and of the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Outcast => "outcast",
            Self::None => "none",
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// What holds for somebody with an entry of their own, or for whose domain there is one. §9.2
    /// (#modifyban): matching goes from `user@domain` to `domain`. A domain's ban or membership
    /// holds for all its users; power does not: who makes a gateway an admin hardly means everybody
    /// behind it.
    pub fn that_holds(own: Option<Self>, of_domain: Option<Self>) -> Self {
        own.or_else(|| of_domain.filter(|affiliation| *affiliation <= Self::Member))
            .unwrap_or(Self::None)
    }

    /// The affiliation of that name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|affiliation| affiliation.name() == name)
    }
}

/// An affiliation as it is kept: with its reason, its giver and its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affiliated {
    /// The affiliation itself, never [`Affiliation::None`].
    pub affiliation: Affiliation,
    /// Why, in the giver's words; `None` when none were said.
    pub reason: Option<Words>,
    /// Who gave it; `None` for the room itself (its creator, a registration).
    pub given_by: Option<BareJid>,
    /// When it was given.
    pub given_at: Timestamp,
}

/// The affiliations of one room, as far as they are known. Order of iteration is that of the JIDs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Affiliations {
    entries: BTreeMap<BareJid, Affiliated>,
    /// Those of which every entry is known: owners, admins.
    whole: BTreeSet<Affiliation>,
    lengths: Lengths,
    /// How many of them are of whole domains; hardly any room has one, and then none is looked for.
    domains: usize,
}

impl Affiliations {
    /// As they were kept; `lengths` is how many there are of each.
    pub fn restore(known: Vec<(BareJid, Affiliated)>, lengths: Lengths) -> Self {
        let mut affiliations = Self {
            lengths,
            ..Self::default()
        };
        for (jid, entry) in known {
            affiliations.learn(jid, entry);
        }
        // The others are counted where their rules are.
        for list in BondKind::ALL
            .map(|kind| kind.row().list)
            .into_iter()
            .flatten()
        {
            affiliations.lengths.set(list, 0);
        }
        affiliations
    }

    /// Takes note of an entry that there is.
    pub fn learn(&mut self, jid: BareJid, entry: Affiliated) {
        let is_domain = jid.node().is_none();
        if self.entries.insert(jid, entry).is_none() && is_domain {
            self.domains += 1;
        }
    }

    /// Every entry of an affiliation is known from now on.
    pub fn know_whole(&mut self, affiliation: Affiliation) {
        self.whole.insert(affiliation);
    }

    /// Not every entry of an affiliation is known any longer.
    pub fn forget_whole(&mut self, affiliation: Affiliation) {
        self.whole.remove(&affiliation);
    }

    /// Whether every entry of an affiliation is known.
    pub fn is_whole(&self, affiliation: Affiliation) -> bool {
        self.whole.contains(&affiliation)
    }

    /// How many entries there are of each affiliation.
    pub fn lengths(&self) -> &Lengths {
        &self.lengths
    }

    /// Forgets what is not near and of no whole list, if more than `most` entries are known beside
    /// those lists.
    pub fn forget_all_but(&mut self, most: usize, is_near: impl Fn(&BareJid) -> bool) {
        let of_whole = self.whole.iter().filter_map(|kind| List::of(*kind));
        let most = most + of_whole.map(|list| self.lengths.of(list)).sum::<usize>();
        if self.entries.len() <= most {
            return;
        }
        let whole = &self.whole;
        self.entries
            .retain(|jid, entry| whole.contains(&entry.affiliation) || is_near(jid));
        let domains = self.entries.keys().filter(|jid| jid.node().is_none());
        self.domains = domains.count();
    }

    /// Sets or, with `None`, removes the entry of a bare JID or a domain. What there is of it must
    /// be known.
    pub fn set(&mut self, jid: BareJid, entry: Option<Affiliated>) {
        let is_domain = jid.node().is_none();
        let is_set = entry.is_some();
        let list = |entry: &Affiliated| List::of(entry.affiliation);
        let after = entry.as_ref().and_then(list);
        let before = match entry {
            Some(entry) => self.entries.insert(jid, entry),
            None => self.entries.remove(&jid),
        };
        self.lengths.moved(before.as_ref().and_then(list), after);
        if is_domain {
            self.domains += usize::from(is_set);
            self.domains -= usize::from(before.is_some());
        }
    }

    /// What holds for a person: the own entry, else that of the domain.
    pub fn of(&self, bare_jid: &BareJid) -> Affiliation {
        let stored = |jid| self.entries.get(jid).map(|entry| entry.affiliation);
        let own = stored(bare_jid);
        if bare_jid.node().is_none() {
            return Affiliation::that_holds(None, own);
        }
        if own.is_some() || self.domains == 0 {
            return Affiliation::that_holds(own, None);
        }
        let domain = BareJid::from_parts(None, bare_jid.domain());
        Affiliation::that_holds(None, stored(&domain))
    }

    /// What is stored under exactly this JID; none when nothing is.
    pub fn stored(&self, jid: &BareJid) -> Affiliation {
        self.entries
            .get(jid)
            .map_or(Affiliation::None, |entry| entry.affiliation)
    }

    /// All entries of one affiliation, ordered by JID; it must be known as a whole.
    pub fn with(&self, affiliation: Affiliation) -> impl Iterator<Item = (&BareJid, &Affiliated)> {
        debug_assert!(self.is_whole(affiliation), "the list is not known");
        self.entries
            .iter()
            .filter(move |(_, entry)| entry.affiliation == affiliation)
    }

    /// Every entry that is known, ordered by JID.
    pub fn iter(&self) -> impl Iterator<Item = (&BareJid, &Affiliated)> {
        self.entries.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn banned() -> Affiliated {
        Affiliated {
            affiliation: Affiliation::Outcast,
            reason: None,
            given_by: None,
            given_at: Timestamp(0),
        }
    }

    #[test]
    fn the_ban_of_a_domain_holds_for_its_users_unless_they_have_an_entry() {
        let mut affiliations = Affiliations::default();
        affiliations.set(BareJid::new("example.net").unwrap(), Some(banned()));
        let friend = BareJid::new("friend@example.net").unwrap();
        let member = Affiliated {
            affiliation: Affiliation::Member,
            ..banned()
        };
        affiliations.set(friend.clone(), Some(member));
        assert_eq!(
            affiliations.of(&BareJid::new("foe@example.net").unwrap()),
            Affiliation::Outcast
        );
        assert_eq!(affiliations.of(&friend), Affiliation::Member);
        assert_eq!(
            affiliations.of(&BareJid::new("a@sub.example.net").unwrap()),
            Affiliation::None
        );
    }
}
