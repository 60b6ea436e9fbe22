//! The bonds that a room in memory knows of: of those inside, and of whomever else a request
//! concerns.

use std::collections::{BTreeMap, BTreeSet};

use jid::BareJid;

use super::{Bond, BondKind, Bonds, Lengths, List};
use crate::room::{Change, Effect, NickKey, Room};

/// What a room in memory knows of its bonds, and how long the lists of them are. Whoever is not
/// known has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::room) struct KnownBonds {
    known: Bonds,
    /// Who is found by a key, for each kind.
    by_key: [BTreeMap<NickKey, BareJid>; BondKind::ALL.len()],
    /// Those of which every bond is known.
    whole: BTreeSet<BondKind>,
    lengths: Lengths,
}

impl KnownBonds {
    /// Those that are known, of lists that are so long.
    pub fn restore(known: Bonds, lengths: &Lengths) -> Self {
        let mut bonds = Self::default();
        bonds.learn(known);
        for list in Self::lists() {
            bonds.lengths.set(list, lengths.of(list));
        }
        bonds
    }

    /// The lists of bonds that are counted.
    pub fn lists() -> impl Iterator<Item = List> {
        BondKind::ALL.into_iter().filter_map(|kind| kind.row().list)
    }

    /// Takes note of bonds that there are.
    pub fn learn(&mut self, known: Bonds) {
        for list in known.0 {
            for (jid, bond) in list {
                self.put(jid, bond);
            }
        }
    }

    /// Every bond of a kind is known from now on.
    pub fn know_whole(&mut self, kind: BondKind) {
        self.whole.insert(kind);
    }

    /// Whether every bond of a kind is known.
    pub fn is_whole(&self, kind: BondKind) -> bool {
        self.whole.contains(&kind)
    }

    /// Makes a bond, or takes it away. Tells whether it is another than before. What there is of
    /// the person must be known.
    pub fn set(&mut self, jid: BareJid, bond: Bond) -> bool {
        let list = bond.kind().row().list;
        let before = self.of(bond.kind(), &jid).cloned();
        let comes = list.filter(|_| bond.value().is_some());
        let goes = list.filter(|_| before.is_some());
        self.lengths.moved(goes, comes);
        let is_other = match &before {
            Some(before) => *before != bond,
            None => bond.value().is_some(),
        };
        self.put(jid, bond);
        is_other
    }

    /// The bond of a kind that somebody has.
    pub fn of(&self, kind: BondKind, jid: &BareJid) -> Option<&Bond> {
        self.known.0[kind as usize].get(jid)
    }

    /// Who has the bond with a key. Values that were kept may have the same key by stricter eyes;
    /// then it is the first.
    pub fn first_with(&self, kind: BondKind, key: &NickKey) -> Option<&BareJid> {
        self.by_key[kind as usize].get(key)
    }

    /// Every bond that is known.
    pub fn known(&self) -> &Bonds {
        &self.known
    }

    /// How long the lists of bonds are.
    pub fn lengths(&self) -> &Lengths {
        &self.lengths
    }

    /// Forgets the bonds of people who are not near, of each kind of which more than `most` are
    /// known. What is only read as a whole stays: it is known all or not at all.
    pub fn forget_all_but(&mut self, most: usize, is_near: impl Fn(&BareJid) -> bool) {
        for kind in BondKind::ALL
            .into_iter()
            .filter(|kind| kind.row().by_person)
        {
            let known = &mut self.known.0[kind as usize];
            if known.len() > most {
                known.retain(|jid, _| is_near(jid));
                self.whole.remove(&kind);
                self.by_key[kind as usize].retain(|_, jid| is_near(jid));
            }
        }
    }

    fn put(&mut self, jid: BareJid, bond: Bond) {
        let kind = bond.kind();
        let by_key = &mut self.by_key[kind as usize];
        let old = self.known.0[kind as usize].get(&jid).and_then(Bond::key);
        if let Some(old) = old
            && by_key.get(&old) == Some(&jid)
        {
            by_key.remove(&old);
        }
        if let Some(key) = bond.key() {
            by_key.entry(key).or_insert_with(|| jid.clone());
        }
        self.known.set(jid, bond);
    }
}

impl Room {
    /// How long its lists are.
    pub fn lengths(&self) -> Lengths {
        let mut lengths = *self.affiliations.lengths();
        for list in KnownBonds::lists() {
            lengths.set(list, self.bonds.lengths().of(list));
        }
        lengths
    }

    /// Makes a bond of somebody, or takes it away. Tells whether it is another than before.
    pub(in crate::room) fn set_bond(
        &mut self,
        jid: &BareJid,
        bond: Bond,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let is_other = self.bonds.set(jid.clone(), bond.clone());
        if is_other {
            let jid = jid.clone();
            effects.push(Effect::Save(Change::Bound { jid, bond }));
        }
        is_other
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::Nick;

    fn jid(name: &str) -> BareJid {
        BareJid::new(&format!("{name}@example.org")).unwrap()
    }

    fn registered(nick: &str) -> Bond {
        BondKind::Registration.read(nick).unwrap()
    }

    #[test]
    fn what_is_known_is_counted_and_found_by_its_key() {
        let mut lengths = Lengths::default();
        lengths.set(List::Registrations, 7);
        let kept = Bonds::from_iter([(jid("ann"), registered("Ann"))]);
        let mut bonds = KnownBonds::restore(kept, &lengths);
        let owner = |bonds: &KnownBonds, nick: &str| {
            let key = Nick::new(nick).unwrap().key();
            bonds.first_with(BondKind::Registration, &key).cloned()
        };
        assert_eq!(owner(&bonds, "ANN"), Some(jid("ann")));
        assert!(!bonds.set(jid("ann"), registered("Ann")), "it is the same");
        assert_eq!(bonds.lengths().of(List::Registrations), 7);

        assert!(bonds.set(jid("ann"), registered("Annie")));
        assert!(bonds.set(jid("bob"), registered("Ann")));
        assert_eq!(owner(&bonds, "Annie"), Some(jid("ann")));
        assert_eq!(owner(&bonds, "Ann"), Some(jid("bob")));
        assert_eq!(bonds.lengths().of(List::Registrations), 8);

        assert!(bonds.set(jid("bob"), Bond::Registration(None)));
        assert!(!bonds.set(jid("bob"), Bond::Registration(None)));
        assert_eq!(owner(&bonds, "Ann"), None);
        assert_eq!(bonds.lengths().of(List::Registrations), 7);
    }

    #[test]
    fn people_who_are_not_near_are_forgotten_when_there_are_many() {
        let mut bonds = KnownBonds::default();
        for name in ["ann", "bob", "cid"] {
            for kind in BondKind::ALL {
                let bonds_of_kind = [name, "visitor", ""].into_iter();
                let bond = bonds_of_kind.filter_map(|value| kind.read(value)).next();
                bonds.set(jid(name), bond.unwrap());
            }
        }
        let before = bonds.clone();
        bonds.forget_all_but(3, |_| false);
        assert_eq!(bonds, before);
        bonds.forget_all_but(2, |other| *other == jid("bob"));
        for kind in BondKind::ALL {
            let left = if kind.row().by_person { 1 } else { 3 };
            assert_eq!(bonds.known().of_kind(kind).count(), left, "{kind:?}");
        }
        assert_eq!(bonds.lengths(), before.lengths(), "the lists are as long");
    }
}
