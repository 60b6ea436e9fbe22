//! Whoever is inside hears of what an operator takes out, and nothing is left of it.

use super::lounge::{Lounge, ROOM, of};

const RETRACTION: &str = "urn:xmpp:message-retract:1";
const MODERATION: &str = "urn:xmpp:message-moderate:1";

/// XEP-0425 §3.1 (#usecase-success): the retraction comes from the room itself, and names the
/// stanza id.
#[test]
fn those_inside_are_told_by_the_room_and_it_is_on_record() {
    let mut lounge = Lounge::open();
    let (alice, bob) = (lounge.alice.clone(), lounge.bob.clone());
    lounge.say(&bob, "secret plan");
    lounge.say(&alice, "fine");
    let shown = lounge.json(&["message", "remove", ROOM, "--words", "plan", "--dry-run"]);
    let id = shown[0]["id"].as_str().unwrap().to_owned();
    let arguments = [
        "message",
        "remove",
        ROOM,
        "--words",
        "plan",
        "--reason",
        "Not <here>",
        "--yes",
    ];
    assert_eq!(lounge.json(&arguments)["messages"], 1);
    let deliveries = lounge.deliveries();
    for person in [&alice, &bob] {
        let told: Vec<_> = of(&deliveries, person).collect();
        let [message] = told[..] else {
            panic!("{} is told {} things", person.name, told.len());
        };
        assert_eq!(message.attribute("from"), Some(ROOM));
        let retract = message.child(RETRACTION, "retract").unwrap();
        assert_eq!(retract.attribute("id"), Some(&*id));
        let moderated = retract.child(MODERATION, "moderated").unwrap();
        assert_eq!(moderated.attribute("by"), Some(ROOM));
        let reason = retract.child(RETRACTION, "reason").unwrap();
        assert_eq!(reason.text(), "Not <here>");
    }
    assert_eq!(lounge.history(), ["fine"]);
    let acts = lounge.json(&["message", "acts", ROOM]);
    assert_eq!(acts[0]["deed"], "removed");
    assert_eq!(acts[0]["actor"], serde_json::Value::Null);
    assert_eq!(acts[0]["author"], "bob@example.org");
    assert_eq!(acts[0]["message"], *id);
    assert_eq!(acts[0]["reason"], "Not <here>");
}

/// XEP-0308 §3: what is corrected and its corrections are one message, so they go together.
#[test]
fn corrections_go_with_what_they_correct() {
    let mut lounge = Lounge::open();
    let (alice, bob) = (lounge.alice.clone(), lounge.bob.clone());
    lounge.say(&alice, "begin");
    lounge.say(&bob, "frist");
    let correct = |text: &str| {
        format!("<body>{text}</body><replace xmlns='urn:xmpp:message-correct:0' id='i'/>")
    };
    lounge.send(&bob, &correct("first"));
    lounge.deliveries();
    let dry = lounge.json(&[
        "message",
        "remove",
        ROOM,
        "--author",
        "bob@example.org",
        "--dry-run",
    ]);
    assert_eq!(dry.as_array().unwrap().len(), 1, "{dry}");
    let arguments = [
        "message",
        "replace",
        ROOM,
        "--words",
        "first",
        "--text",
        "Taken out.",
        "--yes",
    ];
    assert_eq!(lounge.json(&arguments)["messages"], 1);
    assert_eq!(lounge.history(), ["begin", "Taken out."]);
    for word in ["first", "frist"] {
        let found = lounge.json(&["message", "remove", ROOM, "--words", word, "--dry-run"]);
        assert_eq!(found, serde_json::json!([]), "{word}");
    }
    let left: i64 = lounge
        .database()
        .query_row(
            "SELECT count(*) FROM message WHERE instr(payload, CAST('rst' AS BLOB)) > 0",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(left, 0, "what it said is nowhere in the archive");
}

#[test]
fn those_inside_a_room_that_nobody_has_woken_since_the_start_are_told_too() {
    let mut lounge = Lounge::open();
    let bob = lounge.bob.clone();
    lounge.say(&bob, "oops");
    lounge.socket.stop().unwrap();
    lounge.socket.start_again().unwrap();
    lounge.done(&[
        "message",
        "remove",
        ROOM,
        "--author",
        "bob@example.org",
        "--yes",
    ]);
    let deliveries = lounge.deliveries();
    let told =
        of(&deliveries, &bob).filter(|message| message.child(RETRACTION, "retract").is_some());
    assert_eq!(told.count(), 1);
}

/// Of two commands that want the same at once each message falls to one.
#[test]
fn two_commands_at_once_take_each_message_once() {
    let mut lounge = Lounge::open();
    let bob = lounge.bob.clone();
    for number in 0..300 {
        lounge.send(&bob, &format!("<body>noise {number}</body>"));
    }
    lounge.deliveries();
    let folder = lounge.socket.folder().to_owned();
    let commands: Vec<_> = (0..2)
        .map(|_| {
            let folder = folder.clone();
            std::thread::spawn(move || {
                let arguments = [
                    "message", "remove", ROOM, "--words", "noise", "--yes", "--json",
                ];
                let printed = super::lounge::done(&folder, &arguments);
                let done: serde_json::Value = serde_json::from_str(&printed).unwrap();
                done["messages"].as_u64().unwrap()
            })
        })
        .collect();
    let taken: u64 = commands.into_iter().map(|one| one.join().unwrap()).sum();
    assert_eq!(taken, 300);
    let acts = lounge.json(&["message", "acts"]);
    assert_eq!(acts.as_array().unwrap().len(), 300);
    let deliveries = lounge.deliveries();
    assert_eq!(of(&deliveries, &bob).count(), 300);
}
