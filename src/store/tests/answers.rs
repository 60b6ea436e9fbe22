//! Questions are answered by threads of their own, whatever happens to them.

use super::*;

fn any_page() -> Ask {
    page_of(&room("lobby"), PageQuestion::default())
}

#[test]
fn every_question_is_answered_under_its_number() {
    let mut store = store_with(&room("lobby"));
    let asked: Vec<_> = (0..20).map(|_| store.ask(any_page())).collect();
    assert_eq!(store.questions_outstanding(), 20);
    let answered: Vec<_> = store
        .flush()
        .into_iter()
        .map(|report| match report {
            StoreReport::Told(number, Ok(_)) => number,
            report => panic!("{report:?}"),
        })
        .collect();
    assert_eq!(answered, asked);
    assert_eq!(store.questions_outstanding(), 0);
}

#[test]
fn what_is_committed_when_something_is_asked_is_in_the_answer() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    for number in 0..50 {
        store.archive(&lobby, message(number), "hello".into());
        commit(&mut store);
        let question = PageQuestion {
            start: crate::room::occupying::archive::PageStart::Last,
            size_max: Some(1),
            ..PageQuestion::default()
        };
        let found = page(&mut store, &lobby, question);
        assert_eq!(found.messages, [message(number)]);
    }
}

#[tokio::test]
async fn an_answer_is_reported_as_commits_are() {
    let mut store = store_with(&room("lobby"));
    let asked = store.ask(any_page());
    let report = store.report().await;
    assert!(matches!(report, StoreReport::Told(number, Ok(_)) if number == asked));
    store.create(&room("hall"), [8; 32], Timestamp(1));
    let submitted = store.submit().unwrap();
    let report = store.report().await;
    assert!(matches!(report, StoreReport::Committed(number) if number == submitted));
}

#[test]
fn who_asks_is_told_that_reading_failed() {
    let mut store = store_with(&room("lobby"));
    store.lanes.run(|connection| {
        connection
            .execute_batch("CREATE TEMP VIEW room AS SELECT 1 AS id")
            .unwrap();
    });
    store.ask(any_page());
    let reports = store.flush();
    assert!(
        matches!(
            reports[..],
            [StoreReport::Told(_, Err(Error::CannotRead { .. }))]
        ),
        "{reports:?}"
    );
}

#[test]
fn who_asks_is_told_that_nobody_answers_any_more() {
    let mut store = store_with(&room("lobby"));
    store.lanes.run(|_| panic!("for a test"));
    store.lanes.flush().unwrap_err();
    store.ask(any_page());
    let reports = store.flush();
    assert!(
        matches!(
            reports[..],
            [StoreReport::Told(_, Err(Error::ReaderPanicked { .. }))]
        ),
        "{reports:?}"
    );
    assert_eq!(store.questions_outstanding(), 0);
}

#[test]
fn a_store_that_is_dropped_does_not_wait_for_answers() {
    let mut store = store_with(&room("lobby"));
    let (sender, receiver) = std::sync::mpsc::sync_channel::<()>(0);
    store.lanes.run(move |_| receiver.recv().unwrap());
    for _ in 0..100_000 {
        store.ask(any_page());
    }
    let dropped = std::thread::spawn(move || drop(store));
    std::thread::yield_now();
    sender.send(()).unwrap();
    let started = std::time::Instant::now();
    dropped.join().unwrap();
    assert!(started.elapsed() < std::time::Duration::from_secs(2));
}
