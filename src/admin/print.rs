//! What commands print: for a person lines of text, for a program JSON.

use std::io::{self, BufWriter, IsTerminal, Stderr, Stdout, Write};

use anyhow::Context;
use serde::Serialize;

use crate::service::operate::{Reply, Row};

/// What is printed while the replies come, row by row.
#[derive(Debug)]
pub(super) struct Printer {
    output: BufWriter<Stdout>,
    json: bool,
    rows: u64,
    progress: Option<Stderr>,
}

impl Printer {
    /// Prints a list of rows.
    pub fn new(json: bool) -> Self {
        let stderr = io::stderr();
        Self {
            output: BufWriter::new(io::stdout()),
            json,
            rows: 0,
            progress: stderr.is_terminal().then_some(stderr),
        }
    }

    /// Prints a reply: a row with `line`, which makes a line of text of it.
    pub fn take(&mut self, reply: &Reply, line: impl Fn(&Row) -> String) -> anyhow::Result<()> {
        match reply {
            Reply::Row(row) => self.row(row, line),
            Reply::Progress { done, of } => self.progress(*done, *of),
            Reply::Done(_) | Reply::Failed { .. } => Ok(()),
        }
    }

    /// Ends the list.
    pub fn finish(mut self) -> anyhow::Result<()> {
        self.clear_progress();
        if self.json {
            let end = if self.rows == 0 { "[]\n" } else { "\n]\n" };
            self.output.write_all(end.as_bytes()).context(UNPRINTED)?;
        }
        self.output.flush().context(UNPRINTED)
    }

    fn row(&mut self, row: &Row, line: impl Fn(&Row) -> String) -> anyhow::Result<()> {
        let text = match self.json {
            true => {
                let before = if self.rows == 0 { "[\n" } else { ",\n" };
                format!("{before}{}", as_json(row)?)
            }
            false => line(row) + "\n",
        };
        self.rows += 1;
        self.output.write_all(text.as_bytes()).context(UNPRINTED)
    }

    fn progress(&mut self, done: u64, of: Option<u64>) -> anyhow::Result<()> {
        if let Some(stderr) = &mut self.progress {
            let of = of.map(|of| format!(" of {of}")).unwrap_or_default();
            // What can't be shown of the progress is no reason to stop.
            let _ = write!(stderr, "\r{done}{of} …\x1b[K");
        }
        Ok(())
    }

    fn clear_progress(&mut self) {
        if let Some(stderr) = &mut self.progress {
            let _ = write!(stderr, "\r\x1b[K");
        }
    }
}

/// The row without the name of its kind, which whoever asked knows.
fn as_json(row: &Row) -> anyhow::Result<String> {
    let json = match row {
        Row::Room(room) => serde_json::to_string(room),
    };
    json.context(UNPRINTED)
}

/// Prints one thing: its text, or itself as JSON.
pub(super) fn one(json: bool, value: &impl Serialize, text: &str) -> anyhow::Result<()> {
    let line = match json {
        true => serde_json::to_string(value).context(UNPRINTED)?,
        false => text.to_owned(),
    };
    writeln!(io::stdout(), "{line}").context(UNPRINTED)
}

const UNPRINTED: &str = "the result can't be printed";
