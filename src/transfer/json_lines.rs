//! Records as text: one JSON object a line, written and read one by one.
//!
//! The hard thing is to notice what is not there. A file that was cut, by a full disk or a connection that broke, must
//! not pass for a smaller one: so the last line counts what was before, and a file without it is not whole.

use std::io::{self, BufRead, Read, Write};

use jid::BareJid;
use thiserror::Error;

use super::meaning;
use super::record::{End, Record};
use super::written;
use crate::wire::foreign::Unfit;

/// So many bytes a line may have. A message fits many times; a room of 100,000 affiliations, each with a short reason,
/// does.
pub const LINE_LENGTH_MAX: u64 = 64 * 1024 * 1024;

/// What is wrong with a line, or with the order of lines.
#[derive(Debug, Error)]
pub enum Fault {
    /// The file or the stream could not be read or written.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is no JSON, or a field is missing, unknown or has a value that it can't have.
    #[error("{}", without_place(.0))]
    Json(serde_json::Error),
    /// It is the last, and ends within.
    #[error("the file ends in the middle of this line: it was cut off, so get or write it again")]
    Truncated,
    /// See [`LINE_LENGTH_MAX`].
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
        told: End,
        /// As they were.
        seen: End,
    },
    /// There is no end.
    #[error("the file has no end: it was cut off, so get or write it again")]
    Unfinished,
    /// The secret of a room is none.
    #[error("the salt of a room is 32 bytes in base64")]
    Salt,
    /// A payload that can't be used.
    #[error("a payload can't be used: {0}")]
    Payload(#[from] Unfit),
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
impl From<serde_json::Error> for Fault {
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
    pub fault: Fault,
}

/// Reads records. After an error there are no more.
#[derive(Debug)]
pub struct RecordReader<R> {
    input: R,
    line: u64,
    room: Option<BareJid>,
    seen: End,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing was read.
    Fresh,
    /// The header was.
    Begun,
    /// The end was.
    Ended,
    /// There is no more, or no sense in reading it.
    Over,
}

impl<R: BufRead> RecordReader<R> {
    /// A reader of a stream from its beginning.
    pub fn new(input: R) -> Self {
        Self {
            input,
            line: 0,
            room: None,
            seen: End::default(),
            state: State::Fresh,
        }
    }

    fn read(&mut self) -> Result<Option<Record>, Fault> {
        self.line += 1;
        let mut bytes = Vec::new();
        let mut limited = self.input.by_ref().take(LINE_LENGTH_MAX);
        let length = limited.read_until(b'\n', &mut bytes)?;
        if length == 0 {
            return match self.state {
                State::Ended | State::Over => Ok(None),
                State::Fresh | State::Begun => Err(Fault::Unfinished),
            };
        }
        let is_whole = bytes.last() == Some(&b'\n');
        if !is_whole && length as u64 == LINE_LENGTH_MAX {
            return Err(Fault::TooLong);
        }
        let line = match serde_json::from_slice(&bytes) {
            Ok(line) => line,
            Err(error) if !is_whole && error.is_eof() => return Err(Fault::Truncated),
            Err(error) => return Err(error.into()),
        };
        let record = meaning::read(line)?;
        self.expect(&record)?;
        Ok(Some(record))
    }

    /// Whether the record may stand here.
    fn expect(&mut self, record: &Record) -> Result<(), Fault> {
        match (self.state, record) {
            (State::Fresh, Record::Header(_)) => self.state = State::Begun,
            (State::Fresh, _) => return Err(Fault::NoHeader),
            (State::Begun, Record::Header(_)) => return Err(Fault::HeaderAgain),
            (State::Begun, Record::Room(room)) => {
                self.room = Some(room.jid.clone());
                self.seen.rooms += 1;
            }
            (State::Begun, Record::Message(message)) => {
                if self.room.as_ref() != Some(&message.room) {
                    return Err(Fault::Misplaced {
                        found: message.room.clone(),
                        expected: self.room.clone(),
                    });
                }
                self.seen.messages += 1;
            }
            (State::Begun, Record::End(told)) => {
                let (told, seen) = (*told, self.seen);
                if told != seen {
                    return Err(Fault::Miscounted { told, seen });
                }
                self.state = State::Ended;
            }
            (State::Ended | State::Over, _) => return Err(Fault::BehindTheEnd),
        }
        Ok(())
    }
}

impl<R: BufRead> Iterator for RecordReader<R> {
    type Item = Result<Record, LineError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.state == State::Over {
            return None;
        }
        let read = self.read();
        if !matches!(read, Ok(Some(_))) {
            self.state = State::Over;
        }
        let line = self.line;
        let read = read.map_err(|fault| LineError { line, fault });
        read.transpose()
    }
}

/// Writes records. What is written is whole only after [`Self::finish`].
#[derive(Debug)]
pub struct RecordWriter<W> {
    output: W,
    written: End,
}

impl<W: Write> RecordWriter<W> {
    /// A writer of a stream from its beginning; the header is to be written first. The output should be buffered.
    pub fn new(output: W) -> Self {
        Self {
            output,
            written: End::default(),
        }
    }

    /// Writes one record.
    ///
    /// # Errors
    /// - [`Fault::Io`]: the output fails, and what is there is not whole.
    /// - [`Fault::Bytes`], [`Fault::Json`]: the record can't be written, which only a damaged database brings about;
    ///   nothing of it was written.
    pub fn write(&mut self, record: &Record) -> Result<(), Fault> {
        let mut line = serde_json::to_vec(&meaning::write(record)?)?;
        line.push(b'\n');
        self.output.write_all(&line)?;
        match record {
            Record::Room(_) => self.written.rooms += 1,
            Record::Message(_) => self.written.messages += 1,
            Record::Header(_) | Record::End(_) => {}
        }
        Ok(())
    }

    /// Writes the end, and gives back the output with everything in it, and how much there was.
    ///
    /// # Errors
    /// - [`Fault::Io`]: the output fails, and what is there is not whole.
    pub fn finish(mut self) -> Result<(W, End), Fault> {
        let end = self.written;
        self.write(&Record::End(end))?;
        self.output.flush()?;
        Ok((self.output, end))
    }
}

#[cfg(test)]
mod tests;
