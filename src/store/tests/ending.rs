//! The end of rooms with long lists.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};
use std::{env, thread};

use super::killed::{command_of_part, database_of_part};
use super::*;
use crate::store::room::rooms;
use crate::store::tidy::ended;

/// A room in which something was said, with this many members, each with a nick, a voice, a request
/// to register and a session.
fn store_with_members(mut store: Store, members: u32) -> Store {
    let lobby = room("lobby");
    store.create(&lobby, [7; 32], Timestamp(1));
    store.archive(&lobby, message(1), "hello".into());
    commit(&mut store);
    store.on_writer(move |connection| {
        let members = format!(
            "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {members}),
                 person (jid) AS (SELECT 'u' || n || '@example.org' FROM number)
             INSERT INTO "
        );
        connection.execute_batch("BEGIN").unwrap();
        for list in [
            "affiliation SELECT 1, jid, 'member', NULL, NULL, 0, NULL FROM person",
            "registration SELECT 1, jid, jid, jid FROM person",
            "registration_request SELECT 1, jid, jid FROM person",
            "voice SELECT 1, jid, 'visitor' FROM person",
            "session SELECT 1, jid || '/x', jid, 'participant', jid, x'', 1, 1, NULL, 1, NULL FROM person",
        ] {
            connection.execute_batch(&format!("{members}{list}")).unwrap();
        }
        connection.execute_batch("COMMIT").unwrap();
    });
    commit(&mut store);
    store
}

/// The entries of all lists that are still there.
fn entries(connection: &Connection) -> i64 {
    let lists = [
        "affiliation",
        "registration",
        "registration_request",
        "voice",
        "session",
    ];
    let counts = lists.map(|list| {
        let count = format!("SELECT count(*) FROM {list}");
        connection
            .query_row(&count, [], |row| row.get::<_, i64>(0))
            .unwrap()
    });
    counts.iter().sum()
}

fn entries_left(store: &Store) -> i64 {
    let (sender, left) = std::sync::mpsc::channel();
    store.on_writer(move |connection| sender.send(entries(connection)).unwrap());
    left.recv().unwrap()
}

/// Nobody finds anything of the room, not even the last of its members.
fn assert_nothing_is_seen(store: &mut Store, last: u32) {
    let member = BareJid::new(&format!("u{last}@example.org")).unwrap();
    let session = full_jid(&format!("u{last}@example.org/x"));
    assert_eq!(store.load(&room("lobby")).unwrap(), None);
    assert_eq!(store.sessions(None, 9).unwrap(), []);
    assert!(store.rooms_of_session(&session).unwrap().is_empty());
    let everywhere = Ask::Everywhere {
        reader: Reader {
            person: member,
            is_operator: false,
            categories: Arc::new([Arc::default()].into_iter().collect()),
        },
        // Only the number is wanted.
        question: PageQuestion {
            size_max: Some(0),
            ..PageQuestion::default()
        },
        bytes_max: 10_000,
    };
    let ArchiveAnswer::Everywhere(page) = ask(store, everywhere) else {
        panic!("no page")
    };
    assert_eq!(page.count, Some(0));
}

fn wait_until_all_is_gone(store: &Store) {
    for _ in 0..2000 {
        if entries_left(store) == 0 {
            return;
        }
        thread::sleep(std::time::Duration::from_millis(5));
    }
    panic!("entries are left");
}

#[test]
fn a_room_with_long_lists_ends_slice_by_slice_and_nobody_sees_the_rest() {
    const MEMBERS: u32 = 999;
    let mut store = store_with_members(Store::in_memory().unwrap(), MEMBERS);
    let (sender, counts) = std::sync::mpsc::channel();
    store.on_writer(move |connection| {
        let id = rooms::id_of(connection, &room("lobby")).unwrap().unwrap();
        let all = entries(connection);
        ended::end(connection, id).unwrap();
        sender.send((all, entries(connection))).unwrap();
    });
    let (all, left) = counts.recv().unwrap();
    assert!((all - 200..all).contains(&left), "{left} of {all} are left");
    assert_nothing_is_seen(&mut store, MEMBERS);
    // The end of any room has the writer go on with all; also with a room that has the address of
    // the first.
    let lobby = room("lobby");
    store.create(&lobby, [8; 32], Timestamp(2));
    commit(&mut store);
    store.save(&lobby, vanished());
    commit(&mut store);
    wait_until_all_is_gone(&store);
    assert_nothing_is_seen(&mut store, MEMBERS);
}

#[test]
fn what_a_killed_process_leaves_of_a_room_goes_in_the_next() {
    const MEMBERS: u32 = 20_000;
    let directory = TempDir::new().unwrap();
    let settings = in_file(&directory);
    drop(store_with_members(Store::open(&settings).unwrap(), MEMBERS));
    let program = env::current_exe().unwrap();
    let part = "store::tests::ending::end_a_room_until_killed";
    let mut child = command_of_part(&program, part, &settings.path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for_the_end(&mut child);
    child.kill().unwrap();
    child.wait().unwrap();
    let mut store = Store::open(&settings).unwrap();
    let left = entries_left(&store);
    assert!(left > 0, "the process had ended all");
    assert_nothing_is_seen(&mut store, MEMBERS);
    wait_until_all_is_gone(&store);
    assert_nothing_is_seen(&mut store, MEMBERS);
}

fn wait_for_the_end(child: &mut Child) {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ended = lines.any(|line| line.unwrap() == "the room has ended");
    assert!(ended);
}

#[test]
#[ignore = "a part of what_a_killed_process_leaves_of_a_room_goes_in_the_next"]
fn end_a_room_until_killed() {
    let Some(path) = database_of_part() else {
        return;
    };
    let mut store = Store::open(&DatabaseSettings {
        path: path.into(),
        durability: Synchronous::Full,
        searchable: |_| "".into(),
    })
    .unwrap();
    store.save(&room("lobby"), vanished());
    commit(&mut store);
    println!("\nthe room has ended");
    std::io::stdout().flush().unwrap();
    thread::sleep(std::time::Duration::from_secs(60));
}
