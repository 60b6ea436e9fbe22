//! What the link has read and the service has not yet taken.
//!
//! The link must always read, or the server takes us for dead and closes the stream;
//! ejabberd does so after 10,000 stanzas or 15 seconds. So the queue itself never says
//! no. Past the limit nothing of a stanza is queued but what its answer needs, which
//! is `resource-constraint`; what must not be answered is not queued then, and far
//! past the limit nothing is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::sync::mpsc;

use super::link_error::LinkError;
use crate::wire::stanza::stanza_type::StanzaType;
use crate::wire::xml::frame::{Frame, Received};
use crate::wire::xml::header::Header;
use crate::wire::xml::limits::Unreadable;

/// What the link tells the service, in the order it happened.
#[derive(Debug)]
pub enum LinkEvent {
    /// The server has accepted us: stanzas flow. Sessions that were in a room before may have
    /// been lost meanwhile without a word.
    Up,
    /// A stanza for us.
    Received(Received),
    /// The link broke, or an attempt to connect failed; the next one follows by itself.
    /// Told for every failed attempt, so several may follow each other.
    Down(LinkError),
}

/// How many stanzas may wait for the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BacklogMax {
    /// Stanzas, with or without payload.
    pub frames: usize,
    /// Bytes of these stanzas, roughly.
    pub bytes: usize,
}

impl Default for BacklogMax {
    fn default() -> Self {
        Self {
            frames: 10_000,
            bytes: 64 * 1024 * 1024,
        }
    }
}

/// A new, empty queue.
pub fn channel(max: BacklogMax) -> (Incomings, Inbox) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let backlog = Arc::new(Backlog::default());
    let incomings = Incomings {
        sender,
        backlog: Arc::clone(&backlog),
        max,
    };
    (incomings, Inbox { receiver, backlog })
}

/// The service's end: takes.
#[derive(Debug)]
pub struct Inbox {
    receiver: mpsc::UnboundedReceiver<LinkEvent>,
    backlog: Arc<Backlog>,
}

impl Inbox {
    /// The next event, `None` once the link has been shut down. Dropping the future
    /// loses nothing.
    pub async fn recv(&mut self) -> Option<LinkEvent> {
        let event = self.receiver.recv().await?;
        self.backlog.taken(&event);
        Some(event)
    }

    /// The next event if there is one now.
    pub fn try_recv(&mut self) -> Option<LinkEvent> {
        let event = self.receiver.try_recv().ok()?;
        self.backlog.taken(&event);
        Some(event)
    }

    /// Stanzas that wait.
    pub fn waiting(&self) -> usize {
        self.backlog.frames.load(Ordering::Relaxed)
    }

    /// Stanzas that were not even queued, since the start.
    pub fn dropped(&self) -> u64 {
        self.backlog.dropped.load(Ordering::Relaxed)
    }
}

/// The link's end: appends, and never waits.
#[derive(Debug, Clone)]
pub struct Incomings {
    sender: mpsc::UnboundedSender<LinkEvent>,
    backlog: Arc<Backlog>,
    max: BacklogMax,
}

impl Incomings {
    /// Queues a stanza, or what its refusal needs when too much waits already.
    pub(in crate::wire) fn received(&self, received: Received) {
        let frames = self.backlog.frames.load(Ordering::Relaxed);
        let bytes = self.backlog.bytes.load(Ordering::Relaxed);
        if frames < self.max.frames && bytes < self.max.bytes {
            self.send(LinkEvent::Received(received));
            return;
        }
        let (header, why) = match received {
            Received::Stanza(frame) => (frame.header, Unreadable::Busy),
            Received::Refused { header, why } => (header, why),
        };
        // Nothing would come of it.
        if !StanzaType::of(&header).is_answerable() {
            return;
        }
        let most = self.max.frames.saturating_mul(REFUSALS_FACTOR);
        let refused = self.backlog.refused_bytes.load(Ordering::Relaxed);
        if frames >= most || refused >= REFUSALS_BYTES_MAX {
            if self.backlog.dropped.fetch_add(1, Ordering::Relaxed) == 0 {
                tracing::error!(frames, bytes, "link: overloaded, stanzas are being ignored");
            }
            return;
        }
        let header = needed_to_answer(header);
        self.send(LinkEvent::Received(Received::Refused { header, why }));
    }

    /// Queues an event.
    pub(in crate::wire) fn send(&self, event: LinkEvent) {
        self.backlog.queued(&event);
        // Nobody listens once the service is stopping; the link is told separately.
        let _ = self.sender.send(event);
    }
}

/// What an error to a stanza that may be answered is made of: of which kind, from and to whom, and
/// under which id.
fn needed_to_answer(header: Header) -> Header {
    let exact = |text: Option<String>| text.map(|text| String::from(text.into_boxed_str()));
    Header {
        kind: header.kind,
        from: exact(header.from),
        to: exact(header.to),
        id: exact(header.id),
        type_: None,
        lang: None,
    }
}

/// How much waits.
#[derive(Debug, Default)]
struct Backlog {
    frames: AtomicUsize,
    bytes: AtomicUsize,
    /// How many of these bytes are of stanzas of which only the answer is to come.
    refused_bytes: AtomicUsize,
    dropped: AtomicU64,
}

impl Backlog {
    fn queued(&self, event: &LinkEvent) {
        if let LinkEvent::Received(received) = event {
            let size = size(received);
            self.frames.fetch_add(1, Ordering::Relaxed);
            self.bytes.fetch_add(size, Ordering::Relaxed);
            if matches!(received, Received::Refused { .. }) {
                self.refused_bytes.fetch_add(size, Ordering::Relaxed);
            }
        }
    }

    fn taken(&self, event: &LinkEvent) {
        if let LinkEvent::Received(received) = event {
            let size = size(received);
            self.frames.fetch_sub(1, Ordering::Relaxed);
            self.bytes.fetch_sub(size, Ordering::Relaxed);
            if matches!(received, Received::Refused { .. }) {
                self.refused_bytes.fetch_sub(size, Ordering::Relaxed);
            }
        }
    }
}

/// Bytes of memory a stanza takes, roughly.
fn size(received: &Received) -> usize {
    match received {
        Received::Stanza(frame) => header_size(&frame.header) + Frame::payload(frame).len(),
        Received::Refused { header, .. } => header_size(header),
    }
}

fn header_size(header: &Header) -> usize {
    [
        &header.from,
        &header.to,
        &header.id,
        &header.type_,
        &header.lang,
    ]
    .into_iter()
    .flatten()
    .map(String::len)
    .sum::<usize>()
        + size_of::<LinkEvent>()
}

/// How many times the limit of stanzas are still queued, refused.
const REFUSALS_FACTOR: usize = 4;

/// Maximum number of bytes of refusals beyond the limit: an address and an id can have some KiB,
/// where most have some dozen bytes.
const REFUSALS_BYTES_MAX: usize = 8 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn stanza() -> Received {
        Received::Stanza(
            Frame::from_xml(b"<message from='a@h'><body>hello</body></message>").expect("a stanza"),
        )
    }

    #[test]
    fn stanzas_past_the_limit_lose_their_payload_and_then_themselves() {
        let (incomings, mut inbox) = channel(BacklogMax {
            frames: 2,
            bytes: usize::MAX,
        });
        for _ in 0..10 {
            incomings.received(stanza());
        }
        assert_eq!((inbox.waiting(), inbox.dropped()), (8, 2));
        let mut busy = 0;
        while let Some(LinkEvent::Received(received)) = inbox.try_recv() {
            busy += usize::from(matches!(
                received,
                Received::Refused { why: Unreadable::Busy, ref header } if header.from.is_some()
            ));
        }
        assert_eq!((busy, inbox.waiting()), (6, 0));
        incomings.received(stanza());
        assert!(matches!(
            inbox.try_recv(),
            Some(LinkEvent::Received(Received::Stanza(_)))
        ));
    }

    #[test]
    fn a_refusal_keeps_what_its_answer_needs_and_nothing_else() {
        let (incomings, mut inbox) = channel(BacklogMax {
            frames: 1,
            bytes: usize::MAX,
        });
        incomings.received(stanza());
        for type_ in ["groupchat", "error"] {
            let xml = format!("<message from='a@h' to='r@s' id='1' type='{type_}' xml:lang='de'/>");
            incomings.received(Received::Stanza(
                Frame::from_xml(xml.as_bytes()).expect("a stanza"),
            ));
        }
        assert_eq!(inbox.waiting(), 2, "an error is not answered");
        inbox.try_recv();
        let Some(LinkEvent::Received(Received::Refused { header, why })) = inbox.try_recv() else {
            panic!("not refused")
        };
        assert_eq!(why, Unreadable::Busy);
        let kept = [
            &header.from,
            &header.to,
            &header.id,
            &header.type_,
            &header.lang,
        ];
        assert_eq!(
            kept.map(Option::as_deref),
            [Some("a@h"), Some("r@s"), Some("1"), None, None]
        );
    }

    #[test]
    fn refusals_with_long_ids_take_no_more_than_their_share() {
        let max = BacklogMax {
            frames: 100_000,
            bytes: 1000,
        };
        let (incomings, inbox) = channel(max);
        let xml = format!("<message from='a@h' to='r@s' id='{}'/>", "i".repeat(3000));
        let frame = Frame::from_xml(xml.as_bytes()).expect("a stanza");
        for _ in 0..10_000 {
            incomings.received(Received::Stanza(frame.clone()));
        }
        let bytes = inbox.backlog.bytes.load(Ordering::Relaxed);
        assert!(bytes < REFUSALS_BYTES_MAX + 10_000, "{bytes}");
        assert!(inbox.dropped() > 1000);
    }

    #[test]
    fn bytes_count_too() {
        let (incomings, mut inbox) = channel(BacklogMax {
            frames: 100,
            bytes: 10,
        });
        incomings.received(stanza());
        incomings.received(stanza());
        assert!(matches!(
            inbox.try_recv(),
            Some(LinkEvent::Received(Received::Stanza(_)))
        ));
        assert!(matches!(
            inbox.try_recv(),
            Some(LinkEvent::Received(Received::Refused { .. }))
        ));
        assert_eq!(inbox.backlog.bytes.load(Ordering::Relaxed), 0);
    }
}
