//! Parallel iterators over sets.

use core::hash::{BuildHasher, Hash};

use rayon::iter::plumbing::UnindexedConsumer;
use rayon::iter::{FromParallelIterator, IntoParallelIterator, ParallelExtend, ParallelIterator};

use super::{IntoParIter, ParIter, collect};
use crate::typed::{Memory, Set, SystemHeap};

/// A parallel iterator over the elements of a [`Set`].
///
/// ```
/// use gomap::Set;
/// use rayon::prelude::*;
///
/// let primes = Set::from([2, 3, 5, 7]);
/// assert_eq!(primes.par_iter().filter(|&n| n % 2 == 1).count(), 3);
/// ```
pub struct ParElements<'a, T>(ParIter<'a, T, ()>);

/// A parallel iterator that owns the elements of a set.
///
/// ```
/// use gomap::Set;
/// use rayon::prelude::*;
///
/// let primes = Set::from([2, 3, 5, 7]);
/// let squares: Set<u32> = primes.into_par_iter().map(|n| n * n).collect();
/// assert!(squares.contains(&49));
/// ```
pub struct IntoParElements<T, A: Memory = SystemHeap>(IntoParIter<T, (), A>);

impl<'a, T: Sync, S, A: Memory> IntoParallelIterator for &'a Set<T, S, A> {
    type Item = &'a T;
    type Iter = ParElements<'a, T>;

    fn into_par_iter(self) -> ParElements<'a, T> {
        ParElements((&self.map).into_par_iter())
    }
}

impl<T: Send, S, A: Memory + Send + Sync> IntoParallelIterator for Set<T, S, A> {
    type Item = T;
    type Iter = IntoParElements<T, A>;

    fn into_par_iter(self) -> Self::Iter {
        IntoParElements(self.map.into_par_iter())
    }
}

impl<'a, T: Sync> ParallelIterator for ParElements<'a, T> {
    type Item = &'a T;

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        self.0
            .map(|(element, ())| element)
            .drive_unindexed(consumer)
    }
}

impl<T: Send, A: Memory + Send + Sync> ParallelIterator for IntoParElements<T, A> {
    type Item = T;

    fn drive_unindexed<C: UnindexedConsumer<T>>(self, consumer: C) -> C::Result {
        self.0
            .map(|(element, ())| element)
            .drive_unindexed(consumer)
    }
}

impl<T: Send, S, A: Memory + Send + Sync> Set<T, S, A> {
    /// Moves all elements out, in parallel. The set keeps its memory for new ones.
    ///
    /// ```
    /// use gomap::Set;
    /// use rayon::prelude::*;
    ///
    /// let mut primes = Set::from([2, 3, 5, 7]);
    /// assert_eq!(primes.par_drain().sum::<u32>(), 17);
    /// assert!(primes.is_empty());
    /// ```
    pub fn par_drain(&mut self) -> impl ParallelIterator<Item = T> {
        self.map.par_drain().map(|(element, ())| element)
    }
}

impl<T, S, A> Set<T, S, A>
where
    T: Eq + Hash + Sync,
    S: BuildHasher + Sync,
    A: Memory + Sync,
{
    /// The elements that are in both sets, each once, in parallel.
    ///
    /// ```
    /// use gomap::Set;
    /// use rayon::prelude::*;
    ///
    /// let (a, b) = (Set::from([1, 2, 3]), Set::from([2, 3, 4]));
    /// assert_eq!(a.par_intersection(&b).sum::<u32>(), 5);
    /// ```
    pub fn par_intersection<'a>(&'a self, other: &'a Self) -> impl ParallelIterator<Item = &'a T> {
        let (small, large) = self.by_size(other);
        small
            .into_par_iter()
            .filter(|&element| large.contains(element))
    }

    /// The elements that are in this set but not in `other`, in parallel.
    ///
    /// ```
    /// use gomap::Set;
    /// use rayon::prelude::*;
    ///
    /// let (a, b) = (Set::from([1, 2, 3]), Set::from([2, 3, 4]));
    /// assert_eq!(a.par_difference(&b).collect::<Vec<_>>(), [&1]);
    /// ```
    pub fn par_difference<'a>(&'a self, other: &'a Self) -> impl ParallelIterator<Item = &'a T> {
        self.into_par_iter()
            .filter(|&element| !other.contains(element))
    }

    /// The elements that are in exactly one of the sets, in parallel.
    ///
    /// ```
    /// use gomap::Set;
    /// use rayon::prelude::*;
    ///
    /// let (a, b) = (Set::from([1, 2, 3]), Set::from([2, 3, 4]));
    /// assert_eq!(a.par_symmetric_difference(&b).sum::<u32>(), 5);
    /// ```
    pub fn par_symmetric_difference<'a>(
        &'a self,
        other: &'a Self,
    ) -> impl ParallelIterator<Item = &'a T> {
        self.par_difference(other).chain(other.par_difference(self))
    }

    /// The elements that are in this set or in `other`, each once, in parallel: see [`Set::union`].
    ///
    /// ```
    /// use gomap::Set;
    /// use rayon::prelude::*;
    ///
    /// let (a, b) = (Set::from([1, 2, 3]), Set::from([2, 3, 4]));
    /// assert_eq!(a.par_union(&b).sum::<u32>(), 10);
    /// ```
    pub fn par_union<'a>(&'a self, other: &'a Self) -> impl ParallelIterator<Item = &'a T> {
        let (small, large) = other.by_size(self);
        large.into_par_iter().chain(small.par_difference(large))
    }

    /// Whether the sets have no element in common, in parallel.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let primes = Set::from([2, 3, 5, 7]);
    /// assert!(primes.par_is_disjoint(&Set::from([4, 6])));
    /// ```
    pub fn par_is_disjoint(&self, other: &Self) -> bool {
        let (small, large) = self.by_size(other);
        small
            .into_par_iter()
            .all(|element| !large.contains(element))
    }

    /// Whether every element is in `other`, in parallel.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let primes = Set::from([2, 3, 5, 7]);
    /// assert!(Set::from([3, 7]).par_is_subset(&primes));
    /// ```
    pub fn par_is_subset(&self, other: &Self) -> bool {
        self.len() <= other.len() && self.into_par_iter().all(|element| other.contains(element))
    }

    /// Whether every element of `other` is in this set, in parallel.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let primes = Set::from([2, 3, 5, 7]);
    /// assert!(primes.par_is_superset(&Set::from([3, 7])));
    /// ```
    pub fn par_is_superset(&self, other: &Self) -> bool {
        other.par_is_subset(self)
    }

    /// Whether both sets have the same elements, compared in parallel.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let primes = Set::from([2, 3, 5, 7]);
    /// assert!(primes.par_eq(&primes.clone()));
    /// assert!(!primes.par_eq(&Set::from([2, 3, 5, 9])));
    /// ```
    pub fn par_eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.par_is_subset(other)
    }
}

impl<T: Eq + Hash + Send, S: BuildHasher, A: Memory> ParallelExtend<T> for Set<T, S, A> {
    fn par_extend<I: IntoParallelIterator<Item = T>>(&mut self, elements: I) {
        for piece in collect(elements) {
            self.extend(piece);
        }
    }
}

impl<'a, T, S, A> ParallelExtend<&'a T> for Set<T, S, A>
where
    T: Eq + Hash + Copy + Sync,
    S: BuildHasher,
    A: Memory,
{
    fn par_extend<I: IntoParallelIterator<Item = &'a T>>(&mut self, elements: I) {
        for piece in collect(elements) {
            self.extend(piece);
        }
    }
}

impl<T, S, A> FromParallelIterator<T> for Set<T, S, A>
where
    T: Eq + Hash + Send,
    S: BuildHasher + Default,
    A: Memory + Default,
{
    fn from_par_iter<I: IntoParallelIterator<Item = T>>(elements: I) -> Self {
        let mut set = Set::default();
        set.par_extend(elements);
        set
    }
}
