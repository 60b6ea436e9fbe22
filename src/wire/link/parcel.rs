//! Stanzas in one blob, with whose they are.
//!
//! Two things are told of each run of stanzas. Its *line*: nothing of one line ever overtakes anything else of it, for what
//! comes from one room must reach everybody in the order in which it happened. And its *cause*: who brought it about, so
//! that what one has caused need not hold up what another has.

use std::borrow::Borrow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::{Deref, Range};

use bytes::Bytes;

/// What keeps its order: a room, or what the service itself tells one person. Two may share a number; then they keep
/// their order too, and nothing else happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct OrderedLine(u64);

/// Who brought something about: a person, or a whole domain. Two may share a number, and then a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct CausedBy(u64);

impl OrderedLine {
    /// The line of this address.
    pub fn of(address: &str) -> Self {
        Self(number(address))
    }
}

impl CausedBy {
    /// The cause of this name.
    pub fn of(name: &str) -> Self {
        Self(number(name))
    }
}

fn number(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// One or several whole stanzas.
#[derive(Debug, Clone, Default)]
pub struct Parcel {
    bytes: Bytes,
    parts: Vec<StanzaRun>,
}

/// A run of whole stanzas of one line and one cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::wire) struct StanzaRun {
    pub line: OrderedLine,
    pub cause: CausedBy,
    /// Where it ends in the blob, in bytes.
    end: usize,
}

/// A parcel that is being filled.
#[derive(Debug, Default)]
pub struct Packing {
    bytes: Vec<u8>,
    parts: Vec<StanzaRun>,
}

impl Packing {
    /// Adds what `write` appends, one or more whole stanzas, and tells how many bytes that were.
    pub fn add(
        &mut self,
        line: OrderedLine,
        cause: CausedBy,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> usize {
        let before = self.bytes.len();
        write(&mut self.bytes);
        let end = self.bytes.len();
        match self.parts.last_mut() {
            Some(last) if last.line == line && last.cause == cause => last.end = end,
            _ if end > before => self.parts.push(StanzaRun { line, cause, end }),
            _ => {}
        }
        end - before
    }

    /// How many bytes are in it.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// It is full; what follows goes into a new one with room for so many bytes.
    pub fn close(&mut self, room_for_next: usize) -> Parcel {
        let bytes = std::mem::replace(&mut self.bytes, Vec::with_capacity(room_for_next));
        Parcel {
            bytes: bytes.into(),
            parts: std::mem::take(&mut self.parts),
        }
    }
}

impl Parcel {
    /// All of it as one blob.
    pub(in crate::wire) fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// Each part with its bytes, in order.
    pub(in crate::wire) fn parts(&self) -> impl Iterator<Item = (&StanzaRun, &[u8])> {
        let mut start = 0;
        self.parts.iter().map(move |part| {
            let range: Range<usize> = start..part.end;
            start = part.end;
            (part, &self.bytes[range])
        })
    }
}

impl From<Bytes> for Parcel {
    /// Stanzas of no line of anybody's.
    fn from(bytes: Bytes) -> Self {
        let part = StanzaRun {
            line: OrderedLine::default(),
            cause: CausedBy::default(),
            end: bytes.len(),
        };
        Self {
            bytes,
            parts: vec![part],
        }
    }
}

impl Deref for Parcel {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Borrow<[u8]> for Parcel {
    fn borrow(&self) -> &[u8] {
        &self.bytes
    }
}
