//! The file of groups: a table of names, each with a list of entries.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::directory::{GroupFault, Groups, NamedGroups};
use crate::room::scope::{Principal, Principals};

/// Why a file of groups can't be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// There is nothing to look at.
    #[error("{} can't be read ({kind})", path.display())]
    Unreadable {
        /// Where the file is.
        path: PathBuf,
        /// What the operating system says.
        kind: io::ErrorKind,
    },
    /// It is too large to be meant.
    #[error("{} has more than {FILE_SIZE_MAX} bytes", path.display())]
    TooLarge {
        /// Where the file is.
        path: PathBuf,
    },
    /// Something in it is wrong.
    #[error("{}", lines.join("; "))]
    Wrong {
        /// Everything that is wrong, each with file and line, in the order of the file.
        lines: Vec<String>,
    },
}

/// Maximum size of the file, in bytes.
const FILE_SIZE_MAX: u64 = 16 * 1024 * 1024;

/// Reads the file.
///
/// # Errors
/// Why it can't be taken, none of it.
pub fn read(path: &Path) -> Result<NamedGroups, FileFault> {
    let unreadable = |error: io::Error| FileFault::Unreadable {
        path: path.to_owned(),
        kind: error.kind(),
    };
    let mut text = String::new();
    let file = File::open(path).map_err(unreadable)?;
    let read = file.take(FILE_SIZE_MAX + 1).read_to_string(&mut text);
    if read.map_err(unreadable)? as u64 > FILE_SIZE_MAX {
        let path = path.to_owned();
        return Err(FileFault::TooLarge { path });
    }
    parse(path, &text)
}

fn parse(path: &Path, text: &str) -> Result<NamedGroups, FileFault> {
    let mut reading = GroupsReading {
        text,
        wrong: Vec::new(),
    };
    let groups = reading.groups();
    let sound = NamedGroups::new(
        groups
            .iter()
            .map(|(name, (_, list))| (name.clone(), list.clone()))
            .collect(),
    );
    let sound = match sound {
        Ok(sound) if reading.wrong.is_empty() => return Ok(sound),
        Ok(_) => Vec::new(),
        Err(faults) => faults,
    };
    for fault in sound {
        let place = group_of(&fault).and_then(|name| groups.get(name));
        reading.wrong(place.map_or(0, |(place, _)| *place), fault.to_string());
    }
    reading.wrong.sort();
    let line = |(line, what): &(usize, String)| format!("{}:{line}: {what}", path.display());
    Err(FileFault::Wrong {
        lines: reading.wrong.iter().map(line).collect(),
    })
}

/// The group at which a fault is told.
fn group_of(fault: &GroupFault) -> Option<&str> {
    match fault {
        GroupFault::Unknown { group, .. } | GroupFault::TooDeep { group } => Some(group),
        GroupFault::Circle { groups } => groups.first().map(|group| &**group),
        GroupFault::BuiltIn => Some(Groups::SERVED),
    }
}

/// One pass over a file: what is wrong, with its line.
struct GroupsReading<'t> {
    text: &'t str,
    wrong: Vec<(usize, String)>,
}

impl<'t> GroupsReading<'t> {
    /// Every group, with the place of its name; as far as the file can be understood.
    fn groups(&mut self) -> BTreeMap<Arc<str>, (usize, Principals)> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let place = error.span().unwrap_or_default();
            self.wrong(
                place.start,
                format!("this is not valid TOML: {}", error.message()),
            );
        }
        if !self.wrong.is_empty() {
            return BTreeMap::new();
        }
        let mut groups = BTreeMap::new();
        for (name, entries) in table.get_ref() {
            let place = name.span().start;
            match name.get_ref().trim() {
                "" => self.wrong(place, "a group has a name".to_owned()),
                name => {
                    let list = self.list(name, entries);
                    groups.insert(name.into(), (place, list));
                }
            }
        }
        groups
    }

    fn list(&mut self, name: &str, entries: &Spanned<DeValue<'_>>) -> Principals {
        let expected = format!(
            "group `{name}` must be a list of texts in quotes, such as [\"ann@example.org\"]"
        );
        let DeValue::Array(array) = entries.get_ref() else {
            self.wrong(entries.span().start, expected);
            return Principals::default();
        };
        let mut list = Principals::default();
        for entry in array.iter() {
            let Range { start, .. } = entry.span();
            let DeValue::String(text) = entry.get_ref() else {
                self.wrong(start, expected.clone());
                continue;
            };
            match text.parse::<Principal>() {
                Ok(principal) => drop(list.insert(principal)),
                Err(fault) => self.wrong(start, fault.to_string()),
            }
        }
        list
    }

    fn wrong(&mut self, offset: usize, what: String) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        // What stands in the file must not look like a line of its own.
        let what = what.replace(char::is_control, " ");
        self.wrong.push((before.matches('\n').count() + 1, what));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn told(text: &str) -> String {
        match parse(Path::new("groups.toml"), text) {
            Ok(groups) => {
                let one = |(name, list): (&Arc<str>, &Principals)| {
                    let entries: Vec<_> = list.iter().map(|entry| entry.to_string()).collect();
                    format!("{name}={}", entries.join(","))
                };
                groups.iter().map(one).collect::<Vec<_>>().join(" ")
            }
            Err(fault) => fault.to_string(),
        }
    }

    #[test]
    fn a_file_is_a_table_of_lists() {
        let text = "traders = ['Ann@example.org', 'group:desk', 'ldap:cn=a']\n\"the desk\" = []\ndesk = ['*', 'example.net']";
        assert_eq!(
            told(text),
            "desk=*,example.net the desk= traders=ann@example.org,group:desk,ldap:cn=a"
        );
        assert_eq!(told(""), "");
    }

    #[test]
    fn everything_wrong_is_told_with_its_line() {
        for (text, expected) in [
            ("a = [", "groups.toml:1: this is not valid TOML: "),
            ("a = []\na = []", "groups.toml:2: this is not valid TOML: "),
            (
                "\na = 'ann@example.org'",
                "groups.toml:2: group `a` must be a list of texts",
            ),
            (
                "a = [1]",
                "groups.toml:1: group `a` must be a list of texts",
            ),
            (
                "[a]\nb = []",
                "groups.toml:1: group `a` must be a list of texts",
            ),
            (
                "a = [\n'ann@']",
                "groups.toml:2: `ann@` can't stand in a list",
            ),
            (
                "a = ['group:b']\nb = ['group:c']\nc = ['group:b', 'group:x']",
                "groups.toml:2: groups can't be part of themselves: b > c > b; take one of these \
                 entries out; groups.toml:3: group `c` refers to group:x, and there is no such \
                 group; there are: a, b, c",
            ),
            (
                "served = []",
                "groups.toml:1: `served` is the group of everybody",
            ),
        ] {
            let told = told(text);
            assert!(told.starts_with(expected), "{text}\n{told}");
        }
    }

    #[test]
    fn what_is_no_file_is_told_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("groups.toml");
        let fault = read(&path).unwrap_err().to_string();
        assert_eq!(
            fault,
            format!("{} can't be read (entity not found)", path.display())
        );
        fs::write(&path, [0xff]).unwrap();
        assert!(
            read(&path)
                .unwrap_err()
                .to_string()
                .contains("(invalid data)")
        );
        fs::write(&path, "#".repeat(16 * 1024 * 1024 + 1)).unwrap();
        assert!(
            read(&path)
                .unwrap_err()
                .to_string()
                .contains("has more than")
        );
    }
}
