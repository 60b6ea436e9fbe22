//! Who waits at the door, and who comes in when.

use super::*;
use crate::service::tests::scene;
use jid::Jid;

const PACE: Rate = Rate {
    per_second: 2.0,
    burst: 3,
};

fn room(name: &str) -> BareJid {
    BareJid::new(&format!("{name}@rooms.example.org")).unwrap()
}

fn at(seconds: f64) -> Elapsed {
    Elapsed((seconds * 1e6) as i64)
}

fn waiting(from: &str) -> Waiting {
    let xml = format!("<presence from='{from}' to='hall@rooms.example.org/x'/>");
    Waiting {
        envelope: scene::envelope(&xml),
        frame: scene::frame(&xml),
    }
}

fn come(doorway: &mut Doorway, at_room: &str, from: &str) -> bool {
    let served = ["example.org"].map(|name| jid::DomainPart::new(name).unwrap().into_owned());
    let party = Party::of(&Jid::new(from).unwrap(), &served.into());
    let session = Arc::new(FullJid::new(from).unwrap());
    doorway.wait(&room(at_room), (&session, party), waiting(from))
}

fn let_in(doorway: &mut Doorway, now: Elapsed) -> Vec<String> {
    let frames = std::iter::from_fn(|| doorway.next(now)).flatten();
    frames
        .map(|waiting| waiting.envelope.asker.to_string())
        .collect()
}

#[test]
fn a_room_lets_in_a_few_at_once_and_then_one_after_the_other() {
    let mut doorway = Doorway::new(Some(PACE));
    let now = at(100.0);
    let at_once = (0..10)
        .filter(|_| doorway.lets_in(now, &room("hall")))
        .count();
    assert_eq!(at_once, 3);
    assert!(doorway.lets_in(now, &room("den")), "that is another room");
    for number in 0..5 {
        assert!(come(
            &mut doorway,
            "hall",
            &format!("p{number}@example.org/x")
        ));
    }
    assert!(let_in(&mut doorway, now).is_empty());
    assert_eq!(doorway.next_deadline(), Some(at(100.5)));
    assert_eq!(let_in(&mut doorway, at(100.5)), ["p0@example.org/x"]);
    assert!(
        !doorway.lets_in(at(101.0), &room("hall")),
        "others were here before"
    );
    assert_eq!(
        let_in(&mut doorway, at(101.5)),
        ["p1@example.org/x", "p2@example.org/x"]
    );
    assert_eq!(let_in(&mut doorway, at(1000.0)).len(), 2);
    assert_eq!(doorway.next_deadline(), None);
    assert_eq!(doorway.size, 0);
}

#[test]
fn a_foreign_domain_has_one_turn_however_many_it_says_come() {
    let mut doorway = Doorway::new(Some(PACE));
    for number in 0..50 {
        come(&mut doorway, "hall", &format!("p{number}@remote.test/x"));
    }
    come(&mut doorway, "hall", "ann@example.org/x");
    come(&mut doorway, "hall", "bob@example.org/x");
    assert_eq!(
        let_in(&mut doorway, at(1.0)),
        ["p0@remote.test/x", "ann@example.org/x", "bob@example.org/x"]
    );
}

#[test]
fn rooms_take_turns() {
    let mut doorway = Doorway::new(Some(PACE));
    for number in 0..3 {
        come(&mut doorway, "hall", &format!("p{number}@example.org/x"));
    }
    come(&mut doorway, "den", "ann@example.org/x");
    let first: Vec<_> = let_in(&mut doorway, at(1.0)).into_iter().take(2).collect();
    assert_eq!(first, ["p0@example.org/x", "ann@example.org/x"]);
}

#[test]
fn who_leaves_is_forgotten_with_all_they_sent() {
    let mut doorway = Doorway::new(Some(PACE));
    come(&mut doorway, "hall", "ann@example.org/x");
    come(&mut doorway, "hall", "ann@example.org/x");
    come(&mut doorway, "hall", "bob@example.org/x");
    let ann = FullJid::new("ann@example.org/x").unwrap();
    assert!(doorway.has(&room("hall"), &ann));
    assert_eq!(doorway.leave(&room("hall"), &ann).len(), 2);
    assert!(!doorway.has(&room("hall"), &ann));
    assert_eq!(let_in(&mut doorway, at(1.0)), ["bob@example.org/x"]);
    assert!(doorway.rooms.is_empty() && doorway.turns.is_empty());
}

#[test]
fn who_comes_and_leaves_again_and_again_takes_no_memory() {
    let mut doorway = Doorway::new(Some(PACE));
    let ann = FullJid::new("ann@example.org/x").unwrap();
    come(&mut doorway, "hall", "bob@example.org/x");
    for _ in 0..10_000 {
        come(&mut doorway, "hall", "ann@example.org/x");
        doorway.leave(&room("hall"), &ann);
    }
    let queue = &doorway.rooms[&room("hall")];
    let places: usize = queue.of_party.values().map(VecDeque::len).sum();
    assert!(places <= 2 * SPARE_MAX, "{places}");
    assert!(queue.turns.len() <= 2);
}

#[test]
fn too_much_does_not_wait() {
    let mut doorway = Doorway::new(Some(PACE));
    let mut of_one = 0;
    while come(&mut doorway, "hall", "eve@example.org/x") {
        of_one += 1;
    }
    assert_eq!(of_one, FRAMES_MAX);
    let mut people = 0;
    while come(&mut doorway, "hall", &format!("p{people}@example.org/x")) {
        people += 1;
    }
    assert!((20_000..40_000).contains(&people), "{people}");
    assert_eq!(doorway.forget_all().len(), people + of_one);
    assert_eq!(doorway.waiting(), 0);
}

#[test]
fn rooms_that_nobody_enters_any_more_are_forgotten() {
    let mut doorway = Doorway::new(Some(PACE));
    for number in 0..100 {
        doorway.lets_in(at(1.0), &room(&format!("r{number}")));
    }
    doorway.lets_in(at(100.0), &room("hall"));
    assert_eq!(doorway.used_until.len(), 1);
}
