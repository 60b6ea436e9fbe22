//! What it costs a room of 500 to decide: to pass a message on, to let somebody in, and to silence
//! everybody.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use jid::FullJid;
use lyceum::room::owning::create::Founding;
use lyceum::room::request::{Entry, HistoryRequest, Keep, Purpose, Speech};
use lyceum::room::setting::Setting;
use lyceum::room::setting::configuration::Configuration;
use lyceum::room::{
    Action, ArchiveId, Content, Nick, Now, Payload, Request, Room, Terms, Timestamp,
};

const OCCUPANTS: usize = 500;

fn person(number: usize) -> Arc<FullJid> {
    Arc::new(FullJid::new(&format!("person{number}@example.org/phone")).expect("a JID"))
}

fn entry(number: usize) -> Entry {
    Entry {
        nick: Nick::new(&format!("Person {number}")).expect("a nick"),
        password: None,
        history: HistoryRequest::default(),
        id: None,
        payload: Payload::new(b"<c xmlns='http://jabber.org/protocol/caps'/>"),
    }
}

fn act(room: &mut Room, number: usize, action: Action) -> usize {
    let mut effects = Vec::new();
    let from = person(number);
    room.handle(
        Now::in_step(Timestamp(1)),
        Request { from, action },
        &mut effects,
    )
    .expect("it is allowed");
    black_box(effects).len()
}

fn full_room() -> Room {
    let mut effects = Vec::new();
    let founding = Founding {
        terms: Arc::new(Terms::default()),
        salt: [7; 32],
        configuration: Configuration {
            participant_updates_max: None,
            ..Configuration::default()
        },
    };
    let room = Room::create(
        founding,
        Now::in_step(Timestamp(0)),
        person(0),
        entry(0),
        &mut effects,
    );
    let mut room = room.expect("a room");
    act(&mut room, 0, Action::Configure(Vec::new()));
    for number in 1..OCCUPANTS {
        act(&mut room, number, Action::Enter(Box::new(entry(number))));
    }
    room
}

fn say() -> Action {
    Action::Say(Box::new(Speech {
        content: Content {
            id: "hysf1v37".into(),
            language: None,
            payload: Payload::new(b"<body>Harpier cries: 'tis time, 'tis time.</body>"),
        },
        keep: Keep::Archived,
        archive_id: ArchiveId("28482-98726-73623".into()),
        text: "Harpier cries: 'tis time, 'tis time.".into(),
        purpose: Purpose::Speech,
        original: None,
    }))
}

fn rooms(criterion: &mut Criterion) {
    let room = full_room();
    let mut hall = room.clone();
    criterion.bench_function("say to 500", |bench| {
        bench.iter(|| act(&mut hall, 250, say()));
    });
    criterion.bench_function("enter among 500", |bench| {
        bench.iter_batched_ref(
            || room.clone(),
            |room| act(room, OCCUPANTS, Action::Enter(Box::new(entry(OCCUPANTS)))),
            BatchSize::LargeInput,
        );
    });
    criterion.bench_function("silence 500", |bench| {
        bench.iter_batched_ref(
            || room.clone(),
            |room| {
                act(
                    room,
                    0,
                    Action::Configure(vec![Setting::Moderated.to(true)]),
                )
            },
            BatchSize::LargeInput,
        );
    });
}

criterion_group!(benches, rooms);
criterion_main!(benches);
