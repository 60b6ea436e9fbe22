//! Stanzas that took long, for the log: while one is dealt with, everybody waits.
//!
//! What stands in a stanza is nothing for a log; what it was and how large is enough to look for
//! the cause.

use std::time::{Duration, Instant};

use crate::wire::stanza::stanza_type::StanzaType;
use crate::wire::xml::frame::Received;

/// A stanza that is being dealt with.
pub(in crate::service) struct Watch {
    type_: StanzaType,
    /// Bytes of its children.
    size: usize,
    started: Instant,
}

/// A stanza that takes longer is logged.
const LONG: Duration = Duration::from_millis(100);

impl Watch {
    /// Starts the watch.
    pub fn start(received: &Received) -> Self {
        let (header, size) = match received {
            Received::Stanza(frame) => (&frame.header, frame.payload().len()),
            Received::Refused { header, .. } => (header, 0),
        };
        Self {
            type_: StanzaType::of(header),
            size,
            started: Instant::now(),
        }
    }

    /// The stanza has been dealt with.
    pub fn stop(self) {
        self.log(self.started.elapsed());
    }

    fn log(&self, took: Duration) {
        if took < LONG {
            return;
        }
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::warn!(kind = ?self.type_, size = self.size, milliseconds, "a stanza took long");
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::wire::xml::frame::Frame;

    /// A log that is kept.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(took: Duration) -> String {
        let xml = b"<message from='ann@example.org' id='my id' type='a type'><body>my words</body></message>";
        let watch = Watch::start(&Received::Stanza(Frame::from_xml(xml).unwrap()));
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || watch.log(took));
        let bytes = kept.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_stanza_that_took_long_is_logged_by_kind_and_size_and_without_its_content() {
        let line = logged(Duration::from_millis(123));
        for told in ["Message(Normal)", "21", "123"] {
            assert!(line.contains(told), "{told}: {line}");
        }
        for content in ["words", "my id", "a type"] {
            assert!(!line.contains(content), "{content}: {line}");
        }
        assert_eq!(logged(Duration::from_millis(99)), "");
    }
}
