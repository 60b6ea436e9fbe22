//! Parts of long lists. XEP-0059.

use xmpp_parsers::rsm::{First, SetQuery, SetResult};

/// Which part of a list is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// Maximum number of items; `None`: as many as the service gives.
    pub size_max: Option<usize>,
    /// From where on.
    pub start: Start,
}

/// Where a part of a list starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Start {
    /// At the first item.
    #[default]
    First,
    /// With the item that follows the one of this key, whether that exists or not.
    After(String),
    /// The items that come before the one of this key, the nearest.
    Before(String),
    /// The last items.
    Last,
    /// With the item of this number, the first being 0.
    Index(usize),
}

/// What a part of a list tells about the rest of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extent {
    /// The number of the first item sent, if it is known.
    pub first_index: Option<usize>,
    /// How many items the whole list has, if it is known.
    pub count: Option<usize>,
}

impl From<SetQuery> for PageRequest {
    fn from(query: SetQuery) -> Self {
        let start = match (query.after, query.before, query.index) {
            (Some(after), _, _) => Start::After(after),
            (None, Some(before), _) if before.is_empty() => Start::Last,
            (None, Some(before), _) => Start::Before(before),
            (None, None, Some(index)) => Start::Index(index),
            (None, None, None) => Start::First,
        };
        Self {
            size_max: query.max,
            start,
        }
    }
}

impl PageRequest {
    /// The part of a list that lies in memory in the order of its keys.
    pub fn of<'a, T>(
        &self,
        items: &'a [T],
        key: impl Fn(&T) -> &str,
        bound: usize,
    ) -> (&'a [T], Extent) {
        let size = self.size_max.unwrap_or(bound).min(bound);
        let place = |wanted: &str| items.partition_point(|item| key(item) < wanted);
        let (from, to) = match &self.start {
            Start::First => (0, size),
            Start::Index(index) => (*index, index.saturating_add(size)),
            Start::After(after) => {
                let at = items.partition_point(|item| key(item) <= after.as_str());
                (at, at.saturating_add(size))
            }
            Start::Before(before) => (place(before).saturating_sub(size), place(before)),
            Start::Last => (items.len().saturating_sub(size), items.len()),
        };
        let (from, to) = (from.min(items.len()), to.min(items.len()));
        (
            &items[from..to],
            Extent {
                first_index: Some(from),
                count: Some(items.len()),
            },
        )
    }
}

impl Extent {
    /// The `<set/>` of an answer whose first and last items have these keys.
    pub(in crate::wire) fn to_set(&self, ends: Option<(&str, &str)>) -> SetResult {
        SetResult {
            first: ends.map(|(first, _)| First {
                index: self.first_index,
                item: first.to_owned(),
            }),
            last: ends.map(|(_, last)| last.to_owned()),
            count: self.count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(start: Start, size_max: usize) -> String {
        let page = PageRequest {
            size_max: Some(size_max),
            start,
        };
        page.of(&["a", "c", "e", "g"], |item| item, 3).0.concat()
    }

    #[test]
    fn parts_are_cut_by_key() {
        assert_eq!(of(Start::First, 2), "ac");
        assert_eq!(of(Start::First, 9), "ace");
        assert_eq!(of(Start::First, 0), "");
        assert_eq!(of(Start::After("c".into()), 2), "eg");
        assert_eq!(of(Start::After("d".into()), 1), "e");
        assert_eq!(of(Start::After("z".into()), 1), "");
        assert_eq!(of(Start::Before("e".into()), 1), "c");
        assert_eq!(of(Start::Last, 3), "ceg");
        assert_eq!(of(Start::Index(3), 3), "g");
        assert_eq!(of(Start::Index(usize::MAX), 3), "");
    }
}
