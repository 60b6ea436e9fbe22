//! How much is looked at in one go, and what a commit has to write at most.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::scene::ServiceScene;
use crate::service::burst::{self, Burst};

const NO_LIMITS: &str = "iqs_per_second = 0\nmessages_per_second = 0\nbytes_per_second = 0";
/// Entries of one list.
const ENTRIES: usize = 600;

fn ban(list: usize) -> String {
    let items = (0..ENTRIES).fold(String::new(), |mut items, number| {
        let _ = write!(
            items,
            "<item affiliation='outcast' jid='u{list}-{number}@v'/>"
        );
        items
    });
    let query = format!("<query xmlns='MUC#admin'>{items}</query>");
    format!("<iq from='ANN' to='HALL' type='set' id='{list}'>{query}</iq>")
}

fn say(number: usize) -> String {
    format!(
        "<message from='BOB' to='HALL' type='groupchat' id='said-{number}-'>\
         <body>x</body></message>"
    )
}

/// Looks at one burst of what waits, at a clock that stands still.
fn take_burst(scene: &mut ServiceScene, waiting: &mut VecDeque<String>) {
    let now = Instant::now();
    let mut burst = Burst::begin(now);
    while let Some(stanza) = waiting.pop_front() {
        scene.receive(&stanza);
        if !burst.goes_on(now, &scene.engine) {
            return;
        }
    }
}

#[test]
fn a_commit_takes_no_more_than_it_may_and_what_is_left_comes_next_in_its_order() {
    let mut scene = ServiceScene::limited(NO_LIMITS).with_hall();
    scene.enter("bob");
    scene.told();
    let mut waiting: VecDeque<String> = (0..20)
        .flat_map(|number| [ban(number), say(number)])
        .collect();
    let mut heard = String::new();
    let mut commits = 0;
    while !waiting.is_empty() {
        take_burst(&mut scene, &mut waiting);
        let operations = scene.engine.collected_operations();
        assert!(operations < burst::OPERATIONS_MAX + ENTRIES, "{operations}");
        assert_eq!(burst::is_full(&scene.engine), !waiting.is_empty());
        heard.push_str(&scene.told());
        assert!(!burst::is_full(&scene.engine));
        commits += 1;
    }
    assert_eq!(commits, 6, "four lists each, and what was said last");
    let first_heard: Vec<_> = (0..20)
        .map(|number| heard.find(&format!("id='said-{number}-'")).unwrap())
        .collect();
    assert!(first_heard.is_sorted(), "{first_heard:?}");
    assert_eq!(
        heard.matches("type='result'").count(),
        20,
        "each list is answered"
    );
}

#[test]
fn a_burst_ends_after_some_time_and_after_some_stanzas() {
    let engine = ServiceScene::limited(NO_LIMITS).engine;
    let now = Instant::now();
    let later = now + Duration::from_secs(1);
    assert!(Burst::begin(now).goes_on(now, &engine));
    assert!(!Burst::begin(now).goes_on(later, &engine));
    let mut burst = Burst::begin(now);
    let stanzas = std::iter::repeat_with(|| burst.goes_on(now, &engine));
    assert_eq!(stanzas.take_while(|goes_on| *goes_on).count(), 511);
}

#[test]
fn lists_beyond_what_one_person_may_send_are_refused_before_they_are_understood() {
    let mut scene = ServiceScene::new("").with_hall();
    let answers: String = (0..20).map(|list| scene.answer_to(&ban(list))).collect();
    // 501 elements of each have to be paid for, and there are 5,000.
    assert_eq!(answers.matches("type='result'").count(), 9);
    assert_eq!(answers.matches("<resource-constraint").count(), 11);
}
