//! Rooms of other servers are read as those servers have written them.
//!
//! `tests/transfer/` holds what the servers of Debian 12 have really written while `story.py` was
//! told in their own rooms, and beside it, as our own format has it, what it is to be read as.

mod damage;
mod lync;

use std::path::{Path, PathBuf};

use jid::BareJid;
use lyceum::room::{ArchiveId, OccupantId, Payload, Timestamp};
use lyceum::transfer::json_lines::RecordWriter;
use lyceum::transfer::record::{ExportHeader, Record};
use lyceum::transfer::{RoomSelection, Source, SourceItem};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transfer")
}

fn host() -> BareJid {
    BareJid::new("conference.example.org").unwrap()
}

/// All that is read, and what was skipped, each in words.
fn read(source: &Source) -> (Vec<Record>, Vec<String>) {
    let (mut records, mut skipped) = (Vec::new(), Vec::new());
    for item in source.records(&RoomSelection::default()).unwrap() {
        match item.unwrap() {
            SourceItem::Record(record) => records.push(record),
            SourceItem::Skipped(left_out) => skipped.push(left_out.to_string()),
            SourceItem::Remark(remark) => skipped.push(remark.to_string()),
        }
    }
    (records, skipped)
}

/// Records as our own format has them.
fn written(records: &[Record]) -> String {
    let mut writer = RecordWriter::new(Vec::new());
    let header = ExportHeader {
        software: "a test".into(),
        domain: host(),
        exported_at: Timestamp(0),
    };
    writer.write(&Record::Header(header)).unwrap();
    for record in records {
        writer.write(record).unwrap();
    }
    String::from_utf8(writer.finish().unwrap().0).unwrap()
}

/// Compares line by line, for a whole file is too much for a message.
#[track_caller]
fn assert_reads_as(source: &Source, expected: &str) {
    let (records, skipped) = read(source);
    assert_eq!(skipped, [""; 0]);
    let text = written(&records);
    let path = folder().join(expected);
    if std::env::var_os("WRITE_EXPECTED").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    for (number, (line, expected)) in text.lines().zip(expected.lines()).enumerate() {
        assert_eq!(line, expected, "line {} of {}", number + 1, path.display());
    }
    assert_eq!(text.len(), expected.len());
}

#[test]
fn prosodys_files_are_read() {
    let data = folder().join("prosody-internal");
    assert_reads_as(
        &Source::Prosody { data, host: host() },
        "prosody-internal.jsonl",
    );
}

#[test]
fn prosodys_database_is_read() {
    let database = folder().join("prosody.sqlite");
    assert_reads_as(
        &Source::ProsodySql {
            database,
            host: host(),
        },
        "prosody-sql.jsonl",
    );
}

#[test]
fn ejabberds_database_is_read() {
    let database = folder().join("ejabberd.sqlite");
    assert_reads_as(
        &Source::EjabberdSql {
            database,
            host: host(),
        },
        "ejabberd-sql.jsonl",
    );
}

#[test]
fn ejabberds_dump_is_read() {
    let files = vec![folder().join("ejabberd-dump.txt")];
    assert_reads_as(
        &Source::EjabberdDump {
            files,
            host: host(),
        },
        "ejabberd-dump.jsonl",
    );
}

#[test]
fn what_is_not_there_is_named() {
    let path = folder().join("nothing");
    let (path, host) = (|| path.clone(), host);
    for source in [
        Source::JsonLines(path()),
        Source::Prosody {
            data: path(),
            host: host(),
        },
        Source::ProsodySql {
            database: path(),
            host: host(),
        },
        Source::EjabberdSql {
            database: path(),
            host: host(),
        },
        Source::EjabberdDump {
            files: vec![path()],
            host: host(),
        },
        // There, and something else.
        Source::ProsodySql {
            database: folder().join("ejabberd.sqlite"),
            host: host(),
        },
        Source::EjabberdSql {
            database: folder().join("story.py"),
            host: host(),
        },
    ] {
        let records = source.records(&RoomSelection::default());
        let error = records.err().expect("it is no such thing").to_string();
        assert!(error.contains("tests/transfer/"), "{error}");
    }
}

#[test]
fn one_room_is_read_for_its_new_address() {
    let selection = RoomSelection {
        rooms: Some([BareJid::new("cellar@conference.example.org").unwrap()].into()),
        domain: BareJid::new("rooms.example.org").ok(),
        address: None,
    };
    let files = vec![folder().join("ejabberd-dump.txt")];
    let source = Source::EjabberdDump {
        files,
        host: host(),
    };
    let items = source.records(&selection).unwrap();
    let rooms: Vec<_> = items
        .map(|item| match item.unwrap() {
            SourceItem::Record(Record::Room(room)) => room.jid,
            SourceItem::Record(Record::Message(message)) => message.room,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        rooms,
        vec![BareJid::new("cellar@rooms.example.org").unwrap(); 4]
    );
}

#[test]
#[ignore = "for tests/transfer/live, which has told the story before"]
fn what_was_told_just_now_is_read() {
    let told = PathBuf::from(std::env::var_os("LYCEUM_TOLD").expect("tests/transfer/live sets it"));
    let sources = [
        (
            "prosody-internal.jsonl",
            Source::Prosody {
                data: told.join("prosody-internal/data"),
                host: host(),
            },
        ),
        (
            "prosody-sql.jsonl",
            Source::ProsodySql {
                database: told.join("prosody-sql/data/prosody.sqlite"),
                host: host(),
            },
        ),
        (
            "ejabberd-sql.jsonl",
            Source::EjabberdSql {
                database: told.join("ejabberd-sql/ejabberd.db"),
                host: host(),
            },
        ),
        (
            "ejabberd-dump.jsonl",
            Source::EjabberdDump {
                files: vec![told.join("ejabberd-mnesia/dump.txt")],
                host: host(),
            },
        ),
    ];
    for (expected, source) in sources {
        let (records, skipped) = read(&source);
        assert_eq!(skipped, [""; 0], "{expected}");
        let before = Source::JsonLines(folder().join(expected));
        let (mut before, _) = read(&before);
        before.retain(|record| matches!(record, Record::Room(_) | Record::Message(_)));
        assert_eq!(timeless(records), timeless(before), "{expected}");
    }
}

/// Records without what is another thing each time: ids, times and, in Prosody's files, the order
/// of attributes.
fn timeless(mut records: Vec<Record>) -> Vec<Record> {
    for record in &mut records {
        match record {
            Record::Room(room) => {
                if let Some(set) = &mut room.snapshot.subject.set {
                    assert!(set.at > Timestamp(1_700_000_000_000_000), "{:?}", set.at);
                    set.at = Timestamp(0);
                }
            }
            Record::Message(message) => {
                assert!(
                    message.at > Timestamp(1_700_000_000_000_000),
                    "{:?}",
                    message.at
                );
                message.at = Timestamp(0);
                message.id = ArchiveId("".into());
                message.occupant_id = message.occupant_id.take().map(|_| OccupantId("".into()));
                message.content.id = "".into();
                message.content.payload = in_one_order(&message.content.payload);
            }
            Record::Header(_) | Record::Category(_) | Record::End(_) => {}
        }
    }
    records
}

/// The bytes of a payload, sorted: enough to see that none is missing.
fn in_one_order(payload: &Payload) -> Payload {
    let mut bytes = payload.as_bytes().to_vec();
    bytes.sort_unstable();
    Payload::new(&bytes)
}

/// The ids of a room's messages, in the order in which they are read.
fn ids(source: &Source, room: &str) -> Vec<String> {
    let (records, _) = read(source);
    let ids = records.into_iter().filter_map(|record| match record {
        Record::Message(message) if message.room.as_str() == room => Some(message.id.0.to_string()),
        _ => None,
    });
    ids.collect()
}

#[test]
fn a_long_archive_is_read_whole_and_in_order() {
    let copies = tempfile::tempdir().unwrap();
    let copy = |name: &str, sql: &str| {
        let path = copies.path().join(name);
        std::fs::copy(folder().join(name), &path).unwrap();
        let database = rusqlite::Connection::open(&path).unwrap();
        assert_eq!(database.execute(sql, []).unwrap(), 350);
        path
    };
    let numbers =
        "WITH RECURSIVE n (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < 350)";
    let database = copy(
        "prosody.sqlite",
        &format!(
            "{numbers} INSERT INTO prosodyarchive (host, user, store, key, \"when\", \"with\", type, value)
             SELECT host, user, store, 'k' || n, \"when\", \"with\", type, value
             FROM n JOIN prosodyarchive WHERE prosodyarchive.sort_id = 1"
        ),
    );
    let read = ids(
        &Source::ProsodySql {
            database,
            host: host(),
        },
        "tea@conference.example.org",
    );
    let expected: Vec<_> = (1..=350).map(|number| format!("k{number}")).collect();
    assert_eq!(read[read.len() - 350..], expected);

    // Three of each time, and the latest first.
    let database = copy(
        "ejabberd.sqlite",
        &format!(
            "{numbers} INSERT INTO archive (username, timestamp, peer, bare_peer, xml, txt, kind, nick)
             SELECT username, 2000000000000000 - n / 3, peer, bare_peer, xml, txt, kind, nick
             FROM n JOIN archive WHERE archive.id = 2"
        ),
    );
    let read = ids(
        &Source::EjabberdSql {
            database,
            host: host(),
        },
        "tea@conference.example.org",
    );
    let mut expected = Vec::new();
    for number in (0..=116).rev() {
        let at = 2_000_000_000_000_000_u64 - number;
        let all = [format!("{at}"), format!("{at}-1"), format!("{at}-2")];
        expected.extend(all.into_iter().take(if number == 0 { 2 } else { 3 }));
    }
    assert_eq!(read[read.len() - 350..], expected);
}
