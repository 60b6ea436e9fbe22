//! Rooms of other servers are read as those servers have written them.
//!
//! `tests/transfer/` holds what the servers of Debian 12 have really written while `story.py` was told in their own
//! rooms, and beside it, as our own format has it, what it is to be read as.

use std::path::{Path, PathBuf};

use jid::BareJid;
use lyceum::room::Timestamp;
use lyceum::transfer::json_lines::RecordWriter;
use lyceum::transfer::record::{Header, Record};
use lyceum::transfer::{Item, Selection, Source};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transfer")
}

fn host() -> BareJid {
    BareJid::new("conference.example.org").unwrap()
}

/// All that is read, and what was skipped, each in words.
fn read(source: &Source) -> (Vec<Record>, Vec<String>) {
    let (mut records, mut skipped) = (Vec::new(), Vec::new());
    for item in source.records(&Selection::default()).unwrap() {
        match item.unwrap() {
            Item::Record(record) => records.push(record),
            Item::Skipped(left_out) => skipped.push(left_out.to_string()),
        }
    }
    (records, skipped)
}

/// Records as our own format has them.
fn written(records: &[Record]) -> String {
    let mut writer = RecordWriter::new(Vec::new());
    let header = Header {
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
