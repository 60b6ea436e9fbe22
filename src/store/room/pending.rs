//! Entries of a room's lists that are on their way to the disk.

use std::collections::{BTreeMap, HashMap};

use jid::BareJid;

use crate::room::effect::AffiliationItem;
use crate::room::{Affiliated, Affiliation, Change, Known, Needed, Nick, NickKey, Role, Snapshot};
use crate::store::batch_number::BatchNumber;

/// What the disk may not know yet of a room's lists: what each entry is from now on.
#[derive(Debug, Default)]
pub(in crate::store) struct PendingLists {
    affiliations: HashMap<BareJid, (BatchNumber, Option<Affiliated>)>,
    registrations: HashMap<BareJid, (BatchNumber, Option<Nick>)>,
    voices: HashMap<BareJid, (BatchNumber, Option<Role>)>,
}

impl PendingLists {
    /// Notes a change that the batch of this number contains. Tells whether it is one of a list.
    pub fn note(&mut self, number: BatchNumber, change: &Change) {
        match change {
            Change::Affiliated { jid, entry } => {
                let entry = (number, entry.clone());
                self.affiliations.insert(jid.clone(), entry);
            }
            Change::Registered { jid, nick } => {
                self.registrations
                    .insert(jid.clone(), (number, nick.clone()));
            }
            Change::Voiced { jid, role } => {
                self.voices.insert(jid.clone(), (number, *role));
            }
            Change::Created { .. }
            | Change::Configured(_)
            | Change::Unlocked
            | Change::RegistrationAsked { .. }
            | Change::SubjectChanged(_)
            | Change::AvatarChanged(_)
            | Change::Present(_)
            | Change::Left(_)
            | Change::Destroyed(_)
            | Change::Vanished => {}
        }
    }

    /// Notes all lists of a room that comes from elsewhere.
    pub fn note_all(&mut self, number: BatchNumber, snapshot: &Snapshot) {
        let affiliations = snapshot.affiliations.iter();
        self.affiliations
            .extend(affiliations.map(|(jid, entry)| (jid.clone(), (number, Some(entry.clone())))));
        let registrations = snapshot.registrations.iter();
        self.registrations
            .extend(registrations.map(|(jid, nick)| (jid.clone(), (number, Some(nick.clone())))));
        let voices = snapshot.voices.iter();
        self.voices
            .extend(voices.map(|(jid, role)| (jid.clone(), (number, Some(*role)))));
    }

    /// Whether a change is one that is noted here.
    pub fn concerns(change: &Change) -> bool {
        matches!(
            change,
            Change::Affiliated { .. } | Change::Registered { .. } | Change::Voiced { .. }
        )
    }

    /// Forgets what was committed: everything up to and with this batch.
    pub fn committed(&mut self, number: BatchNumber) {
        self.affiliations.retain(|_, (noted, _)| *noted > number);
        self.registrations.retain(|_, (noted, _)| *noted > number);
        self.voices.retain(|_, (noted, _)| *noted > number);
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.affiliations.is_empty() && self.registrations.is_empty() && self.voices.is_empty()
    }

    /// Makes what the disk has into what is.
    pub fn amend(&self, needed: &Needed, known: &mut Known) {
        known
            .affiliations
            .retain(|(jid, _)| !self.affiliations.contains_key(jid));
        known
            .registrations
            .retain(|(jid, _)| !self.registrations.contains_key(jid));
        known
            .voices
            .retain(|(jid, _)| !self.voices.contains_key(jid));
        for jid in &needed.people {
            if let Some((_, Some(entry))) = self.affiliations.get(jid) {
                known.affiliations.push((jid.clone(), entry.clone()));
            }
            if let Some((_, Some(nick))) = self.registrations.get(jid) {
                known.registrations.push((jid.clone(), nick.clone()));
            }
            if let Some((_, Some(role))) = self.voices.get(jid) {
                known.voices.push((jid.clone(), *role));
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
        if !keys.is_empty() {
            for (jid, (_, nick)) in &self.registrations {
                if let Some(nick) = nick.as_ref().filter(|nick| keys.contains(&nick.key())) {
                    known.registrations.push((jid.clone(), nick.clone()));
                }
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
        for (jid, (_, nick)) in &self.registrations {
            if let Some(item) = list.get_mut(jid) {
                item.nick.clone_from(nick);
            }
        }
    }
}
