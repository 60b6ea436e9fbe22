//! The containers, as far as they can be proved without an engine that runs them: their scripts run
//! with another root directory, their files are read, and the steps of an image are done in a
//! directory.

mod compose;
mod image;
mod starting;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn tree() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A YAML file, read by another program's reader.
fn yaml(path: &Path) -> Value {
    const READ: &str =
        "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)";
    let output = Command::new("/usr/bin/python3")
        .args(["-c", READ])
        .arg(path)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "is docker/install.sh checks done? {told}"
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_scripts_have_no_mistake_that_a_reader_of_scripts_finds() {
    let listed = Command::new("git")
        .args(["ls-files", "docker", "tests", ".ci"])
        .current_dir(tree())
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let mut scripts: Vec<_> = listed.lines().map(PathBuf::from).collect();
    // What is new is not listed yet, and outside a repository nothing is.
    scripts.extend(
        [
            "certificate.sh",
            "compose.sh",
            "health.sh",
            "install.sh",
            "try.sh",
        ]
        .map(|name| Path::new("docker").join(name)),
    );
    scripts.retain(|path| {
        let text = fs::read_to_string(tree().join(path)).unwrap_or_default();
        let first = text.lines().next().unwrap_or_default();
        first == "#!/bin/sh" || first == "#!/bin/bash" || first.starts_with("# shellcheck shell")
    });
    scripts.sort();
    scripts.dedup();
    assert!(scripts.len() >= 5, "{scripts:?}");
    // A name that another script reads, one that another sets, and values that are meant to be
    // fixed when they are written.
    let output = Command::new("shellcheck")
        .args(["--severity=warning", "--exclude=SC2034,SC2154,SC2064", "-x"])
        .args(&scripts)
        .current_dir(tree())
        .output()
        .expect("shellcheck is there: docker/install.sh checks");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}
