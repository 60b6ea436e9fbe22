//! Writing records, one by one.

use std::io::Write;

use super::fault::LineFault;
use super::meaning;
use crate::transfer::record::{ExportEnd, Record};

/// Writes records. What is written is whole only after [`Self::finish`].
#[derive(Debug)]
pub struct RecordWriter<W> {
    output: W,
    written: ExportEnd,
}

impl<W: Write> RecordWriter<W> {
    /// A writer of a stream from its beginning; the header is to be written first. The output
    /// should be buffered.
    pub fn new(output: W) -> Self {
        Self {
            output,
            written: ExportEnd::default(),
        }
    }

    /// Writes one record.
    ///
    /// # Errors
    /// - [`LineFault::Io`]: the output fails, and what is there is not whole.
    /// - [`LineFault::Bytes`], [`LineFault::Json`]: the record can't be written, which only a
    ///   damaged database brings about; nothing of it was written.
    pub fn write(&mut self, record: &Record) -> Result<(), LineFault> {
        let mut line = serde_json::to_vec(&meaning::write(record)?)?;
        line.push(b'\n');
        self.output.write_all(&line)?;
        match record {
            Record::Room(_) => self.written.rooms += 1,
            Record::Message(_) => self.written.messages += 1,
            Record::Header(_) | Record::Category(_) | Record::End(_) => {}
        }
        Ok(())
    }

    /// Writes the end, and gives back the output with everything in it, and how much there was.
    ///
    /// # Errors
    /// - [`LineFault::Io`]: the output fails, and what is there is not whole.
    pub fn finish(mut self) -> Result<(W, ExportEnd), LineFault> {
        let end = self.written;
        self.write(&Record::End(end))?;
        self.output.flush()?;
        Ok((self.output, end))
    }
}
