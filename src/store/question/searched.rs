//! What is searched.

use rusqlite::Result;

/// One room or many, under the conditions of a question that no index knows.
pub(in crate::store) trait Searched {
    /// A message as it is told.
    type Found;

    /// Whether there are such conditions; if not, every row is admitted.
    fn is_choosy(&self) -> bool;

    /// Whether the message of this row meets them.
    fn admits(&mut self, row: i64) -> Result<bool>;

    /// Loads the message of a row that is admitted, and tells the length of its content in bytes.
    /// `None`: it is gone.
    fn load(&mut self, row: i64) -> Result<Option<(Self::Found, usize)>>;

    /// It is counted so far and no further.
    fn count_max(&self) -> u64;
}
