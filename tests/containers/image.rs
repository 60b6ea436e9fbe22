//! The image of Lyceum: its steps, done in a directory.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::tree;

/// The commands of the image that compiles, with another in the place of compiling.
fn compiling_steps(instead: &str) -> Vec<String> {
    let text = fs::read_to_string(tree().join("docker/Dockerfile")).unwrap();
    let stage = text.split("\nFROM ").nth(1).unwrap().replace("\\\n", " ");
    let steps = stage.lines().filter_map(|line| line.strip_prefix("RUN "));
    let compile = "cargo build --locked --release --bin lyceum";
    steps
        .map(|step| {
            assert!(step.contains(compile), "{step}");
            step.replace(compile, instead)
        })
        .collect()
}

#[test]
fn dependencies_are_a_layer_that_no_source_changes() {
    let image = tempfile::tempdir().unwrap();
    let copy = |name: &str| {
        let copied = Command::new("cp")
            .arg("-R")
            .arg(tree().join(name))
            .arg(image.path())
            .status();
        assert!(copied.unwrap().success());
    };
    let [dependencies, program] =
        &compiling_steps("cargo metadata --locked --no-deps --format-version 1 >metadata.json")[..]
    else {
        panic!("two steps");
    };
    let run = |step: &str| {
        let output = Command::new("sh")
            .args(["-ec", step])
            .current_dir(image.path())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    // The first layer has two files, which tell cargo everything: each target has its stub.
    copy("Cargo.toml");
    copy("Cargo.lock");
    run(dependencies);
    let metadata = fs::read(image.path().join("metadata.json")).unwrap();
    let metadata: Value = serde_json::from_slice(&metadata).unwrap();
    let targets = metadata["packages"][0]["targets"].as_array().unwrap();
    assert!(targets.len() > 5, "{targets:?}");
    for target in targets {
        let stub = target["src_path"].as_str().unwrap();
        let is_source = stub.contains("/src/");
        assert!(is_source || Path::new(stub).exists(), "{stub}");
    }
    assert!(
        !image.path().join("src").exists(),
        "no stub is taken for a source"
    );
    copy("schema");
    copy("src");
    run(program);
    let newest = fs::metadata(image.path().join("src/main.rs"))
        .unwrap()
        .modified()
        .unwrap();
    assert!(
        newest
            >= fs::metadata(image.path().join("metadata.json"))
                .unwrap()
                .modified()
                .unwrap()
                - Duration::from_secs(60)
    );
    // What the sources include at compile time is there, too.
    for file in fs::read_dir(tree().join("schema")).unwrap() {
        assert!(
            image
                .path()
                .join("schema")
                .join(file.unwrap().file_name())
                .exists()
        );
    }
}
