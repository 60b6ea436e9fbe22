//! The first start and later ones, and the files that name the containers.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use serde_json::Value;

use super::{tree, yaml};
use crate::support::root::Root;

/// A copy of the folder of containers, so that nothing is made in the tree.
fn copied(root: &Root) -> PathBuf {
    let copied = Command::new("cp")
        .arg("-R")
        .arg(tree().join("docker"))
        .arg(root.folder.path())
        .status();
    assert!(copied.unwrap().success());
    let folder = root.path("docker");
    for server in ["prosody", "ejabberd"] {
        // What somebody who works on the tree has made there.
        let _ = fs::remove_file(folder.join(server).join(".env"));
        let _ = fs::remove_file(folder.join(server).join("lyceum.toml"));
    }
    folder.join("compose.sh")
}

const NEW_DOCKER: &str = "[ \"$1\" = compose ] && echo \"docker $*\"";
const OLD_DOCKER: &str = "[ \"$1\" != compose ]";

#[test]
fn the_first_start_makes_the_secret_and_the_configuration_and_later_ones_keep_them() {
    let root = Root::new();
    root.program("docker", NEW_DOCKER);
    let compose = copied(&root);
    for server in ["prosody", "ejabberd"] {
        let environment = [("USERS_DOMAIN", "chat.example.net")];
        let told = root.done(&compose, &[server, "up", "--build"], &environment);
        let file = root.path(&format!("docker/{server}/compose.yaml"));
        assert_eq!(
            told,
            format!("docker compose -f {} up --build\n", file.display())
        );
        let made = root.read(&format!("docker/{server}/.env"));
        let (domain, secret) = made.split_once("\nLYCEUM_SECRET=").unwrap();
        assert_eq!(domain, "USERS_DOMAIN=chat.example.net");
        assert_eq!(secret.trim_end().len(), 48, "{secret}");
        assert_eq!(root.mode(&format!("docker/{server}/.env")), 0o600);
        let configuration = root.read(&format!("docker/{server}/lyceum.toml"));
        assert!(
            configuration.contains("domain = \"rooms.chat.example.net\""),
            "{configuration}"
        );
        assert!(!configuration.contains("\"rooms.example.org\""));
        // In a new shell.
        root.write(&format!("docker/{server}/lyceum.toml"), "edited");
        root.done(&compose, &[server, "down"], &[]);
        assert_eq!(root.read(&format!("docker/{server}/.env")), made);
        assert_eq!(root.read(&format!("docker/{server}/lyceum.toml")), "edited");
    }
}

#[test]
fn whichever_compose_the_machine_has_is_used() {
    let root = Root::new();
    let compose = copied(&root);
    root.program("docker", OLD_DOCKER);
    root.program("docker-compose", "echo \"docker-compose $*\"");
    let told = root.done(&compose, &["prosody", "ps"], &[]);
    assert!(told.starts_with("docker-compose -f /"), "{told}");
    // Neither is there.
    let root = Root::new();
    let compose = copied(&root);
    root.program("docker", OLD_DOCKER);
    root.program("docker-compose", "exit 1");
    fs::remove_file(root.path("bin/docker-compose")).unwrap();
    let output = root.run(&compose, &["prosody", "ps"], &[]);
    let told = String::from_utf8_lossy(&output.stderr);
    if !Path::new("/usr/bin/docker-compose").exists() {
        assert!(
            told.contains("apt-get install docker.io docker-compose"),
            "{told}"
        );
    }
    for (arguments, domain) in [
        (&["nginx", "up"][..], "a.example"),
        (&["prosody", "up"], "a b;c"),
    ] {
        fs::remove_file(root.path("docker/prosody/.env")).ok();
        let output = root.run(&compose, arguments, &[("USERS_DOMAIN", domain)]);
        assert_eq!(output.status.code(), Some(1), "{arguments:?} {domain}");
    }
}

fn compose_of(server: &str) -> Value {
    yaml(&tree().join("docker").join(server).join("compose.yaml"))
}

#[test]
fn every_container_has_a_health_check_and_what_it_is_given_is_there() {
    for server in ["prosody", "ejabberd"] {
        let compose = compose_of(server);
        let folder = tree().join("docker").join(server);
        for (name, service) in compose["services"].as_object().unwrap() {
            let check = service["healthcheck"]["test"].as_array().unwrap();
            assert_eq!(
                check[..2],
                ["CMD".into(), Value::from("bash")],
                "{server}/{name}"
            );
            let build = &service["build"];
            let context = folder.join(build["context"].as_str().unwrap());
            let dockerfile = context.join(build["dockerfile"].as_str().unwrap());
            assert_built_from_context(&dockerfile, &context);
            for mount in service["volumes"].as_array().unwrap() {
                let source = mount.as_str().unwrap().split(':').next().unwrap();
                let is_made = source == "./lyceum.toml";
                let is_volume = !compose["volumes"][source].is_null()
                    || compose["volumes"].as_object().unwrap().contains_key(source);
                assert!(
                    is_made || is_volume || folder.join(source).is_file(),
                    "{server}/{name}: {source}"
                );
            }
        }
        // Without the file, compose says what to do.
        let text = fs::read_to_string(folder.join("compose.yaml")).unwrap();
        assert!(text.contains("${LYCEUM_SECRET:?run docker/compose.sh once"));
        assert!(text.contains("`docker compose`") && text.contains("`docker-compose`"));
    }
}

/// What a Dockerfile copies is in its context, and not kept out of it; and no configuration is.
fn assert_built_from_context(dockerfile: &Path, context: &Path) {
    let allowed = fs::read_to_string(context.join(".dockerignore")).unwrap();
    let lines = allowed
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    let (everything, allowed): (Vec<_>, Vec<_>) = lines.partition(|line| *line == "*");
    assert_eq!(
        everything.len(),
        1,
        "nothing is in the context that is not named"
    );
    let allowed: BTreeSet<_> = allowed
        .iter()
        .map(|line| line.strip_prefix('!').unwrap())
        .collect();
    let text = fs::read_to_string(dockerfile).unwrap();
    let copies = text.lines().filter_map(|line| line.strip_prefix("COPY "));
    for copy in copies.filter(|copy| !copy.starts_with("--from")) {
        let mut words: Vec<_> = copy.split_whitespace().collect();
        words.pop();
        for word in words {
            assert!(
                allowed.contains(word),
                "{}: {word} is kept out",
                dockerfile.display()
            );
            assert!(
                context.join(word).exists(),
                "{}: {word}",
                dockerfile.display()
            );
            assert!(!word.ends_with(".toml") || word == "Cargo.toml", "{word}");
            assert!(!word.ends_with(".yml") && !word.ends_with(".lua"), "{word}");
        }
    }
}

#[test]
fn a_health_check_says_what_the_service_says() {
    let root = Root::new();
    let script = tree().join("docker/health.sh");
    for (status, is_well) in [("200 OK", true), ("503 Service Unavailable", false)] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port().to_string();
        let served = thread::spawn(move || {
            let (mut client, _) = listener.accept().unwrap();
            let mut asked = [0; 512];
            let length = client.read(&mut asked).unwrap();
            client
                .write_all(format!("HTTP/1.1 {status}\r\n\r\n").as_bytes())
                .unwrap();
            String::from_utf8_lossy(&asked[..length]).into_owned()
        });
        let output = root.run(&script, &["is-well", &port], &[]);
        assert_eq!(output.status.success(), is_well, "{status}");
        assert!(
            served
                .join()
                .unwrap()
                .starts_with("GET /healthz HTTP/1.0\r\n")
        );
    }
    // Nobody listens there.
    let output = root.run(&script, &["listens", "1"], &[]);
    assert!(!output.status.success());
}
