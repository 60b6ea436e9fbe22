//! What waits to be written to the link.
//!
//! The service only ever appends and never waits; how much is queued it can ask, and
//! refuse work when that is too much. The queue belongs to nobody's connection: what is
//! queued while the link is down is written after it is up again, within a byte limit.
//!
//! As long as the server takes what there is, it is written in the order in which it came. When it
//! falls behind, what further comes is served fairly: see [`fair_queue`](super::fair_queue). So
//! nobody waits behind all that one other person has brought about.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

use super::fair_queue::FairQueue;
use super::parcel::Parcel;

/// A new, empty queue that holds at most `bytes_max` bytes.
pub fn channel(bytes_max: usize) -> (Outbox, Outgoing) {
    let shared = Arc::new(SharedQueue {
        queue: Mutex::new(SendQueue::default()),
        bytes: AtomicUsize::new(0),
        dropped: AtomicU64::new(0),
        ready: Notify::new(),
        bytes_max,
    });
    (
        Outbox {
            shared: Arc::clone(&shared),
        },
        Outgoing { shared },
    )
}

/// How many bytes a queue holds when nothing else is configured.
pub const BYTES_MAX: usize = 128 * 1024 * 1024;

/// The service's end: appends.
#[derive(Debug, Clone)]
pub struct Outbox {
    shared: Arc<SharedQueue>,
}

impl Outbox {
    /// Queues one or several whole stanzas. When the queue would grow past its limit,
    /// the oldest are dropped and counted, of the line that is the longest.
    pub fn send(&self, parcel: impl Into<Parcel>) {
        let parcel = parcel.into();
        if !parcel.is_empty() {
            self.shared.push(parcel.len(), |queue| queue.add(parcel));
        }
    }

    /// Bytes that are not yet handed to the operating system.
    pub fn queued_bytes(&self) -> usize {
        self.shared.bytes.load(Ordering::Relaxed)
    }

    /// Blobs that were dropped because the queue was full, since the start.
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::Relaxed)
    }
}

/// The link's end: takes.
#[derive(Debug, Clone)]
pub struct Outgoing {
    shared: Arc<SharedQueue>,
}

impl Outgoing {
    /// Queues stanzas of the link's own before all others, so that a long queue does
    /// not delay them.
    pub(in crate::wire) fn send_first(&self, blob: Bytes) {
        let size = blob.len();
        self.shared.push(size, |queue| queue.put_first(blob));
    }

    /// Takes blobs for one write; none when the queue is empty.
    pub(in crate::wire) fn take(&self) -> WriteBatch {
        let mut queue = self.shared.queue();
        let mut blobs = VecDeque::new();
        let mut bytes = 0;
        while blobs.len() < BATCH_BLOBS_MAX {
            let Some(next) = queue
                .next_size()
                .filter(|size| bytes == 0 || bytes + size <= BATCH_BYTES)
            else {
                break;
            };
            bytes += next;
            blobs.extend(queue.pop());
        }
        WriteBatch {
            shared: Arc::clone(&self.shared),
            blobs,
            written: 0,
        }
    }

    /// Returns when something may have been queued since the last call.
    pub(in crate::wire) async fn ready(&self) {
        self.shared.ready.notified().await;
    }
}

/// Blobs that are being written. Those of which nothing was written go back to the
/// front of the queue when the batch is dropped; one half written is gone, because
/// no server can make sense of its second half.
#[derive(Debug)]
pub(in crate::wire) struct WriteBatch {
    shared: Arc<SharedQueue>,
    blobs: VecDeque<Bytes>,
    /// Bytes of the first blob that are already written.
    written: usize,
}

impl WriteBatch {
    pub fn is_empty(&self) -> bool {
        self.blobs.is_empty()
    }

    /// What is left, for a vectored write.
    pub fn slices(&self) -> Vec<IoSlice<'_>> {
        let mut skip = self.written;
        self.blobs
            .iter()
            .map(|blob| IoSlice::new(&blob[std::mem::take(&mut skip)..]))
            .collect()
    }

    /// Takes note that `count` bytes more were written.
    pub fn advance(&mut self, count: usize) {
        self.shared.bytes.fetch_sub(count, Ordering::Relaxed);
        self.written += count;
        while let Some(blob) = self.blobs.front() {
            if self.written < blob.len() {
                break;
            }
            self.written -= blob.len();
            self.blobs.pop_front();
        }
    }
}

impl Drop for WriteBatch {
    fn drop(&mut self) {
        if self.written > 0
            && let Some(half) = self.blobs.pop_front()
        {
            self.shared
                .bytes
                .fetch_sub(half.len() - self.written, Ordering::Relaxed);
        }
        if self.blobs.is_empty() {
            return;
        }
        let mut queue = self.shared.queue();
        for blob in self.blobs.drain(..).rev() {
            queue.put_first(blob);
        }
    }
}

/// What is queued, in its two parts.
#[derive(Debug, Default)]
struct SendQueue {
    /// Goes first, in order.
    ordered: VecDeque<Bytes>,
    ordered_bytes: usize,
    /// What came while much was waiting. While there is anything here, all that comes is put here,
    /// or it would overtake.
    fair: FairQueue,
}

impl SendQueue {
    fn add(&mut self, parcel: Parcel) {
        if self.fair.is_empty() && self.ordered_bytes < ORDERED_MAX {
            self.ordered_bytes += parcel.len();
            self.ordered.push_back(parcel.into_bytes());
            return;
        }
        for (part, stanzas) in parcel.parts() {
            self.fair.push(part.line, part.cause, stanzas);
        }
    }

    fn put_first(&mut self, blob: Bytes) {
        self.ordered_bytes += blob.len();
        self.ordered.push_front(blob);
    }

    /// How large the next blob is.
    fn next_size(&self) -> Option<usize> {
        match self.ordered.front() {
            Some(blob) => Some(blob.len()),
            None => self.fair.next_size(),
        }
    }

    fn pop(&mut self) -> Option<Bytes> {
        match self.ordered.pop_front() {
            Some(blob) => {
                self.ordered_bytes -= blob.len();
                Some(blob)
            }
            None => self.fair.pop(),
        }
    }

    /// Gives something up, and tells how many bytes.
    fn drop_some(&mut self) -> Option<usize> {
        if let Some(size) = self.fair.drop_from_longest() {
            return Some(size);
        }
        let oldest = self.ordered.pop_front()?;
        self.ordered_bytes -= oldest.len();
        Some(oldest.len())
    }
}

#[derive(Debug)]
struct SharedQueue {
    queue: Mutex<SendQueue>,
    /// Of all blobs queued or in a batch.
    bytes: AtomicUsize,
    dropped: AtomicU64,
    ready: Notify,
    bytes_max: usize,
}

impl SharedQueue {
    /// Makes room for `size` bytes, and puts them in.
    fn push(&self, size: usize, put: impl FnOnce(&mut SendQueue)) {
        let mut queue = self.queue();
        let mut bytes = self.bytes.fetch_add(size, Ordering::Relaxed) + size;
        while bytes > self.bytes_max
            && let Some(dropped) = queue.drop_some()
        {
            bytes = self.bytes.fetch_sub(dropped, Ordering::Relaxed) - dropped;
            if self.dropped.fetch_add(1, Ordering::Relaxed) == 0 {
                tracing::error!(
                    limit = self.bytes_max,
                    "link: queue full, stanzas are being lost"
                );
            }
        }
        put(&mut queue);
        drop(queue);
        self.ready.notify_one();
    }

    /// The queue is valid after every statement of ours, whoever panicked with it.
    fn queue(&self) -> MutexGuard<'_, SendQueue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Maximum number of bytes that are kept in the order in which they came, before it counts whose
/// they are: less than a server takes in a twentieth of a second.
const ORDERED_MAX: usize = 128 * 1024;

/// A write of this size costs little more than its copying.
const BATCH_BYTES: usize = 256 * 1024;

/// Linux takes no more parts in one vectored write (`IOV_MAX`).
const BATCH_BLOBS_MAX: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::link::parcel::{CausedBy, OrderedLine, Packing};

    fn text(batch: &WriteBatch) -> String {
        batch
            .slices()
            .iter()
            .map(|slice| String::from_utf8_lossy(slice).into_owned())
            .collect()
    }

    #[test]
    fn blobs_leave_together_and_in_order() {
        let (outbox, outgoing) = channel(BYTES_MAX);
        for blob in ["a", "", "bc", "d"] {
            outbox.send(Bytes::from(blob));
        }
        assert_eq!(outbox.queued_bytes(), 4);
        let mut batch = outgoing.take();
        assert_eq!(text(&batch), "abcd");
        batch.advance(2);
        assert_eq!((text(&batch).as_str(), outbox.queued_bytes()), ("cd", 2));
        batch.advance(2);
        assert!(batch.is_empty());
        assert!(outgoing.take().is_empty());
    }

    #[test]
    fn a_batch_is_bounded_but_takes_a_blob_of_any_size() {
        let (outbox, outgoing) = channel(BYTES_MAX);
        outbox.send(Bytes::from(vec![b'x'; 1024 * 1024]));
        outbox.send(Bytes::from_static(b"y"));
        let first = outgoing.take();
        assert_eq!(first.slices().len(), 1);
        assert_eq!(text(&outgoing.take()), "y");
        for _ in 0..2000 {
            outbox.send(Bytes::from_static(b"z"));
        }
        assert_eq!(outgoing.take().slices().len(), BATCH_BLOBS_MAX);
    }

    #[test]
    fn what_was_not_written_goes_back_and_what_was_half_written_does_not() {
        let (outbox, outgoing) = channel(BYTES_MAX);
        for blob in ["one", "two", "three", "four"] {
            outbox.send(Bytes::from(blob));
        }
        let mut batch = outgoing.take();
        batch.advance("onet".len());
        drop(batch);
        outbox.send(Bytes::from("five"));
        assert_eq!(text(&outgoing.take()), "threefourfive");
        assert_eq!(outbox.queued_bytes(), "threefourfive".len());
    }

    #[test]
    fn the_oldest_are_dropped_when_the_queue_is_full() {
        let (outbox, outgoing) = channel(10);
        for blob in ["aaaa", "bbbb", "cccc", "dd"] {
            outbox.send(Bytes::from(blob));
        }
        assert_eq!(text(&outgoing.take()), "bbbbccccdd");
        assert_eq!((outbox.dropped(), outbox.queued_bytes()), (1, 10));
    }

    #[test]
    fn who_caused_little_is_not_kept_waiting_by_who_caused_much() {
        let (outbox, outgoing) = channel(BYTES_MAX);
        let parcel = |room: &str, person: &str, text: &str| {
            let mut packing = Packing::default();
            packing.add(OrderedLine::of(room), CausedBy::of(person), |bytes| {
                bytes.extend_from_slice(text.as_bytes());
            });
            packing.close(0)
        };
        let much = "e".repeat(ORDERED_MAX);
        for _ in 0..20 {
            outbox.send(parcel("den", "eve", &much));
        }
        outbox.send(parcel("hall", "ann", "ann"));
        let mut written = String::new();
        while !written.contains("ann") {
            let mut batch = outgoing.take();
            written.push_str(&text(&batch));
            batch.advance(text(&batch).len());
        }
        // One blob before it counts whose they are, and one of hers, who was first.
        assert_eq!(written.find("ann"), Some(2 * ORDERED_MAX));
    }

    #[test]
    fn the_links_own_stanzas_go_first() {
        let (outbox, outgoing) = channel(BYTES_MAX);
        outbox.send(Bytes::from("b"));
        outgoing.send_first(Bytes::from("a"));
        assert_eq!(text(&outgoing.take()), "ab");
    }
}
