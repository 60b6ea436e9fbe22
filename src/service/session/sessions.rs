//! Which sessions are doubted, and how far all have been gone through. What becomes of them is in
//! [`ghosts`](super::ghosts).

use std::sync::Arc;

use jid::{BareJid, FullJid};

use super::verify::Doubts;
use crate::room::Elapsed;
use crate::service::fresh;
use crate::service::walk::Walk;

/// What is known of the sessions of others.
#[derive(Debug)]
pub struct Sessions {
    pub(in crate::service) doubts: Doubts,
    /// After a time in which the server was away: through all sessions, to doubt each.
    pub(super) walk: Walk<FullJid>,
    /// Whether the link was up before in the life of this process.
    was_up: bool,
}

impl Sessions {
    /// Nobody is doubted.
    pub fn new(pace_per_s: u32) -> Self {
        let prefix = format!("{}-", fresh::id());
        Self {
            doubts: Doubts::new(pace_per_s, prefix),
            walk: Walk::none(),
            was_up: false,
        }
    }

    /// Doubts all sessions, page by page, from the first.
    pub fn doubt_all(&mut self) {
        self.walk.begin(None);
    }

    /// Whether all sessions are being doubted.
    pub fn is_doubting_all(&self) -> bool {
        self.walk.is_under_way()
    }

    /// When there is something to do, if at all.
    pub fn next_deadline(&self) -> Option<Elapsed> {
        if self.walk.is_under_way() && self.doubts.waiting() == 0 {
            Some(Elapsed::BEGINNING)
        } else {
            self.doubts.next_deadline()
        }
    }

    /// Notes that the link is up; true when it was before in the life of this process.
    pub fn link_is_up(&mut self) -> bool {
        std::mem::replace(&mut self.was_up, true)
    }

    /// Whether the link was up since the start, so that people can have been told something.
    pub fn was_up(&self) -> bool {
        self.was_up
    }

    /// The sender of what the service tells a room itself.
    pub fn own_address(&self, service: &BareJid) -> Arc<FullJid> {
        let address = service
            .with_resource_str("service")
            .expect("a plain word is a resource");
        Arc::new(address)
    }
}
