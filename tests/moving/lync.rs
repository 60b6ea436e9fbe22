//! Rooms of the original product come over, with the program that is run.
//!
//! The exports are those of `tests/transfer/lync/`, and larger ones made here by the same schema.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::installation::Installation;

fn fixture(form: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transfer/lync");
    folder.join(form).to_str().unwrap().to_owned()
}

fn map_file() -> String {
    fixture("map.toml")
}

/// The command that brings an export over.
fn import<'a>(folder: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec![
        "import",
        "--from",
        "lync",
        folder,
        "--map",
        "contoso.com=example.org",
    ];
    arguments.extend(more);
    arguments
}

/// An installation that knows the groups to which the fixtures' are mapped.
fn installation() -> Installation {
    let place = Installation::with("groups = 'groups.toml'");
    fs::write(
        place.path("groups.toml"),
        "traders = ['ann.archer@example.org', 'bob@example.org']\n",
    )
    .unwrap();
    place
}

#[test]
fn access_that_would_widen_stops_what_is_not_rehearsed() {
    let mut place = installation();
    place.start();
    let (folder, map) = (fixture("hex"), map_file());
    let told = place
        .lyceum(&import(&folder, &["--map-file", &map, "--dry-run"]))
        .expect_success();
    for line in [
        "category Trading: would be imported",
        "kitchen-tea@rooms.example.org: would be imported, 8 messages",
        "Access that is wider than before:",
        "  category \"Trading\": sip:dee@fabrikam.com was denied and has no address here",
    ] {
        assert!(
            told.lines().any(|told| told.starts_with(line)),
            "{line}: {told}"
        );
    }
    let told = place
        .lyceum(&import(&folder, &["--map-file", &map]))
        .expect_failure();
    assert!(told.contains("--accept-wider-access"), "{told}");
    assert_eq!(
        place.lyceum(&["room", "list"]).expect_success(),
        "There are no rooms.\n"
    );
}

#[test]
fn all_of_it_comes_and_comes_once() {
    for is_running in [true, false] {
        let mut place = installation();
        place.start();
        if !is_running {
            place.stop();
        }
        let (folder, map) = (fixture("json-lines"), map_file());
        let arguments = import(&folder, &["--map-file", &map, "--accept-wider-access"]);
        let told = place.lyceum(&arguments).expect_success();
        for line in [
            "category Everyone: imported",
            "category Trading: imported",
            "kitchen-tea@rooms.example.org: imported, 8 messages; 1 with another time",
        ] {
            assert!(
                told.lines().any(|told| told.starts_with(line)),
                "{line}: {told}"
            );
        }
        // Once more: nothing is new.
        let told = place.lyceum(&arguments).expect_success();
        for line in [
            "category Everyone: is here already, for the same people",
            "kitchen-tea@rooms.example.org: is here already, and was given what is new, 0 messages",
        ] {
            assert!(
                told.lines().any(|told| told.starts_with(line)),
                "{line}: {told}"
            );
        }
        if !is_running {
            place.start();
        }
        place.enter("bob", "kitchen-tea/Bob").unwrap();
        let archive = place.archive("bob", "kitchen-tea", "");
        assert_eq!(archive.len(), 8, "{archive:?}");
        for part in [
            "<header name='Urgency'>high</header>",
            "<subject>The lift</subject>",
            "dee@fabrikam.com.invalid",
        ] {
            assert!(
                archive.iter().any(|one| one.contains(part)),
                "{part}: {archive:?}"
            );
        }
        assert_eq!(place.search("bob", "kitchen-tea", "stairs").len(), 1);
        // Closed: bob is a member by a group, and cy is none.
        assert!(place.enter("bob", "rates-emea/Bob").is_ok());
        let refused = place.enter("cy", "rates-emea/Cy").unwrap_err();
        assert!(
            refused.contains("item-not-found") || refused.contains("registration-required"),
            "{refused}"
        );
        // Disabled.
        assert!(place.enter("bob", "old-floor/Bob").is_err());
    }
}

/// An export with one open room of that number of messages.
fn large(place: &Installation, messages: u64) -> PathBuf {
    let folder = place.path("large");
    fs::create_dir_all(&folder).unwrap();
    for table in ["principals", "roles", "scopes", "nodes"] {
        let from = Path::new(&fixture("hex")).join(format!("{table}.tsv"));
        let text = fs::read_to_string(from).unwrap();
        let is_kept = |line: &&str| match table {
            "nodes" => line.starts_with("11\t") || line.starts_with("100\t"),
            "scopes" => line.starts_with("11\t"),
            "roles" => false,
            _ => true,
        };
        let kept: Vec<_> = text.lines().filter(is_kept).collect();
        fs::write(folder.join(format!("{table}.tsv")), kept.join("\n") + "\n").unwrap();
    }
    let mut chat = String::new();
    for number in 1..=messages {
        let hex: String =
            format!("message {number}")
                .bytes()
                .fold(String::new(), |mut hex, byte| {
                    let _ = write!(hex, "{byte:02X}00");
                    hex
                });
        let ticks = 635_000_000_000_000_000 + number * 10;
        let _ = writeln!(chat, "100\t{number}\t{ticks}\t5\t0\tx{hex}\t");
    }
    fs::write(folder.join("chat.tsv"), chat).unwrap();
    folder
}

#[test]
fn a_later_export_adds_what_is_new_while_people_talk() {
    let mut place = installation();
    place.start();
    let folder = large(&place, 300);
    let folder = folder.to_str().unwrap();
    place.lyceum(&import(folder, &[])).expect_success();
    place.enter("bob", "kitchen-tea/Bob").unwrap();
    place.say("bob", "kitchen-tea", "<body>we are here already</body>");
    large(&place, 450);
    let told = place
        .lyceum(&import(folder, &["--dry-run"]))
        .expect_success();
    assert!(
        told.contains("would be given what is new, 150 messages"),
        "{told}"
    );
    let told = place.lyceum(&import(folder, &[])).expect_success();
    assert!(
        told.contains("was given what is new, 150 messages"),
        "{told}"
    );
    let found = place.search("bob", "kitchen-tea", "message");
    assert!(!found.is_empty());
    let told = place
        .lyceum(&["room", "show", "kitchen-tea", "--json"])
        .expect_success();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["messages"], 451, "{told}");
}

#[test]
fn an_import_that_is_killed_goes_on_where_it_was() {
    for killed in ["the service", "the command", "the command alone"] {
        let mut place = installation();
        place.start();
        let folder = large(&place, 200);
        let folder = folder.to_str().unwrap();
        place.lyceum(&import(folder, &[])).expect_success();
        large(&place, 20_000);
        if killed == "the command alone" {
            place.stop();
        }
        let mut command = place.begin(&import(folder, &[]));
        place.wait_for_more_messages_than(400);
        if killed == "the service" {
            place.kill();
            assert!(!command.wait().unwrap().success());
        } else {
            command.kill().unwrap();
            command.wait().unwrap();
        }
        if killed != "the command" {
            place.start();
        }
        // What has come stays, and the rest comes with the next run, each once and in order.
        let told = place.lyceum(&import(folder, &[])).expect_success();
        assert!(told.contains("was given what is new"), "{told}");
        let told = place
            .lyceum(&["room", "show", "kitchen-tea", "--json"])
            .expect_success();
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["messages"], 20_000, "{killed}: {told}");
        let exported = place.lyceum(&["export", "kitchen-tea"]).expect_success();
        let ids: Vec<_> = exported
            .lines()
            .filter(|line| line.starts_with("{\"type\":\"message\""))
            .map(|line| {
                line.split("c964ff-")
                    .nth(1)
                    .unwrap()
                    .split('"')
                    .next()
                    .unwrap()
            })
            .map(|number| number.parse::<u64>().unwrap())
            .collect();
        assert_eq!(ids, (1..=20_000).collect::<Vec<_>>(), "{killed}");
    }
}
