//! A database of the first version is brought up to date, with everything that was said.

use rusqlite::params;

use super::*;
use crate::room::request::Named;
use crate::room::setting::configuration::Whois;
use crate::room::{BondKind, List, Needed};

const ROOM: &str = "INSERT INTO room (id, jid, salt, created_at, name, description, language, persistent, public,
        members_only, moderated, whois, subject_open, invitations_open, private_messages, presence_broadcast,
        member_list_readers, logged, history_max, pubsub_node, nick_locked, registration)
    VALUES (1, 'lobby@rooms.example.org', zeroblob(32), 0, '', '', '', 1, 1, 0, 0, 'anyone', 0, 1, 'anyone', '', '', 0,
        20, '', 0, 'open')";
const MESSAGE: &str = "INSERT INTO message
        (id, room, archive_id, at, kind, nick, occupant_id, author, content_id, language, payload)
    VALUES (?1, 1, ?2, ?3, ?4, 'ann', 'occupant', 'ann@example.org/phone', ?5, NULL, ?6)";

/// A database as the first version left it, with three messages.
fn old_database(settings: &DatabaseSettings) {
    let connection = Connection::open(&settings.path).unwrap();
    connection
        .execute_batch(include_str!("../../../schema/0001_rooms.sql"))
        .unwrap();
    connection
        .execute_batch("PRAGMA application_id = 0x4c59434d; PRAGMA user_version = 1")
        .unwrap();
    connection.execute(ROOM, []).unwrap();
    for (id, archive_id, kind) in [
        (1, "019a9f3ce0a87c0f9d6f1f1d1a2b3c4d", "speech"),
        (2, "archive-2", "subject"),
        (3, "019A9F3CE0A87C0F9D6F1F1D1A2B3C4D", "speech"),
    ] {
        let payload = format!("<body>number {id}</body>");
        let content_id = format!("message-{id}");
        connection
            .execute(
                MESSAGE,
                params![
                    id,
                    archive_id,
                    id * 1_000_000,
                    kind,
                    content_id,
                    payload.as_bytes()
                ],
            )
            .unwrap();
    }
}

fn words_indexed(settings: &DatabaseSettings, word: &str) -> Vec<i64> {
    let connection = Connection::open(&settings.path).unwrap();
    let mut statement = connection
        .prepare("SELECT rowid FROM word WHERE word MATCH ?1 ORDER BY rowid")
        .unwrap();
    let rows = statement.query_map([word], |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

#[test]
fn everything_said_before_is_there_and_is_found() {
    let directory = TempDir::new().unwrap();
    let settings = DatabaseSettings {
        searchable: |payload| {
            let text = String::from_utf8_lossy(payload.as_bytes());
            text.replace("<body>", "").replace("</body>", "").into()
        },
        ..in_file(&directory)
    };
    old_database(&settings);
    let lobby = room("lobby");
    let store = Store::open(&settings).unwrap();
    let recent = store.recent_messages(&lobby, &at_most(9)).unwrap();
    let ids: Vec<_> = recent.iter().map(|message| &*message.id.0).collect();
    assert_eq!(
        ids,
        [
            "019a9f3ce0a87c0f9d6f1f1d1a2b3c4d",
            "019A9F3CE0A87C0F9D6F1F1D1A2B3C4D"
        ]
    );
    // How the room was set when it was said, nobody knows; so it counts as said to moderators.
    let expected = message(1).sender.map(|sender| Sender {
        whois: Whois::Moderators,
        ..sender
    });
    assert_eq!(recent[0].sender, expected);
    let named = Named::ByContentId("message-3".into());
    let ann = BareJid::new("ann@example.org").unwrap();
    let original = store.original(&lobby, &named, &ann).unwrap().unwrap();
    assert_eq!(original.id, recent[1].id);
    drop(store);
    assert_eq!(words_indexed(&settings, "number"), [1, 2, 3]);
    assert_eq!(words_indexed(&settings, "number AND 2"), [2]);
}

#[test]
fn an_index_of_another_making_is_made_anew_without_what_was_taken_back() {
    let directory = TempDir::new().unwrap();
    let settings = in_file(&directory);
    let lobby = room("lobby");
    let mut store = Store::open(&settings).unwrap();
    store.create(&lobby, [7; 32], Timestamp(1));
    for number in 0..3 {
        store.archive(&lobby, message(number), "hello".into());
    }
    store.retract(&lobby, &message(0).id, Payload::new(b"<retracted/>"));
    let correction = Archived {
        kind: ArchivedKind::Correction,
        original: Some(message(1).id),
        ..message(3)
    };
    store.archive(&lobby, correction, "hello".into());
    commit(&mut store);
    drop(store);
    let live = words_indexed(&settings, "hello");
    assert_eq!(live, [3, 4], "retracted and corrected ones are not found");
    let connection = Connection::open(&settings.path).unwrap();
    connection
        .execute("UPDATE meta SET value = 'older' WHERE key = 'words'", [])
        .unwrap();
    drop(connection);
    drop(Store::open(&settings).unwrap());
    assert_eq!(words_indexed(&settings, "hello"), live);
}

#[test]
fn presence_from_before_it_had_a_bound_is_forgotten_where_it_is_too_much() {
    let directory = TempDir::new().unwrap();
    let settings = in_file(&directory);
    old_database(&settings);
    let connection = Connection::open(&settings.path).unwrap();
    let session =
        "INSERT INTO session (room, real_jid, nick, role, occupant_id, presence, entered_at, shown)
        VALUES (1, ?1, ?2, 'participant', 'o', zeroblob(?3), 1, 1)";
    for (jid, nick, size) in [
        ("ann@a.example/x", "ann", 4096),
        ("bob@a.example/x", "bob", 4097),
    ] {
        connection
            .execute(session, params![jid, nick, size])
            .unwrap();
    }
    drop(connection);
    let store = Store::open(&settings).unwrap();
    let sessions = store
        .load(&room("lobby"))
        .unwrap()
        .unwrap()
        .snapshot
        .sessions;
    let sizes = sessions
        .iter()
        .map(|session| session.presence.as_bytes().len());
    assert_eq!(sizes.collect::<Vec<_>>(), [4096, 0]);
}

#[test]
fn members_who_had_voice_in_a_moderated_room_are_presenters_from_then_on() {
    for (moderated, presenters) in [(1, 2), (0, 0)] {
        let directory = TempDir::new().unwrap();
        let settings = in_file(&directory);
        old_database(&settings);
        let connection = Connection::open(&settings.path).unwrap();
        connection
            .execute("UPDATE room SET moderated = ?1", [moderated])
            .unwrap();
        for (jid, affiliation) in [
            ("ann@a.example", "owner"),
            ("bob@a.example", "member"),
            ("b.example", "member"),
            ("cy@a.example", "outcast"),
        ] {
            connection
                .execute(
                    "INSERT INTO affiliation (room, jid, affiliation, given_at) VALUES (1, ?1, ?2, 0)",
                    params![jid, affiliation],
                )
                .unwrap();
        }
        drop(connection);
        let store = Store::open(&settings).unwrap();
        let stored = store.load(&room("lobby")).unwrap().unwrap();
        assert_eq!(stored.lengths.of(List::Presenters), presenters);
        let needed = Needed {
            kinds: vec![BondKind::Presenter],
            ..Needed::default()
        };
        let known = store.known(&room("lobby"), &needed).unwrap();
        let listed = known.bonds.of_kind(BondKind::Presenter);
        let listed: Vec<_> = listed.map(|(jid, _)| jid.as_str()).collect();
        assert_eq!(listed, ["b.example", "bob@a.example"][..presenters]);
    }
}
