//! Reading records, one by one.

use std::io::{BufRead, Read};

use jid::BareJid;

use super::fault::{LINE_LENGTH_MAX, LineError, LineFault};
use super::meaning;
use crate::transfer::record::{ExportEnd, Record};

/// Reads records. After an error there are no more.
#[derive(Debug)]
pub struct RecordReader<R> {
    input: R,
    line: u64,
    room: Option<BareJid>,
    seen: ExportEnd,
    state: ReadingState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReadingState {
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
            seen: ExportEnd::default(),
            state: ReadingState::Fresh,
        }
    }

    fn read(&mut self) -> Result<Option<Record>, LineFault> {
        self.line += 1;
        let mut bytes = Vec::new();
        let mut limited = self.input.by_ref().take(LINE_LENGTH_MAX);
        let length = limited.read_until(b'\n', &mut bytes)?;
        if length == 0 {
            return match self.state {
                ReadingState::Ended | ReadingState::Over => Ok(None),
                ReadingState::Fresh | ReadingState::Begun => Err(LineFault::Unfinished),
            };
        }
        let is_whole = bytes.last() == Some(&b'\n');
        if !is_whole && length as u64 == LINE_LENGTH_MAX {
            return Err(LineFault::TooLong);
        }
        let line = match serde_json::from_slice(&bytes) {
            Ok(line) => line,
            Err(error) if !is_whole && error.is_eof() => return Err(LineFault::Truncated),
            Err(error) => return Err(error.into()),
        };
        let record = meaning::read(line)?;
        self.expect(&record)?;
        Ok(Some(record))
    }

    /// Whether the record may stand here.
    fn expect(&mut self, record: &Record) -> Result<(), LineFault> {
        match (self.state, record) {
            (ReadingState::Fresh, Record::Header(_)) => self.state = ReadingState::Begun,
            (ReadingState::Fresh, _) => return Err(LineFault::NoHeader),
            (ReadingState::Begun, Record::Header(_)) => return Err(LineFault::HeaderAgain),
            (ReadingState::Begun, Record::Category(_)) => self.room = None,
            (ReadingState::Begun, Record::Room(room)) => {
                self.room = Some(room.jid.clone());
                self.seen.rooms += 1;
            }
            (ReadingState::Begun, Record::Message(message)) => {
                if self.room.as_ref() != Some(&message.room) {
                    return Err(LineFault::Misplaced {
                        found: message.room.clone(),
                        expected: self.room.clone(),
                    });
                }
                self.seen.messages += 1;
            }
            (ReadingState::Begun, Record::End(told)) => {
                let (told, seen) = (*told, self.seen);
                if told != seen {
                    return Err(LineFault::Miscounted { told, seen });
                }
                self.state = ReadingState::Ended;
            }
            (ReadingState::Ended | ReadingState::Over, _) => return Err(LineFault::BehindTheEnd),
        }
        Ok(())
    }
}

impl<R: BufRead> Iterator for RecordReader<R> {
    type Item = Result<Record, LineError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.state == ReadingState::Over {
            return None;
        }
        let read = self.read();
        if !matches!(read, Ok(Some(_))) {
            self.state = ReadingState::Over;
        }
        let line = self.line;
        let read = read.map_err(|fault| LineError { line, fault });
        read.transpose()
    }
}
