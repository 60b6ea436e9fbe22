//! The fields of what is logged, written so that what others have chosen, a nick or an address,
//! stays a part of its line.

use std::error::Error;
use std::fmt;

use tracing::field::{Field, Visit};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Writer;

use super::text::escaped;

/// Writes the message, and after it `name=value` for each field.
#[derive(Debug)]
pub(super) struct EscapedFields;

impl<'writer> FormatFields<'writer> for EscapedFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut visitor = Visitor {
            writer,
            is_first: true,
            written: Ok(()),
        };
        fields.record(&mut visitor);
        visitor.written
    }
}

struct Visitor<'writer> {
    writer: Writer<'writer>,
    is_first: bool,
    written: fmt::Result,
}

impl Visitor<'_> {
    fn write(&mut self, name: &str, value: &str) -> fmt::Result {
        if !self.is_first {
            self.writer.write_char(' ')?;
        }
        self.is_first = false;
        let value = escaped(value);
        match name {
            "message" => self.writer.write_str(&value),
            _ if self.writer.has_ansi_escapes() => {
                write!(self.writer, "\x1b[3m{name}\x1b[0m\x1b[2m=\x1b[0m{value}")
            }
            _ => write!(self.writer, "{name}={value}"),
        }
    }
}

impl Visit for Visitor<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if self.written.is_ok() {
            self.written = self.write(field.name(), &format!("{value:?}"));
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let mut text = value.to_string();
        let mut source = value.source();
        while let Some(cause) = source {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            source = cause.source();
        }
        self.record_debug(field, &format_args!("{text}"));
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_event_is_one_line_whatever_its_fields_hold() {
        let paper = Paper::default();
        let writer = paper.clone();
        let subscriber = tracing_subscriber::fmt()
            .fmt_fields(EscapedFields)
            .with_ansi(false)
            .without_time()
            .compact()
            .with_writer(move || writer.clone())
            .finish();
        let nick = "bob\n\u{1b}[2JINFO forged\u{202e}\u{85}";
        tracing::subscriber::with_default(subscriber, || {
            let error = io::Error::other(nick);
            tracing::info!(%nick, error = &error as &dyn Error, text = nick, count = 2, "said {nick}");
        });
        let written = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        let line = written.strip_suffix('\n').unwrap();
        assert!(
            !line.contains(crate::room::text::one_line::is_unruly),
            "{line:?}"
        );
        assert!(line.ends_with(" count=2"), "{line}");
    }
}
