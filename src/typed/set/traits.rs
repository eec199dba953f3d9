//! Sets made of many elements, compared, copied and printed.

use core::fmt;
use core::hash::{BuildHasher, Hash};

use super::{DefaultHashBuilder, Map, Set};

impl<T, S: Default> Default for Set<T, S> {
    /// An empty set with the default of its hash builder.
    #[inline]
    fn default() -> Self {
        Set {
            map: Map::default(),
        }
    }
}

impl<T: Clone, S: Clone> Clone for Set<T, S> {
    fn clone(&self) -> Self {
        Set {
            map: self.map.clone(),
        }
    }
}

impl<T: Eq + Hash, S: BuildHasher> PartialEq for Set<T, S> {
    /// Whether both have the same elements.
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.is_subset(other)
    }
}

impl<T: Eq + Hash, S: BuildHasher> Eq for Set<T, S> {}

impl<T: fmt::Debug, S> fmt::Debug for Set<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self).finish()
    }
}

impl<T: Eq + Hash, S: BuildHasher + Default> FromIterator<T> for Set<T, S> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut set = Set::default();
        set.extend(elements);
        set
    }
}

impl<T: Eq + Hash, const N: usize> From<[T; N]> for Set<T, DefaultHashBuilder> {
    /// Of equal elements, the first one is stored.
    fn from(elements: [T; N]) -> Self {
        elements.into_iter().collect()
    }
}

impl<T, S> From<Map<T, (), S>> for Set<T, S> {
    /// The keys of a map without values.
    fn from(map: Map<T, (), S>) -> Self {
        Set { map }
    }
}

impl<T: Eq + Hash, S: BuildHasher> Extend<T> for Set<T, S> {
    /// Inserts every element, as [`Set::insert`] does.
    fn extend<I: IntoIterator<Item = T>>(&mut self, elements: I) {
        self.map
            .extend(elements.into_iter().map(|element| (element, ())));
    }
}

impl<'a, T: Eq + Hash + Copy, S: BuildHasher> Extend<&'a T> for Set<T, S> {
    fn extend<I: IntoIterator<Item = &'a T>>(&mut self, elements: I) {
        self.extend(elements.into_iter().copied());
    }
}
