//! What operators select, and what goes from the old end of an archive.

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::directory::{Retention, RoomRetention};
use crate::room::Nick;
use crate::room::setting::configuration::Whois;
use crate::search::Search;

fn said(store: &mut Store, room: &BareJid, number: u32, text: &str) {
    said_by(store, room, (number, "ann@example.org/phone"), text);
}

fn said_by(store: &mut Store, room: &BareJid, (number, author): (u32, &str), text: &str) {
    let mut archived = message(number);
    archived.sender = Some(Sender {
        nick: Nick::new("nick").unwrap(),
        occupant_id: None,
        author: Some(full_jid(author).into()),
        whois: Whois::Anyone,
    });
    store.archive(room, archived, text.into());
}

fn found(survey: &Survey, selection: &MessageSelection) -> Vec<String> {
    let mut all = Vec::new();
    let mut behind = 0;
    // Two at a time, so that pages meet.
    loop {
        let page = survey.select(selection, behind, 2).unwrap();
        let Some(last) = page.last() else { return all };
        behind = last.row;
        all.extend(page.iter().map(|message| message.id.to_string()));
    }
}

fn at(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp(seconds * 1_000_000))
}

/// Rooms hall and cave; in turn said by ann and bob, with the words "red" and "blue".
fn talk() -> (Store, Survey) {
    let mut store = store_with(&room("hall"));
    store.create(&room("cave"), [7; 32], Timestamp(1));
    for number in 1..=8 {
        let place = if number % 4 < 2 { "hall" } else { "cave" };
        let author = match number % 2 {
            0 => "ann@example.org/phone",
            _ => "bob@example.org/desk",
        };
        let text = if number <= 4 { "red wine" } else { "blue wine" };
        said_by(&mut store, &room(place), (number, author), text);
    }
    commit(&mut store);
    let survey = store.survey_place().open().unwrap();
    (store, survey)
}

fn select(conditions: impl FnOnce(&mut MessageSelection)) -> MessageSelection {
    let mut selection = MessageSelection::default();
    conditions(&mut selection);
    selection
}

fn in_hall(conditions: impl FnOnce(&mut MessageSelection)) -> MessageSelection {
    let mut selection = select(conditions);
    selection.room = Some(room("hall"));
    selection
}

fn ann() -> Option<BareJid> {
    BareJid::new("ann@example.org").ok()
}

#[test]
fn every_condition_counts_and_all_together() {
    let (_store, survey) = talk();
    let cases = [
        (select(|_| {}), "1 2 3 4 5 6 7 8"),
        (select(|it| it.author = ann()), "2 4 6 8"),
        (select(|it| (it.after, it.before) = (at(3), at(5))), "3 4 5"),
        (
            select(|it| it.search = Search::all("wine RED").ok()),
            "1 2 3 4",
        ),
        (select(|it| it.search = Search::exact("wine red").ok()), ""),
        (select(|it| it.author = BareJid::new("eve@x").ok()), ""),
        (select(|it| it.room = Some(room("nowhere"))), ""),
        (in_hall(|_| {}), "1 4 5 8"),
        (in_hall(|it| it.after = at(4)), "4 5 8"),
        (in_hall(|it| it.before = at(4)), "1 4"),
        (in_hall(|it| it.before = at(0)), ""),
        (in_hall(|it| it.after = at(9)), ""),
        (in_hall(|it| it.author = ann()), "4 8"),
        (
            in_hall(|it| it.search = Search::any("red blue").ok()),
            "1 4 5 8",
        ),
        (in_hall(|it| (it.author, it.after) = (ann(), at(5))), "8"),
    ];
    for (selection, expected) in cases {
        let expected: Vec<_> = expected
            .split_whitespace()
            .map(|number| format!("archive-{number}"))
            .collect();
        assert_eq!(found(&survey, &selection), expected, "{selection:?}");
    }
}

/// However much there is, a page is read off an index, and nothing is sorted.
#[test]
fn no_selection_is_sorted() {
    let (_store, survey) = talk();
    for plan in survey.plans_of_selections() {
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    }
}

#[test]
fn what_is_replaced_has_other_words_and_stays_where_it_was() {
    let (mut store, survey) = talk();
    let notice = (Payload::new(b"<body>gone</body>"), "gone".into());
    let remains = Payload::new(b"<retracted/>");
    let id = ArchiveId("archive-4".into());
    store.replace(&room("hall"), &id, notice, remains);
    commit(&mut store);
    let selection = |words: &str| MessageSelection {
        room: Some(room("hall")),
        search: Search::all(words).ok(),
        ..MessageSelection::default()
    };
    assert_eq!(found(&survey, &selection("red")), ["archive-1"]);
    assert_eq!(found(&survey, &selection("gone")), ["archive-4"]);
    let replaced = survey
        .select_one(&MessageSelection::default(), &id)
        .unwrap();
    let replaced = replaced.unwrap();
    assert_eq!(replaced.payload, Payload::new(b"<body>gone</body>"));
    assert_eq!(
        (Some(replaced.at), replaced.author),
        (at(4), BareJid::new("ann@example.org").ok())
    );
}

/// The correction is all that is left when what it corrects was old; taking it back must not break
/// the commit.
#[test]
fn a_correction_outlives_what_it_corrects() {
    let hall = room("hall");
    let mut store = store_with(&hall);
    said(&mut store, &hall, 1, "frist");
    let mut correction = message(2);
    correction.kind = ArchivedKind::Correction;
    correction.original = Some(ArchiveId("archive-1".into()));
    store.archive(&hall, correction, "first".into());
    commit(&mut store);
    let survey = store.survey_place().open().unwrap();
    let (boundary, count) = survey
        .boundary(&hall, Timestamp(1_000_000))
        .unwrap()
        .unwrap();
    assert_eq!(count, 1);
    let removed = Arc::new(AtomicU64::new(0));
    store.remove_oldest(&hall, boundary, removed.clone());
    commit(&mut store);
    assert_eq!(removed.load(Ordering::Relaxed), 1);
    assert_eq!(found(&survey, &MessageSelection::default()), ["archive-2"]);
    let mut again = message(3);
    again.kind = ArchivedKind::Correction;
    again.original = Some(ArchiveId("archive-2".into()));
    store.archive(&hall, again, "finally".into());
    store.retract(
        &hall,
        &ArchiveId("archive-2".into()),
        Payload::new(b"<retracted/>"),
    );
    commit(&mut store);
    assert_eq!(
        found(&survey, &MessageSelection::default()),
        Vec::<String>::new()
    );
}

#[test]
fn a_slice_is_the_oldest_and_no_more() {
    let hall = room("hall");
    let mut store = store_with(&hall);
    let count = u32::try_from(SLICE).unwrap() + 7;
    for number in 1..=count {
        said(&mut store, &hall, number, "word");
    }
    commit(&mut store);
    let survey = store.survey_place().open().unwrap();
    let (boundary, found) = survey
        .boundary(&hall, Timestamp(i64::MAX))
        .unwrap()
        .unwrap();
    assert_eq!(found, u64::from(count));
    for expected in [SLICE, 7, 0] {
        let removed = Arc::new(AtomicU64::new(0));
        store.remove_oldest(&hall, boundary, removed.clone());
        commit(&mut store);
        assert_eq!(removed.load(Ordering::Relaxed), expected);
    }
}

#[test]
fn a_room_keeps_what_is_new_enough_and_among_the_newest() {
    let hall = room("hall");
    let mut store = store_with(&hall);
    for day in 0..10 {
        said(&mut store, &hall, day * 24 * 60 * 60, "word");
    }
    commit(&mut store);
    let survey = store.survey_place().open().unwrap();
    let now = Timestamp(9 * 24 * 60 * 60 * 1_000_000);
    for (days, messages, expired) in [
        (0, 0, 0),
        (4, 0, 5),
        (4, 3, 7),
        (4, 8, 5),
        (0, 10, 0),
        (0, 1, 9),
        (100, 100, 0),
    ] {
        let keep = Retention { days, messages };
        let found = survey.expired(&hall, keep, now).unwrap();
        assert_eq!(found, Some(expired), "{keep:?}");
    }
    assert_eq!(
        survey
            .expired(&room("nowhere"), Retention::default(), now)
            .unwrap(),
        None
    );
    let own = RoomRetention {
        days: Some(0),
        messages: None,
    };
    store.keep(&hall, own);
    commit(&mut store);
    let summary = survey.room(&hall).unwrap().unwrap();
    assert_eq!((summary.keep, summary.messages), (own, 10));
}
