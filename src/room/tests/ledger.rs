//! A room as a store would have it: a snapshot, brought up to date by nothing but the changes a
//! room asks to save.

use crate::room::effect::Leaver;
use crate::room::occupant::SessionRecord;
use crate::room::{Change, Snapshot};

/// Applies one change. A room that is gone has no snapshot any more.
pub fn apply(kept: &mut Option<Snapshot>, change: &Change) {
    if let Change::Created {
        configuration,
        locked_since,
        category: _,
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
        Change::Configured {
            configuration,
            changed,
        } => {
            let differences = snapshot.configuration.differences(configuration);
            assert!(
                differences.eq(changed.iter().copied()),
                "just what has changed is named"
            );
            snapshot.configuration = (**configuration).clone();
        }
        Change::Moved { .. } => {}
        Change::Unlocked => snapshot.locked_since = None,
        Change::Affiliated { jid, entry } => put(&mut snapshot.affiliations, jid, entry.clone()),
        Change::Bound { jid, bond } => snapshot.bonds.set(jid.clone(), bond.clone()),
        Change::SubjectChanged(subject) => snapshot.subject = subject.clone(),
        Change::AvatarChanged(avatar) => snapshot.avatar = avatar.clone(),
        Change::Entered(record) | Change::Present(record) => {
            let sessions = &mut snapshot.sessions;
            let count = sessions.len();
            sessions.retain(|other| other.real_jid != record.real_jid);
            let is_new = matches!(change, Change::Entered(_));
            assert_eq!(sessions.len() == count, is_new, "only a newcomer enters");
            sessions.push((**record).clone());
            sessions.sort_by(|a, b| a.real_jid.cmp(&b.real_jid));
        }
        Change::Left(leaver) => {
            let count = snapshot.sessions.len();
            snapshot.sessions.retain(|other| !is_of(leaver, other));
            assert_eq!(snapshot.sessions.len() + 1, count, "who left was there");
        }
        Change::Destroyed { shown_out, .. } | Change::Vanished { shown_out } => {
            assert_eq!(
                snapshot.sessions.len(),
                shown_out.len(),
                "all are shown out"
            );
            let was_there = |leaver| snapshot.sessions.iter().any(|other| is_of(leaver, other));
            assert!(
                shown_out.iter().all(was_there),
                "who is shown out was there"
            );
            *kept = None;
        }
    }
}

fn is_of(leaver: &Leaver, session: &SessionRecord) -> bool {
    (&leaver.real_jid, &leaver.nick) == (&session.real_jid, &session.nick)
}

fn put<K: Ord + Clone, V>(list: &mut Vec<(K, V)>, key: &K, value: Option<V>) {
    list.retain(|(other, _)| other != key);
    if let Some(value) = value {
        let place = list.partition_point(|(other, _)| other < key);
        list.insert(place, (key.clone(), value));
    }
}
