//! How large files, functions and folders are.
//!
//! A ratchet: what was too large when a rule was made is listed with its size, and may only shrink.

use std::collections::BTreeMap;

use super::{complain, functions, sources};

/// Functions of more lines than [`FUNCTION_MAX`]: how many they may have.
///
/// The first and the last are each one `match`, which is a table.
const LARGE_FUNCTIONS: &[(&str, usize)] = &[
    ("src/room/mod.rs::handle", 82),
    ("src/room/tests/conversation.rs::action", 75),
    ("src/wire/stanza/stanza_error.rs::describe_refusal", 91),
];

/// Lines of a file without its tests.
const FILE_MAX: usize = 400;
/// Lines of a file that is tests alone.
const TESTS_MAX: usize = 500;
const FUNCTION_MAX: usize = 70;

#[test]
fn no_file_and_no_function_is_too_large() {
    let mut wrong = Vec::new();
    let allowed_functions: BTreeMap<_, _> = LARGE_FUNCTIONS.iter().copied().collect();
    let all = ["src", "tests", "benches"]
        .iter()
        .flat_map(|folder| sources(folder));
    for source in all {
        let lines = source.lines().count();
        let is_test = source.is_test() || source.is_in("tests");
        if lines > if is_test { TESTS_MAX } else { FILE_MAX } {
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

/// Files that one folder has at most, without the folders in it.
const FOLDER_MAX: usize = 25;

#[test]
fn no_folder_is_too_full() {
    let mut files: BTreeMap<String, usize> = BTreeMap::new();
    for source in sources("src") {
        let (folder, _) = source.path.rsplit_once('/').expect("it lies in src");
        *files.entry(folder.to_owned()).or_default() += 1;
    }
    let full = files.iter().filter(|(_, files)| **files > FOLDER_MAX);
    let wrong: Vec<_> = full
        .map(|(folder, files)| format!("{folder}: {files} files"))
        .collect();
    complain("STYLE §1, folders", &wrong);
}
