//! Rooms that come with a command (`lyceum import`): from an export, or from the data of another
//! server.

mod remarks;
mod report;
mod skipped;
mod source;

use std::io::{BufWriter, Write};
use std::iter::Peekable;

use anyhow::anyhow;
use jid::BareJid;

use super::{Failure, Where, road};
use crate::command::Wish;
use crate::service;
use crate::transfer::json_lines::{LineFault, RecordWriter};
use crate::transfer::record::{ExportHeader, Record};
use crate::transfer::{self, SourceItem, SourceItems};
use remarks::Remarks;
use report::ImportReport;
use skipped::SkippedRows;
pub use source::RoomSource;

/// Has a command carried out that rooms come with, and prints what has become of them.
///
/// # Errors
/// [`Failure`]
pub(super) fn run(wish: &Wish, place: &Where, rooms: &RoomSource) -> Result<(), Failure> {
    let pool = place.pool(rooms.rename())?;
    let source = source::source(rooms, &pool)?;
    let selection = source::selection(rooms, &source, &pool)?;
    let mut report = ImportReport::new(place.json);
    let items = source.records(&selection).map_err(anyhow::Error::new)?;
    let mut coming = Coming::new(items);
    coming.read_ahead();
    let is_rehearsed = matches!(wish, Wish::Import(import) if import.dry_run);
    if coming.remarks.widen() && !is_rehearsed && !rooms.accepts_wider_access() {
        report.add(coming.skipped, coming.remarks);
        report.print()?;
        return Err(anyhow!(
            "nothing was imported, for access would be wider than before: map those who are named, \
             or accept it by --accept-wider-access"
        )
        .into());
    }
    report.expect(&source, &selection);
    let domain = pool.domain.clone().into();
    let (sent, outcome) = road::carry_out_with(
        &pool,
        wish,
        |output| coming.send(domain, output),
        &mut |reply| report.take(reply),
    );
    let mut failure = outcome.err();
    if let Some(sent) = sent {
        report.add(sent.skipped, sent.remarks);
        // That nobody takes it any more is the service's to explain.
        if let Err(SendingStopped::Source(error)) = sent.outcome {
            failure = Some(error.into());
        }
    }
    report.print()?;
    failure.map_or(Ok(()), Err)
}

/// What comes, and what there is to know of it so far.
struct Coming {
    items: Peekable<SourceItems>,
    skipped: SkippedRows,
    remarks: Remarks,
}

/// What was sent.
struct Sending {
    skipped: SkippedRows,
    remarks: Remarks,
    outcome: Result<(), SendingStopped>,
}

/// Why not all was.
enum SendingStopped {
    /// It can't be read to its end.
    Source(anyhow::Error),
    /// Nobody takes it any more.
    Unwanted,
}

impl Coming {
    fn new(items: SourceItems) -> Self {
        Self {
            items: items.peekable(),
            skipped: SkippedRows::default(),
            remarks: Remarks::default(),
        }
    }

    /// Learns what is told before anything comes.
    fn read_ahead(&mut self) {
        let is_told = |item: &Result<SourceItem, transfer::Error>| {
            matches!(item, Ok(SourceItem::Skipped(_) | SourceItem::Remark(_)))
        };
        while let Some(Ok(item)) = self.items.next_if(is_told) {
            self.note(item);
        }
    }

    /// Notes what is told; gives back what comes.
    fn note(&mut self, item: SourceItem) -> Option<Record> {
        match item {
            SourceItem::Record(record) => return Some(record),
            SourceItem::Skipped(found) => self.skipped.add(&found),
            SourceItem::Remark(remark) => self.remarks.add(remark),
        }
        None
    }

    fn send(mut self, domain: BareJid, output: &mut dyn Write) -> Sending {
        let outcome = self.send_all(domain, output);
        Sending {
            skipped: self.skipped,
            remarks: self.remarks,
            outcome,
        }
    }

    fn send_all(&mut self, domain: BareJid, output: &mut dyn Write) -> Result<(), SendingStopped> {
        let mut writer = RecordWriter::new(BufWriter::with_capacity(1 << 16, output));
        let header = Record::Header(ExportHeader {
            software: concat!("Lyceum ", env!("CARGO_PKG_VERSION")).to_owned(),
            domain,
            exported_at: service::now().at,
        });
        writer.write(&header).map_err(unsent)?;
        while let Some(item) = self.items.next() {
            let item =
                item.map_err(|error: transfer::Error| SendingStopped::Source(error.into()))?;
            match self.note(item) {
                // Ours stand for them.
                Some(Record::Header(_) | Record::End(_)) | None => {}
                Some(record) => writer.write(&record).map_err(unsent)?,
            }
        }
        writer.finish().map(drop).map_err(unsent)
    }
}

fn unsent(fault: LineFault) -> SendingStopped {
    match fault {
        LineFault::Io(_) => SendingStopped::Unwanted,
        other => SendingStopped::Source(other.into()),
    }
}
