//! The program as a whole: what it prints where, and with which exit code it ends.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

const WRONG: &str = "[[pool]]\ndomain = 'rooms.example.org'\nsecret = 's3same'\nserver = ':1'\n";
const COMPLAINT: &str = "lyceum.toml:4:10: `server` is `:1`; write the host and port of the XMPP \
                         server, such as 127.0.0.1:5347 or [::1]:5347\n";

/// Nobody listens on the port.
const UNREACHABLE: &str =
    "[[pool]]\ndomain = 'rooms.example.org'\nsecret = 's3same'\nserver = '127.0.0.1:1'\n";

#[test]
fn a_missing_configuration_is_told_and_ends_with_2() {
    let directory = directory_with(None);
    for arguments in [
        &["serve"][..],
        &["check"],
        &["check", "--config", "other.toml"],
    ] {
        let output = lyceum(directory.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(told.contains("copy lyceum.example.toml"), "{told}");
        assert_eq!(
            told.contains("other.toml: "),
            arguments.contains(&"other.toml"),
            "{told}"
        );
    }
}

#[test]
fn a_wrong_configuration_stops_the_service_with_its_place() {
    let output = lyceum(directory_with(Some(WRONG)).path(), &["serve"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&output.stderr), COMPLAINT);
    assert!(output.stdout.is_empty());
}

#[test]
fn a_wrong_configuration_is_a_finding_of_check() {
    let output = lyceum(directory_with(Some(WRONG)).path(), &["check"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        format!("error: {COMPLAINT}")
    );
    assert!(output.stderr.is_empty());
}

#[test]
fn findings_can_be_read_by_a_program() {
    let output = lyceum(directory_with(Some(WRONG)).path(), &["check", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let findings: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(findings[0]["severity"], "error");
    assert_eq!(findings[0]["text"], COMPLAINT.trim_end());
}

#[test]
fn a_wrong_command_line_ends_with_2() {
    let directory = directory_with(None);
    for arguments in [&[][..], &["server"], &["serve", "--log", "lyceum=loud"]] {
        assert_eq!(
            lyceum(directory.path(), arguments).status.code(),
            Some(2),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_server_that_does_not_listen_is_a_finding_and_ends_with_1() {
    let output = lyceum(directory_with(Some(UNREACHABLE)).path(), &["check"]);
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{told}");
    let found = told
        .lines()
        .any(|line| line.starts_with("error: rooms.example.org: 127.0.0.1:1"));
    assert!(found, "{told}");
}

#[test]
fn the_service_ends_well_when_it_is_told_to_stop() {
    let directory = directory_with(Some(UNREACHABLE));
    for signal in ["TERM", "INT"] {
        let (mut service, lines) = start(directory.path());
        kill(&service, signal);
        let rest = lines.collect::<Vec<_>>().join("\n");
        assert_eq!(service.wait().unwrap().code(), Some(0), "{rest}");
        assert!(rest.contains("stopped"), "{rest}");
    }
}

#[test]
fn check_leaves_the_server_alone_while_the_service_runs() {
    let directory = directory_with(Some(UNREACHABLE));
    let (mut service, mut lines) = start(directory.path());
    // The link is tried when the database is open.
    assert!(lines.any(|line| line.contains("refuses connections")));
    let output = lyceum(directory.path(), &["check"]);
    kill(&service, "TERM");
    service.wait().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        told.contains("the service is running, so the server was left alone"),
        "{told}"
    );
    assert_eq!(output.status.code(), Some(0), "{told}");
}

#[test]
fn both_usual_places_of_the_configuration_are_named() {
    if Path::new("/etc/lyceum/lyceum.toml").exists() {
        return;
    }
    for arguments in [&["check"][..], &["room", "list"], &["export"], &["serve"]] {
        let output = lyceum(directory_with(None).path(), arguments);
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        let both = "lyceum.toml or /etc/lyceum/lyceum.toml: there is no configuration file";
        assert!(told.contains(both), "{arguments:?}: {told}");
    }
}

#[test]
fn check_finds_a_port_of_http_that_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let text = format!("{UNREACHABLE}[http]\nlisten = '{address}'\n");
    let directory = directory_with(Some(&text));
    let told = |output: Output| String::from_utf8(output.stdout).unwrap();
    let found = told(lyceum(directory.path(), &["check"]));
    let sentence = format!("error: [http]: another program listens on {address} already");
    assert!(found.contains(&sentence), "{found}");
    drop(taken);
    let found = told(lyceum(directory.path(), &["check"]));
    assert!(!found.contains("[http]"), "{found}");
    // The service's own port is no finding.
    let (mut service, mut lines) = start(directory.path());
    assert!(lines.any(|line| line.contains("refuses connections")));
    let found = told(lyceum(directory.path(), &["check"]));
    kill(&service, "TERM");
    service.wait().unwrap();
    assert!(!found.contains("[http]"), "{found}");
}

/// Only root can open what the service's user can't; as somebody else this shows that nothing is
/// complained of.
#[test]
fn check_as_root_says_what_the_user_of_the_service_can_not_open() {
    let directory = directory_with(Some(UNREACHABLE));
    let service = |path: &str| {
        let path = directory.path().join(path);
        std::os::unix::fs::chown(path, Some(SERVICE_USER), Some(SERVICE_USER)).is_ok()
    };
    let is_root = service("");
    let mode = |path: &str, mode| {
        let path = directory.path().join(path);
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("", 0o755);
    mode("lyceum.toml", 0o600);
    // Root has started the service once.
    let (mut service_of_root, mut lines) = start(directory.path());
    assert!(lines.any(|line| line.contains("refuses connections")));
    kill(&service_of_root, "TERM");
    service_of_root.wait().unwrap();
    let check = || String::from_utf8(lyceum(directory.path(), &["check"]).stdout).unwrap();
    let found = check();
    if !is_root || Path::new("/etc/systemd/system/lyceum.service").exists() {
        return;
    }
    let folder = directory.path().canonicalize().unwrap();
    for (verb, file) in [("read", "lyceum.toml"), ("read and write", "lyceum.db")] {
        let path = folder.join(file);
        let sentence = format!("can't {verb} {}, whose mode is 06", path.display());
        let line = found.lines().find(|line| line.contains(&sentence));
        let line = line.unwrap_or_else(|| panic!("{sentence}: {found}"));
        assert!(line.starts_with("error: "), "{line}");
        assert!(
            line.contains(&format!("the owner of {}", directory.path().display())),
            "{line}"
        );
    }
    // All that root has left behind.
    for file in fs::read_dir(directory.path()).unwrap() {
        service(file.unwrap().file_name().to_str().unwrap());
    }
    let found = check();
    assert!(!found.contains("the service's user"), "{found}");
}

/// A user id that no user of the machine has.
const SERVICE_USER: u32 = 48_765;

#[test]
fn a_cause_is_told_once() {
    let directory = directory_with(Some(UNREACHABLE));
    fs::write(directory.path().join("bad.jsonl"), "{\"type\":\"x\"}\n").unwrap();
    fs::write(
        directory.path().join("bad.sqlite"),
        "no database at all, whatever it is called",
    )
    .unwrap();
    for (arguments, cause) in [
        (&["import", "none.jsonl"][..], "No such file"),
        (&["import", "bad.jsonl"], "unknown variant"),
        (
            &["import", "--from", "prosody", "--host", "x", "none"],
            "No such file",
        ),
        (
            &[
                "import",
                "--from",
                "prosody-sql",
                "--host",
                "x",
                "bad.sqlite",
            ],
            "not a database",
        ),
        (
            &[
                "import",
                "--from",
                "ejabberd-sql",
                "--host",
                "x",
                "none.sqlite",
            ],
            "unable to open",
        ),
        (
            &[
                "import",
                "--from",
                "ejabberd-dump",
                "--host",
                "x",
                "none.txt",
            ],
            "No such file",
        ),
    ] {
        let output = lyceum(directory.path(), arguments);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert_eq!(told.matches(cause).count(), 1, "{arguments:?}: {told}");
    }
}

/// Starts the service, and gives what it logs once it listens for signals.
fn start(directory: &Path) -> (Child, impl Iterator<Item = String>) {
    let mut service = Command::new(env!("CARGO_BIN_EXE_lyceum"))
        .args(["serve", "--log", "info"])
        .current_dir(directory)
        .env_remove("LYCEUM_SECRET")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stderr = BufReader::new(service.stderr.take().unwrap());
    let mut lines = stderr.lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("starting")));
    (service, lines)
}

fn kill(service: &Child, signal: &str) {
    let id = service.id().to_string();
    let killed = Command::new("kill").args(["-s", signal, &id]).status();
    assert!(killed.unwrap().success());
}

fn directory_with(config: Option<&str>) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    if let Some(config) = config {
        fs::write(directory.path().join("lyceum.toml"), config).unwrap();
    }
    directory
}

fn lyceum(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lyceum"))
        .args(arguments)
        .current_dir(directory)
        .env_remove("LYCEUM_SECRET")
        .env_remove("RUST_LOG")
        .output()
        .unwrap()
}
