//! Parallel iterators over maps and sets.
//!
//! They split the bucket array. Those that consume leave the memory to its owner until all parts
//! have ended.

mod owned;
mod set;

use alloc::collections::LinkedList;
use alloc::vec::Vec;
use core::hash::{BuildHasher, Hash};
use core::marker::PhantomData;

use rayon::iter::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed};
use rayon::iter::{FromParallelIterator, IntoParallelIterator, ParallelExtend, ParallelIterator};

use super::cells::Cells;
use super::shape::{Typed, Unhashed};
use super::{Map, Memory};
use crate::layout::Hmap;
use crate::owned::{LiveCell, LiveCells};

pub use owned::{IntoParIter, ParDrain};
pub use set::{IntoParElements, ParElements};

/// A parallel iterator over the entries of a [`Map`].
///
/// ```
/// use gomap::Map;
/// use rayon::prelude::*;
///
/// let stock = Map::from([("apples", 3), ("pears", 7)]);
/// let longest = stock.par_iter().max_by_key(|(name, _)| name.len());
/// assert_eq!(longest, Some((&"apples", &3)));
/// ```
pub struct ParIter<'a, K, V> {
    parts: Parts<K, V>,
    map: PhantomData<(&'a K, &'a V)>,
}

/// A parallel iterator over the entries of a [`Map`], with mutable values.
///
/// ```
/// use gomap::Map;
/// use rayon::prelude::*;
///
/// let mut lengths = Map::from([("apples", 0), ("pears", 0)]);
/// lengths.par_iter_mut().for_each(|(name, length)| *length = name.len());
/// assert_eq!(lengths["pears"], 5);
/// ```
pub struct ParIterMut<'a, K, V> {
    parts: Parts<K, V>,
    map: PhantomData<(&'a K, &'a mut V)>,
}

/// A parallel iterator over the values of a [`Map`], mutable: see [`Map::par_values_mut`].
///
/// ```
/// use gomap::Map;
/// use rayon::prelude::*;
///
/// let mut stock = Map::from([("apples", 3), ("pears", 0)]);
/// let sold_out = stock.par_values_mut().filter(|count| **count == 0);
/// assert_eq!(sold_out.count(), 1);
/// ```
pub struct ParValuesMut<'a, K, V> {
    parts: Parts<K, V>,
    map: PhantomData<(&'a K, &'a mut V)>,
}

// SAFETY: `ParIter` is a shared borrow of the entries.
unsafe impl<K: Sync, V: Sync> Send for ParIter<'_, K, V> {}
// SAFETY: `ParIterMut` is a shared borrow of the keys and a mutable one of the values.
unsafe impl<K: Sync, V: Send> Send for ParIterMut<'_, K, V> {}

// SAFETY: `ParValuesMut` is a mutable borrow of the values, and gives no access to keys.
unsafe impl<K: Send, V: Send> Send for ParValuesMut<'_, K, V> {}

impl<K: Sync, V: Sync, S, A: Memory> Map<K, V, S, A> {
    /// All keys, in parallel.
    ///
    /// ```
    /// use gomap::Map;
    /// use rayon::prelude::*;
    ///
    /// let stock = Map::from([("apples", 3), ("pears", 7)]);
    /// assert!(stock.par_keys().all(|name| name.ends_with('s')));
    /// ```
    pub fn par_keys(&self) -> impl ParallelIterator<Item = &K> {
        self.into_par_iter().map(|(key, _)| key)
    }

    /// All values, in parallel.
    ///
    /// ```
    /// use gomap::Map;
    /// use rayon::prelude::*;
    ///
    /// let stock = Map::from([("apples", 3), ("pears", 7)]);
    /// assert_eq!(stock.par_values().sum::<i32>(), 10);
    /// ```
    pub fn par_values(&self) -> impl ParallelIterator<Item = &V> {
        self.into_par_iter().map(|(_, value)| value)
    }
}

impl<K: Send, V: Send, S, A: Memory> Map<K, V, S, A> {
    /// All values, in parallel, mutable.
    ///
    /// ```
    /// use gomap::Map;
    /// use rayon::prelude::*;
    ///
    /// let mut stock = Map::from([("apples", 3), ("pears", 7)]);
    /// stock.par_values_mut().for_each(|count| *count *= 2);
    /// assert_eq!(stock["pears"], 14);
    /// ```
    pub fn par_values_mut(&mut self) -> ParValuesMut<'_, K, V> {
        ParValuesMut {
            // SAFETY: `h` heads a map of these types, which the iterator borrows mutably.
            parts: unsafe { Parts::new(self.table.h_mut()) },
            map: PhantomData,
        }
    }
}

impl<'a, K: Sync, V: Sync, S, A: Memory> IntoParallelIterator for &'a Map<K, V, S, A> {
    type Item = (&'a K, &'a V);
    type Iter = ParIter<'a, K, V>;

    fn into_par_iter(self) -> ParIter<'a, K, V> {
        ParIter {
            // SAFETY: `h` heads a map of these types, which the iterator borrows.
            parts: unsafe { Parts::new(self.table.h()) },
            map: PhantomData,
        }
    }
}

impl<'a, K: Sync, V: Send, S, A: Memory> IntoParallelIterator for &'a mut Map<K, V, S, A> {
    type Item = (&'a K, &'a mut V);
    type Iter = ParIterMut<'a, K, V>;

    fn into_par_iter(self) -> ParIterMut<'a, K, V> {
        ParIterMut {
            // SAFETY: `h` heads a map of these types, which the iterator borrows mutably.
            parts: unsafe { Parts::new(self.table.h_mut()) },
            map: PhantomData,
        }
    }
}

impl<K, V, S, A> Map<K, V, S, A>
where
    K: Eq + Hash + Sync,
    V: PartialEq + Sync,
    S: BuildHasher + Sync,
    A: Memory + Sync,
{
    /// Whether both maps have the same keys with equal values, compared in parallel.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let stock = Map::from([("apples", 3), ("pears", 7)]);
    /// assert!(stock.par_eq(&stock.clone()));
    /// assert!(!stock.par_eq(&Map::from([("apples", 3), ("pears", 8)])));
    /// ```
    pub fn par_eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self
                .into_par_iter()
                .all(|(key, value)| other.get(key).is_some_and(|theirs| value == theirs))
    }
}

/// The cell of an entry.
type Placed<K, V> = LiveCell<Typed<K, V, Unhashed>>;

/// A part of the cells that hold entries.
struct Parts<K, V>(LiveCells<Typed<K, V, Unhashed>>);

// SAFETY: the iterators that contain it answer for the use of entries in other threads.
unsafe impl<K, V> Send for Parts<K, V> {}

impl<K, V> Parts<K, V> {
    /// # Safety
    /// As [`Cells::new`].
    unsafe fn new(h: *const Hmap) -> Self {
        // SAFETY: `h` heads a map of this shape that keeps its entries (this fn's contract).
        Parts(unsafe { Cells::begun(h) }.uncounted())
    }

    /// Splits off half of the buckets, unless there is only one.
    fn split_off(&mut self) -> Option<Self> {
        self.0.split_off().map(Parts)
    }
}

/// Parts of a map, and the function that makes an item of each entry.
struct Producer<K, V, F> {
    parts: Parts<K, V>,
    entry: F,
}

impl<K, V, T, F> UnindexedProducer for Producer<K, V, F>
where
    F: Fn(Placed<K, V>) -> T + Copy + Send,
    Parts<K, V>: Send,
{
    type Item = T;

    fn split(mut self) -> (Self, Option<Self>) {
        let entry = self.entry;
        let other = self
            .parts
            .split_off()
            .map(|parts| Producer { parts, entry });
        (self, other)
    }

    fn fold_with<G: Folder<T>>(self, folder: G) -> G {
        folder.consume_iter(self.parts.0.map(self.entry))
    }
}

impl<'a, K: Sync, V: Sync> ParallelIterator for ParIter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        let entry = |place: Placed<K, V>| {
            // SAFETY: `place` holds an entry of a map of these types that is borrowed for `'a`.
            unsafe { (&*place.key().cast::<K>(), &*place.elem().cast::<V>()) }
        };
        let parts = self.parts;
        bridge_unindexed(Producer { parts, entry }, consumer)
    }
}

impl<'a, K: Sync, V: Send> ParallelIterator for ParIterMut<'a, K, V> {
    type Item = (&'a K, &'a mut V);

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        let entry = |place: Placed<K, V>| {
            // SAFETY: `place` holds an entry of a map that is borrowed mutably for `'a`; each comes
            // up once.
            unsafe { (&*place.key().cast::<K>(), &mut *place.elem().cast::<V>()) }
        };
        let parts = self.parts;
        bridge_unindexed(Producer { parts, entry }, consumer)
    }
}

impl<'a, K: Send, V: Send> ParallelIterator for ParValuesMut<'a, K, V> {
    type Item = &'a mut V;

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        let entry = |place: Placed<K, V>| {
            // SAFETY: `place` holds an entry of a map that is borrowed mutably for `'a`; each comes
            // up once.
            unsafe { &mut *place.elem().cast::<V>() }
        };
        let parts = self.parts;
        bridge_unindexed(Producer { parts, entry }, consumer)
    }
}

/// Collects in parallel, into a list of vectors.
fn collect<T: Send>(items: impl IntoParallelIterator<Item = T>) -> LinkedList<Vec<T>> {
    items.into_par_iter().collect_vec_list()
}

impl<K, V, S, A> ParallelExtend<(K, V)> for Map<K, V, S, A>
where
    K: Eq + Hash + Send,
    V: Send,
    S: BuildHasher,
    A: Memory,
{
    fn par_extend<I: IntoParallelIterator<Item = (K, V)>>(&mut self, entries: I) {
        for piece in collect(entries) {
            self.extend(piece);
        }
    }
}

impl<'a, K, V, S, A> ParallelExtend<(&'a K, &'a V)> for Map<K, V, S, A>
where
    K: Eq + Hash + Copy + Sync,
    V: Copy + Sync,
    S: BuildHasher,
    A: Memory,
{
    fn par_extend<I: IntoParallelIterator<Item = (&'a K, &'a V)>>(&mut self, entries: I) {
        for piece in collect(entries) {
            self.extend(piece);
        }
    }
}

impl<K, V, S, A> FromParallelIterator<(K, V)> for Map<K, V, S, A>
where
    K: Eq + Hash + Send,
    V: Send,
    S: BuildHasher + Default,
    A: Memory + Default,
{
    fn from_par_iter<I: IntoParallelIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Map::default();
        map.par_extend(entries);
        map
    }
}
