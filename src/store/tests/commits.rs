//! Batches: shared, whole, in order, and what happens when one fails.

use std::thread;
use std::time::Duration;

use super::*;

#[test]
fn a_room_comes_back_as_it_was_created() {
    let mut store = Store::in_memory().unwrap();
    store.create(&room("lobby"), [7; 32], Timestamp(1));
    let numbers = [store.submit(), store.submit()];
    assert_eq!(numbers, [Some(BatchNumber(1)), None]);
    assert_eq!(store.outstanding(), Some(BatchNumber(1)));
    assert!(matches!(
        store.flush()[..],
        [StoreReport::Committed(BatchNumber(1))]
    ));
    assert_eq!(store.outstanding(), None);
    let stored = store.load(&room("lobby")).unwrap().unwrap();
    assert_eq!(stored.salt, [7; 32]);
    assert_eq!(stored.snapshot, Snapshot::new(Default::default()));
    assert_eq!(store.load(&room("other")).unwrap(), None);
}

#[test]
fn what_is_submitted_during_a_commit_shares_the_next() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    store.on_writer(|_| thread::sleep(Duration::from_millis(100)));
    let mut last = None;
    for number in 0..1000 {
        store.archive(&lobby, message(number), "hello".into());
        last = store.submit();
    }
    let reports = store.flush();
    assert!(reports.len() <= 3, "{} commits", reports.len());
    assert!(
        matches!(reports.last(), Some(StoreReport::Committed(number)) if Some(*number) == last)
    );
    assert_eq!(
        store.recent_messages(&lobby, &at_most(2000)).unwrap().len(),
        1000
    );
}

#[test]
fn reports_come_to_who_waits() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    store.archive(&lobby, message(0), "hello".into());
    let number = store.submit().unwrap();
    let report = runtime.block_on(store.report());
    assert!(matches!(report, StoreReport::Committed(committed) if committed == number));
}

#[test]
fn a_batch_that_fails_leaves_nothing_and_takes_those_behind_it_along() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    store.archive(&lobby, message(0), "hello".into());
    store.submit();
    store.archive(&room("nowhere"), message(1), "hello".into());
    store.submit();
    store.on_writer(|_| ());
    store.archive(&lobby, message(2), "hello".into());
    let last = store.submit().unwrap();
    let reports = store.flush();
    let Some(StoreReport::Failed(number, Error::NoSuchRoom { room: unknown })) = reports.last()
    else {
        panic!("{reports:?}")
    };
    assert_eq!((*number, unknown), (last, &room("nowhere")));
    // The first may have been in an earlier transaction, or in the one that failed; the others
    // never are there.
    let committed = u32::from(reports.len() == 2);
    let recent = store.recent_messages(&lobby, &at_most(9)).unwrap();
    assert_eq!(recent, (0..committed).map(message).collect::<Vec<_>>());
}

#[test]
fn nothing_is_written_after_a_failure_until_its_owner_resumes() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    store.archive(&room("nowhere"), message(0), "hello".into());
    assert!(matches!(failure(&mut store), Error::NoSuchRoom { .. }));
    store.archive(&lobby, message(1), "hello".into());
    assert!(matches!(failure(&mut store), Error::Suspended));
    store.archive(&lobby, message(2), "hello".into());
    store.resume();
    assert_eq!(store.recent_messages(&lobby, &at_most(9)).unwrap(), []);
    store.archive(&lobby, message(3), "hello".into());
    commit(&mut store);
    assert_eq!(
        store.recent_messages(&lobby, &at_most(9)).unwrap(),
        [message(3)]
    );
}

#[test]
fn a_room_is_never_created_over_another() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    store.archive(&lobby, message(0), "hello".into());
    commit(&mut store);
    store.create(&lobby, [8; 32], Timestamp(2));
    assert!(matches!(failure(&mut store), Error::CannotWrite { .. }));
    store.resume();
    assert_eq!(store.load(&lobby).unwrap().unwrap().salt, [7; 32]);
    assert_eq!(
        store.recent_messages(&lobby, &at_most(9)).unwrap(),
        [message(0)]
    );
}

#[test]
fn a_panic_of_the_writer_is_a_failure_like_others() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    store.archive(&lobby, message(0), "hello".into());
    store.collected.push(Operation::Panic);
    let Error::Panicked { message: told } = failure(&mut store) else {
        panic!()
    };
    assert_eq!(told, "a mistake");
    store.resume();
    store.archive(&lobby, message(1), "hello".into());
    commit(&mut store);
    assert_eq!(
        store.recent_messages(&lobby, &at_most(9)).unwrap(),
        [message(1)]
    );
}

#[test]
fn the_end_of_the_writer_is_told_and_nobody_waits_for_it() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    store.on_writer(|_| panic!("a mistake"));
    store.archive(&lobby, message(0), "hello".into());
    store.submit();
    let report = runtime.block_on(store.report());
    assert!(matches!(
        report,
        StoreReport::Failed(_, Error::Panicked { .. })
    ));
    store.resume();
    store.archive(&lobby, message(1), "hello".into());
    assert!(matches!(failure(&mut store), Error::Suspended));
    assert_eq!(store.outstanding(), None);
}

#[test]
fn what_was_submitted_is_written_when_the_store_is_dropped() {
    let directory = TempDir::new().unwrap();
    let lobby = room("lobby");
    let mut store = Store::open(&in_file(&directory)).unwrap();
    store.create(&lobby, [7; 32], Timestamp(1));
    store.submit();
    drop(store);
    let store = Store::open(&in_file(&directory)).unwrap();
    assert!(store.room_exists(&lobby).unwrap());
}

#[test]
fn a_closed_database_is_one_file_that_only_its_user_reads() {
    use std::os::unix::fs::PermissionsExt;
    let directory = TempDir::new().unwrap();
    let settings = in_file(&directory);
    let mut store = Store::open(&settings).unwrap();
    store.set_meta("key", "value");
    commit(&mut store);
    drop(store);
    let mode = std::fs::metadata(&settings.path)
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(!settings.path.with_extension("db-wal").exists());
}
