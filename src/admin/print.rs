//! What commands print: for a person lines of text, for a program JSON.
//!
//! Nothing else in the program writes to standard output or, the log aside, to standard error, and what is written here
//! is [`Text`], which is escaped as it is made; a test sees to both.

use std::io::{self, BufWriter, IsTerminal, Stderr, Stdout, Write};
use std::str;

use anyhow::Context;
use serde::Serialize;

use super::Failure;
use super::text::Text;
use crate::service::operate::{Reply, Row};

/// What is printed while the replies come, row by row.
#[derive(Debug)]
pub(super) struct Printer {
    output: BufWriter<Stdout>,
    list: List,
    rows: u64,
    progress: Progress,
}

/// Whether rows are all that is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    /// A list, though it may be empty.
    Json,
    Text,
    /// No list.
    None,
}

/// How far the work is, told to whoever sits at a terminal.
#[derive(Debug)]
pub(super) struct Progress(Option<Stderr>);

impl Progress {
    /// Shows nothing yet, and never anything if nobody sits there.
    pub fn new() -> Self {
        let stderr = io::stderr();
        Self(stderr.is_terminal().then_some(stderr))
    }

    /// Whether anybody looks.
    pub fn is_seen(&self) -> bool {
        self.0.is_some()
    }

    /// So much is done, of so much.
    pub fn show(&mut self, done: u64, of: Option<u64>) {
        if let Some(stderr) = &mut self.0 {
            let of = of.map(|of| format!(" of {of}")).unwrap_or_default();
            // What can't be shown of the progress is no reason to stop.
            let _ = write!(stderr, "\r{done}{of} …\x1b[K");
        }
    }

    /// Leaves nothing of it.
    pub fn clear(&mut self) {
        if let Some(stderr) = &mut self.0 {
            let _ = write!(stderr, "\r\x1b[K");
        }
    }
}

impl Printer {
    /// Prints a list of rows.
    pub fn new(json: bool) -> Self {
        Self::of(if json { List::Json } else { List::Text })
    }

    /// Shows the progress, and prints nothing.
    pub fn quiet() -> Self {
        Self::of(List::None)
    }

    fn of(list: List) -> Self {
        Self {
            output: BufWriter::new(io::stdout()),
            list,
            rows: 0,
            progress: Progress::new(),
        }
    }

    /// Prints a reply: a row with `line`, which makes a line of text of it.
    pub fn take(&mut self, reply: &Reply, line: impl Fn(&Row) -> Text) -> anyhow::Result<()> {
        match reply {
            Reply::Row(row) => self.row(row, line),
            Reply::Progress { done, of } => {
                self.progress.show(*done, *of);
                Ok(())
            }
            Reply::Done(_) | Reply::Failed { .. } => Ok(()),
        }
    }

    /// Ends the list.
    pub fn finish(mut self) -> anyhow::Result<()> {
        self.progress.clear();
        if self.list == List::Json {
            let end = if self.rows == 0 { "[]\n" } else { "\n]\n" };
            self.output.write_all(end.as_bytes()).context(UNPRINTED)?;
        }
        self.output.flush().context(UNPRINTED)
    }

    fn row(&mut self, row: &Row, line: impl Fn(&Row) -> Text) -> anyhow::Result<()> {
        let text = match self.list {
            List::Json => {
                let before = if self.rows == 0 { "[\n" } else { ",\n" };
                Text::json(&format!("{before}{}", as_json(row)?))
            }
            List::Text => line(row),
            List::None => return Ok(()),
        };
        self.rows += 1;
        let text = text.as_str().as_bytes();
        self.output.write_all(text).context(UNPRINTED)
    }
}

/// The row without the name of its kind, which whoever asked knows.
fn as_json(row: &Row) -> anyhow::Result<String> {
    let json = match row {
        Row::Room(room) => serde_json::to_string(room),
        Row::Imported(room) => serde_json::to_string(room),
        Row::Message(message) => serde_json::to_string(message),
        Row::Act(act) => serde_json::to_string(act),
    };
    json.context(UNPRINTED)
}

/// Prints one thing: its text, or itself as JSON.
pub(super) fn one(json: bool, value: &impl Serialize, text: &Text) -> anyhow::Result<()> {
    let whole = match json {
        true => &Text::json(&(serde_json::to_string(value).context(UNPRINTED)? + "\n")),
        false => text,
    };
    let whole = whole.as_str().as_bytes();
    io::stdout().write_all(whole).context(UNPRINTED)
}

/// Says on standard error why a command failed; one line for each thing wrong.
pub fn failure(failure: &Failure) {
    let text = match failure {
        // `check` has printed its findings, to standard output.
        Failure::Found | Failure::FoundInConfiguration => return,
        Failure::Configuration(error) => Text::lines(error.lines()),
        Failure::Other(_) | Failure::CommandLine(_) => Text::line(format!("lyceum: {failure}")),
    };
    // When nobody can be told, the exit code still says it.
    let _ = io::stderr().write_all(text.as_str().as_bytes());
}

/// Puts a question to whoever sits at the terminal, who answers in the same line.
pub(super) fn question(text: &str) -> io::Result<()> {
    let line = Text::line(text);
    let mut stderr = io::stderr();
    stderr.write_all(line.as_str().trim_end_matches('\n').as_bytes())?;
    stderr.write_all(b" ")?;
    stderr.flush()
}

/// JSON Lines on standard output, where a terminal may be: escaped on their way, which changes no meaning.
#[derive(Debug)]
pub(super) struct JsonLines {
    output: Stdout,
    /// The beginning of a character whose end has not come.
    begun: Vec<u8>,
}

impl JsonLines {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            output: io::stdout(),
            begun: Vec::new(),
        }
    }
}

impl Write for JsonLines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.begun.extend_from_slice(bytes);
        let whole = match str::from_utf8(&self.begun) {
            Ok(all) => all.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        };
        let rest = self.begun.split_off(whole);
        let text = String::from_utf8_lossy(&self.begun);
        self.output
            .write_all(Text::json(&text).as_str().as_bytes())?;
        self.begun = rest;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

/// A number that stands for something else when it is 0.
pub(super) fn number(number: u32, none: &str, unit: &str) -> String {
    match number {
        0 => none.to_owned(),
        number => format!("{number} {unit}"),
    }
}

const UNPRINTED: &str = "the result can't be printed";
