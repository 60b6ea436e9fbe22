//! What commands print: for a person lines of text, for a program JSON.
//!
//! Nothing else in the program writes to standard output or, the log aside, to standard error, and
//! what is written here is [`Text`], which is escaped as it is made; a test sees to both.

use std::io::{self, BufWriter, IsTerminal, Stderr, Stdout, Write};
use std::str;

use anyhow::Context;
use serde::Serialize;

use super::Failure;
use super::table::Table;
use super::text::Text;
use crate::command::{Column, Conclusion, Layout, Reply, ReportRow, counted};

/// What is printed of an answer while its replies come.
#[derive(Debug)]
pub(super) struct Printer {
    output: BufWriter<Stdout>,
    form: Form,
    rows: u64,
    progress: Progress,
}

/// In which form an answer is printed.
#[derive(Debug)]
enum Form {
    /// All rows, in a list, though it may be empty.
    JsonList,
    /// The only row.
    Json(Option<ReportRow>),
    Table(Table, &'static [Column]),
    Card(&'static [Column]),
    Sentence,
}

/// How far the work is, told to whoever sits at a terminal.
#[derive(Debug)]
pub(super) struct Progress {
    /// `None`: nobody sits there.
    terminal: Option<Stderr>,
    /// What is counted, as one of them is called.
    unit: &'static str,
    /// How many there are, if that is known from the beginning.
    expected: Option<u64>,
    /// Whether there is anything to be cleared.
    is_shown: bool,
}

impl Progress {
    /// Shows nothing yet, and never anything if nobody sits there. `unit` is what one is called of
    /// what is counted.
    pub fn new(unit: &'static str) -> Self {
        let stderr = io::stderr();
        Self {
            terminal: stderr.is_terminal().then_some(stderr),
            unit,
            expected: None,
            is_shown: false,
        }
    }

    /// Tells how many there are, which whoever does the work can't know.
    pub fn expect(&mut self, of: u64) {
        self.expected = Some(of);
    }

    /// Whether anybody looks.
    pub fn is_seen(&self) -> bool {
        self.terminal.is_some()
    }

    /// Shows how much is done, and of how much.
    pub fn show(&mut self, done: u64, of: Option<u64>) {
        let text = so_far(done, of.or(self.expected), self.unit);
        if let Some(stderr) = &mut self.terminal {
            self.is_shown = true;
            // What can't be shown of the progress is no reason to stop.
            let _ = write!(stderr, "\r{text} …\x1b[K");
        }
    }

    /// Leaves nothing of it.
    pub fn clear(&mut self) {
        if let Some(stderr) = self.terminal.as_mut().filter(|_| self.is_shown) {
            let _ = write!(stderr, "\r\x1b[K");
        }
    }
}

impl Printer {
    /// Prints an answer, for a person by its layout.
    pub fn new(json: bool, layout: Layout) -> Self {
        let form = match layout {
            Layout::Table(_) if json => Form::JsonList,
            Layout::Card(_) | Layout::Sentence if json => Form::Json(None),
            Layout::Table(columns) => Form::Table(Table::new(columns), columns),
            Layout::Card(columns) => Form::Card(columns),
            Layout::Sentence => Form::Sentence,
        };
        Self {
            output: BufWriter::new(io::stdout()),
            form,
            rows: 0,
            progress: Progress::new("message"),
        }
    }

    /// What shows how far the work is.
    pub fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }

    /// Prints a reply before the last.
    pub fn take(&mut self, reply: Reply) -> anyhow::Result<()> {
        match reply {
            Reply::Row(row) => self.row(row),
            Reply::Progress { done, of } => {
                self.progress.show(done, of);
                Ok(())
            }
            Reply::Done(_) | Reply::Failed { .. } => Ok(()),
        }
    }

    /// Prints the end of the answer.
    ///
    /// # Errors
    /// What is at the end in place of a conclusion, or why it can't be printed.
    pub fn finish(mut self, conclusion: Result<Conclusion, Failure>) -> Result<(), Failure> {
        self.progress.clear();
        let sentence = conclusion.as_ref().map(|conclusion| &*conclusion.sentence);
        if let Ok(sentence) = sentence {
            let end = self.end(sentence);
            self.write(&end)?;
        }
        self.output.flush().context(UNPRINTED)?;
        conclusion.map(drop)
    }

    fn end(&mut self, sentence: &str) -> Text {
        let sentence = match sentence {
            "" => Text::default(),
            sentence => Text::line(sentence),
        };
        match &mut self.form {
            Form::JsonList if self.rows == 0 => Text::json("[]\n"),
            Form::JsonList => Text::json("\n]\n"),
            Form::Json(Some(row)) => Text::json(&format!("{}\n", row.as_json())),
            Form::Json(None) => Text::default(),
            Form::Table(table, _) if self.rows > 0 => {
                [table.take(), sentence].into_iter().collect()
            }
            Form::Table(..) | Form::Card(_) | Form::Sentence => sentence,
        }
    }

    fn row(&mut self, row: ReportRow) -> anyhow::Result<()> {
        let text = match &mut self.form {
            Form::JsonList => {
                let before = if self.rows == 0 { "[\n" } else { ",\n" };
                Some(Text::json(&format!("{before}{}", row.as_json())))
            }
            Form::Json(only) => {
                *only = Some(row);
                None
            }
            Form::Table(table, columns) => table.push(row.cells(columns)),
            Form::Card(columns) => Some(card(columns, &row)),
            Form::Sentence => None,
        };
        self.rows += 1;
        text.map_or(Ok(()), |text| self.write(&text))
    }

    fn write(&mut self, text: &Text) -> anyhow::Result<()> {
        let text = text.as_str().as_bytes();
        self.output.write_all(text).context(UNPRINTED)
    }
}

/// One thing in many lines.
fn card(columns: &[Column], row: &ReportRow) -> Text {
    let width = columns.iter().map(|column| column.heading().len()).max();
    let width = width.unwrap_or(0) + 1;
    let lines = columns.iter().zip(row.cells(columns));
    let lines = lines.map(|(column, cell)| format!("{:<width$} {cell}", column.heading()));
    Text::lines(lines.map(|line| line.trim_end().to_owned()))
}

/// Prints one thing: its text, or itself as JSON.
pub(super) fn one(json: bool, value: &impl Serialize, text: &Text) -> anyhow::Result<()> {
    let whole = match json {
        true => &Text::json(&(serde_json::to_string(value).context(UNPRINTED)? + "\n")),
        false => text,
    };
    self::text(whole)
}

/// Prints a text.
pub(super) fn text(text: &Text) -> anyhow::Result<()> {
    let bytes = text.as_str().as_bytes();
    io::stdout().write_all(bytes).context(UNPRINTED)
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

/// JSON Lines on standard output, where a terminal may be: escaped on their way, which changes no
/// meaning.
#[derive(Debug)]
pub(super) struct JsonLines {
    output: Stdout,
    /// The beginning of a character whose end has not come.
    begun: Vec<u8>,
}

impl JsonLines {
    /// A stream that nothing was written to.
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

/// `7 of 40 messages`.
fn so_far(done: u64, of: Option<u64>, unit: &str) -> String {
    match of {
        Some(of) => format!("{done} of {}", counted(of.max(done), unit)),
        None => counted(done, unit),
    }
}

const UNPRINTED: &str = "the result can't be printed";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_tells_how_much_of_how_much() {
        assert_eq!(so_far(7, Some(40), "message"), "7 of 40 messages");
        assert_eq!(so_far(1, Some(1), "message"), "1 of 1 message");
        // More has come meanwhile.
        assert_eq!(so_far(8, Some(7), "message"), "8 of 8 messages");
        assert_eq!(so_far(1, None, "message"), "1 message");
    }
}
