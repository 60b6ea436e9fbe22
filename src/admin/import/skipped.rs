//! What of a source was left out, counted by its reason.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::transfer::Skipped;

/// All that was left out.
#[derive(Default)]
pub(super) struct SkippedRows(BTreeMap<(String, String), SkippedRow>);

/// Things of a room that were left out for the same reason.
#[derive(Debug, Serialize)]
pub(super) struct SkippedRow {
    /// The room, as it is called in the source.
    room: Option<String>,
    why: String,
    count: u64,
    /// Where the first of them is.
    first: String,
}

impl SkippedRows {
    /// Counts one more.
    pub fn add(&mut self, found: &Skipped) {
        let room = found.room.as_ref().map(ToString::to_string);
        let mut why = found.reason.to_string();
        let mut key = (room.clone().unwrap_or_default(), why.clone());
        if self.0.len() >= REASONS_MAX && !self.0.contains_key(&key) {
            "other reasons".clone_into(&mut why);
            key = (String::new(), why.clone());
        }
        let row = self.0.entry(key).or_insert_with(|| SkippedRow {
            room,
            why,
            count: 0,
            first: found.place.clone(),
        });
        row.count += 1;
    }

    /// A row for each reason.
    pub fn rows(&self) -> impl Iterator<Item = &SkippedRow> {
        self.0.values()
    }
}

impl SkippedRow {
    /// The row in words.
    pub fn line(&self) -> String {
        let room = self.room.as_deref().unwrap_or("elsewhere");
        let Self {
            count, why, first, ..
        } = self;
        format!("{room}: {count} left out: {why} (first: {first})")
    }
}

/// More reasons are told together.
const REASONS_MAX: usize = 1000;
