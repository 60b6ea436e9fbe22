//! What the store costs on this disk: commits alone and shared, waking rooms, history, opening.
//!
//! Run it with `cargo bench --bench store`; `TMPDIR` names the disk. A commit waits for the disk,
//! so the numbers are those of the machine more than of the program, and are printed rather than
//! compared.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jid::{BareJid, FullJid, Jid};
use lyceum::room::effect::{Archived, ArchivedKind, Sender};
use lyceum::room::occupant::SessionRecord;
use lyceum::room::setting::configuration::Whois;
use lyceum::room::{
    Affiliated, Affiliation, ArchiveId, Change, Content, HistoryLimits, Nick, OccupantId, Payload,
    Role, Timestamp,
};
use lyceum::store::{DatabaseSettings, Reader, Store, StoreReport, Synchronous};
use tempfile::TempDir;

fn main() {
    let directory = TempDir::new().expect("a temporary directory can be made");
    let settings = DatabaseSettings {
        path: directory.path().join("lyceum.db"),
        durability: Synchronous::Full,
        searchable: |_| "hello".into(),
    };
    let mut store = open(&settings);
    store.create(&room(0), [7; 32], Timestamp(0));
    commit(&mut store);
    measure_commits(&mut store);
    measure_history(&store);
    measure_loads(&mut store);
    measure_opening(store, &settings);
    measure_end(&settings);
}

fn measure_commits(store: &mut Store) {
    let (mut next, alone, shared) = (0, 500, 200_000);
    let started = Instant::now();
    for _ in 0..alone {
        store.archive(
            &room(0),
            message(&mut next),
            "A sentence of usual length, said to all.".into(),
        );
        commit(store);
    }
    tell_rate("messages, a commit each", alone, started.elapsed());
    let mut commits = 0;
    let started = Instant::now();
    for _ in 0..shared / 200 {
        for _ in 0..200 {
            store.archive(
                &room(0),
                message(&mut next),
                "A sentence of usual length, said to all.".into(),
            );
            store.submit();
        }
        commits += commit(store);
    }
    tell_rate("messages, 200 under way", shared, started.elapsed());
    println!("{:>44} {commits}", "commits of these");
}

fn measure_history(store: &Store) {
    let limits = HistoryLimits {
        messages_max: 20,
        characters_max: None,
        since: None,
    };
    let since = HistoryLimits {
        since: Some(Timestamp(1000)),
        ..limits.clone()
    };
    for (name, limits) in [
        ("20 last messages", limits),
        ("the same with a time", since),
    ] {
        tell_time(name, 1000, || {
            assert_eq!(
                store
                    .recent_messages(&room(0), &limits)
                    .expect("it reads")
                    .len(),
                20
            );
        });
    }
}

fn measure_loads(store: &mut Store) {
    fill(store, 1, 5, 3);
    fill(store, 2, 10_000, 0);
    fill(store, 3, 0, 1000);
    for number in 4..10_000 {
        fill(store, number, 2, 3);
        if number % 500 == 0 {
            commit(store);
        }
    }
    commit(store);
    let loads = [
        ("a room of 5 affiliations and 3 sessions", 1, 1000),
        ("a room of 10,000 affiliations", 2, 20),
        ("a room of 1,000 sessions", 3, 20),
    ];
    for (name, number, times) in loads {
        tell_time(name, times, || {
            store
                .load(&room(number))
                .expect("it reads")
                .expect("it is there");
        });
    }
}

fn measure_opening(store: Store, settings: &DatabaseSettings) {
    drop(store);
    let size = std::fs::metadata(&settings.path)
        .expect("it is there")
        .len();
    tell_time("opening with 10,000 rooms", 3, || drop(open(settings)));
    println!("{:>44} {} MiB", "size of that", size / 1024 / 1024);
    let store = open(settings);
    tell_time("finding 10,000 rooms with sessions", 3, || {
        store.rooms_with_sessions(None, u32::MAX).expect("it reads");
    });
    let reader = Reader {
        person: BareJid::new("ann@example.org").expect("it is an address"),
        is_operator: false,
        categories: Arc::new([Arc::default()].into_iter().collect()),
    };
    tell_time("counting 10,000 public rooms", 3, || {
        store.listed_room_count(&reader).expect("it reads");
    });
}

/// How long other rooms wait when one with a large archive ends.
fn measure_end(settings: &DatabaseSettings) {
    let mut store = open(settings);
    store.save(
        &room(0),
        Change::Vanished {
            shown_out: Vec::new(),
        },
    );
    tell_time("the end of a room of 200,500 messages", 1, || {
        commit(&mut store);
    });
}

fn open(settings: &DatabaseSettings) -> Store {
    Store::open(settings).expect("a temporary database opens")
}

fn commit(store: &mut Store) -> usize {
    let reports = store.flush();
    assert!(
        reports
            .iter()
            .all(|report| matches!(report, StoreReport::Committed(_)))
    );
    reports.len()
}

fn room(number: u32) -> BareJid {
    BareJid::new(&format!("room-{number}@rooms.example.org")).expect("it is a JID")
}

fn message(next: &mut u32) -> Archived {
    *next += 1;
    Archived {
        id: ArchiveId(uuid::Uuid::now_v7().to_string().into()),
        at: Timestamp(i64::from(*next)),
        sender: Some(Sender {
            nick: nick(),
            occupant_id: Some(OccupantId(
                "hBBzP1kW0aUtaGcEcBRzHrkmWTwd9Lg1vdvW6VqFGFM=".into(),
            )),
            author: Some(Jid::new("ann@example.org/phone").expect("it is a JID")),
            whois: Whois::Anyone,
        }),
        kind: ArchivedKind::Speech,
        original: None,
        content: Content {
            id: uuid::Uuid::now_v7().to_string().into(),
            language: None,
            payload: Payload::new(
                "<body>A sentence of usual length, said to all.</body>".as_bytes(),
            ),
        },
    }
}

fn nick() -> Nick {
    Nick::new("Ann").expect("it is a nick")
}

fn fill(store: &mut Store, number: u32, affiliations: u32, sessions: u32) {
    let room = room(number);
    store.create(&room, [7; 32], Timestamp(0));
    for person in 0..affiliations {
        let jid = BareJid::new(&format!("person-{person}@example.org")).expect("it is a JID");
        let entry = Affiliated {
            affiliation: Affiliation::Member,
            reason: None,
            given_by: None,
            given_at: Timestamp(0),
        };
        store.save(
            &room,
            Change::Affiliated {
                jid,
                entry: Some(entry),
            },
        );
    }
    for person in 0..sessions {
        let real_jid = format!("person-{person}@example.org/phone");
        let record = SessionRecord {
            real_jid: Arc::new(FullJid::new(&real_jid).expect("it is a JID")),
            nick: nick(),
            role: Role::Participant,
            occupant_id: OccupantId("hBBzP1kW0aUtaGcEcBRzHrkmWTwd9Lg1vdvW6VqFGFM=".into()),
            presence: Payload::new(&[b'x'; 300]),
            entered_at: Timestamp(0),
            shown: 1,
            arrival: 1,
            seen_below: None,
        };
        store.save(&room, Change::Present(Box::new(record)));
    }
}

fn tell_rate(name: &str, count: u32, time: Duration) {
    println!("{name:>44} {:.0}/s", f64::from(count) / time.as_secs_f64());
}

fn tell_time(name: &str, times: u32, mut action: impl FnMut()) {
    let started = Instant::now();
    for _ in 0..times {
        action();
    }
    println!("{name:>44} {:.1?}", started.elapsed() / times);
}
