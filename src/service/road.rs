//! The one door out: whatever the service sends leaves here.
//!
//! A stanza goes one of two ways. *In order*: what a room tells its people has to reach each of
//! them in the order in which it was decided, so all of it takes the same road. *Beside*: the
//! answer to an IQ, a page of an archive, a question of our own are understood by their ids, and
//! may overtake, or be overtaken by, what rooms tell. Today both are written to the one link; a
//! road that takes a stanza together with the list of those it is for is built into
//! [`OutboundRoad::in_order`], and nowhere else.
//!
//! What waits here is kept in blobs of whole stanzas.

use crate::room::effect::Recipients;
use crate::wire::link::parcel::{CausedBy, OrderedLine, Packing, Parcel};
use crate::wire::xml::template::Template;
use crate::wire::xml::work;

/// Stanzas that are collected until they may go out.
#[derive(Debug, Default)]
pub struct OutboundRoad {
    full: Vec<Parcel>,
    current: Packing,
    size: usize,
    /// In which line is what comes next.
    line: OrderedLine,
    /// Who has caused it.
    cause: CausedBy,
}

/// A blob is closed when it has grown to this, in bytes: large enough that a burst leaves in few
/// writes, small enough that nothing large is ever copied to grow.
const BLOB_SIZE: usize = 256 * 1024;

impl OutboundRoad {
    /// What comes next is in this line.
    pub fn stand_in(&mut self, line: OrderedLine) {
        self.line = line;
    }

    /// What comes next is caused by this.
    pub fn blame(&mut self, cause: CausedBy) {
        self.cause = cause;
    }

    /// Sends this to these, in order with all else that is sent so: the stanza was written once,
    /// and only the address differs.
    pub fn in_order(&mut self, template: &Template, to: &Recipients) {
        match to {
            Recipients::One(session) => {
                self.add(|bytes| template.write(session.as_str(), bytes));
            }
            Recipients::Many(audience) => {
                for session in audience.iter() {
                    self.add(|bytes| template.write(session.as_str(), bytes));
                }
            }
            Recipients::Absent(jid) => self.add(|bytes| template.write(jid.as_str(), bytes)),
        }
    }

    /// Sends a whole stanza, whose order with others tells nothing.
    pub fn beside(&mut self, stanza: &[u8]) {
        self.add(|bytes| bytes.extend_from_slice(stanza));
    }

    /// Adds the whole stanza that `write` appends.
    fn add(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let written = self.current.add(self.line, self.cause, write);
        work::steps(written);
        self.size += written;
        if self.current.len() >= BLOB_SIZE {
            self.close_blob();
        }
    }

    /// How many bytes wait here.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Everything, oldest first; nothing is left.
    pub fn take(&mut self) -> Vec<Parcel> {
        self.close_blob();
        self.size = 0;
        std::mem::take(&mut self.full)
    }

    fn close_blob(&mut self) {
        if !self.current.is_empty() {
            let room_for_next = self.current.len().min(BLOB_SIZE);
            self.full.push(self.current.close(room_for_next));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_comes_out_in_order() {
        let mut road = OutboundRoad::default();
        let mut expected = Vec::new();
        for number in 0..100_000_u32 {
            road.beside(&number.to_be_bytes());
            expected.extend_from_slice(&number.to_be_bytes());
        }
        assert_eq!(road.size(), expected.len());
        let blobs = road.take();
        assert!(blobs.len() > 1);
        assert_eq!(blobs.concat(), expected);
        assert!(road.take().is_empty());
        assert_eq!(road.size(), 0);
    }
}
