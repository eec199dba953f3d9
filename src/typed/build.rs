//! Maps collected from, and extended by, many entries.

use core::hash::{BuildHasher, Hash};

use super::{DefaultHashBuilder, Map, Memory};
use crate::raw::batch::GROUP;

impl<K, V, S: Default, A: Memory + Default> Default for Map<K, V, S, A> {
    /// An empty map with the default of its hash builder, in the default of its memory.
    #[inline]
    fn default() -> Self {
        Map::with_hasher_in(S::default(), A::default())
    }
}

impl<K, V, S, A> FromIterator<(K, V)> for Map<K, V, S, A>
where
    K: Eq + Hash,
    S: BuildHasher + Default,
    A: Memory + Default,
{
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Map::default();
        map.extend(entries);
        map
    }
}

impl<K: Eq + Hash, V, const N: usize> From<[(K, V); N]> for Map<K, V, DefaultHashBuilder> {
    /// If keys are equal, the last entry's value is stored.
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<K: Eq + Hash, V, S: BuildHasher, A: Memory> Extend<(K, V)> for Map<K, V, S, A> {
    /// Inserts every entry, as [`Map::insert`] does. Once the map is larger than the caches, it
    /// takes a few dozen entries ahead, which is faster; a panic in a key's `Hash` or `Eq` then
    /// drops those. A panic in the iterator does not: the entries that it returned before are
    /// inserted.
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        let mut entries = entries.into_iter();
        // If there are entries already, the new ones may have the same keys.
        let expected = entries.size_hint().0;
        if self.is_empty() {
            self.reserve(expected);
        }
        while !self.outgrew_caches() {
            let mut taken = 0;
            for (key, value) in entries.by_ref().take(GROUP) {
                self.insert(key, value);
                taken += 1;
            }
            if taken < GROUP {
                return;
            }
        }
        self.extend_by_many(entries);
    }
}

impl<'a, K, V, S, A> Extend<(&'a K, &'a V)> for Map<K, V, S, A>
where
    K: Eq + Hash + Copy,
    V: Copy,
    S: BuildHasher,
    A: Memory,
{
    fn extend<I: IntoIterator<Item = (&'a K, &'a V)>>(&mut self, entries: I) {
        self.extend(entries.into_iter().map(|(&key, &value)| (key, value)));
    }
}

impl<'a, K, V, S, A> Extend<&'a (K, V)> for Map<K, V, S, A>
where
    K: Eq + Hash + Copy,
    V: Copy,
    S: BuildHasher,
    A: Memory,
{
    fn extend<I: IntoIterator<Item = &'a (K, V)>>(&mut self, entries: I) {
        self.extend(entries.into_iter().copied());
    }
}
