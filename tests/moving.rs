//! Rooms that go from one database to another, and come from other servers, with the program that
//! is run.

mod installation;
mod lync;
mod round_trip;

use std::fs;
use std::path::{Path, PathBuf};

use installation::Installation;

/// What is said so that each kind of message is there.
fn tell(place: &mut Installation) {
    place.enter("ann", "hall/Ann").unwrap();
    place.create("ann", "hall");
    place.enter("bob", "hall/Bob ☃").unwrap();
    let first = place.say("ann", "hall", "<body>tea in the café &amp; more</body>");
    place.say("ann", "hall", "<subject>Teezeit 🍵</subject>");
    let replace = "<body>coffee in the café</body><replace xmlns='urn:xmpp:message-correct:0' id='";
    place.say_as("ann", "hall", "to-be-corrected", "<body>milk</body>");
    place.say("ann", "hall", &format!("{replace}to-be-corrected'/>"));
    let reactions = format!(
        "<reactions xmlns='urn:xmpp:reactions:0' id='{first}'><reaction>👍</reaction></reactions>\
         <store xmlns='urn:xmpp:hints'/>"
    );
    place.say("bob", "hall", &reactions);
    let gone = place.say("bob", "hall", "<body>a secret</body>");
    let retract = format!(
        "<retract xmlns='urn:xmpp:message-retract:1' id='{gone}'/><store xmlns='urn:xmpp:hints'/>"
    );
    place.say("bob", "hall", &retract);
    let rude = place.say(
        "bob",
        "hall",
        "<body xml:lang='de'>Unsinn</body><body>rubbish</body>",
    );
    place.ask(
        "ann",
        "hall",
        "set",
        &format!(
            "<moderate xmlns='urn:xmpp:message-moderate:1' id='{rude}'>\
             <retract xmlns='urn:xmpp:message-retract:1'/><reason>Manners</reason></moderate>"
        ),
    );
    place.say(
        "bob",
        "hall",
        "<body>日本語 לילה טוב</body><x xmlns='urn:x' xmlns:n='urn:y' n:a='&quot;&lt;'><y xmlns=''>]]&gt;</y></x>",
    );
}

#[test]
fn a_room_is_the_same_elsewhere() {
    let mut here = Installation::new();
    here.start();
    tell(&mut here);
    // While somebody goes on talking.
    here.lyceum(&["export", "--output", "all.jsonl"])
        .expect_success();
    here.say("bob", "hall", "<body>after that</body>");
    let exported = here.path("all.jsonl");
    let text = fs::read_to_string(&exported).unwrap();
    assert!(!text.contains("after that"));
    for is_running in [true, false] {
        let mut there = Installation::new();
        there.start();
        if !is_running {
            there.stop();
        }
        let told = there
            .lyceum(&["import", exported.to_str().unwrap()])
            .expect_success();
        assert_eq!(told, "hall@rooms.example.org: imported, 10 messages\n");
        if !is_running {
            there.start();
        }
        assert_same(&mut there, &mut here);
        assert_known(&mut there);
        // And it goes on there as it did here.
        there.say("bob", "hall", "<body>here we are</body>");
        there.stop();
        let again = lines(&there.lyceum(&["export"]).expect_success());
        let before = lines(&text);
        assert_eq!(again[..before.len()], before[..]);
    }
}

/// The same pages, and the same is found; `here` has one message more.
#[track_caller]
fn assert_same(there: &mut Installation, here: &mut Installation) {
    let mut expected = here.archive("ann", "hall", "");
    assert!(expected.pop().unwrap().contains("after that"));
    assert_eq!(there.archive("ann", "hall", ""), expected);
    for words in [
        "coffee", "milk", "tea", "café", "secret", "rubbish", "日本", "teezeit",
    ] {
        let found = there.search("bob", "hall", words);
        assert_eq!(found, here.search("bob", "hall", words), "{words}");
    }
    assert_eq!(there.search("bob", "hall", "coffee").len(), 1);
    assert_eq!(there.search("bob", "hall", "secret"), [""; 0]);
}

/// The same people have the same ids, and the subject is there.
#[track_caller]
fn assert_known(there: &mut Installation) {
    let shown = there.enter("bob", "hall/Bob ☃").unwrap();
    let mut presences = shown.split("<presence");
    let own = presences.find(|one| one.contains("code='110'")).unwrap();
    let id = own.split("urn:xmpp:occupant-id:0").nth(1).unwrap();
    let id = id.split('\'').nth(2).unwrap();
    let archive = there.archive("ann", "hall", "");
    assert!(archive.iter().any(|message| message.contains(id)), "{id}");
    assert!(shown.contains("<subject>Teezeit 🍵</subject>"), "{shown}");
}

/// The rooms and messages of an export.
fn lines(text: &str) -> Vec<String> {
    let is_record = |line: &&str| {
        line.starts_with("{\"type\":\"room\"") || line.starts_with("{\"type\":\"message\"")
    };
    text.lines().filter(is_record).map(str::to_owned).collect()
}

#[test]
fn a_room_that_is_there_is_left_as_it_is() {
    let mut place = Installation::new();
    place.start();
    tell(&mut place);
    place
        .lyceum(&["export", "-o", "all.jsonl"])
        .expect_success();
    let before = place.archive("ann", "hall", "");
    let told = place.lyceum(&["import", "all.jsonl"]).expect_failure();
    assert!(
        told.contains("there is a room hall@rooms.example.org already"),
        "{told}"
    );
    let told = place
        .lyceum(&["import", "all.jsonl", "--on-conflict", "skip"])
        .expect_success();
    assert_eq!(
        told,
        "hall@rooms.example.org: is here already, and was left as it is\n"
    );
    // Under another name it comes, and no two messages share an id.
    let arguments = ["import", "all.jsonl", "--room", "hall", "--as", "hall2"];
    let dry = place
        .lyceum(&[&arguments[..], &["--dry-run"]].concat())
        .expect_success();
    assert_eq!(
        dry,
        "hall2@rooms.example.org: would be imported, 10 messages\n"
    );
    assert_eq!(place.archive("ann", "hall", ""), before);
    let told = place.lyceum(&arguments).expect_success();
    assert!(told.contains("10 with another id"), "{told}");
    assert_eq!(place.archive("ann", "hall", ""), before);
    let copy = place.archive("ann", "hall2", "");
    assert_eq!(copy.len(), before.len());
    assert_eq!(place.search("ann", "hall2", "coffee").len(), 1);
    assert_eq!(place.search("ann", "hall2", "secret").len(), 0);
    let told = place
        .lyceum(&["import", "all.jsonl", "--room", "nothing"])
        .expect_success();
    assert!(told.contains("there is no such room"), "{told}");
}

#[test]
fn a_room_whose_name_another_has_comes_with_a_number_behind_it() {
    let mut place = Installation::new();
    place.start();
    tell(&mut place);
    place
        .lyceum(&["export", "-o", "all.jsonl"])
        .expect_success();
    let named = fs::read_to_string(place.path("all.jsonl"))
        .unwrap()
        .replace("\"name\":\"\"", "\"name\":\"Tea & biscuits\"");
    assert!(named.contains("Tea & biscuits"), "{named}");
    fs::write(place.path("named.jsonl"), named).unwrap();
    let import = |place: &mut Installation, room: &str, more: &[&str]| {
        let arguments = ["import", "named.jsonl", "--room", "hall", "--as", room];
        place
            .lyceum(&[&arguments[..], more].concat())
            .expect_success()
    };
    let told = import(&mut place, "one", &[]);
    assert!(!told.contains("named"), "{told}");
    for (room, name) in [
        ("two", "Tea & biscuits (2)"),
        ("three", "Tea & biscuits (3)"),
    ] {
        let expected = format!("named {name:?}, for another room has its name");
        let dry = import(&mut place, room, &["--dry-run"]);
        assert!(dry.contains(&expected), "{dry}");
        let told = import(&mut place, room, &[]);
        assert!(told.contains(&expected), "{told}");
        let shown = place
            .lyceum(&["room", "show", room, "--json"])
            .expect_success();
        assert!(shown.contains(&format!("\"name\":\"{name}\"")), "{shown}");
    }
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_line_and_nothing_comes_of_the_room() {
    let mut place = Installation::new();
    place.start();
    tell(&mut place);
    place
        .lyceum(&["export", "-o", "all.jsonl"])
        .expect_success();
    let text = fs::read_to_string(place.path("all.jsonl")).unwrap();
    let lines: Vec<_> = text.lines().collect();
    let garbage = [&lines[..2], &["garbage"], &lines[3..]].concat().join("\n") + "\n";
    let newer = text.replacen("\"version\":1", "\"version\":99", 1);
    let truncated = &text[..text.len() / 2];
    let without_end = lines[..lines.len() - 1].join("\n") + "\n";
    for is_running in [true, false] {
        let mut there = Installation::new();
        there.start();
        if !is_running {
            there.stop();
        }
        for (text, complaint) in [
            (garbage.as_str(), "line 3: "),
            (&newer, "line 1: version 99"),
            (truncated, "was cut off"),
            (&without_end, "has no end"),
        ] {
            fs::write(there.path("bad.jsonl"), text).unwrap();
            let told = there.lyceum(&["import", "bad.jsonl"]).expect_failure();
            assert!(
                told.contains("bad.jsonl") && told.contains(complaint),
                "{told}"
            );
            assert_eq!(
                there.lyceum(&["room", "list"]).expect_success(),
                "There are no rooms.\n"
            );
        }
        fs::write(there.path("good.jsonl"), &text).unwrap();
        // No id was lost to what did not come.
        let told = there.lyceum(&["import", "good.jsonl"]).expect_success();
        assert_eq!(told, "hall@rooms.example.org: imported, 10 messages\n");
    }
}

#[test]
fn an_import_that_is_killed_leaves_no_half_room() {
    let mut place = Installation::new();
    place.start();
    tell(&mut place);
    place
        .lyceum(&["export", "-o", "all.jsonl"])
        .expect_success();
    let text = fs::read_to_string(place.path("all.jsonl")).unwrap();
    let (room, message) = (text.lines().nth(1).unwrap(), text.lines().nth(2).unwrap());
    let mut long = format!("{}\n{room}\n", text.lines().next().unwrap());
    let id = message
        .split("\"id\":\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    for number in 0..20_000 {
        long.push_str(&message.replace(id, &format!("m{number}")));
        long.push('\n');
    }
    long.push_str("{\"type\":\"end\",\"rooms\":1,\"messages\":20000}\n");
    for killed in ["the service", "the command", "the command alone"] {
        let mut there = Installation::new();
        fs::write(there.path("long.jsonl"), &long).unwrap();
        there.start();
        if killed == "the command alone" {
            there.stop();
        }
        let mut command = there.begin(&["import", "long.jsonl"]);
        there.wait_for_messages();
        if killed == "the service" {
            there.kill();
            assert!(!command.wait().unwrap().success());
        } else {
            command.kill().unwrap();
            command.wait().unwrap();
        }
        if killed != "the command" {
            there.start();
        }
        assert_eq!(
            there.lyceum(&["room", "list"]).expect_success(),
            "There are no rooms.\n",
            "{killed}"
        );
        there.wait_for_no_messages();
        let told = there.lyceum(&["import", place.path("all.jsonl").to_str().unwrap()]);
        let told = told.expect_success();
        assert_eq!(
            told, "hall@rooms.example.org: imported, 10 messages\n",
            "{killed}"
        );
    }
}

#[test]
fn times_that_can_not_be_are_moved() {
    let mut place = Installation::new();
    place.start();
    tell(&mut place);
    place
        .lyceum(&["export", "-o", "all.jsonl"])
        .expect_success();
    let text = fs::read_to_string(place.path("all.jsonl")).unwrap();
    let times = [
        "2020-01-02T00:00:00.5",
        "2020-01-01T00:00:00.0",
        "2999-01-01T00:00:00.0",
    ];
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (line, time) in lines[2..].iter_mut().zip(times) {
        let (before, rest) = line.split_once("\"at\":\"").unwrap();
        let (_, after) = rest.split_once('"').unwrap();
        *line = format!("{before}\"at\":\"{time}Z\"{after}");
    }
    let mut there = Installation::new();
    there.start();
    fs::write(there.path("all.jsonl"), lines.join("\n") + "\n").unwrap();
    let told = there
        .lyceum(&["import", "all.jsonl", "--json"])
        .expect_success();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    // All that follow what was in the future are from before it.
    assert_eq!(told["rooms"][0]["moved"], 9);
    assert_eq!(told["rooms"][0]["messages"], 10);
    let archive = there.archive("ann", "hall", "");
    let stamp = |message: &str| {
        let stamp = message.split(" stamp='").nth(1).unwrap();
        stamp.split('\'').next().unwrap().to_owned()
    };
    let stamps: Vec<_> = archive.iter().map(|message| stamp(message)).collect();
    assert!(
        stamps[0].starts_with("2020-01-02") && stamps[0] == stamps[1],
        "{stamps:?}"
    );
    assert!(
        stamps.is_sorted() && stamps.iter().all(|stamp| !stamp.starts_with("2999")),
        "{stamps:?}"
    );
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/transfer")
        .join(name)
}

#[test]
fn rooms_of_other_servers_come_with_their_archives() {
    for (from, path) in [
        ("prosody", "prosody-internal"),
        ("prosody-sql", "prosody.sqlite"),
        ("ejabberd-sql", "ejabberd.sqlite"),
        ("ejabberd-dump", "ejabberd-dump.txt"),
    ] {
        let mut place = Installation::new();
        place.start();
        let path = fixture(path);
        let host = ["--host", "conference.example.org"];
        let arguments = [
            &["import", "--from", from],
            &host[..],
            &[path.to_str().unwrap()],
        ];
        let told = place.lyceum(&arguments.concat()).expect_success();
        assert!(
            told.contains("tea@rooms.example.org: imported"),
            "{from}: {told}"
        );
        assert!(
            told.contains("cellar@rooms.example.org: imported"),
            "{from}: {told}"
        );
        assert!(
            told.contains("taken back by their authors"),
            "{from}: {told}"
        );
        let whole = place.archive("ann", "tea", "");
        assert!(
            whole.iter().any(|message| message.contains("café 日本語")),
            "{from}"
        );
        // What was corrected is found by its new words, what was taken back not at all.
        assert_eq!(place.search("ann", "tea", "love tea").len(), 1, "{from}");
        assert_eq!(
            place.search("ann", "tea", "\"like tea\"").len(),
            0,
            "{from}"
        );
        assert_eq!(place.search("ann", "tea", "gone soon").len(), 0, "{from}");
        assert_eq!(place.search("ann", "tea", "日本語").len(), 1, "{from}");
        // Who was owner there is owner here.
        assert!(
            place
                .enter("ann", "tea/ann")
                .unwrap()
                .contains("affiliation='owner'"),
            "{from}"
        );
        // And nobody else is told that there is a cellar.
        assert_eq!(place.archive("ann", "cellar", "").len(), 3, "{from}");
        let refused = place.enter("eve", "cellar/eve").unwrap_err();
        assert!(refused.contains("not-allowed"), "{from}: {refused}");
    }
}

#[test]
fn the_compliance_log_is_exported_by_time() {
    let mut place = Installation::with("compliance = true");
    place.start();
    tell(&mut place);
    place
        .lyceum(&["export", "-o", "all.jsonl"])
        .expect_success();
    place
        .lyceum(&["import", "all.jsonl", "--room", "hall", "--as", "copy"])
        .expect_success();
    place.search_everywhere("ann", "coffee");
    let all = place.lyceum(&["compliance", "export"]).expect_success();
    let events: Vec<serde_json::Value> = all
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let find = |event: &str, room: Option<&str>| {
        let found = events
            .iter()
            .filter(|found| found["event"] == event && found["room"].as_str() == room);
        found.cloned().collect::<Vec<_>>()
    };
    let hall = Some("hall@rooms.example.org");
    assert!(!find("join", hall).is_empty());
    let chats = find("chat", hall);
    let first = &chats[0];
    assert_eq!(first["content"], "<body>tea in the café &amp; more</body>");
    assert_eq!(first["person"], "ann@example.org/phone");
    assert_eq!(first["nick"], "Ann");
    assert!(first["message"].is_string());
    let imported = find("administration", Some("copy@rooms.example.org"));
    assert_eq!(imported[0]["detail"]["imported"], true);
    assert!(imported[0]["person"].is_null());
    let searched = find("backchat", None);
    assert_eq!(searched[0]["person"], "ann@example.org/phone");
    assert!(
        searched[0]["detail"]["words"]
            .as_str()
            .unwrap()
            .contains("coffee")
    );

    let time = first["time"].as_str().unwrap();
    place
        .lyceum(&["compliance", "export", "--from", time, "-o", "later.jsonl"])
        .expect_success();
    let later = fs::read_to_string(place.path("later.jsonl")).unwrap();
    let before = place
        .lyceum(&["compliance", "export", "--to", time])
        .expect_success();
    assert_eq!(before + &later, all);
    assert!(later.lines().next().unwrap().contains("tea in the café"));
    let none = place
        .lyceum(&["compliance", "export", "--to", "2020-01-01"])
        .expect_success();
    assert_eq!(none, "");
}
