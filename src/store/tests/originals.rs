//! Messages that others are about, whether they are on the disk already or not.

use super::*;
use crate::room::request::{Named, Original};

const ANN: &str = "ann@example.org";
const BEA: &str = "bea@example.org";

/// A message of a person: its stanza id is `number`, its author's id of it `id`.
fn said(number: u32, who: &str, id: &str) -> Archived {
    let mut said = message(number);
    said.content.id = id.into();
    let sender = said.sender.as_mut().unwrap();
    sender.author = Some(full_jid(&format!("{who}/phone")).into());
    said
}

fn about(kind: ArchivedKind, original: u32, message: Archived) -> Archived {
    Archived {
        kind,
        original: Some(archive_id(original)),
        ..message
    }
}

fn archive_id(number: u32) -> ArchiveId {
    message(number).id
}

fn found(store: &Store, named: &Named, asker: &str) -> Option<Original> {
    let asker = BareJid::new(asker).unwrap();
    store.original(&room("lobby"), named, &asker).unwrap()
}

fn by_content_id(store: &Store, id: &str, asker: &str) -> Option<Original> {
    found(store, &Named::ByContentId(id.into()), asker)
}

fn by_archive_id(store: &Store, number: u32) -> Option<Original> {
    found(store, &Named::ByArchiveId(archive_id(number)), ANN)
}

/// Lets `check` look at a room in which these were said: when nothing is written yet, when it is
/// written but not reported, and when all is done.
fn whenever(messages: &[Archived], retracted: Option<u32>, check: impl Fn(&Store)) {
    let lobby = room("lobby");
    for commits in [false, true] {
        let mut store = store_with(&lobby);
        for message in messages {
            store.archive(&lobby, message.clone(), "hello".into());
            if commits {
                commit(&mut store);
            }
        }
        if let Some(number) = retracted {
            store.retract(&lobby, &archive_id(number), Payload::new(b"<retracted/>"));
        }
        check(&store);
        store.submit();
        store.writer.flush().unwrap();
        check(&store);
        commit(&mut store);
        check(&store);
    }
}

#[test]
fn ones_own_newest_comes_first_and_then_that_of_others() {
    let messages = [
        said(0, ANN, "one"),
        said(1, BEA, "one"),
        said(2, ANN, "one"),
        said(3, BEA, "one"),
        said(4, BEA, "other"),
    ];
    whenever(&messages, None, |store| {
        for (id, asker, number, author) in [
            ("one", ANN, 2, ANN),
            ("one", BEA, 3, BEA),
            ("one", "cid@example.org", 3, BEA),
            ("other", ANN, 4, BEA),
        ] {
            let found = by_content_id(store, id, asker).unwrap();
            assert_eq!(found.id, archive_id(number), "{id} named by {asker}");
            assert_eq!(found.author, Some(BareJid::new(author).unwrap()));
        }
        assert_eq!(by_content_id(store, "none", ANN), None);
        assert_eq!(by_content_id(store, &"x".repeat(10_000), ANN), None);
        assert_eq!(by_archive_id(store, 9), None);
        let either = |id: &str| found(store, &Named::ByEither(id.into()), ANN).unwrap().id;
        assert_eq!(either("one"), archive_id(2));
        assert_eq!(either("archive-3"), archive_id(3));
    });
}

#[test]
fn a_message_of_another_room_is_not_found() {
    let (lobby, other) = (room("lobby"), room("other"));
    let mut store = store_with(&lobby);
    store.create(&other, [8; 32], Timestamp(1));
    store.archive(&other, said(0, ANN, "one"), "hello".into());
    assert_eq!(by_content_id(&store, "one", ANN), None);
    commit(&mut store);
    assert_eq!(by_content_id(&store, "one", ANN), None);
    assert_eq!(by_archive_id(&store, 0), None);
}

#[test]
fn a_very_long_id_is_an_id() {
    let id = "i".repeat(10_000);
    whenever(&[said(0, ANN, &id)], None, |store| {
        assert_eq!(by_content_id(store, &id, ANN).unwrap().id, archive_id(0));
        assert_eq!(by_content_id(store, &id[1..], ANN), None);
    });
}

#[test]
fn the_root_of_a_correction_is_what_it_corrects() {
    let messages = [
        said(0, ANN, "one"),
        about(ArchivedKind::Correction, 0, said(1, ANN, "two")),
        about(ArchivedKind::Signal, 1, said(2, BEA, "three")),
    ];
    whenever(&messages, None, |store| {
        let roots = [0, 1, 2].map(|number| by_archive_id(store, number).unwrap().root);
        assert_eq!(roots, [0, 0, 2].map(archive_id));
    });
}

#[test]
fn with_one_of_them_a_message_and_its_corrections_are_taken_back() {
    let messages = [
        said(0, ANN, "one"),
        about(ArchivedKind::Correction, 0, said(1, ANN, "two")),
        said(2, ANN, "three"),
        about(ArchivedKind::Correction, 0, said(3, ANN, "four")),
        about(ArchivedKind::Signal, 3, said(4, BEA, "five")),
    ];
    for retracted in [0, 1, 3] {
        whenever(&messages, Some(retracted), |store| {
            for number in [0, 1, 3] {
                let kind = by_archive_id(store, number).unwrap().kind;
                assert_eq!(kind, ArchivedKind::Tombstone, "{number} of {retracted}");
            }
            let history = store.recent_messages(&room("lobby"), &at_most(9)).unwrap();
            let left: Vec<_> = history.into_iter().map(|message| message.id).collect();
            assert_eq!(left, [2, 4].map(archive_id), "{retracted}");
        });
    }
}

#[test]
fn a_correction_of_a_correction_goes_with_the_first_whoever_wrote_it_down() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    store.archive(&lobby, said(0, ANN, "one"), "first".into());
    let second = about(ArchivedKind::Correction, 0, said(1, ANN, "two"));
    store.archive(&lobby, second, "second".into());
    let third = about(ArchivedKind::Correction, 1, said(2, ANN, "three"));
    store.archive(&lobby, third, "third".into());
    commit(&mut store);
    assert_eq!(words(&store, "first second third"), [2]);
    store.retract(&lobby, &archive_id(1), Payload::new(b"<retracted/>"));
    commit(&mut store);
    assert_eq!(words(&store, "first second third"), [0; 0]);
    assert_eq!(store.recent_messages(&lobby, &at_most(9)).unwrap(), []);
}

#[test]
fn a_correction_outlives_what_it_corrects() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    store.archive(&lobby, said(0, ANN, "one"), "first".into());
    let second = about(ArchivedKind::Correction, 0, said(1, ANN, "two"));
    store.archive(&lobby, second, "second".into());
    commit(&mut store);
    store.on_writer(|connection| {
        connection
            .execute_batch("DELETE FROM message WHERE id = 1; DELETE FROM word WHERE rowid = 1")
            .unwrap();
    });
    commit(&mut store);
    store.retract(&lobby, &archive_id(1), Payload::new(b"<retracted/>"));
    commit(&mut store);
    assert_eq!(store.recent_messages(&lobby, &at_most(9)).unwrap(), []);
}

/// Which messages have any of these words in the index.
pub(super) fn words(store: &Store, words: &str) -> Vec<u32> {
    let wanted: Vec<_> = words.split(' ').map(|word| format!("\"{word}\"")).collect();
    let (sender, receiver) = std::sync::mpsc::channel();
    store.on_writer(move |connection| {
        let mut statement = connection
            .prepare("SELECT rowid - 1 FROM word WHERE word MATCH ?1 ORDER BY rowid")
            .unwrap();
        let rows = statement.query_map([wanted.join(" OR ")], |row| row.get(0));
        let rows: Result<Vec<u32>, _> = rows.unwrap().collect();
        sender.send(rows.unwrap()).unwrap();
    });
    receiver.recv().unwrap()
}
