//! A copy that is made while people talk.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;

use rusqlite::Connection;

use super::lounge::{Lounge, ROOM, done, lyceum};

#[test]
fn a_copy_made_while_messages_stream_is_whole_up_to_a_moment() {
    let mut lounge = Lounge::open();
    let bob = lounge.bob.clone();
    for number in 0..500 {
        lounge.send(&bob, &format!("<body>{number}</body>"));
    }
    lounge.deliveries();
    let folder = lounge.socket.folder().to_owned();
    let copying = thread::spawn(move || done(&folder, &["backup", "copy.db", "--json"]));
    let mut said = 500;
    while !copying.is_finished() {
        lounge.send(&bob, &format!("<body>{said}</body>"));
        said += 1;
        if said % 20 == 0 {
            lounge.deliveries();
        }
    }
    let told: serde_json::Value = serde_json::from_str(&copying.join().unwrap()).unwrap();
    lounge.deliveries();
    let copy = lounge.socket.folder().join("copy.db");
    let metadata = fs::metadata(&copy).unwrap();
    assert_eq!(told["bytes"], metadata.len());
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    let kept = numbers(&copy);
    assert!(kept.len() >= 500 && kept.len() <= said, "{}", kept.len());
    assert_eq!(kept, (0..kept.len()).collect::<Vec<_>>());
    let beside: Vec<_> = fs::read_dir(lounge.socket.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("partial"))
        .collect();
    assert_eq!(beside, Vec::<String>::new());
    runs_from(&copy, kept.len());
}

/// The copy is a database that the program can be run with.
fn runs_from(copy: &Path, messages: usize) {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(copy, folder.path().join("lyceum.db")).unwrap();
    let configuration = "[[pool]]\ndomain = 'rooms.example.org'\nsecret = 'x'\n";
    fs::write(folder.path().join("lyceum.toml"), configuration).unwrap();
    let shown = done(folder.path(), &["room", "show", ROOM, "--json"]);
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["messages"], messages);
    assert_eq!(shown["occupants"], 2);
}

#[test]
fn a_copy_is_made_of_a_stopped_service_and_overwrites_only_what_it_is_told_to() {
    let mut lounge = Lounge::open();
    let bob = lounge.bob.clone();
    lounge.say(&bob, "0");
    lounge.socket.stop().unwrap();
    let folder = lounge.socket.folder();
    let copy = folder.join("copy.db");
    done(folder, &["backup", "copy.db"]);
    assert_eq!(numbers(&copy), [0]);
    fs::write(&copy, "precious").unwrap();
    let refused = lyceum(folder, &["backup", "copy.db"]);
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(fs::read_to_string(&copy).unwrap(), "precious");
    done(folder, &["backup", "copy.db", "--force"]);
    assert_eq!(numbers(&copy), [0]);
    for wrong in ["lyceum.db", "./lyceum.db-lock", "nowhere/copy.db"] {
        let refused = lyceum(folder, &["backup", wrong, "--force"]);
        let told = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{wrong}: {told}");
        assert!(told.contains("can't be written"), "{told}");
    }
    lounge.socket.start_again().unwrap();
    assert_eq!(lounge.history(), ["0"]);
}

/// What was said, from a database that is sound.
fn numbers(database: &Path) -> Vec<usize> {
    let database = Connection::open(database).unwrap();
    let sound: String = database
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(sound, "ok");
    let mut statement = database
        .prepare("SELECT CAST(payload AS TEXT) FROM message ORDER BY id")
        .unwrap();
    let rows = statement
        .query_map([], |row| row.get::<_, String>(0))
        .unwrap();
    rows.map(|row| {
        let text = row.unwrap();
        let text = text
            .trim_start_matches("<body>")
            .trim_end_matches("</body>");
        text.parse().unwrap()
    })
    .collect()
}
