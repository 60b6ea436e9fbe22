//! Reading a text byte by byte, as large as it may be, with a measure for what is kept of it.

use std::io::{self, BufRead};

use thiserror::Error;

/// Maximum size in bytes of one value of a foreign text: a room with all its affiliations, or a
/// message.
pub const VALUE_LENGTH_MAX: usize = 64 * 1024 * 1024;

/// Maximum number of levels of nesting of a value. Messages of more are refused anyway.
pub(super) const DEPTH_MAX: usize = 200;

/// Why a text can't be read.
#[derive(Debug, Error)]
pub enum Malformed {
    /// The file can't be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is not written in the language that it should be in.
    #[error("byte {offset}: {expected} expected")]
    Syntax {
        /// Where, from 0.
        offset: u64,
        /// What should be there.
        expected: &'static str,
    },
    /// A value that passes a limit: [`VALUE_LENGTH_MAX`], or 200 levels of nesting.
    #[error("byte {offset}: a value that is too large")]
    TooLarge {
        /// Where, from 0.
        offset: u64,
    },
}

/// A place in a text.
#[derive(Debug)]
pub(super) struct Cursor<R> {
    input: R,
    offset: u64,
    /// Number of bytes that the value in hand may still have.
    left: usize,
}

impl<R: BufRead> Cursor<R> {
    /// A cursor before the first byte, which is at `offset` of its file.
    pub fn new(input: R, offset: u64) -> Self {
        Self {
            input,
            offset,
            left: VALUE_LENGTH_MAX,
        }
    }

    /// How many bytes of the file are before.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// From here on a new value is read, for which the limit holds anew.
    pub fn begin_value(&mut self) {
        self.left = VALUE_LENGTH_MAX;
    }

    /// The next byte, which stays; `None` at the end.
    pub fn peek(&mut self) -> Result<Option<u8>, Malformed> {
        Ok(self.input.fill_buf()?.first().copied())
    }

    /// The next byte; `None` at the end.
    pub fn next(&mut self) -> Result<Option<u8>, Malformed> {
        let byte = self.peek()?;
        if byte.is_some() {
            self.left = self.left.checked_sub(1).ok_or(Malformed::TooLarge {
                offset: self.offset,
            })?;
            self.input.consume(1);
            self.offset += 1;
        }
        Ok(byte)
    }

    /// Takes the next byte, if it is this one.
    pub fn take(&mut self, wanted: u8) -> Result<bool, Malformed> {
        let is_there = self.peek()? == Some(wanted);
        if is_there {
            self.next()?;
        }
        Ok(is_there)
    }

    /// Takes the next byte, which must be this one.
    pub fn expect(&mut self, wanted: u8, expected: &'static str) -> Result<(), Malformed> {
        match self.take(wanted)? {
            true => Ok(()),
            false => Err(self.syntax(expected)),
        }
    }

    /// Takes the bytes of which this holds, as text.
    pub fn take_while(&mut self, holds: impl Fn(u8) -> bool) -> Result<String, Malformed> {
        let mut taken = String::new();
        while let Some(byte) = self.peek()?.filter(|byte| holds(*byte)) {
            taken.push(char::from(byte));
            self.next()?;
        }
        Ok(taken)
    }

    /// Takes spaces and newlines.
    pub fn skip_space(&mut self) -> Result<(), Malformed> {
        while self.peek()?.is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.next()?;
        }
        Ok(())
    }

    /// Goes behind the next newline, however far that is; false when there is none.
    pub fn skip_line(&mut self) -> Result<bool, Malformed> {
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(false);
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(buffer.len(), |end| end + 1);
            self.input.consume(length);
            self.offset += length as u64;
            if end.is_some() {
                return Ok(true);
            }
        }
    }

    /// That something else should be here.
    pub fn syntax(&self, expected: &'static str) -> Malformed {
        Malformed::Syntax {
            offset: self.offset,
            expected,
        }
    }
}
