//! What is unread.

use super::*;
use crate::room::occupying::archive::UnreadRoom;
use crate::room::setting::configuration::{Configuration, Whois};
use crate::room::{Affiliated, Affiliation};

const BOB: &str = "bob@example.org";

fn unread(
    store: &mut Store,
    person: &str,
    rooms: &[(BareJid, Option<ArchiveId>)],
) -> Vec<UnreadRoom> {
    let question = Ask::Unread {
        reader: reader(person),
        rooms: rooms.to_vec(),
    };
    match ask(store, question) {
        ArchiveAnswer::Unread(unread) => unread,
        told => panic!("{told:?}"),
    }
}

fn counted(name: &str, count: Option<u64>) -> UnreadRoom {
    UnreadRoom {
        room: room(name),
        count,
        more: false,
    }
}

fn of_bob(number: u32) -> Archived {
    Archived {
        sender: Some(Sender {
            nick: Nick::new("bob").unwrap(),
            occupant_id: Some(OccupantId("bob".into())),
            author: Some(full_jid("bob@example.org/phone").into()),
            whois: Whois::Anyone,
        }),
        ..message(number)
    }
}

fn affiliate(store: &mut Store, name: &str, jid: &str, affiliation: Affiliation) {
    let entry = Affiliated {
        affiliation,
        reason: None,
        given_by: None,
        given_at: Timestamp(1),
    };
    let change = Change::Affiliated {
        jid: BareJid::new(jid).unwrap(),
        entry: Some(entry),
    };
    store.save(&room(name), change);
}

#[test]
fn what_is_there_to_be_read_is_counted_since_a_message() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    let kinds = [
        ArchivedKind::Speech,
        ArchivedKind::Subject,
        ArchivedKind::Signal,
        ArchivedKind::Correction,
        ArchivedKind::Retraction,
        ArchivedKind::Moderation,
        ArchivedKind::Speech,
        ArchivedKind::Speech,
    ];
    for (number, kind) in (0..).zip(kinds) {
        let message = Archived {
            kind,
            ..message(number)
        };
        store.archive(&lobby, message, "hello".into());
    }
    store.retract(&lobby, &message(7).id, Payload::new(b""));
    commit(&mut store);
    let mut since = |number: u32| {
        let rooms = [(lobby.clone(), Some(message(number).id))];
        unread(&mut store, BOB, &rooms)
    };
    assert_eq!(since(0), [counted("lobby", Some(1))]);
    assert_eq!(since(5), [counted("lobby", Some(1))]);
    assert_eq!(since(6), [counted("lobby", Some(0))]);
    assert_eq!(since(7), [counted("lobby", Some(0))]);
    assert_eq!(since(99), [counted("lobby", None)]);
    assert_eq!(
        unread(&mut store, BOB, &[(lobby.clone(), None)]),
        [counted("lobby", Some(2))]
    );
}

#[test]
fn without_a_message_what_one_has_said_or_marked_oneself_is_read() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    let hall = room("hall");
    store.create(&hall, [8; 32], Timestamp(1));
    for number in 0..10 {
        store.archive(&lobby, message(number), "hello".into());
    }
    store.archive(&hall, of_bob(50), "hello".into());
    commit(&mut store);
    let lobby_only = [(lobby.clone(), None)];
    let count = |store: &mut Store| {
        commit(store);
        unread(store, BOB, &lobby_only)[0].count
    };
    assert_eq!(count(&mut store), Some(10));

    store.archive(&lobby, of_bob(10), "hello".into());
    assert_eq!(count(&mut store), Some(0));
    for number in 11..20 {
        store.archive(&lobby, message(number), "hello".into());
    }
    assert_eq!(count(&mut store), Some(9));

    let signal = |number: u32, about: u32| Archived {
        kind: ArchivedKind::Signal,
        original: Some(message(about).id),
        ..of_bob(number)
    };
    store.archive(&lobby, signal(20, 14), "".into());
    assert_eq!(count(&mut store), Some(5));
    // What is about an earlier one makes nothing unread again.
    store.archive(&lobby, signal(21, 12), "".into());
    store.archive(&lobby, signal(22, 3), "".into());
    assert_eq!(count(&mut store), Some(5));
}

#[test]
fn unnamed_rooms_are_those_where_one_is_a_member_or_inside() {
    let mut store = Store::in_memory().unwrap();
    let rooms = [
        "banned", "closed", "domain", "inside", "locked", "member", "open",
    ];
    for (number, name) in (0..).zip(rooms) {
        let configuration = Configuration {
            members_only: name != "open",
            public: false,
            ..Configuration::default()
        };
        store.create(&room(name), [7; 32], Timestamp(1));
        let created = Change::Created {
            configuration: Box::new(configuration),
            locked_since: (name == "locked").then_some(Timestamp(1)),
            category: CategoryId::GENERAL,
        };
        store.save(&room(name), created);
        store.archive(&room(name), message(number), "hello".into());
    }
    affiliate(&mut store, "banned", BOB, Affiliation::Outcast);
    affiliate(&mut store, "banned", "example.org", Affiliation::Member);
    affiliate(&mut store, "domain", "example.org", Affiliation::Member);
    affiliate(&mut store, "locked", BOB, Affiliation::Admin);
    affiliate(&mut store, "member", BOB, Affiliation::Member);
    let record = crate::room::occupant::SessionRecord {
        real_jid: Arc::new(full_jid("bob@example.org/phone")),
        nick: Nick::new("bob").unwrap(),
        role: crate::room::Role::Visitor,
        occupant_id: OccupantId("bob".into()),
        presence: Payload::new(b""),
        entered_at: Timestamp(1),
        shown: 1,
        arrival: 1,
        seen_below: None,
    };
    store.save(&room("inside"), Change::Present(Box::new(record)));
    commit(&mut store);
    let expected = ["domain", "inside", "member"].map(|name| counted(name, Some(1)));
    assert_eq!(unread(&mut store, BOB, &[]), expected);
    assert_eq!(unread(&mut store, "eve@example.net", &[]), []);

    // Of those that somebody names they are told if they may read them, and of others as if they
    // were not there.
    let named: Vec<_> = rooms.iter().map(|name| (room(name), None)).collect();
    let named = [&named[..], &[(room("nowhere"), None)]].concat();
    let expected = ["domain", "inside", "member", "open"].map(|name| counted(name, Some(1)));
    assert_eq!(unread(&mut store, BOB, &named), expected);
}

#[test]
fn no_more_is_counted_than_anybody_reads() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    let bound = u32::try_from(UNREAD_MAX).unwrap();
    for number in 0..bound {
        store.archive(&lobby, message(number), "hello".into());
    }
    commit(&mut store);
    let all = [(lobby.clone(), None)];
    let exactly = counted("lobby", Some(UNREAD_MAX));
    assert_eq!(unread(&mut store, BOB, &all)[0], exactly);
    store.archive(&lobby, message(bound), "hello".into());
    commit(&mut store);
    let more = UnreadRoom {
        more: true,
        ..exactly
    };
    assert_eq!(unread(&mut store, BOB, &all), [more]);
}
