//! Where the log goes: to standard error, in a form for whoever reads it there.
//!
//! A person at a terminal gets times, colours and levels. The journal of systemd notes the time
//! itself and has levels of its own, so its lines begin with the level's number instead
//! (sd-daemon(3)).

use std::env;
use std::fmt;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::str::FromStr;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::format::{Compact, Format, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::log_fields::EscapedFields;

/// The environment variable that is read when the command line has no `--log`.
pub const VARIABLE: &str = "RUST_LOG";

/// What is logged when nothing else is asked for.
pub const DEFAULT: &str = "info";

/// What to log: a list of levels by part of the program, known to be well formed.
#[derive(Debug, Clone)]
pub struct LogFilter(String);

impl FromStr for LogFilter {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        EnvFilter::builder().parse(text)?;
        Ok(Self(text.to_owned()))
    }
}

/// Starts logging. To be called once, before anything is logged.
pub fn start(filter: &LogFilter) {
    let directives = if filter.0.trim().is_empty() {
        DEFAULT
    } else {
        &filter.0
    };
    let filter = EnvFilter::new(directives);
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // A log that can't be written, on a full disk for example, must not end the service, and
        // telling so on the same standard error would.
        .log_internal_errors(false)
        .fmt_fields(EscapedFields)
        .with_writer(io::stderr);
    if is_journal(env::var("JOURNAL_STREAM").ok().as_deref()) {
        let format = Format::default().compact().without_time().with_level(false);
        subscriber
            .with_ansi(false)
            .event_format(ForJournal(format))
            .init();
    } else {
        let wants_colours = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        subscriber
            .with_ansi(wants_colours && io::stderr().is_terminal())
            .compact()
            .init();
    }
}

/// Whether standard error is the stream to the journal that `JOURNAL_STREAM` names by device and
/// inode. A program that was started with another standard error may still have the variable.
fn is_journal(stream: Option<&str>) -> bool {
    let Some((device, inode)) = stream.and_then(|stream| stream.split_once(':')) else {
        return false;
    };
    let metadata = io::stderr()
        .as_fd()
        .try_clone_to_owned()
        .and_then(|descriptor| File::from(descriptor).metadata());
    metadata.is_ok_and(|metadata| {
        device.parse() == Ok(metadata.dev()) && inode.parse() == Ok(metadata.ino())
    })
}

/// Puts the level's number in front of each event.
struct ForJournal(Format<Compact, ()>);

impl<S, N> FormatEvent<S, N> for ForJournal
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        write!(writer, "<{}>", priority(*event.metadata().level()))?;
        self.0.format_event(context, writer, event)
    }
}

/// The priority of syslog(3) that a level is in the journal.
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        // The journal has nothing below debug.
        Level::DEBUG | Level::TRACE => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_stream_is_not_the_journal() {
        for stream in [None, Some(""), Some("1"), Some("x:y"), Some("0:0")] {
            assert!(!is_journal(stream), "{stream:?}");
        }
    }

    #[test]
    fn a_filter_is_checked_when_it_is_read() {
        assert!("info,lyceum::wire=debug".parse::<LogFilter>().is_ok());
        assert!("lyceum=loud".parse::<LogFilter>().is_err());
    }
}
