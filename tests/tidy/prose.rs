//! Comments: what is read beside the code.

use super::{complain, functions, sources};

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

/// Columns that a line has at most, a comment as the code.
const WIDTH_MAX: usize = 100;

#[test]
fn comments_are_plain() {
    let mut wrong = Vec::new();
    let files = ["src", "tests", "benches"]
        .iter()
        .flat_map(|folder| sources(folder));
    for source in files.filter(|source| !source.path.starts_with("tests/tidy")) {
        for comment in comments(&source.text) {
            let at = format!("{}:{}", source.path, comment.line);
            if comment.is_doc && comment.words().len() < 3 {
                wrong.push(format!("{at}: says nothing that the name does not say"));
            }
            for riddle in riddles(&comment) {
                wrong.push(format!("{at}: {riddle}"));
            }
        }
        for (index, line) in source.text.lines().enumerate() {
            // What has no blank to break it at, or is a row of a table, may be longer.
            let comment = line.trim_start();
            let breaks = comment.starts_with("//")
                && !comment.contains("://")
                && !comment.contains("// |")
                && !comment.contains("/// |");
            if breaks && line.chars().count() > WIDTH_MAX {
                wrong.push(format!(
                    "{}:{}: wider than the code may be",
                    source.path,
                    index + 1
                ));
            }
        }
    }
    complain("STYLE §5", &wrong);
}

/// A run of comment lines of one kind, and the line it begins at.
struct Comment {
    line: usize,
    is_doc: bool,
    lines: Vec<String>,
}

impl Comment {
    /// Its words, from all its lines.
    fn words(&self) -> Vec<&str> {
        self.lines
            .iter()
            .flat_map(|line| line.split_whitespace())
            .collect()
    }
}

/// The comments of a source that stand on lines of their own.
fn comments(text: &str) -> Vec<Comment> {
    let mut comments: Vec<Comment> = Vec::new();
    let mut before = "";
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_start();
        let kind = ["///", "//!", "//"]
            .into_iter()
            .find(|kind| line.starts_with(kind));
        let Some(kind) = kind else {
            before = "";
            continue;
        };
        let content = line[kind.len()..].trim().to_owned();
        match comments.last_mut() {
            Some(last) if kind == before => last.lines.push(content),
            _ => comments.push(Comment {
                line: index + 1,
                is_doc: kind != "//",
                lines: vec![content],
            }),
        }
        before = kind;
    }
    comments
}

/// Words that make a riddle of a sentence, with what says the same plainly.
const RIDDLES: [(&str, &str); 4] = [
    ("so many", "Maximum number of …, or: this many"),
    ("so much", "Maximum size of …"),
    ("he", "they"),
    ("his", "their"),
];

/// The riddles that a comment has.
fn riddles(comment: &Comment) -> Vec<&'static str> {
    let text = comment.words().join(" ").to_lowercase();
    let is_part =
        |character: char| character.is_alphanumeric() || character == '_' || character == '`';
    let stands_in = |words: &str| {
        text.match_indices(words).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + words.len()..].chars().next();
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        })
    };
    let found = RIDDLES.iter().filter(|(words, _)| stands_in(words));
    found.map(|(words, _)| *words).collect()
}

#[test]
fn comments_are_read_as_they_stand() {
    let text = "//! A file.\n\n/// Says that he\n/// so\n/// many times asks.\nfn f() {\n    // The first.\n}\n";
    let comments = comments(text);
    let lines: Vec<_> = comments
        .iter()
        .map(|comment| (comment.line, comment.is_doc, comment.lines.len()))
        .collect();
    assert_eq!(lines, [(1, true, 1), (3, true, 3), (7, false, 1)]);
    assert_eq!(riddles(&comments[1]), ["so many", "he"]);
    assert!(riddles(&comments[2]).is_empty(), "`the` has no `he`");
}
