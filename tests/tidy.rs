//! The rules of the project that a machine can check: who may use whom, how large things are, what
//! is documented, and what is left over.
//!
//! Sizes are a ratchet: what was too large when a rule was made is listed with its size, and may
//! only shrink.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::scenario;

/// A source file, as text.
struct Source {
    /// From the project's folder.
    path: String,
    text: String,
}

impl Source {
    /// The lines that are no tests, with their numbers.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .take_while(|line| !line.starts_with("#[cfg(test)]"))
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }

    /// As [`Self::lines`], without those that are comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines()
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// Whether it is a module of tests alone.
    fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    fn is_in(&self, folder: &str) -> bool {
        self.path.starts_with(&format!("{folder}/")) || self.path == format!("{folder}.rs")
    }
}

/// What code outside a folder must not name, or what code inside must not: folder, words, and
/// whether the folder is where they must not stand.
const BORDERS: [(&str, Border, &[&str]); 14] = [
    ("src/store", Border::OnlyHere, &["rusqlite"]),
    (
        "src/wire",
        Border::OnlyHere,
        &["xmpp_parsers", "tokio_xmpp"],
    ),
    // A form to be filled is a `BlankForm`, whose fields can't be without a type.
    ("src", Border::NotHere, &["DataFormType::Form"]),
    ("src/room", Border::NotHere, OUTSIDE_THE_CORE),
    ("src/directory", Border::NotHere, OUTSIDE_THE_CORE),
    ("src/search", Border::NotHere, OUTSIDE_THE_CORE),
    ("src/room", Border::NotHere, &["crate::directory"]),
    ("src/directory", Border::NotHere, &["crate::search"]),
    (
        "src/search",
        Border::NotHere,
        &["crate::room", "crate::directory", "jid"],
    ),
    (
        "src/wire",
        Border::NotHere,
        &[
            "crate::store",
            "crate::service",
            "crate::admin",
            "crate::config",
            "crate::transfer",
        ],
    ),
    (
        "src/store",
        Border::NotHere,
        &[
            "crate::wire",
            "crate::service",
            "crate::admin",
            "crate::config",
            "crate::transfer",
            "xso",
            "rxml",
        ],
    ),
    (
        "src/service",
        Border::NotHere,
        &["crate::admin", "xso::", "rxml::"],
    ),
    (
        "src/transfer",
        Border::NotHere,
        &[
            "crate::service",
            "crate::admin",
            "crate::config",
            "crate::directory",
            "tokio",
            "xso",
            "rxml",
        ],
    ),
    (
        "src/config",
        Border::NotHere,
        &[
            "crate::store",
            "crate::wire",
            "crate::service",
            "crate::admin",
            "crate::search",
            "tokio",
        ],
    ),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Border {
    OnlyHere,
    NotHere,
}

/// The core knows neither XML, SQL, tasks, the clock nor chance.
const OUTSIDE_THE_CORE: &[&str] = &[
    "crate::wire",
    "crate::store",
    "crate::service",
    "crate::admin",
    "crate::config",
    "crate::transfer",
    "tokio",
    "xso",
    "rxml",
    "serde",
    "tracing",
    "rand::",
    "uuid",
    "chrono",
    "Instant::now",
    "SystemTime",
    "std::fs",
    "std::net",
    "std::thread",
    "std::env",
];

#[test]
fn nobody_uses_what_is_not_his() {
    let mut wrong = Vec::new();
    for source in sources("src").iter().filter(|source| !source.is_test()) {
        for (folder, border, words) in BORDERS {
            if source.is_in(folder) != (border == Border::NotHere) {
                continue;
            }
            for (line, code) in source.code() {
                for word in words.iter().filter(|word| names(code, word)) {
                    wrong.push(format!("{}:{line}: names {word}", source.path));
                }
            }
        }
    }
    complain("STYLE §1, the arrows", &wrong);
}

/// Standard output and standard error belong to one file, which escapes all that it prints, and to the log.
#[test]
fn nothing_is_printed_past_the_one_place_that_escapes_it() {
    const WORDS: [&str; 9] = [
        "io::stdout",
        "io::stderr",
        "println!",
        "eprintln!",
        "print!",
        "eprint!",
        "dbg!",
        "Stdout",
        "Stderr",
    ];
    let mut wrong = Vec::new();
    for source in sources("src") {
        if source.is_test() || source.path == "src/admin/print.rs" {
            continue;
        }
        for (line, code) in source.code() {
            let is_log = source.path == "src/admin/logging.rs" && code.contains("io::stderr");
            let named = WORDS.iter().filter(|word| names(code, word));
            for word in named.filter(|_| !is_log) {
                wrong.push(format!("{}:{line}: prints with {word}", source.path));
            }
        }
    }
    complain("src/admin/print.rs prints, and nobody else", &wrong);
}

/// Whether code names a path; not a longer word that holds it.
fn names(code: &str, path: &str) -> bool {
    let part_of_word = |character: char| character.is_alphanumeric() || character == '_';
    code.match_indices(path).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + path.len()..].chars().next();
        !before.is_some_and(part_of_word)
            && (path.ends_with(':') || !after.is_some_and(part_of_word))
    })
}

#[test]
fn every_file_says_what_it_is_for() {
    let files = ["src", "tests", "benches"]
        .iter()
        .flat_map(|folder| sources(folder));
    let wrong: Vec<_> = files
        .filter(|source| !source.text.starts_with("//!"))
        .map(|source| format!("{}: begins without `//!`", source.path))
        .collect();
    complain("STYLE §5", &wrong);
}

#[test]
fn every_handler_of_the_room_cites_its_section() {
    let mut wrong = Vec::new();
    for source in sources("src/room")
        .iter()
        .filter(|source| !source.is_test())
    {
        let lines: Vec<_> = source.text.lines().collect();
        for function in functions(source) {
            let signature = lines[function.start - 1..]
                .iter()
                .take(12)
                .copied()
                .collect::<String>();
            let signature = signature.split('{').next().unwrap_or_default();
            let handles = lines[function.start - 1]
                .trim_start()
                .starts_with("pub(super) fn")
                && signature.contains("effects: &mut Vec<Effect>")
                && signature.contains("Result<(), Refusal>");
            let doc = lines[..function.start - 1]
                .iter()
                .rev()
                .take_while(|line| line.contains("///"));
            let cites =
                |line: &&str| line.contains('§') || line.contains("XEP-") || line.contains("RFC ");
            if handles && !doc.clone().any(cites) && !lines[0].contains('§') {
                wrong.push(format!(
                    "{}:{}: {} cites no section",
                    source.path, function.start, function.name
                ));
            }
        }
    }
    complain("STYLE §5", &wrong);
}

#[test]
fn nothing_from_outside_can_panic() {
    let mut wrong = Vec::new();
    for source in sources("src").iter().filter(|source| !source.is_test()) {
        let mut before = "";
        for (line, code) in source.code() {
            // A single item that only tests have.
            if std::mem::replace(&mut before, code).contains("#[cfg(test)]") {
                continue;
            }
            for word in [".unwrap()", "unreachable!(", "panic!(", ".expect(\"\")"] {
                if code.contains(word) {
                    wrong.push(format!("{}:{line}: {word}", source.path));
                }
            }
        }
    }
    complain("STYLE §7", &wrong);
}

#[test]
fn nothing_is_left_over() {
    let left_over = [
        ["TO", "DO"],
        ["FIX", "ME"],
        ["XX", "X:"],
        ["to", "do!("],
        ["unimpl", "emented!("],
        ["db", "g!("],
    ];
    let mut wrong = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for source in sources(folder) {
            for (index, line) in source.text.lines().enumerate() {
                for word in left_over.map(|parts| parts.concat()) {
                    if names(line, &word) || (word.ends_with('(') && line.contains(&word)) {
                        wrong.push(format!("{}:{}: {word}", source.path, index + 1));
                    }
                }
            }
        }
    }
    complain("STYLE §9", &wrong);
}

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

/// Files of more lines than [`FILE_MAX`] without their tests: how many they may have.
const LARGE_FILES: &[(&str, usize)] = &[];

/// Functions of more lines than [`FUNCTION_MAX`]: how many they may have.
///
/// The first and the last are each one `match`, which is a table.
const LARGE_FUNCTIONS: &[(&str, usize)] = &[
    ("src/room/mod.rs::handle", 75),
    ("src/room/tests/conversation.rs::action", 73),
    ("src/wire/stanza/stanza_error.rs::describe_refusal", 91),
];

const FILE_MAX: usize = 500;
const FUNCTION_MAX: usize = 70;

#[test]
fn no_file_and_no_function_is_too_large() {
    let mut wrong = Vec::new();
    let allowed_files: BTreeMap<_, _> = LARGE_FILES.iter().copied().collect();
    let allowed_functions: BTreeMap<_, _> = LARGE_FUNCTIONS.iter().copied().collect();
    let all = ["src", "tests", "benches"]
        .iter()
        .flat_map(|folder| sources(folder));
    for source in all {
        let lines = source.lines().count();
        if lines > *allowed_files.get(source.path.as_str()).unwrap_or(&FILE_MAX) {
            wrong.push(format!("{}: {lines} lines", source.path));
        }
        for function in functions(&source) {
            let name = format!("{}::{}", source.path, function.name);
            if function.lines
                > *allowed_functions
                    .get(name.as_str())
                    .unwrap_or(&FUNCTION_MAX)
            {
                wrong.push(format!("{name}: {} lines", function.lines));
            }
        }
    }
    complain("STYLE §6", &wrong);
}

/// A function: its name, the line it begins at, and how many it has.
struct Function<'a> {
    name: &'a str,
    start: usize,
    lines: usize,
}

/// All functions that have more than one line; rustfmt sees to it that the brace that ends one
/// stands where its first line begins.
fn functions(source: &Source) -> Vec<Function<'_>> {
    let lines: Vec<_> = source.text.lines().collect();
    let mut functions = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let words: Vec<_> = line
            .split_whitespace()
            .take_while(|word| !word.starts_with("//"))
            .collect();
        let Some(position) = words.iter().position(|word| *word == "fn") else {
            continue;
        };
        let plain = |word: &&str| {
            ["async", "const", "extern", "unsafe"].contains(word) || word.starts_with("pub")
        };
        if !words[..position].iter().all(plain) || words.len() == position + 1 {
            continue;
        }
        let name = words[position + 1]
            .split(['(', '<'])
            .next()
            .unwrap_or_default();
        // A declaration in a trait has no body.
        let opening = lines[index..]
            .iter()
            .find(|line| line.ends_with(['{', ';', '}']));
        if opening.is_none_or(|line| !line.ends_with('{')) {
            continue;
        }
        let end = format!("{}}}", " ".repeat(indent));
        let length = lines[index..].iter().position(|line| *line == end);
        if let Some(length) = length {
            functions.push(Function {
                name,
                start: index + 1,
                lines: length + 1,
            });
        }
    }
    functions
}

#[test]
fn every_scenario_is_short_and_cites_its_rule() {
    let root = root().join("tests/scenarios");
    let mut wrong = Vec::new();
    for file in scenario::files(&root) {
        let text = fs::read_to_string(root.join(&file)).expect("it was listed");
        let lines = text.lines().count();
        if lines > 100 {
            wrong.push(format!("{}: {lines} lines", file.display()));
        }
        if !scenario::cites(text.lines().next().unwrap_or_default()) {
            wrong.push(format!("{}: its first line cites nothing", file.display()));
        }
    }
    complain("STYLE §9", &wrong);
}

/// All Rust files below a folder of the project.
fn sources(folder: &str) -> Vec<Source> {
    let root = root();
    let mut sources = Vec::new();
    let mut paths: Vec<PathBuf> = vec![root.join(folder)];
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("the sources can be listed");
            paths.extend(entries.map(|entry| entry.expect("the sources can be listed").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a source is text");
            let below = path
                .strip_prefix(root)
                .expect("it is listed below the root");
            sources.push(Source {
                path: below.to_string_lossy().into_owned(),
                text,
            });
        }
    }
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    sources
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn complain(rule: &str, wrong: &[String]) {
    assert!(wrong.is_empty(), "against {rule}:\n{}", wrong.join("\n"));
}
