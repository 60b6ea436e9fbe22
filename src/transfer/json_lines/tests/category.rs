//! Categories in an export.

use super::*;
use crate::room::scope::Switches;
use crate::transfer::record::CategoryRecord;

#[test]
fn a_category_is_read_as_it_was_written() {
    let mut records = everything();
    records.insert(1, Record::Category(Box::new(category())));
    let text = written(&records);
    let end = records.len();
    assert_eq!(read(text.as_bytes()).unwrap()[..end], records[..]);
    let line = text.lines().nth(1).unwrap();
    assert!(line.contains("\"allowed\":[\"*\","), "{line}");
    let wrong = text.replace("group:tea", "group:");
    let complaint = complaint(&wrong);
    assert!(
        complaint.starts_with("line 2: `group:` can't stand in a list"),
        "{complaint}"
    );
    // What is not said of it is as in a new one.
    let short = "{\"type\":\"category\",\"name\":\"x\"}";
    let text = text.replace(line, short);
    let Record::Category(read) = &read(text.as_bytes()).unwrap()[1] else {
        panic!("{text}");
    };
    assert_eq!(
        (read.switches, read.allowed.is_empty()),
        (Switches::default(), true)
    );
}

fn category() -> CategoryRecord {
    let list = |entries: &[&str]| entries.iter().map(|entry| entry.parse().unwrap()).collect();
    CategoryRecord {
        name: "Tea & more".into(),
        description: "For\nall".into(),
        allowed: list(&[
            "*",
            "example.org",
            "ann@example.org",
            "group:tea",
            "ldap:cn=tea",
        ]),
        denied: list(&["bob@example.org"]),
        creators: list(&[]),
        switches: Switches {
            history: false,
            invitations: true,
            uploads: false,
        },
    }
}
