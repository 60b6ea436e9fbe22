//! What operators wait for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::oneshot;

use crate::command::Error;

/// A change that is made and not committed yet.
#[derive(Debug)]
pub(in crate::service) struct Pending {
    pub(super) done: oneshot::Sender<Result<u64, Error>>,
    /// Counted when it is written.
    pub(super) count: Arc<AtomicU64>,
}

impl Pending {
    /// It is on the disk.
    pub fn committed(self) {
        // Whoever asked may be gone.
        let _ = self.done.send(Ok(self.count.load(Ordering::Relaxed)));
    }

    /// It will never be.
    pub fn failed(self, why: String) {
        // Whoever asked may be gone.
        let _ = self.done.send(Err(Error::NotCommitted { why }));
    }
}
