//! A room as a store would have it: a snapshot, brought up to date by nothing but the changes a
//! room asks to save.

use crate::room::{Change, Snapshot};

/// Applies one change. A room that is gone has no snapshot any more.
pub fn apply(kept: &mut Option<Snapshot>, change: &Change) {
    if let Change::Created {
        configuration,
        locked_since,
    } = change
    {
        assert!(kept.is_none(), "a room is created twice");
        let mut snapshot = Snapshot::new((**configuration).clone());
        snapshot.locked_since = *locked_since;
        *kept = Some(snapshot);
        return;
    }
    let snapshot = kept.as_mut().expect("a change of a room that is not kept");
    match change {
        Change::Created { .. } => {}
        Change::Configured(configuration) => snapshot.configuration = (**configuration).clone(),
        Change::Unlocked => snapshot.locked_since = None,
        Change::Affiliated { jid, entry } => put(&mut snapshot.affiliations, jid, entry.clone()),
        Change::Bound { jid, bond } => snapshot.bonds.set(jid.clone(), bond.clone()),
        Change::SubjectChanged(subject) => snapshot.subject = subject.clone(),
        Change::AvatarChanged(avatar) => snapshot.avatar = avatar.clone(),
        Change::Present(record) => {
            let sessions = &mut snapshot.sessions;
            sessions.retain(|other| other.real_jid != record.real_jid);
            sessions.push((**record).clone());
            sessions.sort_by(|a, b| a.real_jid.cmp(&b.real_jid));
        }
        Change::Left(real_jid) => {
            let count = snapshot.sessions.len();
            snapshot
                .sessions
                .retain(|other| other.real_jid != *real_jid);
            assert_eq!(snapshot.sessions.len() + 1, count, "who left was there");
        }
        Change::Destroyed(_) | Change::Vanished => *kept = None,
    }
}

fn put<K: Ord + Clone, V>(list: &mut Vec<(K, V)>, key: &K, value: Option<V>) {
    list.retain(|(other, _)| other != key);
    if let Some(value) = value {
        let place = list.partition_point(|(other, _)| other < key);
        list.insert(place, (key.clone(), value));
    }
}
