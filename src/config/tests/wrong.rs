//! Everything wrong is told, all of it at once, with its place and with what would be right.

use std::ffi::OsString;
use std::fs;

use crate::config::*;

/// Cases: a title after `###`, the file's text, and after `=>` each message expected, in order. A
/// line `…` stands for the three lines of [`POOL`].
const CASES: &str = include_str!("wrong.txt");

const POOL: &str = "[[pool]]\ndomain = \"rooms.example.org\"\nsecret = \"s3same\"";

#[test]
fn every_mistake_is_told_with_its_place_and_remedy() {
    let mut count = 0;
    for case in CASES.split("\n### ").skip(1) {
        let (title, case) = case.split_once('\n').unwrap();
        let (expected, text): (Vec<&str>, Vec<&str>) = case
            .trim_end()
            .lines()
            .partition(|line| line.starts_with("=> "));
        let text = text.join("\n").replace('…', POOL);
        let expected: Vec<String> = expected
            .iter()
            .map(|line| line.replacen("=> ", "lyceum.toml:", 1))
            .collect();
        assert_eq!(complaints(&text, None), expected, "{title}:\n{text}");
        count += 1;
    }
    assert!(count >= 40, "only {count} cases");
}

#[test]
fn no_message_holds_a_secret() {
    for text in [
        "[[pool]]\nsecret = \"s3same\"\nsecret_file = \"x\"",
        "[[pool]]\nsecret = [\"s3same\"]",
        "[[pool]]\nsecret = \"s3same\nx\"",
        "[[pool]]\nsecret = s3same",
        "[[pool]]\nsecrt = \"s3same\"",
        "[[pool]]\nsecret = \"\"\"s3same\n\"\"\"",
    ] {
        let told = complaints(text, Some("s3same\n")).join("\n");
        assert!(!told.contains("s3same"), "{told}");
    }
}

#[test]
fn a_wrong_secret_of_the_environment_is_told_at_the_pool() {
    let text = "\n[[pool]]\ndomain = 'rooms.example.org'";
    for (value, cause) in [("", "is empty"), ("two\nlines", "has more than one line")] {
        assert_eq!(
            complaints(text, Some(value)),
            [format!(
                "lyceum.toml:2:1: the environment variable LYCEUM_SECRET {cause}; set it to what \
                 the server has for this component, or unset it"
            )]
        );
    }
}

#[test]
fn a_wrong_secret_file_is_told_with_its_path() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name);
    fs::write(file("empty"), "\n").unwrap();
    fs::write(file("lines"), "one\ntwo\n").unwrap();
    fs::write(file("binary"), [0xff, 0xfe]).unwrap();
    fs::write(file("long"), "x".repeat(5_000)).unwrap();
    fs::create_dir(file("directory")).unwrap();
    for (name, cause) in [
        ("empty", "is empty"),
        ("lines", "has more than one line"),
        ("binary", "is not UTF-8"),
        ("long", "has more than 4096 bytes"),
        ("directory", "is a directory"),
        ("nothing", "can't be read (entity not found)"),
    ] {
        let path = file("lyceum.toml");
        let text = format!("[[pool]]\ndomain = 'rooms.example.org'\nsecret_file = '{name}'");
        let surroundings = Surroundings {
            path: path.clone(),
            ..Surroundings::default()
        };
        assert_eq!(
            Config::parse(&text, &surroundings).unwrap_err().to_string(),
            format!(
                "{}:3:15: the secret file {} {cause}; it must hold the secret in one line",
                path.display(),
                file(name).display()
            )
        );
    }
}

#[test]
fn one_directory_in_two_spellings_is_one_database() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("data")).unwrap();
    let path = directory.path().join("lyceum.toml");
    let text = "[[pool]]
domain = 'a.example.org'
secret = 's'
database = 'data/x.db'
[[pool]]
domain = 'b.example.org'
secret = 's'
database = 'data/../data/x.db'";
    let told = Config::parse(
        text,
        &Surroundings {
            path,
            ..Surroundings::default()
        },
    )
    .unwrap_err()
    .to_string();
    assert!(told.contains(":8:12: the database "), "{told}");
    assert!(
        told.contains("already belongs to the pool of line 4"),
        "{told}"
    );
}

#[test]
fn a_missing_file_is_told_with_the_example() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lyceum.toml");
    assert_eq!(
        Config::load(&path).unwrap_err().to_string(),
        format!(
            "{}: there is no configuration file; copy lyceum.example.toml, which comes with \
             Lyceum's source, to this place and set `domain` and `secret` in it, or name another \
             file with --config",
            path.display()
        )
    );
}

#[test]
fn a_directory_in_place_of_the_file_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let told = Config::load(directory.path()).unwrap_err().to_string();
    assert!(
        told.ends_with("name a file, not a directory, with --config"),
        "{told}"
    );
}

#[test]
fn a_file_that_is_not_utf8_is_told_where_it_ends_to_be() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lyceum.toml");
    fs::write(&path, b"[[pool]]\nname = \"Caf\xe9\"\n").unwrap();
    assert_eq!(
        Config::load(&path).unwrap_err().to_string(),
        format!(
            "{}:2:12: the file is not UTF-8 from here on; save it as UTF-8",
            path.display()
        )
    );
}

/// The lines of the error that the text gives; none if it is right.
fn complaints(text: &str, secret: Option<&str>) -> Vec<String> {
    let surroundings = Surroundings {
        path: PathBuf::from("lyceum.toml"),
        secret: secret.map(OsString::from),
        ..Surroundings::default()
    };
    Config::parse(text, &surroundings)
        .err()
        .map_or_else(Vec::new, |error| error.lines())
}
