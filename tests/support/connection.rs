//! A TCP connection with an XML stream on it.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use super::xml::{Piece, Splitter, Whole};

/// A connection, and what has come on it.
pub struct Connection {
    stream: TcpStream,
    splitter: Splitter,
    pieces: VecDeque<Piece>,
}

impl Connection {
    /// Takes over a connection on which nothing has come.
    ///
    /// # Errors
    /// Why it can't be set up.
    pub fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            splitter: Splitter::new(),
            pieces: VecDeque::new(),
        })
    }

    /// Begins to read another stream on the same connection.
    pub fn reset(&mut self) {
        self.splitter = Splitter::new();
        self.pieces.clear();
    }

    /// Ends the connection without a word.
    pub fn close(&self) {
        // It may be closed already.
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// Writes XML.
    ///
    /// # Errors
    /// Why that is not possible.
    pub fn write(&mut self, xml: &str) -> Result<(), String> {
        self.stream
            .write_all(xml.as_bytes())
            .map_err(|error| error.to_string())
    }

    /// The next element of the stream; `None` when none comes for so long.
    ///
    /// # Errors
    /// That the stream is closed, or is no XML.
    pub fn element_within(&mut self, patience: Duration) -> Result<Option<Whole>, String> {
        match self.piece_within(patience)? {
            Some(Piece::Whole(whole)) => Ok(Some(whole)),
            Some(Piece::Head(_)) => self.element_within(patience),
            Some(Piece::End) => Err("the stream is closed".to_owned()),
            None => Ok(None),
        }
    }

    /// The next element of the stream, which must come.
    ///
    /// # Errors
    /// That it doesn't come, that the stream is closed, or is no XML.
    pub fn element(&mut self) -> Result<Whole, String> {
        let element = self.element_within(PATIENCE)?;
        element.ok_or_else(|| format!("nothing comes for {} seconds", PATIENCE.as_secs()))
    }

    /// The next piece of the stream; `None` when none comes for so long.
    ///
    /// # Errors
    /// That the connection is closed, or what comes is no XML.
    pub fn piece_within(&mut self, patience: Duration) -> Result<Option<Piece>, String> {
        let told = |error: io::Error| error.to_string();
        let mut bytes = [0; 16 * 1024];
        while self.pieces.is_empty() {
            self.stream.set_read_timeout(Some(patience)).map_err(told)?;
            match self.stream.read(&mut bytes) {
                Ok(0) => return Err("the connection is closed".to_owned()),
                Ok(length) => self.pieces.extend(self.splitter.feed(&bytes[..length])?),
                Err(error) if is_timeout(&error) => return Ok(None),
                Err(error) => return Err(told(error)),
            }
        }
        Ok(self.pieces.pop_front())
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// How long anything may take. Only what fails takes so long.
pub const PATIENCE: Duration = Duration::from_secs(20);
