//! The rules of the project that a machine can check: who may use whom, how large things are, what
//! is documented, what they are called, and what is left over.

mod borders;
mod imports;
mod names;
mod prose;
mod sizes;

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::scenario;
use borders::names;

/// A source file, as text.
struct Source {
    /// From the project's folder.
    path: String,
    text: String,
}

/// Where a reader of lines is, between code and tests.
#[derive(Clone, Copy)]
enum InTests {
    No,
    /// Behind the attribute.
    Begin,
    Inside,
}

impl Source {
    /// The lines that are no tests, with their numbers.
    ///
    /// Left out is each item behind `#[cfg(test)]`, wherever it stands: a module in its own file, a
    /// `use`, or all up to the brace that ends it.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut tests = InTests::No;
        self.text
            .lines()
            .enumerate()
            .filter_map(move |(index, line)| {
                let is_left_out = match tests {
                    InTests::No => line.starts_with("#[cfg(test)]"),
                    InTests::Begin | InTests::Inside => true,
                };
                tests = match tests {
                    InTests::No if is_left_out => InTests::Begin,
                    InTests::No => InTests::No,
                    InTests::Begin if line.ends_with(';') || line.ends_with('}') => InTests::No,
                    InTests::Begin => InTests::Inside,
                    InTests::Inside if line == "}" || line == "};" => InTests::No,
                    InTests::Inside => InTests::Inside,
                };
                (!is_left_out).then_some((index + 1, line))
            })
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
        self.path.starts_with(&format!("{folder}/"))
            || self.path == format!("{folder}.rs")
            || self.path == folder
    }
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

#[test]
fn what_stands_behind_an_item_of_tests_is_code_again() {
    let text = "mod a;\n#[cfg(test)]\nmod tests;\nmod b;\n#[cfg(test)]\nmod c {\n    fn d() {\n    }\n}\nmod e;";
    let source = Source {
        path: "src/made_up.rs".to_owned(),
        text: text.to_owned(),
    };
    let lines: Vec<_> = source.lines().map(|(number, _)| number).collect();
    assert_eq!(lines, [1, 4, 10]);
}
