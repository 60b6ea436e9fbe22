//! What is said on a machine that lacks something, before anything is compiled.

use std::path::Path;
use std::process::Command;

use crate::support::root::Root;

fn install(root: &Root) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docker/install.sh");
    let output = root.run(&script, &["rust"], &[]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), told)
}

#[test]
fn a_rust_that_is_too_old_is_told_with_its_version_and_the_way_to_a_newer_one() {
    let needed = env!("CARGO_PKG_RUST_VERSION");
    let root = Root::new();
    root.program("cc", "true");
    for (version, is_enough) in [
        ("1.63.0", false),
        ("1.87.9", false),
        ("1.88.0", true),
        ("1.100.0-nightly", true),
        ("2.0.0", true),
    ] {
        root.program(
            "cargo",
            &format!("echo 'cargo {version} (abcdef 2026-01-01)'"),
        );
        let (is_well, told) = install(&root);
        assert_eq!(is_well, is_enough, "{version}: {told}");
        if !is_enough {
            let sentence =
                format!("Rust is too old: {version}, needs {needed}; get it so: install rustup");
            assert!(told.contains(&sentence), "{told}");
        }
    }
    root.program("cargo", "echo 'cargo 1.63.0'");
    root.program("rustup", "true");
    let (_, told) = install(&root);
    assert!(told.contains("get it so: rustup update stable"), "{told}");
}

#[test]
fn the_program_is_installed_with_its_manual_pages_and_its_completions() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new("make")
        .args(["install", "PREFIX=/usr"])
        .arg(format!("PROGRAM={}", env!("CARGO_BIN_EXE_lyceum")))
        .arg(format!("DESTDIR={}", folder.path().display()))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    for (file, text) in [
        ("share/man/man1/lyceum.1", "lyceum\\-room(1)"),
        ("share/man/man1/lyceum-room-list.1", "\\-\\-json"),
        ("share/bash-completion/completions/lyceum", "complete "),
        ("share/zsh/site-functions/_lyceum", "#compdef lyceum"),
        (
            "share/fish/vendor_completions.d/lyceum.fish",
            "complete -c lyceum",
        ),
    ] {
        let path = folder.path().join("usr").join(file);
        let found = std::fs::read_to_string(path).expect(file);
        assert!(found.contains(text), "{file}: {found}");
    }
    assert!(folder.path().join("usr/bin/lyceum").exists());
}

#[test]
fn the_readme_names_what_must_be_there_before() {
    let text = include_str!("../README.md");
    let (_, trying) = text.split_once("## Trying it").unwrap();
    let (before, _) = trying.split_once("make run").unwrap();
    let needed = format!("Rust {}", env!("CARGO_PKG_RUST_VERSION"));
    for thing in ["`git`", "`make`", &needed] {
        assert!(before.contains(thing), "{thing}");
    }
}

#[test]
fn the_readme_names_the_two_commands_that_do_all() {
    let text = include_str!("../README.md");
    assert!(text.contains("    make run\n"));
    assert!(text.contains("`make test`"));
}

#[test]
fn what_is_installed_has_no_symbols() {
    let text = include_str!("../Cargo.toml");
    let manifest: toml::Table = toml::from_str(text).unwrap();
    let release = &manifest["profile"]["release"];
    assert_eq!(release["strip"].as_str(), Some("symbols"));
    // What is measured keeps what a profiler reads.
    assert_eq!(manifest["profile"]["bench"]["strip"].as_str(), Some("none"));
}
