//! What others have chosen forges nothing of what an operator reads: no line, no cell, nothing that
//! a terminal obeys.

use std::process::Output;

use super::lounge::{Lounge, ROOM};

/// In everything that has a name, a reason or a text of its own.
const HOSTILE: &str =
    "Tea\nforged@rooms.example.org\t9\u{1b}[2J\u{7f}\u{9b}\u{85}\u{2028}\u{2029}\u{202e}\u{2066}x";

/// Whether a program's terminal would obey it. A line feed ends a line, and a tab stands between
/// cells.
fn is_obeyed(character: char) -> bool {
    let turns = matches!(
        character,
        '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}'
    );
    turns || character.is_control() && !matches!(character, '\n' | '\t')
}

/// Every command, as it is typed, with the number of lines it prints for a person.
const SWEEP: &[(&[&str], Option<usize>)] = &[
    (&["room", "list"], Some(2)),
    (&["room", "show", ROOM], None),
    (
        &["message", "remove", ROOM, "--words", "word", "--dry-run"],
        Some(3),
    ),
    (&["message", "acts"], Some(2)),
    (&["message", "acts", "--json"], None),
    (&["room", "list", "--json"], None),
    (&["room", "show", ROOM, "--json"], None),
    (&["export"], None),
    (&["compliance", "export"], None),
    (&["check"], None),
    (&["room", "keep", ROOM, "--messages", "1000"], Some(1)),
    (
        &["room", "clear", ROOM, "--before", "2000-01-01", "--yes"],
        Some(1),
    ),
    (&["backup", "copy\n\u{202e}.db"], Some(1)),
    (
        &[
            "import",
            "--from",
            "prosody",
            "--host",
            "x",
            "nowhere\n\u{1b}[2J",
        ],
        None,
    ),
    (&["import", "hostile.jsonl", "--dry-run"], None),
    (&["import", "hostile.jsonl", "--dry-run", "--json"], None),
    (&["check", "--config", "nowhere\n\u{202e}"], None),
    (
        &["message", "remove", ROOM, "--words", "word", "--yes"],
        Some(1),
    ),
];

#[test]
fn no_command_prints_what_a_terminal_obeys_or_a_line_of_others() {
    let mut lounge = Lounge::open_with(&["compliance = true"]);
    let bob = lounge.bob.clone();
    lounge.say(&bob, "a word");
    lounge.say(&bob, "one more");
    plant(&mut lounge);
    for running in [true, false] {
        if !running {
            lounge.socket.stop().unwrap();
        }
        for (arguments, lines) in SWEEP {
            // What destroys is done last, and a server that answers nothing is not waited for.
            let is_later = arguments.contains(&"--yes") && running;
            if is_later || **arguments == ["check"] && !running {
                continue;
            }
            let printed = lounge.lyceum(arguments);
            check(arguments, &printed, *lines);
        }
        let _ = std::fs::remove_file(lounge.socket.folder().join("copy\n\u{202e}.db"));
    }
}

/// Puts the text where the protocol no longer takes it but an older database, or another server's,
/// may have it.
fn plant(lounge: &mut Lounge) {
    lounge.socket.stop().unwrap();
    let database = lounge.database();
    for sql in [
        "UPDATE room SET name = ?1",
        "UPDATE message SET payload = CAST('<body>a word ' || ?1 || '</body>' AS BLOB) WHERE id = (SELECT min(id) FROM message)",
        "INSERT INTO act (at, room, deed, reason) SELECT 1, jid, 'removed', ?1 FROM room",
        "INSERT INTO compliance (at, event, message, detail) VALUES (1, 'chat', ?1, ?1)",
    ] {
        database.execute(sql, [HOSTILE]).unwrap();
    }
    drop(database);
    let header = r#"{"type":"header","format":1,"software":"x","domain":"x.example","exported_at":"2026-01-01T00:00:00Z"}"#;
    let told = serde_json::json!({ "type": HOSTILE });
    let file = lounge.socket.folder().join("hostile.jsonl");
    std::fs::write(file, format!("{header}\n{told}\n")).unwrap();
    lounge.socket.start_again().unwrap();
}

fn check(arguments: &[&str], printed: &Output, lines: Option<usize>) {
    for (stream, bytes) in [("output", &printed.stdout), ("error", &printed.stderr)] {
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(
            !text.contains(is_obeyed),
            "{arguments:?}, {stream}: {text:?}"
        );
        assert!(
            !text.contains("\nforged"),
            "{arguments:?}, {stream}: {text}"
        );
    }
    if let Some(lines) = lines {
        let text = String::from_utf8_lossy(&printed.stdout);
        let told = String::from_utf8_lossy(&printed.stderr);
        assert_eq!(text.lines().count(), lines, "{arguments:?}: {text}{told}");
    }
}
