//! What can't be read is told, and what stands beside it is read all the same.

use std::fs;
use std::path::{Path, PathBuf};

use lyceum::transfer::Source;
use lyceum::transfer::record::Record;
use tempfile::TempDir;

use super::{folder, host, read};

/// A copy of what a server has written, to be damaged.
struct Copy {
    folder: TempDir,
}

impl Copy {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self, name: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::copy(folder().join(name), &path).unwrap();
        path
    }

    /// Prosody's data directory.
    fn prosody(&self) -> Source {
        for kind in ["config", "muc_log"] {
            let below = Path::new("prosody-internal/conference%2eexample%2eorg").join(kind);
            fs::create_dir_all(self.path().join(&below)).unwrap();
            for entry in fs::read_dir(folder().join(&below)).unwrap() {
                let file = below.join(entry.unwrap().file_name());
                self.file(file.to_str().unwrap());
            }
        }
        Source::Prosody {
            data: self.path().join("prosody-internal"),
            host: host(),
        }
    }

    fn of_prosody(&self, file: &str) -> PathBuf {
        let below = Path::new("prosody-internal/conference%2eexample%2eorg").join(file);
        self.path().join(below)
    }
}

/// How many rooms and messages there are.
fn counts(records: &[Record]) -> (usize, usize) {
    let of = |wanted: fn(&Record) -> bool| records.iter().filter(|record| wanted(record)).count();
    let rooms = of(|record| matches!(record, Record::Room(_)));
    (rooms, of(|record| matches!(record, Record::Message(_))))
}

/// Asserts how much was read, and that this was told of the rest, each in its place.
#[track_caller]
fn assert_told(source: &Source, expected: (usize, usize), told: &[&str]) {
    let (records, skipped) = read(source);
    assert_eq!(counts(&records), expected, "{skipped:#?}");
    assert_eq!(skipped.len(), told.len(), "{skipped:#?}");
    for (skipped, told) in skipped.iter().zip(told) {
        assert!(skipped.contains(told), "{skipped} does not say: {told}");
    }
}

fn replace(path: &Path, old: &str, new: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(old), "{old} is not in {}", path.display());
    fs::write(path, text.replacen(old, new, 1)).unwrap();
}

#[test]
fn a_broken_list_of_prosody_is_read_on_behind_what_is_broken() {
    let copy = Copy::new();
    let source = copy.prosody();
    let list = copy.of_prosody("muc_log/cellar.list");
    replace(&list, "[\"name\"] = \"body\";", "[\"name\"] = \"bo");
    assert_told(
        &source,
        (2, 13),
        &["cellar@conference.example.org, a part of the archive: it is damaged: byte "],
    );
}

#[test]
fn what_prosody_keeps_beside_what_was_said_is_left_out() {
    let copy = Copy::new();
    let source = copy.prosody();
    let list = copy.of_prosody("muc_log/cellar.list");
    let message = |with: &str, fields: &str, attributes: &str, children: &str| {
        format!(
            "item({{ {children} with = \"{with}\"; name = \"message\"; {fields}\
             attr = {{ type = \"groupchat\"; {attributes} }}; }});\n"
        )
    };
    let said = "message<groupchat";
    let fields = "key = \"k\"; when = 1795229413.25;";
    let from = "from = \"cellar@conference.example.org/eve\";";
    let body = "{ name = \"body\"; attr = {}; \"x\" };";
    let long = format!(
        "{{ name = \"body\"; attr = {{}}; \"{}\" }};",
        "x".repeat(300_000)
    );
    let items = [
        message(said, fields, from, body),
        message("presence<unavailable", fields, from, body),
        message(
            said,
            fields,
            "from = \"cellar@conference.example.org\";",
            body,
        ),
        message(said, fields, "from = \"eve@example.org/x\";", body),
        message(said, "key = \"k\";", from, body),
        message(said, "key = \"k\"; when = (1/0);", from, body),
        message(said, "when = 1;", from, body),
        message(said, fields, from, ""),
        message(said, fields, from, &long),
        message(said, fields, from, "{ name = \"a b\"; attr = {} };"),
        message(said, fields, from, "{ name = \"p:a\"; attr = {} };"),
        message(said, fields, "from = 1;", body),
    ];
    let text = fs::read_to_string(&list).unwrap() + &items.concat();
    fs::write(&list, text).unwrap();
    assert_told(
        &source,
        (2, 15),
        &[
            "it was not said to all",
            "no occupant said it",
            "no occupant said it",
            "its time can't be read",
            "its time can't be read",
            "it has no id",
            "nothing of it is left",
            "too large",
            "it is no stanza",
            "not namespace-well-formed",
            "it is no stanza",
        ],
    );
}

#[test]
fn a_room_of_prosody_that_is_broken_does_not_hinder_the_others() {
    let copy = Copy::new();
    let source = copy.prosody();
    let config = copy.of_prosody("config/tea.dat");
    replace(
        &config,
        "[\"eve@example.org\"] = \"outcast\"",
        "[\"@\"] = \"outcast\"; [\"eve@example.org\"] = \"king\"",
    );
    let told = [
        "the affiliation of @: \"@\" is no address",
        "its affiliation can't be king",
    ];
    assert_told(&source, (2, 14), &told);
    fs::write(&config, "return os.exit()").unwrap();
    let told =
        ["tea@conference.example.org, the whole room: it is damaged: byte 9: a value expected"];
    assert_told(&source, (1, 3), &told);
}

#[test]
fn an_archive_without_its_room_is_told() {
    let copy = Copy::new();
    let source = copy.prosody();
    fs::rename(
        copy.of_prosody("config/tea.dat"),
        copy.of_prosody("config/%20.dat"),
    )
    .unwrap();
    let archive = "tea@conference.example.org, its archive: there is no such room";
    let told = [
        "config/%20.dat: \" @conference.example.org\" is no address",
        archive,
    ];
    assert_told(&source, (1, 3), &told);

    let database = copy.file("prosody.sqlite");
    let sql = "DELETE FROM prosody WHERE user = 'tea'";
    assert!(
        rusqlite::Connection::open(&database)
            .unwrap()
            .execute(sql, [])
            .unwrap()
            > 0
    );
    assert_told(
        &Source::ProsodySql {
            database,
            host: host(),
        },
        (1, 3),
        &[archive],
    );

    let database = copy.file("ejabberd.sqlite");
    let sql = "DELETE FROM muc_room WHERE name = 'tea'";
    assert!(
        rusqlite::Connection::open(&database)
            .unwrap()
            .execute(sql, [])
            .unwrap()
            > 0
    );
    assert_told(
        &Source::EjabberdSql {
            database,
            host: host(),
        },
        (1, 3),
        &[archive],
    );

    let dump = copy.file("ejabberd-dump.txt");
    replace(&dump, "{muc_room,{<<\"tea\">>", "{muc_room,{<<\" \">>");
    let source = Source::EjabberdDump {
        files: vec![dump],
        host: host(),
    };
    assert_told(&source, (1, 3), &["the room at byte ", archive]);
}

#[test]
fn rows_of_prosody_that_are_none_are_left_out() {
    let copy = Copy::new();
    let database = copy.file("prosody.sqlite");
    let change = |column: &str, value: &str, row: u32| {
        let sql = format!("UPDATE prosodyarchive SET \"{column}\" = {value} WHERE sort_id = {row}");
        assert_eq!(
            rusqlite::Connection::open(&database)
                .unwrap()
                .execute(&sql, [])
                .unwrap(),
            1
        );
    };
    change("value", "'<message'", 1);
    change("with", "'message<chat'", 2);
    change("when", "'never'", 3);
    change("type", "'json'", 4);
    change("value", "x'ff'", 5);
    let source = Source::ProsodySql {
        database,
        host: host(),
    };
    assert_told(
        &source,
        (2, 9),
        &[
            "the message in row 1: the XML is unusable: no complete stanza",
            "the message in row 2: it was not said to all",
            "the message in row 3: its time can't be read",
            "the message in row 4: it is no stanza",
            "the message in row 5: it is no stanza",
        ],
    );
}

#[test]
fn rows_of_ejabberd_that_are_none_are_left_out() {
    let copy = Copy::new();
    let database = copy.file("ejabberd.sqlite");
    let change = |sql: &str| {
        assert!(
            rusqlite::Connection::open(&database)
                .unwrap()
                .execute(sql, [])
                .unwrap()
                > 0,
            "{sql}"
        );
    };
    change("UPDATE archive SET xml = '<message' WHERE id = 2");
    change("UPDATE archive SET kind = 'chat' WHERE id = 3");
    change("UPDATE archive SET nick = '' WHERE id = 4");
    change(
        "UPDATE archive SET timestamp = (SELECT timestamp FROM archive WHERE id = 5) WHERE id = 6",
    );
    change("UPDATE muc_room SET opts = 'halt()' WHERE name = 'cellar'");
    change("UPDATE muc_room SET opts = replace(opts, '{{<<\"ann\">>', '{{1') WHERE name = 'tea'");
    let source = Source::EjabberdSql {
        database,
        host: host(),
    };
    assert_told(
        &source,
        (1, 9),
        &[
            "cellar@conference.example.org, the whole room: it is damaged: byte 4: the end expected",
            "an affiliation: its form can't be",
            "the message in row 2: the XML is unusable",
            "the message in row 3: it was not said to all",
            "the message in row 4: no occupant said it",
        ],
    );
    let (records, _) = read(&source);
    let ids = records.iter().filter_map(|record| match record {
        Record::Message(message) => Some(message.id.0.as_ref()),
        _ => None,
    });
    let ids: std::collections::BTreeSet<_> = ids.collect();
    assert_eq!(ids.len(), 9, "no two have the same id");
    assert_eq!(ids.iter().filter(|id| id.ends_with("-1")).count(), 1);
}

/// The records of a dump, each as text.
fn terms(text: &str) -> Vec<String> {
    let mut terms: Vec<String> = Vec::new();
    for line in text.lines() {
        if line.starts_with('{') {
            terms.push(String::new());
        }
        let term = terms.last_mut().unwrap();
        term.push_str(line);
        term.push('\n');
    }
    terms
}

#[test]
fn a_dump_is_read_in_whatever_order_it_is_and_in_parts() {
    let copy = Copy::new();
    let dump = copy.file("ejabberd-dump.txt");
    let whole = Source::EjabberdDump {
        files: vec![dump.clone()],
        host: host(),
    };
    let (expected, _) = read(&whole);
    let text = fs::read_to_string(&dump).unwrap();
    let (rooms, others): (Vec<_>, Vec<_>) = terms(&text)
        .into_iter()
        .rev()
        .partition(|term| term.starts_with("{muc_room,"));
    let parts = [("others", others), ("rooms", rooms)].map(|(name, terms)| {
        let path = copy.path().join(name);
        fs::write(&path, terms.concat()).unwrap();
        path
    });
    let source = Source::EjabberdDump {
        files: parts.to_vec(),
        host: host(),
    };
    let (records, skipped) = read(&source);
    assert_eq!(skipped, [""; 0]);
    assert_eq!(records, expected);
}

#[test]
fn a_broken_dump_is_read_on_behind_what_is_broken() {
    let copy = Copy::new();
    let dump = copy.file("ejabberd-dump.txt");
    replace(&dump, "<<\"I like tea\">>", "<<\"I like");
    replace(&dump, "<<\"gone soon\">>", "<<255>>");
    let text = fs::read_to_string(&dump).unwrap();
    fs::write(&dump, text + "{archive_msg,{<<\"tea\">>").unwrap();
    let source = Source::EjabberdDump {
        files: vec![dump],
        host: host(),
    };
    assert_told(
        &source,
        (2, 13),
        &[
            "ejabberd-dump.txt: it is damaged: byte ",
            "ejabberd-dump.txt: it is damaged: byte ",
            "tea@conference.example.org, the message at byte ",
        ],
    );
}
