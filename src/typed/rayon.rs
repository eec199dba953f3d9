//! Parallel iterators over maps and sets.
//!
//! Borrowing iterators split the bucket array. Consuming ones move the entries to a vector first, and split that.

use alloc::collections::LinkedList;
use alloc::vec::Vec;
use core::hash::{BuildHasher, Hash};
use core::marker::PhantomData;

use rayon::iter::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed};
use rayon::iter::{FromParallelIterator, IntoParallelIterator, ParallelExtend, ParallelIterator};

use super::cells::Parts;
use super::shape::unhashed;
use super::{Map, Set};
use crate::bucket::Cell;

/// The entries of a [`Map`], in parallel.
pub struct ParIter<'a, K, V> {
    parts: Parts<K, V>,
    map: PhantomData<(&'a K, &'a V)>,
}

/// The entries of a [`Map`], in parallel, values to change.
pub struct ParIterMut<'a, K, V> {
    parts: Parts<K, V>,
    map: PhantomData<(&'a K, &'a mut V)>,
}

/// The elements of a [`Set`], in parallel.
pub struct ParElements<'a, T>(ParIter<'a, T, ()>);

// SAFETY: it is a shared borrow of the entries.
unsafe impl<K: Sync, V: Sync> Send for ParIter<'_, K, V> {}
// SAFETY: it is a shared borrow of the keys and a mutable one of the values.
unsafe impl<K: Sync, V: Send> Send for ParIterMut<'_, K, V> {}

impl<K: Sync, V: Sync, S> Map<K, V, S> {
    /// All keys, in parallel.
    pub fn par_keys(&self) -> impl ParallelIterator<Item = &K> {
        self.into_par_iter().map(|(key, _)| key)
    }

    /// All values, in parallel.
    pub fn par_values(&self) -> impl ParallelIterator<Item = &V> {
        self.into_par_iter().map(|(_, value)| value)
    }
}

impl<K: Sync, V: Send, S> Map<K, V, S> {
    /// All values, in parallel, to change.
    pub fn par_values_mut(&mut self) -> impl ParallelIterator<Item = &mut V> {
        self.into_par_iter().map(|(_, value)| value)
    }
}

impl<K: Send, V: Send, S> Map<K, V, S> {
    /// Takes all entries out, in parallel; the memory stays, for reuse.
    pub fn par_drain(&mut self) -> impl ParallelIterator<Item = (K, V)> + use<K, V, S> {
        self.drain().collect::<Vec<_>>().into_par_iter()
    }
}

impl<T: Send, S> Set<T, S> {
    /// Takes all elements out, in parallel; the memory stays, for reuse.
    pub fn par_drain(&mut self) -> impl ParallelIterator<Item = T> + use<T, S> {
        self.drain().collect::<Vec<_>>().into_par_iter()
    }
}

impl<'a, K: Sync, V: Sync, S> IntoParallelIterator for &'a Map<K, V, S> {
    type Item = (&'a K, &'a V);
    type Iter = ParIter<'a, K, V>;

    fn into_par_iter(self) -> ParIter<'a, K, V> {
        ParIter {
            // SAFETY: the map cannot change while the iterator borrows it.
            parts: unsafe { Parts::new(self.table.h()) },
            map: PhantomData,
        }
    }
}

impl<'a, K: Sync, V: Send, S> IntoParallelIterator for &'a mut Map<K, V, S> {
    type Item = (&'a K, &'a mut V);
    type Iter = ParIterMut<'a, K, V>;

    fn into_par_iter(self) -> ParIterMut<'a, K, V> {
        ParIterMut {
            // SAFETY: the map cannot change while the iterator borrows it.
            parts: unsafe { Parts::new(self.table.h_mut()) },
            map: PhantomData,
        }
    }
}

impl<K: Send, V: Send, S> IntoParallelIterator for Map<K, V, S> {
    type Item = (K, V);
    type Iter = rayon::vec::IntoIter<(K, V)>;

    fn into_par_iter(self) -> Self::Iter {
        self.into_iter().collect::<Vec<_>>().into_par_iter()
    }
}

impl<'a, T: Sync, S> IntoParallelIterator for &'a Set<T, S> {
    type Item = &'a T;
    type Iter = ParElements<'a, T>;

    fn into_par_iter(self) -> ParElements<'a, T> {
        ParElements((&self.map).into_par_iter())
    }
}

impl<T: Send, S> IntoParallelIterator for Set<T, S> {
    type Item = T;
    type Iter = rayon::vec::IntoIter<T>;

    fn into_par_iter(self) -> Self::Iter {
        self.into_iter().collect::<Vec<_>>().into_par_iter()
    }
}

/// Parts of a map, and what becomes of each cell.
struct Producer<K, V, F> {
    parts: Parts<K, V>,
    entry: F,
}

impl<K, V, T, F> UnindexedProducer for Producer<K, V, F>
where
    F: Fn(Cell) -> T + Copy + Send,
    Parts<K, V>: Send,
{
    type Item = T;

    fn split(self) -> (Self, Option<Self>) {
        let entry = self.entry;
        let (left, right) = self.parts.split();
        let producer = |parts| Producer { parts, entry };
        (producer(left), right.map(producer))
    }

    fn fold_with<G: Folder<T>>(mut self, mut folder: G) -> G {
        while !folder.full()
            && let Some(cells) = self.parts.next_bucket()
        {
            folder = folder.consume_iter(cells.map(self.entry));
        }
        folder
    }
}

impl<'a, K: Sync, V: Sync> ParallelIterator for ParIter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        let entry = |cell| {
            let s = unhashed::<K, V>();
            // SAFETY: an entry of a map that is borrowed for `'a`.
            unsafe { (&*s.key_of(cell), &*s.value_of(cell)) }
        };
        let parts = self.parts;
        bridge_unindexed(Producer { parts, entry }, consumer)
    }
}

impl<'a, K: Sync, V: Send> ParallelIterator for ParIterMut<'a, K, V> {
    type Item = (&'a K, &'a mut V);

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        let entry = |cell| {
            let s = unhashed::<K, V>();
            // SAFETY: an entry of a map that is borrowed mutably for `'a`; each comes up once.
            unsafe { (&*s.key_of(cell), &mut *s.value_of(cell)) }
        };
        let parts = self.parts;
        bridge_unindexed(Producer { parts, entry }, consumer)
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

/// Collects in parallel, in pieces.
fn collect<T: Send>(items: impl IntoParallelIterator<Item = T>) -> LinkedList<Vec<T>> {
    items.into_par_iter().collect_vec_list()
}

impl<K: Eq + Hash + Send, V: Send, S: BuildHasher> ParallelExtend<(K, V)> for Map<K, V, S> {
    fn par_extend<I: IntoParallelIterator<Item = (K, V)>>(&mut self, entries: I) {
        for piece in collect(entries) {
            self.extend(piece);
        }
    }
}

impl<T: Eq + Hash + Send, S: BuildHasher> ParallelExtend<T> for Set<T, S> {
    fn par_extend<I: IntoParallelIterator<Item = T>>(&mut self, elements: I) {
        for piece in collect(elements) {
            self.extend(piece);
        }
    }
}

impl<K, V, S> FromParallelIterator<(K, V)> for Map<K, V, S>
where
    K: Eq + Hash + Send,
    V: Send,
    S: BuildHasher + Default,
{
    fn from_par_iter<I: IntoParallelIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Map::default();
        map.par_extend(entries);
        map
    }
}

impl<T: Eq + Hash + Send, S: BuildHasher + Default> FromParallelIterator<T> for Set<T, S> {
    fn from_par_iter<I: IntoParallelIterator<Item = T>>(elements: I) -> Self {
        let mut set = Set::default();
        set.par_extend(elements);
        set
    }
}
