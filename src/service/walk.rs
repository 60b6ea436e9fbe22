//! A walk through everything of a kind that the store has, in the order of addresses, a page at a
//! time: what is left of it waits while others have their turn.

use crate::store;

/// How far everything has been gone through, if it is being.
#[derive(Debug)]
pub struct Walk<Key> {
    /// `None`: no walk is under way. Inside it, where the next page begins: after this; `None`:
    /// with the first.
    place: Option<Option<Key>>,
}

impl<Key> Walk<Key> {
    /// No walk is under way.
    pub fn none() -> Self {
        Self { place: None }
    }

    /// Begins after this one, or with the first, wherever it was before.
    pub fn begin(&mut self, after: Option<Key>) {
        self.place = Some(after);
    }

    /// The next page; empty when nothing is left, or no walk is under way. The walk stays where it
    /// is until it is told how far that was dealt with.
    ///
    /// # Errors
    /// [`store::Error`]: it can't be read.
    pub fn page<Item>(
        &self,
        read: impl FnOnce(Option<&Key>) -> Result<Vec<Item>, store::Error>,
    ) -> Result<Vec<Item>, store::Error> {
        match &self.place {
            Some(after) => read(after.as_ref()),
            None => Ok(Vec::new()),
        }
    }

    /// Goes on after this one, if a walk is under way.
    pub fn go_on_after(&mut self, key: Key) {
        if let Some(place) = &mut self.place {
            *place = Some(key);
        }
    }

    /// Ends the walk.
    pub fn end(&mut self) {
        self.place = None;
    }

    /// Whether a walk is under way.
    pub fn is_under_way(&self) -> bool {
        self.place.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of two numbers below ten.
    fn page(after: Option<&u8>) -> Result<Vec<u8>, store::Error> {
        let first = after.map_or(0, |after| after + 1);
        Ok((first..10).take(2).collect())
    }

    fn rest(walk: &mut Walk<u8>) -> Vec<u8> {
        let mut all = Vec::new();
        while walk.is_under_way() {
            let found = walk.page(page).unwrap();
            match found.last() {
                Some(last) => walk.go_on_after(*last),
                None => walk.end(),
            }
            all.extend(found);
        }
        all
    }

    #[test]
    fn everything_is_gone_through_once() {
        let mut walk = Walk::none();
        assert!(walk.page(page).unwrap().is_empty());
        walk.begin(None);
        assert_eq!(rest(&mut walk), (0..10).collect::<Vec<_>>());
        walk.begin(Some(6));
        assert_eq!(rest(&mut walk), [7, 8, 9]);
    }

    #[test]
    fn a_page_that_was_not_dealt_with_comes_again() {
        let mut walk = Walk::none();
        walk.begin(None);
        assert_eq!(walk.page(page).unwrap(), [0, 1]);
        walk.go_on_after(0);
        assert_eq!(rest(&mut walk), (1..10).collect::<Vec<_>>());
        walk.go_on_after(0);
        assert!(!walk.is_under_way());
    }
}
