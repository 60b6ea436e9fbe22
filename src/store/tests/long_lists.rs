//! Rooms with lists of hundreds of thousands of entries: what is asked of them costs no more for
//! that.

use rusqlite::StatementStatus;

use super::*;
use crate::room::{Affiliated, Affiliation, Bond, BondKind, Bonds, List, Needed, Role};
use crate::store::room::{bonds, lists, rooms, sessions};

fn jid(text: &str) -> BareJid {
    BareJid::new(text).unwrap()
}

fn entry(affiliation: Affiliation) -> Affiliated {
    Affiliated {
        affiliation,
        reason: None,
        given_by: None,
        given_at: Timestamp(0),
    }
}

/// A room in which this number of people are banned, have a nick reserved and a voice remembered,
/// with one owner.
fn store_with_lists(entries: u32) -> Store {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    store.save(
        &lobby,
        Change::Affiliated {
            jid: jid("ann@example.org"),
            entry: Some(entry(Affiliation::Owner)),
        },
    );
    commit(&mut store);
    store.on_writer(move |connection| {
        let numbers = format!(
            "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {entries})"
        );
        let address = "1, 'u' || n || '@example.net'";
        for sql in [
            format!(
                "{numbers} INSERT INTO affiliation SELECT {address}, 'outcast', NULL, NULL, 0, NULL FROM number"
            ),
            format!(
                "{numbers} INSERT INTO registration SELECT {address}, 'nick' || n, 'nick' || n FROM number"
            ),
            format!("{numbers} INSERT INTO voice SELECT {address}, 'visitor' FROM number"),
        ] {
            connection.execute_batch(&sql).unwrap();
        }
    });
    commit(&mut store);
    store
}

/// What a stranger's stanza to a sleeping room asks of the store.
fn look_for_a_stranger(store: &Store) {
    let lobby = room("lobby");
    let stranger = full_jid("eve@elsewhere.test/street");
    assert!(!store.is_inside(&lobby, &stranger).unwrap());
    let stored = store.load(&lobby).unwrap().unwrap();
    let snapshot = &stored.snapshot;
    assert!(snapshot.affiliations.is_empty() && snapshot.bonds.is_empty());
    let needed = Needed {
        name: None,
        people: [stranger.to_bare(), jid("elsewhere.test")].into(),
        nicks: vec![Nick::new("Eve").unwrap()],
        whole: vec![Affiliation::Owner],
        kinds: Vec::new(),
    };
    let known = store.known(&lobby, &needed).unwrap();
    assert_eq!(known.affiliations.len(), 1, "the owner");
    assert!(known.bonds.is_empty());
}

/// The steps that SQLite has taken in these statements: they grow with every row that is looked at.
fn steps(store: &Store) -> i32 {
    let bonds = [BondKind::Registration, BondKind::Voice].map(bonds::statements);
    let of_nick = bonds[0].of_key.as_ref().unwrap();
    let statements = [
        &rooms::SELECT,
        rooms::AVATAR,
        rooms::ID,
        sessions::IS_INSIDE,
        sessions::OF_ROOM,
        lists::ONE,
        &bonds[0].of_person,
        &bonds[1].of_person,
        of_nick,
        lists::WHOLE,
        lists::LENGTHS,
    ];
    let (sender, steps) = std::sync::mpsc::channel();
    store.reader.run(|connection| {
        let of = |sql| {
            let statement = connection.prepare_cached(sql).unwrap();
            let steps = statement.get_status(StatementStatus::VmStep);
            assert!(steps > 0, "not used: {sql}");
            steps
        };
        sender.send(statements.map(of).iter().sum()).unwrap();
    });
    steps.recv().unwrap()
}

#[test]
fn a_stranger_costs_no_more_in_a_room_of_three_hundred_thousand_entries() {
    let taken = [3, 300_000].map(|entries| {
        let store = store_with_lists(entries);
        look_for_a_stranger(&store);
        let lengths = store.load(&room("lobby")).unwrap().unwrap().lengths;
        for list in [List::Outcasts, List::Registrations, List::Voices] {
            assert_eq!(lengths.of(list), entries as usize, "{list:?}");
        }
        assert_eq!(lengths.of(List::Owners), 1);
        steps(&store)
    });
    assert_eq!(taken[0], taken[1]);
}

fn affiliated(who: &str, affiliation: Option<Affiliation>) -> Change {
    Change::Affiliated {
        jid: jid(who),
        entry: affiliation.map(entry),
    }
}

fn registered(who: &str, nick: Option<&str>) -> Change {
    Change::Bound {
        jid: jid(who),
        bond: Bond::Registration(nick.map(|nick| Nick::new(nick).unwrap())),
    }
}

const EVE: &str = "eve@elsewhere.test";

/// Of three who are banned one is freed, another gives the nick back, which goes to somebody who is
/// banned.
fn change_lists(store: &mut Store) {
    let changes = [
        affiliated(EVE, Some(Affiliation::Outcast)),
        affiliated("u1@example.net", None),
        affiliated("bea@example.org", Some(Affiliation::Owner)),
        registered("u2@example.net", None),
        registered(EVE, Some("Nick2")),
        Change::Bound {
            jid: jid(EVE),
            bond: Bond::Voice(Some(Role::Participant)),
        },
    ];
    for change in changes {
        store.save(&room("lobby"), change);
    }
}

/// Whenever that is asked, the changes are known.
fn assert_changes_are_known(store: &Store) {
    let lobby = room("lobby");
    let needed = Needed {
        name: None,
        people: [jid(EVE), jid("u1@example.net")].into(),
        nicks: vec![Nick::new("nick2").unwrap()],
        whole: vec![Affiliation::Owner],
        kinds: Vec::new(),
    };
    let mut known = store.known(&lobby, &needed).unwrap();
    known.affiliations.sort_by(|one, other| one.0.cmp(&other.0));
    let affiliations = [
        (jid("ann@example.org"), entry(Affiliation::Owner)),
        (jid("bea@example.org"), entry(Affiliation::Owner)),
        (jid(EVE), entry(Affiliation::Outcast)),
    ];
    assert_eq!(known.affiliations, affiliations);
    let nick = |text| Nick::new(text).unwrap();
    let registered = |text| Bond::Registration(Some(nick(text)));
    let bonds = [
        (jid(EVE), registered("Nick2")),
        (jid("u1@example.net"), registered("nick1")),
        (jid(EVE), Bond::Voice(Some(Role::Participant))),
        (jid("u1@example.net"), Bond::Voice(Some(Role::Visitor))),
    ];
    assert_eq!(known.bonds, Bonds::from_iter(bonds));
    let outcasts = store.list(&lobby, Affiliation::Outcast, true).unwrap();
    let outcasts: Vec<_> = outcasts
        .into_iter()
        .map(|item| (item.jid, item.nick))
        .collect();
    let listed = [
        (jid(EVE), Some(nick("Nick2"))),
        (jid("u2@example.net"), None),
        (jid("u3@example.net"), Some(nick("nick3"))),
    ];
    assert_eq!(outcasts, listed);
}

#[test]
fn what_is_on_its_way_to_the_disk_is_known() {
    let mut store = store_with_lists(3);
    change_lists(&mut store);
    assert_changes_are_known(&store);
    store.submit();
    store.writer.flush().unwrap();
    assert_changes_are_known(&store);
    commit(&mut store);
    assert_changes_are_known(&store);
}

#[test]
fn keys_of_nicks_are_made_anew_when_they_are_of_another_making() {
    let directory = tempfile::tempdir().unwrap();
    let lobby = room("lobby");
    let mut store = Store::open(&in_file(&directory)).unwrap();
    store.create(&lobby, [7; 32], Timestamp(1));
    let nick = Nick::new("Ann Lee").unwrap();
    store.save(
        &lobby,
        Change::Bound {
            jid: jid("ann@example.org"),
            bond: Bond::Registration(Some(nick.clone())),
        },
    );
    commit(&mut store);
    store.on_writer(|connection| {
        connection
            .execute_batch(
                "UPDATE registration SET nick_key = NULL; DELETE FROM meta WHERE key = 'nick keys'",
            )
            .unwrap();
    });
    let needed = Needed {
        name: None,
        nicks: vec![Nick::new("ann  LEE").unwrap()],
        ..Needed::default()
    };
    commit(&mut store);
    assert!(store.known(&lobby, &needed).unwrap().bonds.is_empty());
    drop(store);
    let store = Store::open(&in_file(&directory)).unwrap();
    let known = store.known(&lobby, &needed).unwrap();
    let bond = (jid("ann@example.org"), Bond::Registration(Some(nick)));
    assert_eq!(known.bonds, Bonds::from_iter([bond]));
}
