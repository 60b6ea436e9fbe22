//! Where a command's answer goes: to somebody who reads it as it comes, or together, to be shown as
//! a whole.

use std::cell::RefCell;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc;

use super::error::Error;
use super::report::{Reply, ReportRow};

/// Takes the rows of an answer, and how far the work is.
#[derive(Debug)]
pub enum Replies {
    /// Whoever asked reads them as they come.
    Told(mpsc::Sender<Reply>),
    /// They are shown together when all is done.
    Gathered(Gathering),
}

/// Rows that are gathered, of many only the first.
#[derive(Debug, Default)]
pub struct Gathering {
    stop: Arc<AtomicBool>,
    gathered: RefCell<Gathered>,
}

/// The rows of an answer.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The first of them.
    pub rows: Vec<ReportRow>,
    /// The number of rows behind these.
    pub left_out: u64,
    bytes: usize,
}

impl Replies {
    /// Takes a reply before the last. It may wait until somebody reads.
    ///
    /// # Errors
    /// [`Error::Abandoned`]
    pub fn take(&self, reply: Reply) -> Result<(), Error> {
        match self {
            Self::Told(sender) => sender.blocking_send(reply).map_err(|_| Error::Abandoned),
            Self::Gathered(gathering) => gathering.take(reply),
        }
    }
}

impl Gathering {
    /// Nothing is gathered yet. When `stop` becomes true, the work ends with the piece in hand.
    pub fn until(stop: Arc<AtomicBool>) -> Self {
        Self {
            stop,
            ..Self::default()
        }
    }

    /// What was gathered; nothing is left.
    pub fn finish(&self) -> Gathered {
        mem::take(&mut self.gathered.borrow_mut())
    }

    fn take(&self, reply: Reply) -> Result<(), Error> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(Error::Abandoned);
        }
        let mut gathered = self.gathered.borrow_mut();
        match reply {
            Reply::Row(row) => gathered.add(row),
            Reply::Progress { .. } | Reply::Done(_) | Reply::Failed { .. } => {}
        }
        Ok(())
    }
}

impl Gathered {
    fn add(&mut self, row: ReportRow) {
        let bytes = self.bytes + row.as_json().len();
        let fits = self.rows.is_empty() || (self.rows.len() < ROWS_MAX && bytes <= BYTES_MAX);
        match fits && self.left_out == 0 {
            true => {
                self.bytes = bytes;
                self.rows.push(row);
            }
            false => self.left_out += 1,
        }
    }
}

/// Maximum number of rows that are gathered.
const ROWS_MAX: usize = 1000;
/// Maximum number of their bytes as JSON; more can't be shown as a whole.
const BYTES_MAX: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Reply {
        Reply::Row(ReportRow::of(&text))
    }

    #[test]
    fn of_many_rows_the_first_are_kept_and_all_are_counted() {
        let replies = Gathering::default();
        for number in 0..ROWS_MAX + 7 {
            replies.take(row(&number.to_string())).unwrap();
        }
        let gathered = replies.finish();
        assert_eq!((gathered.rows.len(), gathered.left_out), (ROWS_MAX, 7));
        let long = "x".repeat(BYTES_MAX / 3);
        (0..4).for_each(|_| replies.take(row(&long)).unwrap());
        // What is small enough is not taken out of its order.
        replies.take(row("x")).unwrap();
        let gathered = replies.finish();
        assert_eq!((gathered.rows.len(), gathered.left_out), (2, 3));
    }

    #[test]
    fn who_is_told_to_stop_ends_with_the_next_row() {
        let stop = Arc::new(AtomicBool::new(false));
        let replies = Replies::Gathered(Gathering::until(stop.clone()));
        replies.take(row("x")).unwrap();
        stop.store(true, Ordering::Relaxed);
        assert!(matches!(replies.take(row("x")), Err(Error::Abandoned)));
    }
}
