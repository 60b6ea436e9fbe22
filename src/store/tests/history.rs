//! The last messages, whether they are on the disk already or not.

use super::*;

#[test]
fn history_has_what_is_committed_and_what_is_not() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    for number in 0..5 {
        store.archive(&lobby, message(number), "hello".into());
    }
    commit(&mut store);
    for number in 5..8 {
        store.archive(&lobby, message(number), "hello".into());
    }
    let expected = [message(4), message(5), message(6), message(7)];
    assert_eq!(
        store.recent_messages(&lobby, &at_most(4)).unwrap(),
        expected
    );
    store.submit();
    assert_eq!(
        store.recent_messages(&lobby, &at_most(4)).unwrap(),
        expected
    );
    commit(&mut store);
    assert_eq!(
        store.recent_messages(&lobby, &at_most(4)).unwrap(),
        expected
    );
    assert_eq!(
        store.recent_messages(&lobby, &at_most(100)).unwrap().len(),
        8
    );
    assert_eq!(
        store.recent_messages(&room("other"), &at_most(9)).unwrap(),
        []
    );
}

#[test]
fn a_message_that_is_committed_but_not_reported_comes_once() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    for number in 0..3 {
        store.archive(&lobby, message(number), "hello".into());
    }
    store.submit();
    store.archive(&lobby, message(3), "hello".into());
    store.writer.flush().unwrap();
    for messages_max in [1, 2, 3, 9] {
        let recent = store
            .recent_messages(&lobby, &at_most(messages_max))
            .unwrap();
        let expected: Vec<_> = (4u32.saturating_sub(messages_max)..4)
            .map(message)
            .collect();
        assert_eq!(recent, expected);
    }
}

#[test]
fn changes_of_subject_are_archived_but_no_history() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    let subject = |number| Archived {
        kind: ArchivedKind::Subject,
        ..message(number)
    };
    store.archive(&lobby, message(0), "hello".into());
    store.archive(&lobby, subject(1), "hello".into());
    commit(&mut store);
    store.archive(&lobby, message(2), "hello".into());
    store.archive(&lobby, subject(3), "hello".into());
    let expected = [message(0), message(2)];
    assert_eq!(
        store.recent_messages(&lobby, &at_most(2)).unwrap(),
        expected
    );
    commit(&mut store);
    assert_eq!(
        store.recent_messages(&lobby, &at_most(2)).unwrap(),
        expected
    );
}

#[test]
fn history_is_not_looked_for_behind_thousands_of_subjects() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    let subject = |number| Archived {
        kind: ArchivedKind::Subject,
        ..message(number)
    };
    for number in 0..4 {
        store.archive(&lobby, message(number), "hello".into());
    }
    // 5,000 and as many as are wanted: of these the first is the last that was said.
    for number in 4..5_004 {
        store.archive(&lobby, subject(number), "hello".into());
    }
    commit(&mut store);
    let recent = |wanted| store.recent_messages(&lobby, &at_most(wanted)).unwrap();
    assert_eq!(recent(2), [message(1), message(2), message(3)][1..]);
    assert_eq!(recent(9).len(), 4);
    let mut store = store;
    for number in 5_004..5_006 {
        store.archive(&lobby, subject(number), "hello".into());
    }
    commit(&mut store);
    assert_eq!(store.recent_messages(&lobby, &at_most(1)).unwrap(), []);
    assert_eq!(
        store.recent_messages(&lobby, &at_most(9)).unwrap().len(),
        4,
        "who wants more looks farther"
    );
}

#[test]
fn nothing_from_before_the_wanted_time_is_history() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    for number in 0..6 {
        store.archive(&lobby, message(number), "hello".into());
    }
    commit(&mut store);
    store.archive(&lobby, message(6), "hello".into());
    let since = |seconds: i64| HistoryLimits {
        since: Some(Timestamp(seconds * 1_000_000)),
        ..at_most(3)
    };
    let recent = |seconds| store.recent_messages(&lobby, &since(seconds)).unwrap();
    assert_eq!(recent(5), [message(5), message(6)]);
    assert_eq!(recent(1), [message(4), message(5), message(6)]);
    assert_eq!(recent(7), []);
}

#[test]
fn in_a_room_time_never_goes_back_whatever_the_clock_does() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    let early = Archived {
        at: Timestamp(500_000),
        ..message(9)
    };
    for message in [message(1), early.clone(), message(2)] {
        store.archive(&lobby, message, "hello".into());
    }
    commit(&mut store);
    let early = Archived {
        at: message(1).at,
        ..early
    };
    let limits = HistoryLimits {
        since: Some(Timestamp(0)),
        ..at_most(9)
    };
    let recent = store.recent_messages(&lobby, &limits).unwrap();
    assert_eq!(recent, [message(1), early, message(2)]);

    let hall = room("hall");
    store.create(&hall, [7; 32], Timestamp(1));
    store.archive(&hall, message(0), "hello".into());
    commit(&mut store);
    let recent = store.recent_messages(&hall, &at_most(9)).unwrap();
    assert_eq!(recent, [message(0)], "another room has its own time");
}

#[test]
fn a_new_room_does_not_show_the_messages_of_an_old_one_under_its_name() {
    let lobby = room("lobby");
    let mut store = store_with(&lobby);
    store.archive(&lobby, message(0), "hello".into());
    commit(&mut store);
    store.archive(&lobby, message(1), "hello".into());
    store.save(&lobby, vanished());
    assert_eq!(store.recent_messages(&lobby, &at_most(9)).unwrap(), []);
    store.submit();
    store.create(&lobby, [8; 32], Timestamp(2));
    store.archive(&lobby, message(2), "hello".into());
    assert_eq!(
        store.recent_messages(&lobby, &at_most(9)).unwrap(),
        [message(2)]
    );
    commit(&mut store);
    assert_eq!(
        store.recent_messages(&lobby, &at_most(9)).unwrap(),
        [message(2)]
    );
}

#[test]
fn the_latest_time_is_that_of_any_room() {
    let (lobby, hall) = (room("lobby"), room("hall"));
    let mut store = store_with(&lobby);
    assert_eq!(store.newest_at().unwrap(), None);
    store.create(&hall, [7; 32], Timestamp(1));
    store.archive(&lobby, message(5), "hello".into());
    store.archive(&hall, message(1), "hello".into());
    commit(&mut store);
    assert_eq!(store.newest_at().unwrap(), Some(message(5).at));
}
