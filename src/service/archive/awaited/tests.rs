//! Who is asked for next, and what is given up.

use super::*;
use crate::service::tests::scene::envelope;
use crate::store::Store;

fn question(person: &str, id: usize) -> (Ask, Awaited) {
    let xml = format!("<iq from='{person}@example.org/x' to='hall@rooms.example.org' id='{id}'/>");
    let awaited = Awaited {
        envelope: envelope(&xml),
        wanted: Wanted::Ends,
    };
    let room = BareJid::new("hall@rooms.example.org").unwrap();
    (Ask::Ends { room }, awaited)
}

/// People whose names begin with `p` are of a domain that is not served.
fn party(awaited: &Awaited) -> Party {
    let person = awaited.person();
    match person.node().unwrap().as_str().starts_with('p') {
        true => Party::Domain(BareJid::new("remote.test").unwrap()),
        false => Party::Person(person),
    }
}

/// Asks all that may be asked, and gives the numbers with who asked what.
fn ask(questions: &mut Questions, store: &mut Store) -> Vec<(AskNumber, String)> {
    let mut asked = Vec::new();
    while let Some((ask, awaited)) = questions.next() {
        let person = awaited.person();
        let name = person.node().unwrap().as_str();
        let told = format!("{name}{}", awaited.envelope.id.as_deref().unwrap());
        let number = store.ask(ask.clone());
        questions.asked(number, ask, awaited);
        asked.push((number, told));
    }
    asked
}

fn queue(questions: &mut Questions, person: &str, count: usize) {
    for id in 0..count {
        let (ask, awaited) = question(person, id);
        let party = party(&awaited);
        assert!(questions.queue(ask, awaited, party));
    }
}

fn names(asked: &[(AskNumber, String)]) -> Vec<&str> {
    asked.iter().map(|(_, name)| name.as_str()).collect()
}

#[test]
fn people_take_turns() {
    let (mut questions, mut store) = (Questions::default(), Store::in_memory().unwrap());
    queue(&mut questions, "ann", 6);
    queue(&mut questions, "bob", 2);
    let asked = ask(&mut questions, &mut store);
    assert_eq!(
        names(&asked),
        ["ann0", "bob0", "ann1", "bob1", "ann2", "ann3"]
    );
    assert!(questions.answered(asked[1].0).is_some());
    assert!(questions.answered(asked[1].0).is_none());
    assert!(
        ask(&mut questions, &mut store).is_empty(),
        "bob has no more"
    );
    questions.answered(asked[0].0);
    questions.answered(asked[2].0);
    let asked_then = ask(&mut questions, &mut store);
    assert_eq!(names(&asked_then), ["ann4", "ann5"]);
    for (number, _) in asked.iter().chain(&asked_then) {
        questions.answered(*number);
    }
    assert!(questions.of_person.is_empty() && questions.turns.is_empty());
    assert_eq!(questions.queued_size, 0);
}

#[test]
fn only_some_are_under_way() {
    let (mut questions, mut store) = (Questions::default(), Store::in_memory().unwrap());
    for person in 0..10 {
        queue(&mut questions, &format!("u{person}"), 3);
    }
    let asked = ask(&mut questions, &mut store);
    assert_eq!(asked.len(), UNDER_WAY_MAX);
    questions.answered(asked[0].0);
    assert_eq!(
        names(&ask(&mut questions, &mut store)),
        ["u6"].map(|p| format!("{p}1"))
    );
}

#[test]
fn who_asks_what_takes_long_waits_alone_and_takes_turns_with_their_like() {
    let (mut questions, mut store) = (Questions::default(), Store::in_memory().unwrap());
    for person in 0..4 {
        queue(&mut questions, &format!("u{person}"), 5);
    }
    let asked = ask(&mut questions, &mut store);
    assert_eq!(asked.len(), UNDER_WAY_MAX);
    for (number, _) in &asked {
        assert_eq!(questions.out_of_time(*number), Some(OutOfTime::Waits));
    }
    queue(&mut questions, "bob", 1);
    let quick = ask(&mut questions, &mut store);
    assert_eq!(names(&quick), ["bob0"], "the others have had their share");

    let mut turns = Vec::new();
    while let Some((ask, awaited)) = questions.next_slow() {
        turns.push(awaited.person().node().unwrap().to_string());
        let number = store.ask_slowly(ask);
        questions.asked_slowly(number, awaited);
        assert!(questions.next_slow().is_none(), "one at a time");
        if turns.len() % 2 == 0 {
            assert!(questions.answered(number).is_some());
        } else {
            let given_up = questions.out_of_time(number);
            assert!(
                matches!(given_up, Some(OutOfTime::GivenUp(_))),
                "once is enough"
            );
        }
    }
    assert_eq!(turns.len(), UNDER_WAY_MAX);
    assert!(
        turns.windows(2).filter(|pair| pair[0] == pair[1]).count() <= 3,
        "{turns:?}"
    );
    assert_eq!(
        questions
            .answered(quick[0].0)
            .unwrap()
            .envelope
            .asker
            .to_bare()
            .node()
            .unwrap()
            .as_str(),
        "bob"
    );
    assert_eq!(
        names(&ask(&mut questions, &mut store)).len(),
        4,
        "then they may ask again"
    );
}

#[test]
fn too_much_is_refused() {
    let mut questions = Questions::default();
    let mut count = 0;
    let (ask, awaited) = question("ann", 0);
    while questions.queue(ask.clone(), awaited.clone(), party(&awaited)) {
        count += 1;
    }
    assert!((900..=1024).contains(&count), "{count}");
    let (ask, awaited) = question("bob", 0);
    let bob = party(&awaited);
    assert!(
        questions.queue(ask, awaited, bob),
        "that is not their fault"
    );
}

#[test]
fn people_of_a_foreign_domain_share_the_turns_of_one() {
    let (mut questions, mut store) = (Questions::default(), Store::in_memory().unwrap());
    for person in 0..50 {
        queue(&mut questions, &format!("p{person}"), 2);
    }
    queue(&mut questions, "ann", 2);
    let asked = ask(&mut questions, &mut store);
    assert_eq!(names(&asked), ["p00", "ann0", "p10", "ann1", "p20", "p30"]);
    questions.answered(asked[1].0);
    assert!(ask(&mut questions, &mut store).is_empty());
    questions.answered(asked[0].0);
    assert_eq!(names(&ask(&mut questions, &mut store)), ["p40"]);
    let mut count = 102 - 2 - 5;
    while let Some(number) = questions.under_way.keys().next().copied() {
        questions.answered(number);
        count -= ask(&mut questions, &mut store).len();
    }
    assert_eq!(count, 0, "in the end all are asked");
    assert!(questions.of_domain.is_empty() && questions.of_person.is_empty());
    assert!(questions.turns.is_empty());
}

#[test]
fn of_a_foreign_domain_only_so_much_waits() {
    let mut questions = Questions::default();
    let refused = (0..1000).find(|person| {
        let (ask, awaited) = question(&format!("p{person}"), 0);
        (0..100).any(|_| {
            let party = party(&awaited);
            !questions.queue(ask.clone(), awaited.clone(), party)
        })
    });
    assert!(refused.is_some_and(|people| people < 100), "{refused:?}");
    let (ask, awaited) = question("ann", 0);
    let ann = party(&awaited);
    assert!(questions.queue(ask, awaited, ann));
}

#[test]
fn nothing_is_kept_of_who_is_refused() {
    let mut questions = Questions {
        queued_size: QUEUED_MAX,
        ..Questions::default()
    };
    for person in 0..100 {
        let (ask, awaited) = question(&format!("p{person}"), 0);
        let party = party(&awaited);
        assert!(!questions.queue(ask, awaited, party));
    }
    assert!(questions.of_person.is_empty() && questions.of_domain.is_empty());
    assert!(questions.turns.is_empty());
}

#[test]
fn all_are_told_when_all_is_forgotten() {
    let (mut questions, mut store) = (Questions::default(), Store::in_memory().unwrap());
    queue(&mut questions, "ann", 6);
    let asked = ask(&mut questions, &mut store);
    assert_eq!(questions.forget_all().len(), 6);
    assert!(questions.answered(asked[0].0).is_none());
    assert!(questions.next().is_none());
}
