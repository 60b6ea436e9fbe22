//! The control socket: who may come, and what becomes of those who bring nonsense.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;

use super::lounge::{Lounge, ROOM, done, lyceum};

#[test]
fn the_socket_is_for_its_user_alone_and_there_as_long_as_the_service() {
    let mut lounge = Lounge::open();
    let socket = lounge.socket.folder().join("lyceum.db-sock");
    let mode = fs::metadata(&socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    lounge.socket.kill().unwrap();
    assert!(socket.exists(), "it stays when the service is killed");
    assert_eq!(lounge.json(&["room", "list"])[0]["room"], ROOM);
    lounge.socket.start_again().unwrap();
    assert_eq!(lounge.json(&["room", "list"])[0]["room"], ROOM);
    lounge.socket.stop().unwrap();
    assert!(!socket.exists());
    lounge.socket.start_again().unwrap();
}

/// What the command line would not send: no message of the room is meant in particular.
const REMOVE_ALL: &[u8] = concat!(
    r#"{"message":{"remove":{"which":{"room":"lounge","all_rooms":false,"matching":"all","id":[],"dry_run":false}}}}"#,
    "\n"
)
.as_bytes();

#[test]
fn nonsense_is_answered_or_dropped_and_disturbs_nobody() {
    let mut lounge = Lounge::open();
    let socket = lounge.socket.folder().join("lyceum.db-sock");
    let silent: Vec<_> = (0..300)
        .map(|_| UnixStream::connect(&socket).unwrap())
        .collect();
    let mut halfway = UnixStream::connect(&socket).unwrap();
    halfway.write_all(b"{\"room\":{\"li").unwrap();
    let large = vec![b'x'; 3 * 1024 * 1024];
    for bytes in [
        b"\n".as_slice(),
        b"room list\n",
        b"\xff\xfe\x00\n",
        b"{}\n",
        b"{\"destroy-everything\":{}}\n",
        b"{\"room\":{\"show\":{\"room\":\"a@b@c\"}}}\n",
        b"{\"room\":{\"show\":{\"room\":\"a@b\",\"more\":1}}}\n",
        REMOVE_ALL,
        b"[[[[[[[[[[[[[[[[[[[[\n",
        &large,
    ] {
        let mut stream = UnixStream::connect(&socket).unwrap();
        // It may be closed before all is written.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8(answer).unwrap();
        let is_refused = answer.starts_with("{\"failed\":") || answer.is_empty();
        assert!(is_refused, "{answer}");
        assert!(bytes.len() > 1000 || !answer.is_empty(), "{bytes:?}");
        let is_understood = answer.contains("say which messages are meant");
        assert_eq!(is_understood, bytes == REMOVE_ALL, "{answer}");
    }
    assert_eq!(lounge.json(&["room", "list"])[0]["occupants"], 2);
    let alice = lounge.alice.clone();
    lounge.say(&alice, "still here");
    assert_eq!(lounge.history(), ["still here"]);
    drop((silent, halfway));
}

#[test]
fn a_command_line_that_makes_no_sense_ends_with_2_and_says_why() {
    let lounge = Lounge::open();
    for (arguments, why) in [
        (
            &["room", "clear", ROOM, "--before", "2100-01-01"][..],
            "--yes",
        ),
        (
            &["room", "clear", ROOM, "--before", "soon", "--yes"],
            "2026-11-21T14:30:00Z",
        ),
        (&["room", "clear", ROOM, "--yes"], "--before"),
        (&["room", "keep", ROOM], "--days"),
        (&["room", "keep", ROOM, "--days", "0"], "forever"),
        (&["room", "keep", ROOM, "--messages", "-1"], "--messages"),
        (&["room", "show", "@"], "no address of a room"),
        (
            &["room", "show", "x@elsewhere.org"],
            "there is no pool elsewhere.org",
        ),
        (
            &["room", "show", ROOM, "--pool", "elsewhere.org"],
            "not in elsewhere.org",
        ),
        (
            &["message", "remove", ROOM, "--author", "bob@example.org"],
            "--yes",
        ),
        (&["message", "remove", ROOM, "--yes"], "--author"),
        (
            &["message", "remove", "--author", "a@b", "--yes"],
            "--all-rooms",
        ),
        (
            &["message", "remove", ROOM, "--all-rooms", "--author", "a@b"],
            "cannot be used with",
        ),
        (
            &["message", "remove", ROOM, "--author", "a@b@c"],
            "--author",
        ),
        (
            &["message", "remove", ROOM, "--after", "1.1.2026"],
            "2026-11-21T14:30:00Z",
        ),
        (
            &[
                "message", "remove", ROOM, "--match", "any", "--author", "a@b",
            ],
            "--words",
        ),
    ] {
        let output = lounge.lyceum(arguments);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(told.contains(why), "{arguments:?}: {told}");
    }
}

#[test]
fn what_can_t_be_done_ends_with_1_in_both_ways() {
    let mut lounge = Lounge::open();
    for stopped in [false, true] {
        if stopped {
            lounge.socket.stop().unwrap();
        }
        for (arguments, why) in [
            (
                &["room", "show", "nowhere"][..],
                "there is no room nowhere@rooms.example.org",
            ),
            (
                &[
                    "room",
                    "clear",
                    "nowhere",
                    "--before",
                    "2026-01-01",
                    "--yes",
                ],
                "there is no room",
            ),
            (
                &["room", "keep", "nowhere", "--days", "3"],
                "there is no room",
            ),
            (
                &["message", "remove", "nowhere", "--words", "x", "--yes"],
                "there is no room",
            ),
            (
                &["message", "remove", ROOM, "--words", "…", "--yes"],
                "no word to search for",
            ),
            (
                &["message", "remove", ROOM, "--id", "unknown", "--yes"],
                "no message unknown",
            ),
        ] {
            let output = lounge.lyceum(arguments);
            let told = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{arguments:?}: {told}");
            assert!(told.contains(why), "{arguments:?}: {told}");
        }
    }
}

/// Which pool is meant follows from the room's address, or is said.
#[test]
fn of_several_pools_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let pools = ["one", "two"].map(|name| {
        format!("[[pool]]\ndomain = '{name}.example.org'\nsecret = 'x'\ndatabase = '{name}.db'\n")
    });
    fs::write(folder.path().join("lyceum.toml"), pools.concat()).unwrap();
    for name in ["one.db", "two.db"] {
        make_database(&folder.path().join(name));
    }
    let unclear = lyceum(folder.path(), &["room", "list"]);
    assert_eq!(unclear.status.code(), Some(2));
    let told = String::from_utf8_lossy(&unclear.stderr);
    assert!(told.contains("one.example.org, two.example.org"), "{told}");
    assert_eq!(
        done(
            folder.path(),
            &["room", "list", "--pool", "two.example.org", "--json"]
        ),
        "[]\n"
    );
    let of_room = lyceum(folder.path(), &["room", "show", "hall@two.example.org"]);
    let told = String::from_utf8_lossy(&of_room.stderr);
    assert!(
        told.contains("there is no room hall@two.example.org"),
        "{told}"
    );
}

/// An empty file becomes a database when it is first opened.
fn make_database(path: &Path) {
    fs::write(path, "").unwrap();
}

/// A long path is no hindrance, though the system's own names for sockets are short.
#[test]
fn a_database_in_a_deep_folder_is_reached() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("d".repeat(100)).join("e".repeat(100));
    fs::create_dir_all(&deep).unwrap();
    let configuration = format!(
        "[[pool]]\ndomain = 'rooms.example.org'\nsecret = 'x'\nserver = '127.0.0.1:1'\ndatabase = '{}'\n",
        deep.join("lyceum.db").display()
    );
    fs::write(folder.path().join("lyceum.toml"), configuration).unwrap();
    let mut program = crate::support::program::Program::start(folder.path(), "info", &[]).unwrap();
    let socket = deep.join("lyceum.db-sock");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !socket.exists() {
        assert!(
            std::time::Instant::now() < deadline,
            "{}",
            program.last_words()
        );
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(done(folder.path(), &["room", "list", "--json"]), "[]\n");
    assert!(program.stop().unwrap().success());
    assert!(!socket.exists());
}
