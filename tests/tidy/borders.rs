//! Who may use whom: the arrows of the crate's documentation.

use super::{complain, sources};

/// What code outside a folder must not name, or what code inside must not: folder, words, and
/// whether the folder is where they must not stand.
const BORDERS: [(&str, Border, &[&str]); 18] = [
    ("src/store", Border::OnlyHere, &["rusqlite"]),
    ("src/groups", Border::OnlyHere, &["ldap3"]),
    (
        "src/groups",
        Border::NotHere,
        &[
            "crate::store",
            "crate::wire",
            "crate::service",
            "crate::command",
            "crate::admin",
            "crate::transfer",
        ],
    ),
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
        "src/command",
        Border::NotHere,
        &[
            "crate::wire",
            "crate::service",
            "crate::admin",
            "crate::config",
        ],
    ),
    (
        "src/time.rs",
        Border::NotHere,
        &[
            "crate::wire",
            "crate::store",
            "crate::service",
            "crate::command",
            "crate::admin",
            "crate::config",
            "crate::transfer",
            "crate::directory",
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
    "crate::command",
    "crate::time",
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
fn nobody_uses_what_is_not_theirs() {
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

/// Standard output and standard error belong to one file, which escapes all that it prints, and to
/// the log.
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
pub fn names(code: &str, path: &str) -> bool {
    let part_of_word = |character: char| character.is_alphanumeric() || character == '_';
    code.match_indices(path).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + path.len()..].chars().next();
        !before.is_some_and(part_of_word)
            && (path.ends_with(':') || !after.is_some_and(part_of_word))
    })
}
