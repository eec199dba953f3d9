//! Comparison, indexing, printing, and loops over references.

use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::ops::Index;

use equivalent::Equivalent;

use super::{Iter, IterMut, Map, Memory};

impl<K: Eq + Hash, V: PartialEq, S: BuildHasher, A: Memory> PartialEq for Map<K, V, S, A> {
    /// Whether both have the same keys with equal values.
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self
                .iter()
                .all(|(key, value)| other.get(key).is_some_and(|theirs| value == theirs))
    }
}

impl<K: Eq + Hash, V: Eq, S: BuildHasher, A: Memory> Eq for Map<K, V, S, A> {}

impl<K: Eq + Hash, V, S: BuildHasher, Q, A: Memory> Index<&Q> for Map<K, V, S, A>
where
    Q: Hash + Equivalent<K> + ?Sized,
{
    type Output = V;

    /// The value of a key.
    ///
    /// # Panics
    /// If the key is not in the map.
    #[inline]
    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("no entry found for key")
    }
}

impl<K: fmt::Debug, V: fmt::Debug, S, A: Memory> fmt::Debug for Map<K, V, S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<'a, K, V, S, A: Memory> IntoIterator for &'a Map<K, V, S, A> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    #[inline]
    fn into_iter(self) -> Iter<'a, K, V> {
        self.iter()
    }
}

impl<'a, K, V, S, A: Memory> IntoIterator for &'a mut Map<K, V, S, A> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V>;

    #[inline]
    fn into_iter(self) -> IterMut<'a, K, V> {
        self.iter_mut()
    }
}
