//! What has become of the rooms of an import, as it is told.

use anyhow::Context;

use super::remarks::Remarks;
use super::skipped::{SkippedRow, SkippedRows};
use crate::admin::print;
use crate::admin::text::Text;
use crate::command::Reply;
use crate::command::import::{Imported, ImportedCategory, ImportedRoom};
use crate::transfer::record::Record;
use crate::transfer::{RoomSelection, Source, SourceItem};

/// What has become of all.
pub(super) struct ImportReport {
    json: bool,
    progress: print::Progress,
    categories: Vec<ImportedCategory>,
    rooms: Vec<ImportedRoom>,
    skipped: SkippedRows,
    remarks: Remarks,
}

impl ImportReport {
    /// A report of nothing yet.
    pub fn new(json: bool) -> Self {
        Self {
            json,
            progress: print::Progress::new("message"),
            categories: Vec::new(),
            rooms: Vec::new(),
            skipped: SkippedRows::default(),
            remarks: Remarks::default(),
        }
    }

    /// Adds what was left out and what there is to know.
    pub fn add(&mut self, skipped: SkippedRows, remarks: Remarks) {
        self.skipped = skipped;
        self.remarks = remarks;
    }

    /// Counts what will come, if somebody looks on. The source is read twice for that, which is
    /// little beside what taking it costs.
    pub fn expect(&mut self, source: &Source, selection: &RoomSelection) {
        let records = source.records(selection);
        // What is wrong with the source is told when it is read in earnest.
        let Some(items) = records.ok().filter(|_| self.progress.is_seen()) else {
            return;
        };
        let is_message = |item: &SourceItem| matches!(item, SourceItem::Record(Record::Message(_)));
        let mut messages = 0;
        for _ in items.map_while(Result::ok).filter(is_message) {
            messages += 1;
            if messages % COUNTING_STEP == 0 {
                self.progress.show(0, Some(messages));
            }
        }
        self.progress.expect(messages);
    }

    /// Takes what the command answers.
    pub fn take(&mut self, reply: Reply) -> anyhow::Result<()> {
        match reply {
            Reply::Row(row) => {
                let imported = row.read().context("the answer is not about rooms")?;
                match imported {
                    Imported::Category(category) => self.categories.push(category),
                    Imported::Room(room) => self.rooms.push(room),
                }
            }
            Reply::Progress { done, of } => self.progress.show(done, of),
            Reply::Done(_) | Reply::Failed { .. } => {}
        }
        Ok(())
    }

    /// Prints all of it, as JSON or as lines.
    pub fn print(mut self) -> anyhow::Result<()> {
        self.progress.clear();
        let skipped: Vec<_> = self.skipped.rows().collect();
        let mut whole = serde_json::json!({ "rooms": self.rooms, "skipped": skipped });
        if !self.remarks.is_empty() {
            whole["remarks"] = self.remarks.json();
        }
        if !self.categories.is_empty() {
            whole["categories"] = serde_json::json!(self.categories);
        }
        let categories = self.categories.iter().map(ToString::to_string);
        let rooms = self.rooms.iter().map(ToString::to_string);
        let skipped = skipped.into_iter().map(SkippedRow::line);
        let lines = categories
            .chain(rooms)
            .chain(skipped)
            .chain(self.remarks.lines());
        print::one(self.json, &whole, &Text::lines(lines))
    }
}

/// Number of messages after which it is shown again how many there are.
const COUNTING_STEP: u64 = 1000;
