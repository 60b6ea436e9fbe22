//! What the numbers of `tblNode` mean: `tblEnumValue`.

use std::collections::BTreeMap;
use std::path::Path;

use super::node::Visibility;
use super::table::{self, ENUMS};
use crate::transfer::item::Error;
use crate::transfer::skipped::Skipped;

/// What numbers mean: as the database says, else as it is documented.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Enums {
    visibilities: BTreeMap<i64, Visibility>,
    auditoriums: BTreeMap<i64, bool>,
}

impl Default for Enums {
    /// As it is documented.
    fn default() -> Self {
        let visibilities = [
            (2, Visibility::Private),
            (3, Visibility::Scoped),
            (6, Visibility::Open),
        ];
        Self {
            visibilities: visibilities.into(),
            auditoriums: [(4, false), (5, true)].into(),
        }
    }
}

impl Enums {
    /// Reads them.
    ///
    /// # Errors
    /// - [`Error::Read`]: the file can't be read.
    pub fn read(folder: &Path, skipped: &mut Vec<Skipped>) -> Result<Self, Error> {
        let words = table::read_all(ENUMS, folder, skipped, |row| {
            Ok((row.integer("valueID")?, row.text("attributeValue")?))
        })?;
        let mut enums = Self::default();
        if words.is_empty() {
            return Ok(enums);
        }
        // What the table does not have has no meaning.
        enums.visibilities.clear();
        enums.auditoriums.clear();
        for (number, word) in words {
            let visibility = match word.trim().to_lowercase().as_str() {
                "private" => Visibility::Private,
                "scope" | "scoped" => Visibility::Scoped,
                "open" => Visibility::Open,
                kind => {
                    let kinds = [("normal", false), ("auditorium", true)];
                    let kind = kinds.into_iter().find(|(word, _)| *word == kind);
                    enums.auditoriums.extend(kind.map(|(_, is)| (number, is)));
                    continue;
                }
            };
            enums.visibilities.insert(number, visibility);
        }
        Ok(enums)
    }

    /// Who may see rooms of this number.
    pub fn visibility(&self, number: i64) -> Option<Visibility> {
        self.visibilities.get(&number).copied()
    }

    /// Whether rooms of this number are auditoriums.
    pub fn is_auditorium(&self, number: i64) -> Option<bool> {
        self.auditoriums.get(&number).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_database_go_before_what_is_documented() {
        let folder = tempfile::tempdir().unwrap();
        let read = || Enums::read(folder.path(), &mut Vec::new()).unwrap();
        assert_eq!(read(), Enums::default());
        let row = |number: i64, word: &str| {
            format!(
                "{{\"valueID\":{number},\"attributeName\":\"x\",\"attributeValue\":\"{word}\"}}\n"
            )
        };
        let rows = [
            row(2, "Scope"),
            row(3, "private"),
            row(5, "Normal"),
            row(9, "new"),
        ];
        std::fs::write(folder.path().join("enums.jsonl"), rows.concat()).unwrap();
        let enums = read();
        assert_eq!(enums.visibility(2), Some(Visibility::Scoped));
        assert_eq!(enums.visibility(3), Some(Visibility::Private));
        assert_eq!((enums.visibility(6), enums.visibility(9)), (None, None));
        assert_eq!(enums.is_auditorium(5), Some(false));
        assert_eq!(enums.is_auditorium(4), None);
    }
}
