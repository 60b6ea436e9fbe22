//! Rooms of the original product, as its export has them.
//!
//! The exports in `tests/transfer/lync/` are made by `make.py` there, by the published schema; none
//! is from a real database.

use std::fs;
use std::path::{Path, PathBuf};

use jid::BareJid;
use lyceum::transfer::lync::{Mapping, UnmappedGroups};
use lyceum::transfer::record::Record;
use lyceum::transfer::{RemarkKind, RoomSelection, Source, SourceItem};
use tempfile::TempDir;

use super::{folder, written};

fn domain() -> BareJid {
    BareJid::new("rooms.example.org").unwrap()
}

fn mapping() -> Mapping {
    let mut mapping = Mapping::default();
    mapping.add_domain("contoso.com=example.org").unwrap();
    mapping.add_file(&folder().join("lync/map.toml")).unwrap();
    mapping
}

fn source(form: &Path, mapping: Mapping) -> Source {
    Source::Lync {
        folder: form.to_owned(),
        domain: domain(),
        mapping: Box::new(mapping),
    }
}

/// All records, all that was left out, and all remarks, each in words.
struct Read {
    records: Vec<Record>,
    told: Vec<String>,
}

impl Read {
    fn of(source: &Source, selection: &RoomSelection) -> Self {
        let (mut records, mut told) = (Vec::new(), Vec::new());
        for item in source.records(selection).unwrap() {
            match item.unwrap() {
                SourceItem::Record(record) => records.push(record),
                SourceItem::Skipped(skipped) => told.push(format!("left out: {skipped}")),
                SourceItem::Remark(remark) => {
                    told.push(format!("{}: {remark}", remark.kind.name()));
                }
            }
        }
        Self { records, told }
    }

    fn all(form: &Path, mapping: Mapping) -> Self {
        Self::of(&source(form, mapping), &RoomSelection::default())
    }

    fn has(&self, kind: RemarkKind, text: &str) -> bool {
        let kind = format!("{}: ", kind.name());
        let mut told = self.told.iter();
        told.any(|line| line.starts_with(&kind) && line.contains(text))
    }
}

#[track_caller]
fn assert_expected(name: &str, text: &str) {
    let path = folder().join("lync").join(name);
    if std::env::var_os("WRITE_EXPECTED").is_some() {
        fs::write(&path, text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap();
    for (number, (line, expected)) in text.lines().zip(expected.lines()).enumerate() {
        assert_eq!(line, expected, "line {} of {}", number + 1, path.display());
    }
    assert_eq!(text.len(), expected.len());
}

#[test]
fn both_forms_are_read_alike() {
    for form in ["json-lines", "hex"] {
        let read = Read::all(&folder().join("lync").join(form), mapping());
        assert_expected("expected.jsonl", &written(&read.records));
        let told = read.told.join("\n").replace(".tsv", ".jsonl");
        assert_expected("expected.txt", &(told + "\n"));
    }
}

/// A copy of the export, to be changed.
struct Copy(TempDir);

impl Copy {
    fn new() -> Self {
        let copy = Self(tempfile::tempdir().unwrap());
        for entry in fs::read_dir(folder().join("lync/json-lines")).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), copy.0.path().join(entry.file_name())).unwrap();
        }
        copy
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        let bytes = fs::read(self.path(name)).unwrap();
        let units = bytes
            .chunks(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        String::from_utf16_lossy(&units.collect::<Vec<_>>()).replace('\u{feff}', "")
    }

    /// Changes a file, and leaves it in UTF-8 with line feeds alone.
    fn change(&self, name: &str, change: impl FnOnce(String) -> String) {
        let text = self.text(name).replace("\r\n", "\n");
        fs::write(self.path(name), change(text)).unwrap();
    }

    fn read(&self) -> Read {
        Read::all(self.0.path(), mapping())
    }

    fn error(&self) -> String {
        let records = source(self.0.path(), mapping()).records(&RoomSelection::default());
        records.err().expect("it can't be read").to_string()
    }
}

fn messages(read: &Read) -> usize {
    let is_message = |record: &&Record| matches!(record, Record::Message(_));
    read.records.iter().filter(is_message).count()
}

#[test]
fn damaged_lines_are_named_and_the_rest_is_read() {
    let copy = Copy::new();
    let whole = copy.read();
    copy.change("chat.jsonl", |text| {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        // A line break within a value, as sqlcmd would leave it; a value of the wrong kind; NULL.
        lines[1] = lines[1].replace("Fire!\",", "Fi\nre!\",");
        lines[3] = lines[3].replace("\"chatDate\":6350", "\"chatDate\":\"x\",\"y\":6350");
        lines[9] = lines[9].replace("\"content\":\"", "\"content\":null,\"z\":\"");
        lines.push("(12 rows affected)".to_owned());
        lines.join("\n") + "\n"
    });
    let read = copy.read();
    assert_eq!(messages(&read), messages(&whole) - 3);
    let told: Vec<_> = read
        .told
        .iter()
        .filter(|line| line.contains("chat.jsonl, line"))
        .collect();
    assert_eq!(
        told,
        [
            "left out: chat.jsonl, line 2: the line ends in the middle of a value: a line break \
             within, or cut off, as sqlcmd does without -y 0",
            "left out: chat.jsonl, line 3: it is no JSON object: expected value at line 1 column 1",
            "left out: chat.jsonl, line 14: it is no JSON object: expected value at line 1 column 1",
            "left out: 1 messages of node 999, from chat.jsonl, line 13 on: there is no such room",
            "left out: kitchen-tea@rooms.example.org, chat.jsonl, line 5: its chatDate is no whole \
             number: \"x\"",
            "left out: rates-emea@rooms.example.org, chat.jsonl, line 11: it has no content",
        ]
    );
    let counted = "8 messages should be in the export, 7 are";
    assert!(
        read.has(RemarkKind::NotUnderstood, counted),
        "{:?}",
        read.told
    );
}

#[test]
fn a_damaged_row_of_a_small_table_costs_that_row_alone() {
    let copy = Copy::new();
    copy.change("nodes.jsonl", |text| {
        text.replacen("\"nodeID\":104", "\"nodeID\":\"?\"", 1)
    });
    copy.change("roles.jsonl", |text| text + "garbage\n");
    copy.change("principals.jsonl", |text| {
        text.replacen("\"prinTypeID\":4", "\"prinTypeID\":7", 1)
    });
    let read = copy.read();
    let is_room = |record: &&Record| matches!(record, Record::Room(_));
    assert_eq!(read.records.iter().filter(is_room).count(), 7);
    for told in [
        "left out: nodes.jsonl, line 8: its nodeID is no whole number: \"?\"",
        "left out: roles.jsonl, line 16: it is no JSON object: expected value at line 1 column 1",
    ] {
        assert!(read.told.iter().any(|line| line == told), "{:?}", read.told);
    }
}

#[test]
fn whose_access_would_widen_is_told() {
    let form = folder().join("lync/json-lines");
    let read = Read::all(&form, mapping());
    for text in [
        "category \"Trading\": OU=Interns,DC=contoso,DC=com, denied, is not mapped: 1 of its people",
        "category \"Trading\": sip:dee@fabrikam.com was denied and has no address here",
    ] {
        assert!(
            read.has(RemarkKind::Widens, text),
            "{text}: {:?}",
            read.told
        );
    }
    let copy = Copy::new();
    copy.change("roles.jsonl", |text| {
        text.replace("\"prinRolePrinID\":22", "\"prinRolePrinID\":6")
    });
    let presenters =
        "room \"Town hall\": presenters who are no members may enter here: cy@example.org";
    assert!(copy.read().has(RemarkKind::Widens, presenters));
    assert!(!read.has(RemarkKind::Widens, "Town hall"));
    // Groups that are named in the directory are no riddle.
    let mut by_ldap = mapping();
    by_ldap.unmapped_groups = UnmappedGroups::Ldap;
    let read = Read::all(&form, by_ldap);
    assert!(!read.has(RemarkKind::Widens, "Interns"), "{:?}", read.told);
    // Two old domains that are one here are more people than before, and so is a wider name.
    let mut wider = mapping();
    wider.add_domain("fabrikam.com=example.org").unwrap();
    let read = Read::all(&form, wider);
    assert!(read.has(
        RemarkKind::Widens,
        "is all of example.org, to which other domains"
    ));
    assert!(!read.has(RemarkKind::Widens, "dee@fabrikam.com was denied"));
}

#[test]
fn closed_and_secret_can_be_taken_the_other_way_round() {
    let form = folder().join("lync/json-lines");
    let mut swapped = mapping();
    swapped.swaps_closed_and_secret = true;
    for (mapping, public) in [
        (mapping(), ["Rates / EMEA", "Town hall"]),
        (swapped, ["Board talk", ""]),
    ] {
        for record in Read::all(&form, mapping).records {
            let Record::Room(room) = record else {
                continue;
            };
            let configuration = &room.snapshot.configuration;
            if configuration.members_only {
                let is_public = public.contains(&&*configuration.name);
                assert_eq!(configuration.public, is_public, "{}", configuration.name);
                // Nobody guesses where a secret room is.
                let is_guid = room.jid.node().unwrap().len() == 36;
                assert_eq!(is_guid, !is_public, "{}", room.jid);
            }
        }
    }
}

#[test]
fn what_is_no_such_export_is_refused() {
    let copy = Copy::new();
    fs::remove_file(copy.path("scopes.jsonl")).unwrap();
    let error = copy.error();
    assert!(
        error.contains("there is no scopes.jsonl and no scopes.tsv"),
        "{error}"
    );
    // 2010 has categories in categories, and no columns for behavior and visibility.
    let copy = Copy::new();
    copy.change("nodes.jsonl", |text| {
        text.replacen("\"nodeID\":11,", "\"nodeID\":11,\"x\":0,", 1)
            .replacen(
                "\"parentID\":1,\"nodeType\":true,\"nodeName\":\"Everyone\"",
                "\"parentID\":10,\"nodeType\":true,\"nodeName\":\"Everyone\"",
                1,
            )
    });
    assert!(copy.error().contains("Group Chat 2010"), "{}", copy.error());
    let copy = Copy::new();
    copy.change("nodes.jsonl", |text| {
        text.replace("\"behavior\"", "\"behaviour\"")
    });
    assert!(copy.error().contains("Group Chat 2010"), "{}", copy.error());
    fs::write(copy.path("nodes.jsonl"), "").unwrap();
    assert!(
        copy.error().contains("neither a room nor a category"),
        "{}",
        copy.error()
    );
}

#[test]
fn one_room_is_read_alone() {
    let selection = RoomSelection {
        rooms: Some([BareJid::new("rates-emea@rooms.example.org").unwrap()].into()),
        ..RoomSelection::default()
    };
    let source = source(&folder().join("lync/hex"), mapping());
    let read = Read::of(&source, &selection);
    assert_eq!((read.records.len(), messages(&read)), (4, 2));
    assert!(!read.has(RemarkKind::NotUnderstood, "room \"Stray\""));
}
