//! Who imports whom: which modules of `src/` use which, read from their sources, and circles among
//! them.

use std::collections::{BTreeMap, BTreeSet};

use super::{complain, sources};

/// Circles of more than [`CIRCLE_MAX`] files that stay, by the folder that they lie in, with the
/// number of files.
///
/// In `room` a feature's file has both its type and its handler, and the closed enums of all that
/// can be asked and can follow name all these types.
const CIRCLES: &[(&str, usize)] = &[("room", 6)];

/// A circle of two is a type with its other half.
const CIRCLE_MAX: usize = 2;

#[test]
fn nobody_imports_in_circles() {
    let sources: Vec<_> = sources("src")
        .iter()
        .filter(|source| !source.is_test())
        .map(|source| {
            let code: Vec<_> = source.code().map(|(_, line)| line).collect();
            let path = source.path.trim_start_matches("src/");
            (path.to_owned(), code.join("\n"))
        })
        .collect();
    let imports = Imports::read(&sources);
    let mut wrong: Vec<_> = imports
        .circles_of_folders()
        .iter()
        .map(|circle| format!("folders: {}", circle.join(", ")))
        .collect();
    for circle in imports.circles_of_files() {
        let stays = CIRCLES.iter().any(|(folder, files)| {
            circle.len() <= *files
                && circle
                    .iter()
                    .all(|module| module.starts_with(&format!("{folder}::")))
        });
        if circle.len() > CIRCLE_MAX && !stays {
            wrong.push(format!("files: {}", circle.join(", ")));
        }
    }
    complain("STYLE §1, no circles", &wrong);
}

/// The path of a module below the crate's root, a part each.
type Module = Vec<String>;

/// What each module of the crate uses of the others.
struct Imports {
    /// The file of each module.
    files: BTreeMap<Module, String>,
    uses: BTreeMap<Module, BTreeSet<Module>>,
}

impl Imports {
    /// Reads what modules use.
    ///
    /// `sources` are paths below `src/`, and code without comments and tests.
    fn read(sources: &[(String, String)]) -> Self {
        let files: BTreeMap<_, _> = sources
            .iter()
            .map(|(path, _)| (module(path), path.clone()))
            .collect();
        let mut uses: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
        for (path, code) in sources {
            let user = module(path);
            let used = paths(code)
                .into_iter()
                .filter_map(|path| resolve(&files, &user, path))
                // A module uses its parents where it names what they give on; that is no import of
                // theirs.
                .filter(|used| !user.starts_with(used))
                .collect();
            uses.insert(user, used);
        }
        Self { files, uses }
    }

    /// Sets of more than one module that all lead to each other.
    fn circles_of_files(&self) -> Vec<Vec<String>> {
        let names = |module: &Module| module.join("::");
        let uses = self.uses.iter().map(|(user, used)| {
            let used = used.iter().map(names).collect();
            (names(user), used)
        });
        circles(&uses.collect())
    }

    /// Sets of more than one folder that all lead to each other. A folder is no other one than
    /// those in it: what lies deeper may be used by what lies above it and the other way round.
    fn circles_of_folders(&self) -> Vec<Vec<String>> {
        let folder = |module: &Module| {
            let path = &self.files[module];
            path.rsplit_once('/')
                .map_or("", |(folder, _)| folder)
                .to_owned()
        };
        let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (user, used) in &self.uses {
            let from = folder(user);
            for to in used.iter().map(folder) {
                let nested = is_below(&from, &to) || is_below(&to, &from);
                if !nested {
                    uses.entry(from.clone()).or_default().insert(to);
                }
            }
        }
        circles(&uses)
    }
}

/// Whether a folder is another one or lies in it.
fn is_below(inner: &str, outer: &str) -> bool {
    inner == outer
        || inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.starts_with('/'))
        || outer.is_empty()
}

/// `room/occupying/enter.rs` is `room::occupying::enter`, `room/mod.rs` is `room`.
fn module(path: &str) -> Module {
    let path = path.trim_end_matches(".rs");
    let mut parts: Vec<_> = path.split('/').map(str::to_owned).collect();
    if parts
        .last()
        .is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str()))
    {
        parts.pop();
    }
    parts
}

/// All paths that code names: in its `use`s, and those from `crate` or `super` elsewhere.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let starts = code[..at]
            .chars()
            .next_back()
            .is_none_or(|before| before.is_whitespace() || before == ')');
        let (tree, _) = code[at + 4..].split_once(';').unwrap_or_default();
        if starts {
            unfold(&[], tree, &mut paths);
        }
    }
    for root in ["crate::", "super::"] {
        for (at, _) in code.match_indices(root) {
            let is_word = |character: char| {
                character.is_alphanumeric() || character == '_' || character == ':'
            };
            if !code[..at].chars().next_back().is_some_and(is_word) {
                let path = code[at..]
                    .split(|character| !is_word(character))
                    .next()
                    .unwrap_or_default();
                paths.push(parts(path));
            }
        }
    }
    paths
}

fn parts(path: &str) -> Vec<String> {
    let parts = path
        .split("::")
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

/// Adds the paths of a tree such as `crate::room::{Room, nick::{self, Nick}}`.
fn unfold(before: &[String], tree: &str, paths: &mut Vec<Vec<String>>) {
    let (path, group) = match tree.split_once('{') {
        Some((path, rest)) => (path, rest.rsplit_once('}').map(|(group, _)| group)),
        None => (tree.split(" as ").next().unwrap_or_default(), None),
    };
    let mut path: Vec<_> = before.iter().cloned().chain(parts(path)).collect();
    let Some(group) = group else {
        path.retain(|part| part != "self" && part != "*");
        paths.push(path);
        return;
    };
    let mut depth = 0;
    let ends = |character: char| {
        depth += i32::from(character == '{') - i32::from(character == '}');
        character == ',' && depth == 0
    };
    for branch in group.split(ends).filter(|branch| !branch.trim().is_empty()) {
        unfold(&path, branch, paths);
    }
}

/// The module that a path leads into, as far as it is one.
fn resolve(files: &BTreeMap<Module, String>, user: &[String], path: Vec<String>) -> Option<Module> {
    let supers = path.iter().take_while(|part| *part == "super").count();
    let mut whole = match path.first()?.as_str() {
        "crate" => path[1..].to_vec(),
        "super" => [&user[..user.len().checked_sub(supers)?], &path[supers..]].concat(),
        // A module that is declared here.
        _ => [user, &path].concat(),
    };
    while !whole.is_empty() && !files.contains_key(&whole) {
        whole.pop();
    }
    (!whole.is_empty() && whole != user).then_some(whole)
}

/// The strongly connected components of more than one node, each in order.
fn circles(uses: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    let reached: BTreeMap<_, _> = uses
        .keys()
        .map(|from| (from, reached(uses, from)))
        .collect();
    let mut circles = BTreeSet::new();
    for (from, to) in &reached {
        let both = to
            .iter()
            .filter(|to| reached.get(to).is_some_and(|back| back.contains(*from)));
        let circle: Vec<_> = both.cloned().collect();
        if circle.len() > 1 {
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

/// All that can be reached from a node in one step or more.
fn reached(uses: &BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(node) = open.pop() {
        for next in uses.get(node).into_iter().flatten() {
            if reached.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    reached
}

#[test]
fn circles_are_found_through_every_way_to_name_a_module() {
    let source = |path: &str, code: &str| (path.to_owned(), code.to_owned());
    let imports = Imports::read(&[
        source("lib.rs", "pub mod room; pub mod store;"),
        source("room/mod.rs", "mod nick; mod role; pub use nick::Nick;"),
        source("room/nick.rs", "use super::role::{self, Role};"),
        source("room/role.rs", "fn f() { crate::room::nick::f() }"),
        source(
            "store/mod.rs",
            "use crate::{room::{Room, nick::Nick as N}};",
        ),
        source(
            "store/one/a.rs",
            "pub(in crate::store) use crate::store::two::b::B;",
        ),
        source("store/two/b.rs", "use super::super::one::c::C;"),
        source("store/one/c.rs", "use std::fmt;"),
    ]);
    assert_eq!(imports.circles_of_files(), [["room::nick", "room::role"]]);
    assert_eq!(imports.circles_of_folders(), [["store/one", "store/two"]]);
}
