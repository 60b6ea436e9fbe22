//! Entries of a room's lists that are on their way to the disk.

use std::collections::{BTreeMap, HashMap};

use jid::BareJid;

use crate::room::effect::AffiliationItem;
use crate::room::{
    Affiliated, Affiliation, Bond, BondKind, Change, Known, Needed, Nick, NickKey, Snapshot,
};
use crate::store::batch_number::BatchNumber;

/// What the disk may not know yet of a room's lists: what each entry is from now on.
#[derive(Debug, Default)]
pub(in crate::store) struct PendingLists {
    affiliations: HashMap<BareJid, (BatchNumber, Option<Affiliated>)>,
    bonds: HashMap<(BondKind, BareJid), (BatchNumber, Bond)>,
}

impl PendingLists {
    /// Notes a change that the batch of this number contains. Tells whether it is one of a list.
    pub fn note(&mut self, number: BatchNumber, change: &Change) {
        match change {
            Change::Affiliated { jid, entry } => {
                let entry = (number, entry.clone());
                self.affiliations.insert(jid.clone(), entry);
            }
            Change::Bound { jid, bond } => {
                let place = (bond.kind(), jid.clone());
                self.bonds.insert(place, (number, bond.clone()));
            }
            Change::Created { .. }
            | Change::Moved { .. }
            | Change::Configured { .. }
            | Change::Unlocked
            | Change::SubjectChanged(_)
            | Change::AvatarChanged(_)
            | Change::Entered(_)
            | Change::Present(_)
            | Change::Left(_)
            | Change::Destroyed { .. }
            | Change::Vanished { .. } => {}
        }
    }

    /// Notes all lists of a room that comes from elsewhere.
    pub fn note_all(&mut self, number: BatchNumber, snapshot: &Snapshot) {
        let affiliations = snapshot.affiliations.iter();
        self.affiliations
            .extend(affiliations.map(|(jid, entry)| (jid.clone(), (number, Some(entry.clone())))));
        let bonds = snapshot.bonds.iter();
        self.bonds
            .extend(bonds.map(|(jid, bond)| ((bond.kind(), jid.clone()), (number, bond.clone()))));
    }

    /// Whether a change is one that is noted here.
    pub fn concerns(change: &Change) -> bool {
        matches!(change, Change::Affiliated { .. } | Change::Bound { .. })
    }

    /// Forgets what was committed: everything up to and with this batch.
    pub fn committed(&mut self, number: BatchNumber) {
        self.affiliations.retain(|_, (noted, _)| *noted > number);
        self.bonds.retain(|_, (noted, _)| *noted > number);
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.affiliations.is_empty() && self.bonds.is_empty()
    }

    /// Makes what the disk has into what is.
    pub fn amend(&self, needed: &Needed, known: &mut Known) {
        known
            .affiliations
            .retain(|(jid, _)| !self.affiliations.contains_key(jid));
        known
            .bonds
            .retain(|jid, bond| !self.bonds.contains_key(&(bond.kind(), jid.clone())));
        for jid in &needed.people {
            if let Some((_, Some(entry))) = self.affiliations.get(jid) {
                known.affiliations.push((jid.clone(), entry.clone()));
            }
            for kind in BondKind::ALL {
                let noted = self.bonds.get(&(kind, jid.clone()));
                if let Some((_, bond)) = noted.filter(|_| kind.row().by_person) {
                    known.bonds.set(jid.clone(), bond.clone());
                }
            }
        }
        if !needed.whole.is_empty() {
            let noted = self.affiliations.iter();
            let noted = noted.filter_map(|(jid, (_, entry))| Some((jid, entry.as_ref()?)));
            let wanted = noted.filter(|(_, entry)| needed.whole.contains(&entry.affiliation));
            known
                .affiliations
                .extend(wanted.map(|(jid, entry)| (jid.clone(), entry.clone())));
        }
        let keys: Vec<NickKey> = needed.nicks.iter().map(Nick::key).collect();
        if keys.is_empty() && needed.kinds.is_empty() {
            return;
        }
        for ((kind, jid), (_, bond)) in &self.bonds {
            let is_wanted = needed.kinds.contains(kind);
            if is_wanted || bond.key().is_some_and(|key| keys.contains(&key)) {
                known.bonds.set(jid.clone(), bond.clone());
            }
        }
    }

    /// Makes the list that the disk has into the one that is.
    pub fn amend_list(
        &self,
        affiliation: Affiliation,
        list: &mut BTreeMap<BareJid, AffiliationItem>,
    ) {
        for (jid, (_, entry)) in &self.affiliations {
            let nick = list.remove(jid).and_then(|item| item.nick);
            if let Some(entry) = entry
                .as_ref()
                .filter(|entry| entry.affiliation == affiliation)
            {
                let item = AffiliationItem {
                    jid: jid.clone(),
                    affiliation,
                    nick,
                    reason: entry.reason.clone(),
                };
                list.insert(jid.clone(), item);
            }
        }
        for ((_, jid), (_, bond)) in &self.bonds {
            if let (Bond::Registration(nick), Some(item)) = (bond, list.get_mut(jid)) {
                item.nick.clone_from(nick);
            }
        }
    }
}
