//! Lists of rooms and of sessions, facts and tombstones.

use super::*;
use crate::directory::Retention;
use crate::room::Role;
use crate::room::occupant::SessionRecord;
use crate::room::owning::destroy::Destruction;
use crate::room::setting::configuration::Configuration;

fn named(name: &str, public: bool) -> Change {
    let configuration = Configuration {
        name: name.into(),
        public,
        ..Configuration::default()
    };
    configured(configuration)
}

fn present(real_jid: &str) -> Change {
    Change::Present(Box::new(SessionRecord {
        real_jid: Arc::new(full_jid(real_jid)),
        nick: Nick::new("ann").unwrap(),
        role: Role::Participant,
        occupant_id: OccupantId("occupant".into()),
        presence: Payload::empty(),
        entered_at: Timestamp(1),
        shown: 1,
        arrival: 1,
        seen_below: None,
    }))
}

#[test]
fn public_rooms_are_paged_by_address_in_both_directions() {
    let mut store = Store::in_memory().unwrap();
    for name in ["e", "c", "a", "d", "b"] {
        store.create(&room(name), [7; 32], Timestamp(1));
        store.save(&room(name), named(name, name != "d"));
    }
    store.create(&room("locked"), [7; 32], Timestamp(1));
    let created = Change::Created {
        configuration: Box::default(),
        locked_since: Some(Timestamp(1)),
        category: CategoryId::GENERAL,
    };
    store.save(&room("locked"), created);
    commit(&mut store);
    let page = |place: PagePlace<'_>, rooms_max| {
        let rooms = store
            .listed_rooms(&reader("ann@example.org"), place, rooms_max)
            .unwrap();
        rooms
            .iter()
            .map(|room| room.name.to_string())
            .collect::<String>()
    };
    assert_eq!(page(PagePlace::First, 9), "abce");
    assert_eq!(page(PagePlace::First, 2), "ab");
    assert_eq!(page(PagePlace::After(&room("b")), 9), "ce");
    assert_eq!(page(PagePlace::Before(&room("e")), 2), "bc");
    assert_eq!(page(PagePlace::Last, 2), "ce");
    let reader = reader("ann@example.org");
    assert_eq!(store.listed_room_count(&reader).unwrap(), 4);
    assert_eq!(store.rooms_with_deadlines().unwrap(), [room("locked")]);
    store.save(&room("locked"), Change::Unlocked);
    commit(&mut store);
    assert!(store.rooms_with_deadlines().unwrap().is_empty());
    assert_eq!(store.listed_room_count(&reader).unwrap(), 5);
}

#[test]
fn sessions_are_found_by_person_and_by_room() {
    let mut store = Store::in_memory().unwrap();
    for name in ["a", "b", "empty"] {
        store.create(&room(name), [7; 32], Timestamp(1));
    }
    store.save(&room("b"), present("ann@example.org/phone"));
    store.save(&room("a"), present("ann@example.org/phone"));
    store.save(&room("a"), present("bob@example.org/desk"));
    commit(&mut store);
    let ann = full_jid("ann@example.org/phone");
    let both = PersonSession {
        real_jid: ann.clone(),
        rooms: vec![room("a"), room("b")],
    };
    assert_eq!(store.sessions(None, 1).unwrap(), [both]);
    let rest = store.sessions(Some(&ann), 9).unwrap();
    assert_eq!(rest[0].real_jid, full_jid("bob@example.org/desk"));
    assert_eq!(rest.len(), 1);
    assert_eq!(
        store.rooms_with_sessions(None, 9).unwrap(),
        [room("a"), room("b")]
    );
    assert_eq!(
        store.rooms_with_sessions(Some(&room("a")), 9).unwrap(),
        [room("b")]
    );
    store.save(&room("b"), left(ann.clone()));
    commit(&mut store);
    assert_eq!(store.rooms_of_session(&ann).unwrap(), [room("a")]);
}

#[test]
fn rooms_are_counted_for_who_created_them_as_long_as_they_are() {
    let mut store = Store::in_memory().unwrap();
    let ann = BareJid::new("ann@example.org").unwrap();
    for name in ["one", "two", "three"] {
        store.create(&room(name), [0; 32], Timestamp(1));
        store.set_creator(&room(name), &ann);
    }
    commit(&mut store);
    let count = |store: &Store, person: &BareJid, since| {
        let since = Timestamp(since);
        store.created_room_count(person, since).unwrap()
    };
    assert_eq!(count(&store, &ann, 0), 3, "not committed yet");
    store.submit();
    store.writer.flush().unwrap();
    assert_eq!(count(&store, &ann, 0), 3, "committed and not reported");
    commit(&mut store);
    assert_eq!(count(&store, &ann, 0), 3);
    store.save(&room("two"), vanished());
    commit(&mut store);
    assert_eq!(count(&store, &ann, 0), 2);
    store.save(&room("three"), destroyed_at(5));
    for _ in 0..2 {
        assert_eq!(count(&store, &ann, 5), 2, "a destroyed room counts");
        assert_eq!(store.creator(&room("three")).unwrap(), Some(ann.clone()));
        commit(&mut store);
    }
    assert_eq!(count(&store, &ann, 6), 1, "until it is due");
    let bob = BareJid::new("bob@example.org").unwrap();
    assert_eq!(count(&store, &bob, 0), 0);
}

fn destroyed_at(at: i64) -> Change {
    destroyed(Destruction {
        at: Some(Timestamp(at)),
        owners: [BareJid::new("ann@example.org").unwrap()].into(),
        ..Destruction::default()
    })
}

#[test]
fn tombstones_are_taken_down_when_they_are_due() {
    const MONTH_S: i64 = 31 * 24 * 60 * 60;
    let mut store = Store::in_memory().unwrap();
    for number in 0..1200 {
        let room = room(&format!("room{number}"));
        store.create(&room, [7; 32], Timestamp(1));
        store.save(&room, destroyed_at(5 + number % 2));
    }
    store.expire(Retention::default(), None);
    commit(&mut store);
    store.expire(
        Retention::default(),
        Some(Timestamp(6).plus_seconds(MONTH_S)),
    );
    commit(&mut store);
    let (sender, left) = std::sync::mpsc::channel();
    for _ in 0..1000 {
        let sender = sender.clone();
        store.on_writer(move |connection| {
            let count =
                "SELECT (SELECT count(*) FROM tombstone), (SELECT count(*) FROM tombstone_owner)";
            let left = connection.query_row(count, [], |row| Ok((row.get(0)?, row.get(1)?)));
            sender.send(left.unwrap()).unwrap();
        });
        let left: (i64, i64) = left.recv().unwrap();
        if left == (600, 600) {
            assert_eq!(store.tombstone(&room("room0")).unwrap(), None);
            assert!(store.tombstone(&room("room1")).unwrap().is_some());
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    panic!("tombstones are left");
}

#[test]
fn an_ended_room_is_gone_before_its_end_is_committed() {
    let mut store = store_with(&room("lobby"));
    let destruction = Arc::new(Destruction {
        secret: false,
        alternate: Some("hall@rooms.example.org".parse().unwrap()),
        at: Some(Timestamp(5)),
        ..Destruction::default()
    });
    store.save(&room("lobby"), destroyed((*destruction).clone()));
    for _ in 0..2 {
        assert_eq!(store.load(&room("lobby")).unwrap(), None);
        assert!(!store.room_exists(&room("lobby")).unwrap());
        assert_eq!(
            store.tombstone(&room("lobby")).unwrap(),
            Some(destruction.clone())
        );
        commit(&mut store);
    }
}

#[test]
fn a_new_room_takes_the_tombstone_away() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    store.save(&lobby, destroyed(Destruction::default()));
    commit(&mut store);
    store.create(&lobby, [8; 32], Timestamp(2));
    for _ in 0..2 {
        assert_eq!(store.tombstone(&lobby).unwrap(), None);
        assert!(store.room_exists(&lobby).unwrap());
        commit(&mut store);
    }
    assert_eq!(store.load(&lobby).unwrap().unwrap().salt, [8; 32]);
}

#[test]
fn facts_are_kept() {
    let mut store = Store::in_memory().unwrap();
    assert_eq!(store.meta("server-start").unwrap(), None);
    for value in ["1", "2"] {
        store.set_meta("server-start", value);
        commit(&mut store);
        assert_eq!(store.meta("server-start").unwrap().as_deref(), Some(value));
    }
}

#[test]
fn the_archive_of_an_ended_room_is_removed_bit_by_bit() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    for number in 0..3500 {
        store.archive(&lobby, message(number), "hello".into());
    }
    store.save(&lobby, present("ann@example.org/phone"));
    commit(&mut store);
    store.save(&lobby, vanished());
    commit(&mut store);
    assert_eq!(store.load(&lobby).unwrap(), None);
    assert!(store.sessions(None, 9).unwrap().is_empty());
    assert_eq!(
        store.listed_room_count(&reader("ann@example.org")).unwrap(),
        0
    );
    store.create(&lobby, [8; 32], Timestamp(1));
    commit(&mut store);
    assert!(
        store
            .recent_messages(&lobby, &at_most(9))
            .unwrap()
            .is_empty()
    );
    let (sender, left) = std::sync::mpsc::channel();
    for _ in 0..1000 {
        let sender = sender.clone();
        store.on_writer(move |connection| {
            let count = "SELECT (SELECT count(*) FROM message) + (SELECT count(*) FROM room)";
            let left: i64 = connection.query_row(count, [], |row| row.get(0)).unwrap();
            sender.send(left).unwrap();
        });
        if left.recv().unwrap() == 1 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    panic!("messages are left");
}
