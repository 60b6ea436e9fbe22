//! What is to be written to the server, in order, in blobs of whole stanzas.

use crate::wire::link::parcel::{CausedBy, OrderedLine, Packing, Parcel};

use crate::wire::xml::work;

/// Stanzas that are collected until they may go out.
#[derive(Debug, Default)]
pub struct Output {
    full: Vec<Parcel>,
    current: Packing,
    size: usize,
    /// In which line is what comes next.
    line: OrderedLine,
    /// Who has caused it.
    cause: CausedBy,
}

/// A blob is closed when it has grown to this, in bytes: large enough that a burst leaves in few writes, small
/// enough that nothing large is ever copied to grow.
const BLOB_SIZE: usize = 256 * 1024;

impl Output {
    /// What comes next is in this line.
    pub fn stand_in(&mut self, line: OrderedLine) {
        self.line = line;
    }

    /// What comes next is caused by this.
    pub fn blame(&mut self, cause: CausedBy) {
        self.cause = cause;
    }

    /// Adds what `write` appends: one or more whole stanzas.
    pub fn add(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let written = self.current.add(self.line, self.cause, write);
        work::steps(written);
        self.size += written;
        if self.current.len() >= BLOB_SIZE {
            self.close_blob();
        }
    }

    /// How many bytes wait here.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Everything, oldest first; nothing is left.
    pub fn take(&mut self) -> Vec<Parcel> {
        self.close_blob();
        self.size = 0;
        std::mem::take(&mut self.full)
    }

    fn close_blob(&mut self) {
        if !self.current.is_empty() {
            let room_for_next = self.current.len().min(BLOB_SIZE);
            self.full.push(self.current.close(room_for_next));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_comes_out_in_order() {
        let mut output = Output::default();
        let mut expected = Vec::new();
        for number in 0..100_000_u32 {
            output.add(|bytes| bytes.extend_from_slice(&number.to_be_bytes()));
            expected.extend_from_slice(&number.to_be_bytes());
        }
        assert_eq!(output.size(), expected.len());
        let blobs = output.take();
        assert!(blobs.len() > 1);
        assert_eq!(blobs.concat(), expected);
        assert!(output.take().is_empty());
        assert_eq!(output.size(), 0);
    }
}
