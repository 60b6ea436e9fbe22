//! One pass over a file: what was found wrong, where, and which keys there are.
//!
//! Asking for a key teaches [`TomlReading`] that the key exists, whether or not it is written, so
//! that there is no second list of keys to keep in step with the code.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::error::{Error, Fault, Hint, PlacedFault};

/// One pass over a file: what has been found wrong so far, and which keys were asked for.
pub(super) struct TomlReading<'t> {
    text: &'t str,
    problems: Vec<(usize, Fault)>,
    warnings: Vec<(usize, Fault)>,
    /// Keys that nobody asked for: section, key, place. Judged when all sections were read, for
    /// only then is it known where such a key would have belonged.
    unknown: Vec<(&'static str, String, usize)>,
    known: BTreeSet<(&'static str, &'static str)>,
}

impl<'t> TomlReading<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            problems: Vec::new(),
            warnings: Vec::new(),
            unknown: Vec::new(),
            known: BTreeSet::new(),
        }
    }

    /// Notes a mistake at a byte offset of the text.
    pub(super) fn wrong(&mut self, offset: usize, fault: Fault) {
        self.problems.push((offset, fault));
    }

    /// Notes something allowed but probably not meant.
    pub(super) fn warn(&mut self, offset: usize, fault: Fault) {
        self.warnings.push((offset, fault));
    }

    /// Runs `read` for the keys that it asks for, and forgets what it complains about.
    pub(super) fn learn(&mut self, read: impl FnOnce(&mut Self)) {
        let (problems, warnings) = (self.problems.len(), self.warnings.len());
        read(self);
        self.problems.truncate(problems);
        self.warnings.truncate(warnings);
    }

    /// Turns the keys that nobody asked for into problems. To be called after all sections.
    pub(super) fn judge_unknown_keys(&mut self) {
        for (section, key, offset) in std::mem::take(&mut self.unknown) {
            let hint = self.hint(section, &key);
            self.wrong(offset, Fault::UnknownKey { key, section, hint });
        }
    }

    pub(super) fn has_problems(&self) -> bool {
        !self.problems.is_empty()
    }

    pub(super) fn into_error(self, path: &Path) -> Error {
        let problems = placed(self.text, self.problems);
        Error::Wrong {
            path: path.to_owned(),
            problems,
        }
    }

    pub(super) fn take_warnings(&mut self) -> Vec<PlacedFault> {
        placed(self.text, std::mem::take(&mut self.warnings))
    }

    /// The line of a byte offset, counted from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        position(self.text, offset).0
    }

    /// Notes that `section` can have `key`.
    pub(super) fn asked(&mut self, section: &'static str, key: &'static str) {
        self.known.insert((section, key));
    }

    /// Notes a key that is written in `section`, unless it was asked for.
    pub(super) fn written(&mut self, section: &'static str, key: &str, offset: usize) {
        if !self.known.iter().any(|known| *known == (section, key)) {
            self.unknown.push((section, key.to_owned(), offset));
        }
    }

    /// Every key that was asked for, with its section.
    #[cfg(test)]
    pub(super) fn known(&self) -> &BTreeSet<(&'static str, &'static str)> {
        &self.known
    }

    /// What the administrator may have meant by a key that does not exist.
    fn hint(&self, section: &str, key: &str) -> Hint {
        if let Some((elsewhere, _)) = self.known.iter().find(|(_, known)| *known == key) {
            return Hint::Elsewhere(elsewhere);
        }
        let nearest = |elsewhere: bool| {
            let keys = self
                .known
                .iter()
                .filter(|(of, _)| (*of == section) != elsewhere);
            let key = key.to_lowercase();
            keys.map(|(of, known)| (strsim::damerau_levenshtein(known, &key), *known, *of))
                // A third of the letters wrong is still a slip; more is another word.
                .filter(|(distance, known, _)| *distance <= (known.len() / 3).max(1))
                .min()
        };
        if let Some((_, known, _)) = nearest(false) {
            return Hint::Meant(known);
        }
        if let Some((_, known, elsewhere)) = nearest(true) {
            return Hint::MeantElsewhere(known, elsewhere);
        }
        let here = self.known.iter().filter(|(of, _)| *of == section);
        Hint::Known(here.map(|(_, known)| *known).collect())
    }
}

/// Gives each fault its line and column, in the order of the file.
fn placed(text: &str, mut faults: Vec<(usize, Fault)>) -> Vec<PlacedFault> {
    faults.sort_by_key(|(offset, _)| *offset);
    let place = |(offset, fault)| {
        let (line, column) = position(text, offset);
        PlacedFault {
            line,
            column,
            fault,
        }
    };
    faults.into_iter().map(place).collect()
}

/// Line and column of a byte offset, both from 1, the column in characters.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[line_start..].chars().count() + 1)
}

/// A path of the file, from the directory that the file is in.
pub(super) fn beside(config: &Path, written: &str) -> PathBuf {
    config.parent().unwrap_or(Path::new("")).join(written)
}
