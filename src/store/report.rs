//! What the threads of the store tell.

use super::batch_number::BatchNumber;
use super::error::Error;
use super::question::ask::{ArchiveAnswer, AskNumber};

/// What became of batches.
#[derive(Debug)]
pub enum StoreReport {
    /// Every batch up to and with this one is on the disk.
    Committed(BatchNumber),
    /// What was asked by [`Store::ask`](super::Store::ask), with what was found.
    Told(AskNumber, Result<ArchiveAnswer, Error>),
    /// No batch after the last committed one, up to and with this one, has left a trace or will.
    Failed(BatchNumber, Error),
}
