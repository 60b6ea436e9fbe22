//! Pages of a result, cut from what a walk finds. XEP-0059.
//!
//! A page begins at the row of a message and ends when it is full. Nothing is skipped over by
//! counting, and one message more than wanted tells whether there are more.

use std::ops::{ControlFlow, Range};

use rusqlite::{Connection, Result};

use super::ask::FoundPage;
use super::ranked;
use super::searched::Searched;
use super::span::Span;
use super::walk::{Direction, Path};
use crate::room::occupying::archive::{Order, PageQuestion, PageStart};

/// Number of messages of a page if nobody says how many it shall have.
pub const PAGE_SIZE: u32 = 50;

/// Maximum number of messages of a page, however many are asked for.
pub const PAGE_SIZE_MAX: u32 = 250;

/// The result of a question, as rows.
pub(in crate::store) struct FoundRows {
    /// Along what they are found.
    pub path: Path,
    /// Along what they are found with less that is not admitted, but at a higher price for each.
    pub narrow: Option<Path>,
    /// In which part of the archive they are.
    pub span: Span,
}

impl FoundRows {
    /// Fills a page. `None`: it is to start at a row that must be in the result, and is not.
    pub fn fill<S: Searched>(
        &self,
        connection: &Connection,
        scope: &mut S,
        mut page: FillingPage<S::Found>,
    ) -> Result<Option<FoundPage<S::Found>>> {
        if let (Path::Words(words), Order::Rank) = (self.narrowest(), page.order) {
            let ranked = ranked::rows(connection, words, &self.span.parts, scope)?;
            let Some(rows) = ranked::on_page(ranked, self.span.start, page.direction) else {
                return Ok(None);
            };
            for row in rows {
                if page.take(scope, row)?.is_break() {
                    break;
                }
            }
            return Ok(Some(page.done()));
        }
        for rows in self.span.on_page(page.direction) {
            if self
                .fill_from(connection, scope, &rows, &mut page)?
                .is_break()
            {
                break;
            }
        }
        Ok(Some(page.done()))
    }

    /// Fills the page with what is found between two rows, and breaks when it is full.
    fn fill_from<S: Searched>(
        &self,
        connection: &Connection,
        scope: &mut S,
        rows: &Range<i64>,
        page: &mut FillingPage<S::Found>,
    ) -> Result<ControlFlow<()>> {
        let direction = page.direction;
        let (mut passed_by, mut passed) = (0, None);
        let mut visit = |row| {
            if scope.admits(row)? {
                return page.take(scope, row);
            }
            passed_by += 1;
            if self.narrow.is_some() && passed_by == PASSED_BY_MAX {
                passed = Some(row);
                return Ok(ControlFlow::Break(()));
            }
            Ok(ControlFlow::Continue(()))
        };
        let walked = self.path.walk(connection, rows, direction, &mut visit)?;
        let (Some(narrow), Some(passed)) = (&self.narrow, passed) else {
            return Ok(walked);
        };
        let rest = match direction {
            Direction::Forward => passed + 1..rows.end,
            Direction::Backward => rows.start..passed,
        };
        let mut visit = |row| match scope.admits(row)? {
            true => page.take(scope, row),
            false => Ok(ControlFlow::Continue(())),
        };
        narrow.walk(connection, &rest, direction, &mut visit)
    }

    fn narrowest(&self) -> &Path {
        self.narrow.as_ref().unwrap_or(&self.path)
    }

    /// Counts the whole result, wherever a page of it would start.
    pub fn count<T>(
        &self,
        connection: &Connection,
        scope: &mut impl Searched,
    ) -> Result<FoundPage<T>> {
        let mut count = 0;
        for rows in &self.span.parts {
            if !scope.is_choosy() {
                count += self.narrowest().count(connection, rows)?;
                continue;
            }
            let count_max = scope.count_max();
            let mut visit = |row| {
                count += u64::from(scope.admits(row)?);
                Ok(match count < count_max {
                    true => ControlFlow::Continue(()),
                    false => ControlFlow::Break(()),
                })
            };
            let walked = self
                .path
                .walk(connection, rows, Direction::Backward, &mut visit)?;
            if walked.is_break() {
                break;
            }
        }
        Ok(FoundPage {
            messages: Vec::new(),
            complete: count == 0,
            count: Some(count),
        })
    }
}

/// A page that is being filled.
pub(in crate::store) struct FillingPage<T> {
    direction: Direction,
    order: Order,
    size: usize,
    bytes_left: usize,
    messages: Vec<T>,
    complete: bool,
}

impl<T> FillingPage<T> {
    /// An empty page, as it is wanted.
    pub fn new(question: &PageQuestion, bytes_max: usize) -> Self {
        let size = question.size_max.unwrap_or(PAGE_SIZE).min(PAGE_SIZE_MAX);
        Self {
            direction: match question.start {
                PageStart::First | PageStart::After(_) => Direction::Forward,
                PageStart::Last | PageStart::Before(_) => Direction::Backward,
            },
            order: match question.filter.search {
                Some(_) => question.order,
                None => Order::Chronological,
            },
            size: size as usize,
            bytes_left: bytes_max,
            messages: Vec::new(),
            complete: true,
        }
    }

    /// Adds a message if there is room for it; else the page is full.
    fn take<S: Searched<Found = T>>(&mut self, scope: &mut S, row: i64) -> Result<ControlFlow<()>> {
        let full = self.messages.len() >= self.size;
        let Some((message, bytes)) = scope.load(row)? else {
            return Ok(ControlFlow::Continue(()));
        };
        if full || bytes > self.bytes_left && !self.messages.is_empty() {
            self.complete = false;
            return Ok(ControlFlow::Break(()));
        }
        self.bytes_left = self.bytes_left.saturating_sub(bytes);
        self.messages.push(message);
        Ok(ControlFlow::Continue(()))
    }

    fn done(mut self) -> FoundPage<T> {
        if self.direction == Direction::Backward {
            self.messages.reverse();
        }
        FoundPage {
            messages: self.messages,
            complete: self.complete,
            count: None,
        }
    }
}

/// The page of a result that has nothing in it. `None` as in [`FoundRows::fill`]: nobody shall tell
/// an author of whom there is nothing at all from one of whom there is something where the reader
/// may not read.
pub(in crate::store) fn nothing<T>(question: &PageQuestion) -> Option<FoundPage<T>> {
    let is_count = question.size_max == Some(0);
    let starts_in_result = match (question.order, &question.start) {
        (Order::Chronological, _) | (Order::Rank, PageStart::First | PageStart::Last) => false,
        (Order::Rank, PageStart::After(_) | PageStart::Before(_)) => !is_count,
    };
    (!starts_in_result).then(|| FoundPage {
        messages: Vec::new(),
        complete: true,
        count: is_count.then_some(0),
    })
}

/// Number of rows that are passed by before the way is changed, if the page is not full by then. To
/// pass by one costs some microseconds.
pub(in crate::store) const PASSED_BY_MAX: u32 = 1_000;
