//! Parallel iterators over sets.

use core::hash::{BuildHasher, Hash};

use rayon::iter::plumbing::UnindexedConsumer;
use rayon::iter::{FromParallelIterator, IntoParallelIterator, ParallelExtend, ParallelIterator};

use super::{IntoParIter, ParIter, collect};
use crate::typed::{Memory, Set, SystemHeap};

/// The elements of a [`Set`], in parallel.
pub struct ParElements<'a, T>(ParIter<'a, T, ()>);

/// The elements of a set that is no more, in parallel.
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
    /// Takes all elements out, in parallel; the memory stays, for reuse.
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
    pub fn par_intersection<'a>(&'a self, other: &'a Self) -> impl ParallelIterator<Item = &'a T> {
        let (small, large) = self.by_size(other);
        small
            .into_par_iter()
            .filter(|&element| large.contains(element))
    }

    /// The elements that are in this set and not in `other`, in parallel.
    pub fn par_difference<'a>(&'a self, other: &'a Self) -> impl ParallelIterator<Item = &'a T> {
        self.into_par_iter()
            .filter(|&element| !other.contains(element))
    }

    /// The elements that are in this set or in `other` but not in both, in parallel.
    pub fn par_symmetric_difference<'a>(
        &'a self,
        other: &'a Self,
    ) -> impl ParallelIterator<Item = &'a T> {
        self.par_difference(other).chain(other.par_difference(self))
    }

    /// The elements that are in this set or in `other`, each once, in parallel: see [`Set::union`].
    pub fn par_union<'a>(&'a self, other: &'a Self) -> impl ParallelIterator<Item = &'a T> {
        let (small, large) = other.by_size(self);
        large.into_par_iter().chain(small.par_difference(large))
    }

    /// Whether no element is in both sets, in parallel.
    pub fn par_is_disjoint(&self, other: &Self) -> bool {
        let (small, large) = self.by_size(other);
        small
            .into_par_iter()
            .all(|element| !large.contains(element))
    }

    /// Whether every element is in `other`, in parallel.
    pub fn par_is_subset(&self, other: &Self) -> bool {
        self.len() <= other.len() && self.into_par_iter().all(|element| other.contains(element))
    }

    /// Whether every element of `other` is in this set, in parallel.
    pub fn par_is_superset(&self, other: &Self) -> bool {
        other.par_is_subset(self)
    }

    /// Whether both have the same elements, compared in parallel.
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
