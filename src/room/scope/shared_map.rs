//! A map whose clones share what they have in common: to change one entry of a copy costs a small
//! part of the whole, however long the list is.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// A map in buckets, which its clones share until one of them changes them.
#[derive(Clone, Debug)]
pub(super) struct SharedMap<K, V> {
    /// Their number is a power of two, or there are none.
    buckets: Arc<Vec<SharedBucket<K, V>>>,
    length: usize,
}

/// The entries whose keys have the same last bits in their hash.
type SharedBucket<K, V> = Arc<BTreeMap<K, V>>;

impl<K: Hash + Ord + Clone, V: Clone> SharedMap<K, V> {
    /// The number of entries.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The value of a key.
    pub fn get<Q: Hash + Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.buckets.get(self.place(key)?)?.get(key)
    }

    /// Sets the value of a key, and gives that of before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        if self.length >= self.buckets.len() * BUCKET_ENTRIES {
            self.grow();
        }
        let place = self.place(&key)?;
        let before = Arc::make_mut(&mut Arc::make_mut(&mut self.buckets)[place]).insert(key, value);
        self.length += usize::from(before.is_none());
        before
    }

    /// Takes a key away, and gives its value.
    pub fn remove<Q: Hash + Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key)?;
        // What is shared is not copied for nothing.
        self.buckets[place].get(key)?;
        let removed = Arc::make_mut(&mut Arc::make_mut(&mut self.buckets)[place]).remove(key);
        self.length -= usize::from(removed.is_some());
        removed
    }

    /// Every entry, in no order that means anything.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.buckets.iter().flat_map(|bucket| bucket.iter())
    }

    fn place<Q: Hash + ?Sized>(&self, key: &Q) -> Option<usize> {
        let last = self.buckets.len().checked_sub(1)?;
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        Some(usize::try_from(hasher.finish() & last as u64).unwrap_or(0))
    }

    /// Spreads the entries over twice as many buckets.
    fn grow(&mut self) {
        let before = std::mem::take(&mut self.buckets);
        let count = (before.len() * 2).max(1);
        self.buckets = Arc::new(vec![Arc::default(); count]);
        let mut spread = vec![BTreeMap::new(); count];
        for bucket in before.iter() {
            for (key, value) in bucket.iter() {
                if let Some(place) = self.place(key) {
                    spread[place].insert(key.clone(), value.clone());
                }
            }
        }
        self.buckets = Arc::new(spread.into_iter().map(Arc::new).collect());
    }
}

impl<K, V> Default for SharedMap<K, V> {
    fn default() -> Self {
        Self {
            buckets: Arc::default(),
            length: 0,
        }
    }
}

/// By what is in them, however it is spread.
impl<K: Hash + Ord + Clone, V: Clone + PartialEq> PartialEq for SharedMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.buckets, &other.buckets)
            || self.length == other.length
                && self
                    .iter()
                    .all(|(key, value)| other.get(key) == Some(value))
    }
}

impl<K: Hash + Ord + Clone, V: Clone + Eq> Eq for SharedMap<K, V> {}

/// Number of entries of a bucket, as they are spread evenly: what is copied when one changes.
const BUCKET_ENTRIES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_copy_that_is_changed_leaves_the_other_as_it_is_and_shares_the_rest() {
        let mut map = SharedMap::default();
        for number in 0..10_000_u32 {
            map.insert(number, ());
        }
        let mut copy = map.clone();
        copy.insert(10_000, ());
        copy.remove(&1);
        assert_eq!((map.len(), copy.len()), (10_000, 10_000));
        assert!(map.get(&1).is_some() && map.get(&10_000).is_none());
        assert!(copy.get(&1).is_none() && copy.get(&10_000).is_some());
        let both = map.buckets.iter().zip(copy.buckets.iter());
        let copied = both.filter(|(one, other)| !Arc::ptr_eq(one, other)).count();
        assert_eq!(copied, 2, "of {} buckets", map.buckets.len());
        assert_ne!(map, copy);
    }

    proptest! {
        #[test]
        fn it_is_a_map(steps in prop::collection::vec((any::<bool>(), 0..300_u32, any::<u8>()), 0..900)) {
            let (mut shared, mut plain) = (SharedMap::default(), BTreeMap::new());
            for (comes, key, value) in steps {
                let before = match comes {
                    true => (shared.insert(key, value), plain.insert(key, value)),
                    false => (shared.remove(&key), plain.remove(&key)),
                };
                prop_assert_eq!(before.0, before.1);
                prop_assert_eq!(shared.len(), plain.len());
                prop_assert_eq!(shared.is_empty(), plain.is_empty());
            }
            let all: BTreeMap<_, _> = shared.iter().map(|(key, value)| (*key, *value)).collect();
            prop_assert_eq!(all, plain);
        }
    }
}
