//! The part of an archive that a question is about, by the messages that it names.

use std::ops::Range;

use rusqlite::Result;

use super::walk::Direction;
use crate::room::ArchiveId;
use crate::room::occupying::archive::{PageQuestion, PageStart};

/// Rows, among which a result is found.
pub(in crate::store) struct Span {
    /// Oldest first, and none of them empty.
    pub parts: Vec<Range<i64>>,
    /// The row at which the page starts, if its start names one.
    pub start: Option<i64>,
}

impl Span {
    /// What a question that names messages leaves, by the row that each of them has. `None`: one of
    /// them has none.
    pub fn of(
        question: &PageQuestion,
        number: impl Fn(&ArchiveId) -> Result<Option<i64>>,
    ) -> Result<Option<Self>> {
        let filter = &question.filter;
        let number_if_any = |id: Option<&ArchiveId>| id.map(&number).transpose();
        let after = number_if_any(filter.after_id.as_ref())?;
        let before = number_if_any(filter.before_id.as_ref())?;
        let start = number_if_any(match &question.start {
            PageStart::First | PageStart::Last => None,
            PageStart::After(id) | PageStart::Before(id) => Some(id),
        })?;
        let only: Option<Vec<i64>> = filter.ids.iter().map(number).collect::<Result<_>>()?;
        let Some(mut only) = only.filter(|_| ![after, before, start].contains(&Some(None))) else {
            return Ok(None);
        };
        only.sort_unstable();
        only.dedup();
        let all = after.flatten().map_or(0, |row| row + 1)..before.flatten().unwrap_or(i64::MAX);
        let mut span = Self {
            parts: only.into_iter().map(|row| row..row + 1).collect(),
            start: start.flatten(),
        };
        if filter.ids.is_empty() {
            span.parts.push(0..i64::MAX);
        }
        span.cut(&all);
        Ok(Some(span))
    }

    /// Leaves what lies in this part.
    pub fn cut(&mut self, within: &Range<i64>) {
        for part in &mut self.parts {
            *part = part.start.max(within.start)..part.end.min(within.end);
        }
        self.parts.retain(|part| !part.is_empty());
    }

    /// The parts that the page can be made of, in the order in which it is.
    pub fn on_page(&self, direction: Direction) -> Vec<Range<i64>> {
        let on_page = |part: &Range<i64>| match (self.start, direction) {
            (None, _) => part.clone(),
            (Some(after), Direction::Forward) => part.start.max(after + 1)..part.end,
            (Some(before), Direction::Backward) => part.start..part.end.min(before),
        };
        let mut parts: Vec<_> = self.parts.iter().map(on_page).collect();
        parts.retain(|part| !part.is_empty());
        if direction == Direction::Backward {
            parts.reverse();
        }
        parts
    }
}
