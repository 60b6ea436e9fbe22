//! The program as a whole: what it prints where, and with which exit code it ends.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const WRONG: &str = "[[pool]]\ndomain = 'rooms.example.org'\nsecret = 's3same'\nserver = ':1'\n";
const COMPLAINT: &str = "lyceum.toml:4:10: `server` is `:1`; write the host and port of the XMPP \
                         server, such as 127.0.0.1:5347 or [::1]:5347\n";

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
fn the_service_ends_well_when_it_is_told_to_stop() {
    // Nobody listens on the port, so the service is one that waits for its server.
    let config = "[[pool]]\ndomain = 'rooms.example.org'\nserver = '127.0.0.1:1'\n";
    let directory = directory_with(Some(config));
    for signal in ["TERM", "INT"] {
        let mut service = Command::new(env!("CARGO_BIN_EXE_lyceum"))
            .args(["serve", "--log", "info"])
            .current_dir(directory.path())
            .env("LYCEUM_SECRET", "s3same")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Once something is logged, the signals are listened for.
        let mut lines = BufReader::new(service.stderr.take().unwrap()).lines();
        assert!(lines.next().is_some(), "the service says that it starts");
        let id = service.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-s", signal, &id])
                .status()
                .unwrap()
                .success()
        );
        let rest = lines.map_while(Result::ok).collect::<Vec<_>>().join("\n");
        assert_eq!(service.wait().unwrap().code(), Some(0), "{rest}");
        assert!(rest.contains("stopped"), "{rest}");
    }
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
