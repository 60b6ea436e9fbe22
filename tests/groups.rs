//! Who may enter is kept elsewhere: in a file, and in an LDAP directory, a real slapd.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::operating::lounge::{self, Lounge, ROOM, lyceum};
use crate::support::scenario::Person;
use crate::support::servers::slapd::{BASE, Slapd};
use crate::support::stage::{Delivery, World};
use crate::support::xml::{Element, elements};

/// How long is waited for what has to come at the next reading.
const PATIENCE: Duration = Duration::from_secs(30);
const USER: &str = "http://jabber.org/protocol/muc#user";

/// `[pool.ldap]` for a directory that is read every second.
fn section(slapd: &Slapd) -> String {
    format!(
        "[pool.ldap]\nurl = 'ldap://127.0.0.1:{}'\nbind = 'cn=reader,{BASE}'\npassword = '{}'\n\
         base = '{BASE}'\naddress = '{{uid}}@example.org'\nrefresh_s = 1\ntimeout_s = 5\n",
        slapd.port, slapd.password
    )
}

/// Writes more into the configuration of a service that is stopped.
fn configure(folder: &Path, more: &str) {
    let path = folder.join("lyceum.toml");
    let text = fs::read_to_string(&path).unwrap_or_default();
    fs::write(path, format!("{text}\n{more}")).unwrap();
}

/// Starts the service of a room in which people are with more in its configuration.
fn reconfigure(lounge: &mut Lounge, more: &str) {
    lounge.socket.stop().unwrap();
    configure(lounge.socket.folder(), more);
    lounge.socket.start_again().unwrap();
}

fn log(lounge: &Lounge) -> String {
    fs::read_to_string(lounge.socket.folder().join("log")).unwrap_or_default()
}

/// Waits until something is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// Those who are eligible, and with `!` those who are denied.
fn eligible(lounge: &Lounge) -> String {
    let rows = lounge.json(&["principal", "list", "--category", "General"]);
    let row = |row: &Value| {
        let denied = if row["eligible"] == true { "" } else { "!" };
        format!("{denied}{}", row["principal"].as_str().unwrap())
    };
    let rows: Vec<_> = rows.as_array().unwrap().iter().map(row).collect();
    rows.join(" ")
}

/// The statuses of presence that somebody gets.
fn statuses(deliveries: &[Delivery], person: &Person) -> Vec<String> {
    let told = lounge::of(deliveries, person).filter(|stanza| stanza.name == "presence");
    let x = told.filter_map(|presence| presence.child(USER, "x"));
    let statuses = x.flat_map(|x| x.elements().filter(|child| child.name == "status"));
    statuses
        .filter_map(|status| status.attribute("code").map(str::to_owned))
        .collect()
}

/// Waits until somebody gets presence with a status.
fn shown(lounge: &mut Lounge, person: &Person, status: &str) -> Vec<Delivery> {
    let mut all = Vec::new();
    let deadline = Instant::now() + PATIENCE;
    while !statuses(&all, person).iter().any(|told| told == status) {
        assert!(
            Instant::now() < deadline,
            "{} is not told {status}",
            person.jid
        );
        all.extend(lounge.deliveries());
        thread::sleep(Duration::from_millis(50));
    }
    all
}

/// What somebody gets who enters.
fn enter(lounge: &mut Lounge, person: &Person, nick: &str) -> Vec<Delivery> {
    let xml = format!(
        "<presence to='{ROOM}/{nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
    );
    lounge.socket.send(person, &element(&xml)).unwrap();
    lounge.socket.settle(person).unwrap()
}

fn element(xml: &str) -> Element {
    elements(xml).unwrap().pop().unwrap().element
}

/// A directory in which alice and bob are traders through another group.
fn directory() -> Slapd {
    let slapd = Slapd::start();
    for uid in ["alice", "bob", "carol"] {
        slapd.add_person(uid);
    }
    slapd.add_group("desk", &["uid=alice,ou=people", "uid=bob,ou=people"]);
    slapd.add_group("traders", &["cn=desk,ou=groups"]);
    slapd
}

const TRADERS: &str = "ldap:cn=traders,ou=groups,dc=example,dc=org";

/// A free port for monitoring.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn whoever_leaves_a_group_of_the_ldap_directory_is_shown_out_and_what_was_known_holds_while_it_is_away()
 {
    let mut slapd = directory();
    let mut lounge = Lounge::open();
    let (alice, bob) = (lounge.alice.clone(), lounge.bob.clone());
    let port = free_port();
    let http = format!("[http]\nlisten = '127.0.0.1:{port}'\n");
    reconfigure(&mut lounge, &format!("{}{http}", section(&slapd)));
    until("it is read", || log(&lounge).contains("3 people, 2 groups"));
    let unknown = lounge.lyceum(&["category", "set", "General", "--add-allowed", "ldap:cn=x"]);
    assert!(!unknown.status.success());
    lounge.done(&["category", "set", "General", "--allowed", TRADERS]);
    assert_eq!(eligible(&lounge), "alice@example.org bob@example.org");
    assert_eq!(statuses(&lounge.deliveries(), &bob), Vec::<String>::new());

    slapd.change_member("delete", "desk", "uid=bob,ou=people");
    let told = shown(&mut lounge, &bob, "321");
    assert!(
        statuses(&told, &alice).contains(&"321".to_owned()),
        "to the others"
    );
    assert!(statuses(&enter(&mut lounge, &bob, "Bob"), &bob).is_empty());
    slapd.change_member("add", "traders", "uid=bob,ou=people");
    until("he is back", || {
        eligible(&lounge) == "alice@example.org bob@example.org"
    });
    until("he may enter", || {
        statuses(&enter(&mut lounge, &bob, "Bob"), &bob).contains(&"110".to_owned())
    });

    slapd.stop();
    until("it is noticed", || complaints(&lounge) > 0);
    let metrics = metrics(port);
    let stale = "lyceum_groups_stale{pool=\"rooms.example.org\",source=\"ldap\"} 1";
    assert!(metrics.contains(stale), "{metrics}");
    check_finds(&lounge, "error: rooms.example.org: LDAP: ldap://127.0.0.1:");
    assert_eq!(eligible(&lounge), "alice@example.org bob@example.org");
    lounge.say(&bob, "still here");
    // Its last words may have been others than that it is away.
    thread::sleep(Duration::from_secs(2));
    let told = complaints(&lounge);
    thread::sleep(Duration::from_secs(3));
    assert_eq!(complaints(&lounge), told, "it is told once");

    lounge.socket.stop().unwrap();
    assert_eq!(
        eligible(&lounge),
        "alice@example.org bob@example.org",
        "stopped"
    );
    lounge.socket.start_again().unwrap();
    until("it is noticed again", || complaints(&lounge) > told);
    assert_eq!(eligible(&lounge), "alice@example.org bob@example.org");
    lounge.say(&bob, "and here");
    assert!(statuses(&lounge.deliveries(), &bob).is_empty());

    slapd.start_again();
    until("it is well again", || {
        log(&lounge).contains("can be read again")
    });
    slapd.change(&format!(
        "dn: uid=bob,ou=people,{BASE}\nchangetype: delete\n"
    ));
    shown(&mut lounge, &bob, "321");
}

/// How often the log has said that a source can't be read.
fn complaints(lounge: &Lounge) -> usize {
    let log = log(lounge);
    log.matches("what was known last stays in force").count()
}

fn metrics(port: u16) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

fn check_finds(lounge: &Lounge, line: &str) {
    let output = lounge.lyceum(&["check"]);
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(printed.contains(line), "{printed}");
    assert_eq!(output.status.code(), Some(1), "{printed}");
}

/// What `lyceum check` prints with a directory, beside a server that isn't there.
fn checked(more: &str, environment: &[(&str, &Path)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let pool = format!(
        "[[pool]]\ndomain = 'rooms.example.org'\nsecret = 'x'\nserver = '127.0.0.1:1'\n{more}"
    );
    configure(folder.path(), &pool);
    let output = Command::new(env!("CARGO_BIN_EXE_lyceum"))
        .arg("check")
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn what_is_wrong_with_the_ldap_directory_is_told_by_check() {
    let slapd = directory();
    for number in 0..300 {
        slapd.add_person(&format!("p{number}"));
    }
    let right = section(&slapd);
    let cases = [
        // More than it gives for one question.
        ("", "", "303 people with an address, 0 without, 2 groups"),
        (
            "{uid}@example.org",
            "mail",
            "303 people with an address, 0 without",
        ),
        (
            "{uid}@example.org",
            "description",
            "shows nobody with an address below",
        ),
        (
            "password = '",
            "password = 'x",
            "refuses cn=reader,dc=example,dc=org; check `bind`",
        ),
        (
            "base = '",
            "base = 'ou=nowhere,",
            "shows no entry ou=nowhere,dc=example,dc=org",
        ),
        (
            "refresh_s",
            "filter = '(uid=)(x=)'\nrefresh_s",
            "which is no filter",
        ),
        (
            "refresh_s",
            "filter = '(uid=alice)'\nrefresh_s",
            "1 person with an address",
        ),
        (
            "refresh_s",
            "entries_max = 100\nrefresh_s",
            "more entries than `entries_max`",
        ),
        ("bind = ", "#bind = ", "there is a password and no `bind`"),
    ];
    for (from, to, found) in cases {
        let printed = checked(&right.replacen(from, to, 1), &[]);
        assert!(printed.contains(found), "{to}: {printed}");
    }
    let plain = format!("ldap://127.0.0.1:{}", slapd.port);
    let encrypted = right.replace(&plain, &format!("ldaps://localhost:{}", slapd.tls_port));
    let printed = checked(&encrypted, &[("SSL_CERT_FILE", &slapd.certificate)]);
    assert!(printed.contains("303 people with an address"), "{printed}");
    let printed = checked(&encrypted, &[]);
    assert!(
        printed.contains("can't be reached"),
        "nobody vouches for it: {printed}"
    );
}

#[test]
fn a_file_of_groups_is_followed_while_people_are_inside() {
    let mut lounge = Lounge::open();
    let bob = lounge.bob.clone();
    let file = lounge.socket.folder().join("groups.toml");
    let write = |text: &str| fs::write(&file, text).unwrap();
    write(
        "all = ['group:desk', 'alice@example.org']\ndesk = ['bob@example.org', 'eve@example.net']",
    );
    // A key of the pool must stand before its sections.
    lounge.socket.stop().unwrap();
    let path = lounge.socket.folder().join("lyceum.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        path,
        text.replacen("domain =", "groups = 'groups.toml'\ndomain =", 1),
    )
    .unwrap();
    lounge.socket.start_again().unwrap();

    let refused = lounge.lyceum(&["category", "set", "General", "--add-allowed", "group:dek"]);
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("dek") && told.contains("desk"), "{told}");
    let set = [
        "category",
        "set",
        "General",
        "--allowed",
        "group:all",
        "--denied",
        "eve@example.net",
    ];
    lounge.done(&set);
    assert_eq!(
        eligible(&lounge),
        "alice@example.org bob@example.org !eve@example.net"
    );
    let table = lounge.done(&["principal", "list", "--room", "lounge"]);
    let row = table
        .lines()
        .find(|line| line.starts_with("bob@example.org"))
        .unwrap();
    assert!(row.contains("yes") && row.contains("group:all"), "{table}");

    write("all = ['group:desk', 'alice@example.org']\ndesk = ['group:all']");
    until("it is noticed", || {
        log(&lounge).contains("all > desk > all")
    });
    check_finds(
        &lounge,
        "groups can't be part of themselves: all > desk > all",
    );
    fs::remove_file(&file).unwrap();
    until("it is noticed", || {
        log(&lounge).contains("(entity not found)")
    });
    lounge.say(&bob, "still here");
    write("all = ['alice@example.org']");
    shown(&mut lounge, &bob, "321");
    a_group_that_vanishes_is_nobody(&lounge, &file);
}

fn a_group_that_vanishes_is_nobody(lounge: &Lounge, file: &Path) {
    fs::write(file, "others = ['alice@example.org']").unwrap();
    until("it is told", || {
        log(lounge).contains("there is no group `all`")
    });
    assert_eq!(eligible(lounge), "");
    let checked = lyceum(lounge.socket.folder(), &["check"]);
    let printed = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(
        printed.contains("category General, allowed: there is no group `all`"),
        "{printed}"
    );
}
