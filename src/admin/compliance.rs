//! `lyceum compliance`: the log of who was where, said, read and changed what.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Context, anyhow};
use clap::Subcommand;
use jid::Jid;
use serde::Serialize;
use serde_json::Value;

use super::output::write_lines;
use super::{ConfigFile, Failure, road};
use crate::command::Moment;
use crate::room::Nick;
use crate::store;
use crate::store::record::compliance;
use crate::store::record::compliance::Event;
use crate::time;

/// What there is to be done with the log.
#[derive(Debug, Subcommand)]
pub enum ComplianceCommand {
    /// Write what was logged within a time as JSON Lines, oldest first; the service may be running
    Export {
        #[command(flatten)]
        #[allow(missing_docs, reason = "the type's documentation says it")]
        file: ConfigFile,
        /// The pool, by its domain; needed only when there are several
        #[arg(long, value_name = "DOMAIN")]
        pool: Option<String>,
        /// Not what was before: a time as in 2026-11-21T14:30:00Z, or a date, which is its first
        /// moment in UTC
        #[arg(long, value_name = "TIME")]
        from: Option<Moment>,
        /// Only what was before
        #[arg(long, value_name = "TIME")]
        to: Option<Moment>,
        /// Write to this file, which appears when it is whole; else to standard output
        #[arg(long, short = 'o', value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

/// Does what the command line says.
///
/// # Errors
/// [`Failure`]
pub(super) fn run(command: &ComplianceCommand) -> Result<(), Failure> {
    let ComplianceCommand::Export {
        file,
        pool,
        from,
        to,
        output,
    } = command;
    let pool = road::pool(file, pool.as_deref(), None)?;
    let (from, to) = (from.map(Moment::at), to.map(Moment::at));
    let write = |output: &mut dyn Write| {
        let mut output = BufWriter::with_capacity(1 << 16, output);
        compliance::read(&pool.database, from, to, |event| {
            serde_json::to_writer(&mut output, &EventLine::of(&event))?;
            output.write_all(b"\n")?;
            Ok::<_, WritingStopped>(())
        })
        .map_err(|stopped| match stopped {
            WritingStopped::Store(error) => anyhow!(store::explain(&error)),
            WritingStopped::Output(error) => anyhow::Error::new(error).context(UNWRITTEN),
        })?;
        output.flush().context(UNWRITTEN)
    };
    Ok(write_lines(output.as_deref(), write)?)
}

/// An event as a line. What it has not is null, so that all lines have the same fields.
#[derive(Serialize)]
struct EventLine<'a> {
    /// RFC 3339, in UTC.
    time: String,
    event: &'static str,
    room: Option<&'a str>,
    /// The full JID; null: the operator, or the service itself.
    person: Option<&'a str>,
    nick: Option<&'a str>,
    /// The stanza id.
    message: Option<&'a str>,
    /// The elements that were said.
    content: Option<String>,
    detail: Option<Value>,
}

impl<'a> EventLine<'a> {
    fn of(event: &'a Event) -> Self {
        let detail = event.detail.as_deref();
        let content = event.content.as_ref();
        Self {
            time: time::format(event.at),
            event: event.kind.name(),
            room: event.room.as_ref().map(|jid| jid.as_str()),
            person: event.person.as_ref().map(Jid::as_str),
            nick: event.nick.as_ref().map(Nick::as_str),
            message: event.message.as_ref().map(|id| &*id.0),
            content: content.map(|content| String::from_utf8_lossy(content.as_bytes()).into()),
            // What is no JSON, which the service never writes, is not kept back for that.
            detail: detail.map(|detail| {
                serde_json::from_str(detail).unwrap_or_else(|_| Value::String(detail.to_owned()))
            }),
        }
    }
}

/// Why there are no more lines.
enum WritingStopped {
    Store(store::Error),
    Output(io::Error),
}

impl From<store::Error> for WritingStopped {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl From<io::Error> for WritingStopped {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<serde_json::Error> for WritingStopped {
    fn from(error: serde_json::Error) -> Self {
        Self::Output(error.into())
    }
}

const UNWRITTEN: &str = "the log can't be written";
