//! Names: one word, one meaning.

use std::collections::BTreeMap;

use super::{complain, sources};

#[test]
fn every_name_says_something() {
    let vague = [
        "utils", "util", "helpers", "helper", "common", "types", "misc",
    ];
    let files = ["src", "tests", "benches"]
        .iter()
        .flat_map(|folder| sources(folder));
    let wrong: Vec<_> = files
        .filter(|source| {
            source
                .path
                .split(['/', '.'])
                .any(|part| vague.contains(&part))
        })
        .map(|source| format!("{}: named for nothing", source.path))
        .collect();
    complain("STYLE §11", &wrong);
}

/// Names that more than one type has, and why each may.
const TWINS: &[(&str, &str)] = &[
    (
        "Error",
        "the error of a layer, read as `store::Error`, `config::Error`",
    ),
    (
        "Request",
        "a room and the directory have one form; the latter's is read as `directory::Request`",
    ),
    ("Effect", "as `Request`"),
    ("Change", "as `Request`"),
];

#[test]
fn no_two_types_have_one_name() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in sources("src").iter().filter(|source| !source.is_test()) {
        for (line, code) in source.code() {
            if let Some(name) = declared_type(code) {
                places
                    .entry(name.to_owned())
                    .or_default()
                    .push(format!("{}:{line}", source.path));
            }
        }
    }
    let is_listed = |name: &str| TWINS.iter().any(|(twin, _)| *twin == name);
    let mut wrong: Vec<_> = places
        .iter()
        .filter(|(name, places)| places.len() > 1 && !is_listed(name))
        .map(|(name, places)| format!("{name}: {}", places.join(", ")))
        .collect();
    for (twin, _) in TWINS {
        if places.get(*twin).is_none_or(|places| places.len() < 2) {
            wrong.push(format!("{twin} is listed, and stands once"));
        }
    }
    complain("STYLE §4, one word, one meaning", &wrong);
}

/// The type that a line at the level of its module declares.
fn declared_type(code: &str) -> Option<&str> {
    let declared = match code.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(") ")?.1,
        Some(rest) => rest.trim_start(),
        None => code,
    };
    let kinds = ["struct ", "enum ", "type ", "trait ", "union "];
    let rest = kinds.iter().find_map(|kind| declared.strip_prefix(kind))?;
    rest.split(|character: char| !character.is_alphanumeric() && character != '_')
        .next()
}
