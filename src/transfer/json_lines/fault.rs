//! What can be wrong with our own format.

use std::io;

use jid::BareJid;
use thiserror::Error;

use super::written;
use crate::transfer::record::ExportEnd;
use crate::wire::foreign::UnfitXml;

/// Maximum length of a line in bytes. A message fits many times; a room of 100,000 affiliations,
/// each with a short reason, does.
pub const LINE_LENGTH_MAX: u64 = 64 * 1024 * 1024;

/// What is wrong with a line, or with the order of lines.
#[derive(Debug, Error)]
pub enum LineFault {
    /// The file or the stream could not be read or written.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is no JSON, or a field is missing, unknown or has a value that it can't have.
    #[error("{}", without_place(.0))]
    Json(serde_json::Error),
    /// It is the last, and ends within.
    #[error("the file ends in the middle of this line: it was cut off, so get or write it again")]
    Truncated,
    /// It has more bytes than [`LINE_LENGTH_MAX`].
    #[error("longer than {} MiB", LINE_LENGTH_MAX / 1024 / 1024)]
    TooLong,
    /// The first line is no header.
    #[error("a header is expected here: {{\"type\":\"header\",…}}; this is no export")]
    NoHeader,
    /// A header where none is expected.
    #[error("a second header: read the files that were put together here one by one")]
    HeaderAgain,
    /// Written by another version of this program.
    #[error("version {found} of the format, and this program knows version {known} only", known = written::VERSION)]
    Version {
        /// The version it has.
        found: u32,
    },
    /// A message stands behind another room than its own.
    #[error("a message of {found}, but the room told last is {}", expected.as_ref().map_or("none", |room| room.as_str()))]
    Misplaced {
        /// The room that it names.
        found: BareJid,
        /// The room told last.
        expected: Option<BareJid>,
    },
    /// There are lines behind the end.
    #[error("this stands behind the end")]
    BehindTheEnd,
    /// There are other numbers of rooms and messages than the end says.
    #[error(
        "{} rooms and {} messages should have been before this, but there were {} and {}",
        told.rooms, told.messages, seen.rooms, seen.messages
    )]
    Miscounted {
        /// As the last line says.
        told: ExportEnd,
        /// As they were.
        seen: ExportEnd,
    },
    /// There is no end.
    #[error("the file has no end: it was cut off, so get or write it again")]
    Unfinished,
    /// The secret of a room is none.
    #[error("the salt of a room is 32 bytes in base64")]
    Salt,
    /// A payload that can't be used.
    #[error("a payload can't be used: {0}")]
    Payload(#[from] UnfitXml),
    /// A payload that is no text. Only a damaged database has one.
    #[error("a payload is no text")]
    Bytes,
}

/// What serde says, without its own count of lines, which begins anew with each of ours.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let column = error.column();
    match text.strip_suffix(&format!(" at line {} column {column}", error.line())) {
        Some(text) => format!("{text} (byte {column})"),
        None => text,
    }
}

/// It is told in our words, without its own, so it is no source.
impl From<serde_json::Error> for LineFault {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

/// What went wrong, and at which line.
#[derive(Debug, Error)]
#[error("line {line}: {fault}")]
pub struct LineError {
    /// The first is 1.
    pub line: u64,
    /// What went wrong.
    #[source]
    pub fault: LineFault,
}
