//! Records as text: one JSON object a line, written and read one by one.
//!
//! The hard thing is to notice what is not there. A file that was cut, by a full disk or a
//! connection that broke, must not pass for a smaller one: so the last line counts what was before,
//! and a file without it is not whole.

mod bonds;
mod fault;
mod meaning;
mod reader;
mod settings;
mod word;
mod writer;
mod written;

pub use fault::{LINE_LENGTH_MAX, LineError, LineFault};
pub use reader::RecordReader;
pub use writer::RecordWriter;

#[cfg(test)]
mod tests;
