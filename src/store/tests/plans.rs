//! How SQLite answers what is asked of archives: along indexes, without sorting.

use super::*;
use crate::room::BondKind;
use crate::store::message::retracting;
use crate::store::question::{pages, ranked, readable, unread, walk, wanted};
use crate::store::room::{bonds, lists, names};

const ALONG_THE_ROOM: &str =
    "SEARCH message USING COVERING INDEX message_of_room (room=? AND rowid>? AND rowid<?)";
const ALONG_THE_WORDS: &str = "SCAN word VIRTUAL TABLE INDEX";
const ALONG_ALL: &str = "SEARCH message USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)";

/// What is asked, and the first step of how it is found.
const PLANS: &[(&str, &str)] = &[
    (walk::ROOM_FORWARD, ALONG_THE_ROOM),
    (walk::ROOM_BACKWARD, ALONG_THE_ROOM),
    (walk::ROOM_COUNT, ALONG_THE_ROOM),
    (walk::WORDS_FORWARD, ALONG_THE_WORDS),
    (walk::WORDS_BACKWARD, ALONG_THE_WORDS),
    (walk::WORDS_COUNT, ALONG_THE_WORDS),
    (walk::EVERYTHING_FORWARD, ALONG_ALL),
    (walk::EVERYTHING_BACKWARD, ALONG_ALL),
    (walk::EVERYTHING_COUNT, ALONG_ALL),
    (ranked::RANKS, ALONG_THE_WORDS),
    (
        pages::FIRST,
        "SEARCH message USING INDEX message_of_room (room=?)",
    ),
    (
        pages::LAST,
        "SEARCH message USING INDEX message_of_room (room=?)",
    ),
    (
        wanted::HAD_NICK,
        "SEARCH message USING INTEGER PRIMARY KEY (rowid=?)",
    ),
    (
        wanted::HAD_ADDRESS,
        "SEARCH message USING INTEGER PRIMARY KEY (rowid=?)",
    ),
    (
        unread::UNCOUNTED,
        "SEARCH message USING INDEX message_uncounted (room=? AND rowid>? AND rowid<?)",
    ),
    (
        readable::ENTRIES,
        "SEARCH affiliation USING COVERING INDEX affiliation_of_person (jid=?)",
    ),
    (
        readable::SESSIONS,
        "SEARCH session USING INDEX session_of_person",
    ),
    (
        lists::ONE,
        "SEARCH affiliation USING PRIMARY KEY (room=? AND jid=?)",
    ),
    (
        lists::WHOLE,
        "SEARCH affiliation USING INDEX affiliation_by_kind (room=? AND affiliation=?)",
    ),
    (
        lists::LENGTHS,
        "SEARCH list_length USING PRIMARY KEY (room=?)",
    ),
    (
        retracting::NEXT,
        "SEARCH message USING INDEX message_correcting (original=? AND rowid<?)",
    ),
    (
        readable::PRESENTED,
        "SEARCH presenter USING COVERING INDEX presenter_of_person (jid=?)",
    ),
    (readable::OPEN, "SCAN room USING INDEX room_open"),
    (
        names::HOLDERS,
        "SEARCH room USING COVERING INDEX room_of_name (name_key=?",
    ),
    (readable::LOCKED, "SCAN room USING INDEX room_locked"),
    (
        readable::DISABLED,
        "SCAN room USING COVERING INDEX room_disabled",
    ),
];

/// Every kind of bond is found by the person, and by its key.
fn plans_of_bonds() -> impl Iterator<Item = (&'static str, String)> {
    BondKind::ALL.into_iter().flat_map(|kind| {
        let (statements, row) = (bonds::statements(kind), kind.row());
        let search = format!("SEARCH {} USING", row.table);
        let of_person = format!("{search} PRIMARY KEY (room=? AND jid=?)");
        let of_key = statements.of_key.as_deref().map(|sql| {
            let key = row.key.expect("the statement is for a key");
            (
                sql,
                format!(
                    "{search} INDEX {}_of_{} (room=? AND {key}=?)",
                    row.table,
                    row.value.expect("a key is that of a value")
                ),
            )
        });
        of_key
            .into_iter()
            .chain([(&*statements.of_person, of_person)])
    })
}

#[test]
fn pages_are_read_along_an_index_and_never_sorted() {
    let store = Store::in_memory().unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let plans = PLANS.iter().map(|(sql, plan)| (*sql, (*plan).to_owned()));
    let plans: Vec<(&str, String)> = plans.chain(plans_of_bonds()).collect();
    store.lanes.run(move |connection| {
        for (sql, expected) in plans {
            let mut statement = connection
                .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
                .unwrap();
            let steps = statement.raw_query().mapped(|row| row.get(3));
            let steps: Vec<String> = steps.collect::<Result<_, _>>().unwrap();
            sender.send((sql, expected, steps)).unwrap();
        }
    });
    for (sql, expected, steps) in receiver {
        assert!(steps[0].starts_with(&expected), "{sql}\n{steps:?}");
        for step in &steps {
            assert!(!step.contains("TEMP B-TREE"), "{sql}\n{steps:?}");
            let scans = step.starts_with("SCAN")
                && !step.contains("VIRTUAL TABLE INDEX")
                && !step.contains("INDEX room_");
            assert!(!scans, "{sql}\n{steps:?}");
        }
    }
}

#[test]
fn what_an_index_knows_is_not_looked_up_in_the_table() {
    // SQLite doesn't call it covering, but no column of the table is read.
    let statements: &'static [&str] = &[
        readable::OPEN,
        readable::LOCKED,
        readable::DISABLED,
        unread::UNCOUNTED,
        walk::ROOM_COUNT,
    ];
    let store = Store::in_memory().unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    store.lanes.run(move |connection| {
        for sql in statements {
            let mut statement = connection.prepare(&format!("EXPLAIN {sql}")).unwrap();
            let codes = statement
                .raw_query()
                .mapped(|row| Ok((row.get(1)?, row.get(2)?, row.get(4)?)));
            let codes: Vec<(String, i64, i64)> = codes.collect::<Result<_, _>>().unwrap();
            sender.send((*sql, codes)).unwrap();
        }
    });
    for (sql, codes) in receiver {
        assert!(
            codes.iter().any(|(code, ..)| code == "Next"),
            "{sql}\n{codes:?}"
        );
        // What is read is read of the index; the table's row would be sought for it only then.
        let seeks = codes.iter().filter(|(code, ..)| code == "DeferredSeek");
        let tables: Vec<_> = seeks.map(|(_, _, table)| *table).collect();
        let of_a_table = |(code, cursor, _): &(String, i64, i64)| {
            code == "Column" && (tables.is_empty() || tables.contains(cursor))
        };
        assert!(!codes.iter().any(of_a_table), "{sql}\n{codes:?}");
    }
}
