//! Rooms and their people by commands: made, changed, listed and removed, with the service running
//! and stopped.

use serde_json::{Value, json};

use super::lounge::{Lounge, ROOM, of};

const SALES: &str = "sales-floor@rooms.example.org";

/// What is done, one after the other, a blank within a word written as `_`.
const STORY: &[&str] = &[
    "room new Sales_floor --privacy closed --type auditorium --description All_that_is_sold --manager ann@example.org --member bob@example.org --member partner.example --invitations off",
    "room new Plain",
    "room new Elsewhere --address Den",
    "room show sales-floor",
    "member list --room sales-floor@rooms.example.org",
    "room set sales-floor --name Deals --privacy open --type normal",
    "room set sales-floor --add-member cid@example.org --remove-member partner.example",
    "room set sales-floor --manager dan@example.org --add-member ann@example.org",
    "room show sales-floor@rooms.example.org",
    "manager list --room sales-floor@rooms.example.org",
    "manager new --room sales-floor --user ann@example.org --user eve@example.org",
    "manager remove --room sales-floor --user dan@example.org",
    "member new --room sales-floor --user ann@example.org --user fay@example.org",
    "member remove --room sales-floor --user bob@example.org",
    "member list --room sales-floor@rooms.example.org",
    "manager list --room sales-floor@rooms.example.org",
    "room list --privacy open --type normal --name DEAL",
    "room list --manager eve@example.org",
    "room list --member fay@example.org --privacy closed",
    "room set sales-floor --disabled on --reason Quarter's_end",
    "room list --disabled on",
    "room set sales-floor --disabled off",
    "room remove sales-floor --dry-run",
    "room remove sales-floor --reason Done --alternate den --yes",
    "room list",
];

/// Presenters, and the web page beside the room.
const SHOW: &[&str] = &[
    "addin new Ticker --url https://apps.example.org/ticker",
    "room new Show --type auditorium --presenter ann@example.org --presenter partner.example --addin ticker",
    "room show show",
    "room set show --add-presenter bob@example.org --remove-presenter partner.example --addin none",
    "presenter new --room show --user cid@example.org --user ann@example.org",
    "presenter remove --room show --user bob@example.org",
    "presenter list --room show",
    "room list --presenter cid@example.org --addin none",
    "room list --addin Ticker",
    "room set show --presenter dan@example.org --addin TICKER",
    "presenter list --room show",
    "room list --addin Ticker",
];

#[test]
fn presenters_and_add_ins_are_a_rooms_own() {
    let running = outcomes_of(SHOW, false);
    assert_eq!(running, outcomes_of(SHOW, true));
    let shown = &running[2];
    assert_eq!(
        (&shown["presenters"], &shown["addin"]),
        (&json!(2), &json!("Ticker"))
    );
    assert_eq!(running[4]["added"], json!(["cid@example.org"]));
    assert_eq!(users(&running[6]), ["ann@example.org", "cid@example.org"]);
    assert_eq!(rooms(&running[7]), ["show@rooms.example.org"]);
    assert_eq!(running[8], json!([]));
    assert_eq!(users(&running[10]), ["dan@example.org"]);
    assert_eq!(rooms(&running[11]), ["show@rooms.example.org"]);
}

#[test]
fn rooms_are_made_changed_and_removed_alike_with_the_service_and_without() {
    let running = outcomes_of(STORY, false);
    let stopped = outcomes_of(STORY, true);
    for ((typed, running), stopped) in STORY.iter().zip(&running).zip(&stopped) {
        assert_eq!(running, stopped, "{typed:?}");
    }
    let link = "xmpp:sales-floor@rooms.example.org?join";
    let made = json!({"room": SALES, "name": "Sales floor", "link": link});
    assert_eq!(running[0], made);
    assert_eq!(running[1]["room"], "plain@rooms.example.org");
    assert_eq!(running[2]["room"], "den@rooms.example.org");
    let shown = &running[3];
    assert_eq!(shown["description"], "All that is sold");
    assert_eq!(
        (&shown["privacy"], &shown["type"]),
        (&json!("closed"), &json!("auditorium"))
    );
    assert_eq!(
        (&shown["managers"], &shown["members"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(
        (&shown["invitations"], &shown["link"]),
        (&json!("off"), &json!(link))
    );
    assert_eq!(users(&running[4]), ["bob@example.org", "partner.example"]);
    let shown = &running[8];
    assert_eq!(
        (&shown["name"], &shown["privacy"]),
        (&json!("Deals"), &json!("open"))
    );
    assert_eq!(
        (&shown["managers"], &shown["members"]),
        (&json!(1), &json!(3))
    );
    assert_eq!(users(&running[9]), ["dan@example.org"]);
    assert_eq!(
        running[12]["added"],
        json!(["fay@example.org"]),
        "ann is more than a member"
    );
    assert_eq!(users(&running[14]), ["cid@example.org", "fay@example.org"]);
    assert_eq!(users(&running[15]), ["ann@example.org", "eve@example.org"]);
    assert_eq!(rooms(&running[16]), [SALES]);
    assert_eq!(rooms(&running[17]), [SALES]);
    assert_eq!(running[18], json!([]));
    assert_eq!(rooms(&running[20]), [SALES]);
    assert_eq!(running[20][0]["disabled_reason"], "Quarter's end");
    assert_eq!(
        rooms(&running[24]),
        ["den@rooms.example.org", ROOM, "plain@rooms.example.org"]
    );
}

/// What each command printed, times aside.
fn outcomes_of(story: &[&str], stopped: bool) -> Vec<Value> {
    let mut lounge = Lounge::open();
    if stopped {
        lounge.socket.stop().unwrap();
    }
    let outcome = |typed: &&str| {
        let words: Vec<_> = typed
            .split(' ')
            .map(|word| word.replace('_', " "))
            .collect();
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        masked(lounge.json(&words))
    };
    story.iter().map(outcome).collect()
}

fn masked(mut value: Value) -> Value {
    if let Value::Object(object) = &mut value {
        for key in ["given_at", "first", "last"] {
            if let Some(found) = object.get_mut(key).filter(|found| found.is_string()) {
                *found = "…".into();
            }
        }
    }
    match value {
        Value::Array(array) => array.into_iter().map(masked).collect(),
        value => value,
    }
}

fn users(list: &Value) -> Vec<&str> {
    let entries = list.as_array().unwrap().iter();
    entries
        .map(|entry| entry["user"].as_str().unwrap())
        .collect()
}

fn rooms(list: &Value) -> Vec<&str> {
    let rooms = list.as_array().unwrap().iter();
    rooms.map(|room| room["room"].as_str().unwrap()).collect()
}

/// A secret room must not be met by guessing its address, or that of its name.
#[test]
fn a_secret_room_gets_an_address_that_nobody_guesses() {
    let lounge = Lounge::open();
    let new = |name, more: &[&str]| {
        let typed = [&["room", "new", name, "--privacy", "secret"], more].concat();
        let room = lounge.json(&typed)["room"].as_str().unwrap().to_owned();
        room.split_once('@').unwrap().0.to_owned()
    };
    let made = new("Plot", &[]);
    assert_eq!(made.len(), 32, "{made}");
    assert!(made.chars().all(|character| character.is_ascii_hexdigit()));
    assert_eq!(new("Another", &["--address", "plot"]), "plot");
}

/// Each with what is told; nothing is changed by any of them.
const WRONG: &[(&[&str], &str)] = &[
    (&["room", "new", " "], "a name has something to be seen"),
    (&["room", "new", "a\nb"], "one line is wanted"),
    (
        &["room", "new", "x", "--address", "a b"],
        "--address: \"a b\" can't stand before the @",
    ),
    (
        &["room", "new", "x", "--address", "lounge"],
        "there is a room lounge@rooms.example.org already",
    ),
    (
        &["room", "new", "x", "--manager", "example.org"],
        "a person is wanted",
    ),
    (
        &["room", "new", "x", "--member", "a@b@c"],
        "this is no address",
    ),
    (
        &["room", "new", "x", "--privacy", "hidden"],
        "[possible values: open, closed, secret]",
    ),
    (&["room", "set", ROOM], "--name <NAME>"),
    (&["room", "set", ROOM, "--reason", "x"], "--disabled"),
    (
        &["room", "set", "nowhere", "--name", "x"],
        "there is no room nowhere@rooms.example.org",
    ),
    (
        &[
            "room",
            "set",
            ROOM,
            "--name",
            "x",
            "--remove-member",
            "bob@example.org",
        ],
        "--remove-member: bob@example.org is no member of lounge@rooms.example.org",
    ),
    (
        &[
            "room",
            "set",
            ROOM,
            "--name",
            "x",
            "--remove-manager",
            "alice@example.org",
        ],
        "the room would be left without a manager",
    ),
    (
        &[
            "manager",
            "remove",
            "--room",
            ROOM,
            "--user",
            "alice@example.org",
        ],
        "the room would be left without a manager",
    ),
    (
        &[
            "member",
            "remove",
            "--room",
            ROOM,
            "--user",
            "bob@example.org",
        ],
        "--user: bob@example.org is no member of lounge@rooms.example.org",
    ),
    (
        &["member", "list", "--room", "nowhere"],
        "there is no room nowhere@rooms.example.org",
    ),
    (
        &["room", "remove", ROOM, "--alternate", ROOM, "--yes"],
        "--alternate: this is the room itself",
    ),
    (&["room", "new", "x", "--addin", "nothing"], "--addin"),
    (
        &["room", "set", ROOM, "--name", "x", "--addin", "nothing"],
        "--addin",
    ),
    (
        &["room", "list", "--addin", "nothing"],
        "there is no add-in \"nothing\"",
    ),
    (&["room", "mine"], "this tells people of themselves"),
];

#[test]
fn what_is_wrong_is_told_and_nothing_of_it_is_done() {
    let mut lounge = Lounge::open();
    let before = lounge.json(&["room", "list"]);
    for stopped in [false, true] {
        if stopped {
            lounge.socket.stop().unwrap();
        }
        for (typed, told) in WRONG {
            let output = lounge.lyceum(typed);
            let words = String::from_utf8_lossy(&output.stderr);
            assert!(!output.status.success(), "{typed:?}");
            assert!(words.contains(told), "{typed:?}: {words}");
        }
        assert_eq!(lounge.json(&["room", "list"]), before);
    }
}

/// Whoever is inside sees what they would see if a manager had sent a stanza.
#[test]
fn those_inside_are_told_of_what_a_command_does() {
    let mut lounge = Lounge::open();
    let (alice, bob) = (lounge.alice.clone(), lounge.bob.clone());
    lounge.done(&[
        "room",
        "set",
        ROOM,
        "--privacy",
        "closed",
        "--add-member",
        "bob@example.org",
    ]);
    let deliveries = lounge.deliveries();
    let told: String = of(&deliveries, &bob).map(ToString::to_string).collect();
    assert!(
        told.contains("affiliation='member'") || told.contains("affiliation=\"member\""),
        "{told}"
    );
    assert!(told.contains("104"), "{told}");
    assert!(
        !told.contains("322"),
        "who becomes a member in the same breath stays: {told}"
    );

    lounge.done(&[
        "room",
        "remove",
        ROOM,
        "--reason",
        "Moved",
        "--alternate",
        "den",
        "--yes",
    ]);
    let deliveries = lounge.deliveries();
    for person in [&alice, &bob] {
        let told: String = of(&deliveries, person).map(ToString::to_string).collect();
        assert!(
            told.contains("Moved") && told.contains("den@rooms.example.org"),
            "{told}"
        );
    }
}
