//! The database can't be written for a while. DESIGN §2, decision 1: what is not stored is not
//! seen.

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::support::servers::{Lyceum, Prosody, Server};
use crate::support::session::{PASSWORD, Session, is_removal, is_subject, list, said};
use crate::support::xml::Element;

/// The database lies on a disk of its own, which something else fills.
#[test]
fn on_a_full_disk_the_service_refuses_what_it_cannot_store_and_goes_on_when_there_is_space() {
    if !can_mount() {
        eprintln!("skipped: this user can't mount a small disk for the database");
        return;
    }
    let server = Prosody::start();
    let lyceum = start_by(&server, ON_A_SMALL_DISK);
    let within = format!("/proc/{}/root", lyceum.pid());
    let directory = lyceum
        .directory()
        .strip_prefix("/")
        .expect("it is absolute");
    let filler = Path::new(&within).join(directory).join("filler");
    what_is_not_stored_is_not_seen(
        &server,
        || fill(&filler),
        || fs::remove_file(&filler).expect("the filler is there"),
    );
}

/// No file of the process may grow: neither the database nor the log.
#[test]
fn where_nothing_can_be_written_not_even_the_log_the_service_refuses_and_goes_on_later() {
    let server = Prosody::start();
    let lyceum = start_by(&server, WITH_A_LIMIT_TO_ITS_FILES);
    let limit = |size: &str| {
        let pid = lyceum.pid().to_string();
        let limited = Command::new("prlimit")
            .args(["--pid", &pid, &format!("--fsize={size}")])
            .status();
        assert!(
            limited.is_ok_and(|status| status.success()),
            "the limit can't be set"
        );
    };
    what_is_not_stored_is_not_seen(&server, || limit("1:unlimited"), || limit("unlimited"));
}

fn what_is_not_stored_is_not_seen(
    server: &Server,
    break_it: impl FnOnce(),
    mend_it: impl FnOnce(),
) {
    for account in ["alice", "bob", "carol", "dora"] {
        server.add_user(account, PASSWORD);
    }
    let mut alice = Session::log_in(server, "alice", "desk");
    alice.enter("lounge", "Alice");
    alice.configure("lounge", &[("whois", "anyone")]);
    let mut bob = Session::log_in(server, "bob", "desk");
    bob.enter("lounge", "Bob");
    let mut carol = Session::log_in(server, "carol", "desk");
    let dora = Session::log_in(server, "dora", "desk");
    dora.enter("lounge", "Dora");
    alice.say("lounge", "before");
    hears(&bob, "before");
    hears(&alice, "before");

    break_it();
    everything_is_refused(&mut alice, &mut carol);
    dora.vanish();
    let seen = bob.fence();
    assert!(
        seen.is_empty(),
        "Bob saw what is not stored: {}",
        list(&seen)
    );
    assert!(
        alice.is_inside("lounge", "Alice"),
        "reading works as before"
    );

    mend_it();
    alice.say("lounge", "after");
    hears(&alice, "after");
    hears(&bob, "after");
    nothing_is_left_of_what_was_refused(&mut carol, &bob);
}

/// What Alice says and changes, and Carol's entering.
fn everything_is_refused(alice: &mut Session, carol: &mut Session) {
    for number in 0..5 {
        alice.say("lounge", &format!("lost {number} {}", "x".repeat(20_000)));
        only_errors(&alice.fence(), 1);
    }
    alice.send(
        "<message to='lounge@rooms.example.org' type='groupchat'><subject>lost</subject></message>\
         <presence to='lounge@rooms.example.org/Alicia'/>",
    );
    only_errors(&alice.fence(), 2);
    carol.send(
        "<presence to='lounge@rooms.example.org/Carol'>\
         <x xmlns='http://jabber.org/protocol/muc'/></presence>",
    );
    only_errors(&carol.fence(), 1);
}

fn only_errors(stanzas: &[Element], count: usize) {
    let errors = stanzas
        .iter()
        .filter(|stanza| stanza.attribute("type") == Some("error"));
    let found = (errors.count(), stanzas.len());
    assert_eq!(found, (count, count), "{}", list(stanzas));
}

/// Carol enters now. Dora, whose good-bye could not be stored, is found by what is sent to her.
fn nothing_is_left_of_what_was_refused(carol: &mut Session, bob: &Session) {
    let came = carol.enter_with("lounge", "Carol", "<history maxstanzas='20'/>");
    let history: Vec<_> = came.iter().filter_map(said).collect();
    assert_eq!(history, ["before", "after"]);
    let subject = came.last().filter(|stanza| is_subject(stanza));
    let subject = subject.expect("it is the last");
    assert!(!subject.to_string().contains("lost"), "{subject}");
    bob.until("the removal of Dora", |stanza| {
        stanza.attribute("from") == Some("lounge@rooms.example.org/Dora") && is_removal(stanza)
    });
}

fn hears(session: &Session, body: &str) {
    session.until(body, |stanza| said(stanza).as_deref() == Some(body));
}

/// Starts the service by a script that becomes it.
fn start_by(server: &Server, script: &str) -> Lyceum {
    let folder = TempDir::new().expect("a temporary directory can be made");
    let path = folder.path().join("start");
    let program = env!("CARGO_BIN_EXE_lyceum");
    fs::write(&path, script.replace("LYCEUM", program)).expect("a file can be written");
    fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("it is ours");
    Lyceum::start_as(&path, server.directory())
}

/// Gives the process a view of the file system in which a small disk lies over its directory. It
/// ends with the process, so nothing has to be unmounted.
const ON_A_SMALL_DISK: &str = "#!/bin/sh
exec unshare --mount sh -e -c '
    config=$3 directory=${3%/*} text=$(cat \"$3\")
    mount -t tmpfs -o size=4m tmpfs \"$directory\"
    cd \"$directory\"
    echo \"$text\" >\"$config\"
    exec LYCEUM \"$@\"
' sh \"$@\"
";

/// A write that is too far would end the process; a program that ignores that gets an error.
const WITH_A_LIMIT_TO_ITS_FILES: &str = "#!/bin/bash
trap '' XFSZ
exec LYCEUM \"$@\"
";

fn can_mount() -> bool {
    let folder = TempDir::new().expect("a temporary directory can be made");
    let path: PathBuf = folder.path().to_owned();
    let tried = Command::new("unshare")
        .args(["--mount", "mount", "-t", "tmpfs", "tmpfs"])
        .arg(path)
        .stderr(Stdio::null())
        .status();
    tried.is_ok_and(|status| status.success())
}

/// Writes until nothing more can be written.
fn fill(filler: &Path) {
    let mut file = File::create(filler).expect("a file can be made");
    while file.write_all(&[0; 1024]).is_ok() {}
}
