//! Reading records, one by one.

use std::io::{BufRead, Read};

use jid::BareJid;

use super::fault::{Fault, LINE_LENGTH_MAX, LineError};
use super::meaning;
use crate::transfer::record::{End, Record};

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
