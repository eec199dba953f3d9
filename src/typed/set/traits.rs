//! Sets collected, compared, copied and printed.

use core::fmt;
use core::hash::{BuildHasher, Hash};

use super::{DefaultHashBuilder, Map, Memory, Set, TryReserveError};

impl<T, S: Default, A: Memory + Default> Default for Set<T, S, A> {
    /// An empty set with the default of its hash builder, in the default of its memory.
    #[inline]
    fn default() -> Self {
        Set {
            map: Map::default(),
        }
    }
}

impl<T: Clone, S: Clone, A: Memory + Clone> Clone for Set<T, S, A> {
    fn clone(&self) -> Self {
        Set {
            map: self.map.clone(),
        }
    }
}

impl<T: Clone, S: Clone, A: Memory + Clone> Set<T, S, A> {
    /// A copy of the set, or an error instead of aborting when there is no memory.
    ///
    /// ```
    /// use gomap::Set;
    /// use gomap::typed::TryReserveError;
    ///
    /// let primes = Set::from([2, 3, 5, 7]);
    /// let mut more = primes.try_clone()?;
    /// more.insert(11);
    /// assert!(primes.is_subset(&more));
    /// # Ok::<(), TryReserveError>(())
    /// ```
    ///
    /// # Errors
    /// There is no memory.
    pub fn try_clone(&self) -> Result<Self, TryReserveError> {
        self.map.try_clone().map(Set::from)
    }
}

impl<T: Eq + Hash, S: BuildHasher, A: Memory> PartialEq for Set<T, S, A> {
    /// Whether both have the same elements.
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.is_subset(other)
    }
}

impl<T: Eq + Hash, S: BuildHasher, A: Memory> Eq for Set<T, S, A> {}

impl<T: fmt::Debug, S, A: Memory> fmt::Debug for Set<T, S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self).finish()
    }
}

impl<T, S, A> FromIterator<T> for Set<T, S, A>
where
    T: Eq + Hash,
    S: BuildHasher + Default,
    A: Memory + Default,
{
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut set = Set::default();
        set.extend(elements);
        set
    }
}

impl<T: Eq + Hash, const N: usize> From<[T; N]> for Set<T, DefaultHashBuilder> {
    /// Of equal elements, the first is stored.
    fn from(elements: [T; N]) -> Self {
        elements.into_iter().collect()
    }
}

impl<T, S, A: Memory> From<Map<T, (), S, A>> for Set<T, S, A> {
    /// The keys of a map without values.
    fn from(map: Map<T, (), S, A>) -> Self {
        Set { map }
    }
}

impl<T: Eq + Hash, S: BuildHasher, A: Memory> Extend<T> for Set<T, S, A> {
    /// Inserts every element, as [`Set::insert`] does.
    fn extend<I: IntoIterator<Item = T>>(&mut self, elements: I) {
        self.map
            .extend(elements.into_iter().map(|element| (element, ())));
    }
}

impl<'a, T: Eq + Hash + Copy, S: BuildHasher, A: Memory> Extend<&'a T> for Set<T, S, A> {
    fn extend<I: IntoIterator<Item = &'a T>>(&mut self, elements: I) {
        self.extend(elements.into_iter().copied());
    }
}
