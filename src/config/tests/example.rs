//! `lyceum.example.toml` says what the code does.

use std::collections::BTreeSet;

use crate::config::*;

const EXAMPLE: &str = include_str!("../../../lyceum.example.toml");

/// Keys that the example describes in words, because their default is to be absent.
const WITHOUT_DEFAULT: [(&str, &str); 10] = [
    ("[[pool]]", "default_category"),
    ("[[pool]]", "secret_file"),
    ("[[pool]]", "groups"),
    ("[pool.ldap]", "url"),
    ("[pool.ldap]", "bind"),
    ("[pool.ldap]", "password"),
    ("[pool.ldap]", "password_file"),
    ("[pool.ldap]", "base"),
    ("[pool.ldap]", "address"),
    ("[http]", "listen"),
];

#[test]
fn the_example_is_a_valid_configuration() {
    let config = parse(EXAMPLE);
    assert_eq!(config.pools.len(), 1);
    assert_eq!(config.warnings, Vec::<String>::new());
}

#[test]
fn the_example_shows_the_defaults_of_the_code() {
    let uncommented = uncommented();
    let expected = parse("[[pool]]\ndomain = 'rooms.example.org'\nsecret = 'change me'\n");
    assert_eq!(parse(&uncommented), expected);
}

#[test]
fn the_example_names_every_key_and_no_other() {
    let uncommented = uncommented();
    let known = known_keys();
    let mut written = written_keys(&uncommented);
    for (section, key) in WITHOUT_DEFAULT {
        assert!(
            EXAMPLE.contains(&format!("`{key}`")),
            "{key} is not described"
        );
        written.insert((section.to_owned(), key.to_owned()));
    }
    assert_eq!(written, known);
}

#[test]
fn the_example_explains_every_key() {
    let mut explained = false;
    for line in EXAMPLE.lines() {
        match line {
            line if line.starts_with("# ") => explained = true,
            line if is_default(line) || line.contains(" = ") => {
                // The second half of a pair is explained with the first.
                assert!(
                    explained || line.contains("_burst"),
                    "`{line}` comes without a word"
                );
                explained = false;
            }
            _ => {}
        }
    }
}

fn parse(text: &str) -> Config {
    let surroundings = Surroundings {
        path: PathBuf::from("lyceum.toml"),
        ..Surroundings::default()
    };
    Config::parse(text, &surroundings).unwrap()
}

/// Whether the line is a key with its default, commented out.
fn is_default(line: &str) -> bool {
    line.strip_prefix('#')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()))
}

/// The example with every default written out.
fn uncommented() -> String {
    let line = |line: &'static str| if is_default(line) { &line[1..] } else { line };
    EXAMPLE.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// Every key that the code asks for, sections aside.
fn known_keys() -> BTreeSet<(String, String)> {
    let empty = DeTable::new();
    let mut reading = TomlReading::new("");
    read_top(&mut reading, &empty, &Surroundings::default());
    let is_section =
        |key: &str| ["pool", "http", "contact", "ldap", "rooms", "limits"].contains(&key);
    let keys = reading.known().iter().filter(|(_, key)| !is_section(key));
    keys.map(|(section, key)| ((*section).to_owned(), (*key).to_owned()))
        .collect()
}

/// Every key that the text writes, with its section.
fn written_keys(text: &str) -> BTreeSet<(String, String)> {
    let mut section = String::new();
    let mut keys = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        match line.split_once(" = ") {
            Some((key, _)) => drop(keys.insert((section.clone(), key.to_owned()))),
            None if line.starts_with('[') => section = line.to_owned(),
            None => {}
        }
    }
    keys
}
