//! Stanzas in one blob, with whose they are.
//!
//! Two things are told of each run of stanzas. Its *line*: nothing of one line ever overtakes
//! anything else of it, because what comes from one room must reach everybody in the order in which
//! it happened. And its *cause*: who brought it about, so that what one person has caused need not
//! hold up what another has.

use std::borrow::Borrow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Deref;

use bytes::Bytes;

/// What keeps its order: a room, or what the service itself tells one person. Two may share a
/// number; then they keep their order too, and nothing else happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct OrderedLine(u64);

/// Who brought something about: a person, or a whole domain. Two may share a number, and then a
/// share.
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

/// The bytes of one part.
#[derive(Debug)]
pub(in crate::wire) enum PartBytes<'a> {
    /// Most of the parcel's: whoever keeps them keeps the rest of it in memory, too, which is no
    /// more.
    Shared(Bytes),
    /// Few of the parcel's, to be copied by whoever keeps them.
    Lent(&'a [u8]),
}

impl PartBytes<'_> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// The bytes of it, whoever has them.
    pub fn as_slice(&self) -> &[u8] {
        match self {
            Self::Shared(bytes) => bytes,
            Self::Lent(bytes) => bytes,
        }
    }
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

    /// Hands out what is in it; what follows goes into a new one with room for `room_for_next`
    /// bytes.
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
    pub(in crate::wire) fn parts(&self) -> impl Iterator<Item = (&StanzaRun, PartBytes<'_>)> {
        let mut start = 0;
        self.parts.iter().map(move |part| {
            let range = start..part.end;
            start = part.end;
            let bytes = match range.len() >= self.bytes.len() / 2 {
                true => PartBytes::Shared(self.bytes.slice(range)),
                false => PartBytes::Lent(&self.bytes[range]),
            };
            (part, bytes)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_most_of_a_parcel_keeps_it_in_memory() {
        let mut packing = Packing::default();
        for (room, size) in [("hall", 10), ("den", 80), ("hall", 10)] {
            packing.add(OrderedLine::of(room), CausedBy::of("eve"), |bytes| {
                bytes.extend_from_slice(&vec![b'x'; size]);
            });
        }
        let parcel = packing.close(0);
        let kept: Vec<_> = parcel
            .parts()
            .map(|(_, bytes)| (bytes.len(), matches!(bytes, PartBytes::Shared(_))))
            .collect();
        assert_eq!(kept, [(10, false), (80, true), (10, false)]);
    }
}
