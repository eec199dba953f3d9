//! Parallel iterators that move the entries out.

use rayon::iter::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::typed::drain::Away;
use crate::typed::entries::Entries;
use crate::typed::table::Table;
use crate::typed::{Map, Memory, SystemHeap};

/// A parallel iterator that owns the entries of a map.
///
/// ```
/// use gomap::Map;
/// use rayon::prelude::*;
///
/// let stock = Map::from([("apples", 3), ("pears", 7)]);
/// let mut entries: Vec<_> = stock.into_par_iter().collect();
/// entries.sort();
/// assert_eq!(entries, [("apples", 3), ("pears", 7)]);
/// ```
pub struct IntoParIter<K, V, A: Memory = SystemHeap> {
    entries: Entries<K, V, A>,
    /// Dropped after the entries, which it no longer drops itself.
    table: Table<A>,
}

/// A parallel iterator that empties a map: see [`Map::par_drain`].
///
/// ```
/// use gomap::Map;
/// use rayon::prelude::*;
///
/// let mut stock = Map::from([("apples", 3), ("pears", 7)]);
/// // Without a consumer, it drops the entries.
/// drop(stock.par_drain());
/// assert!(stock.is_empty());
/// ```
pub struct ParDrain<'a, K, V, A: Memory = SystemHeap> {
    entries: Entries<K, V, A>,
    /// Dropped after the entries.
    away: Away<'a, A>,
}

impl<K: Send, V: Send, S, A: Memory + Send + Sync> Map<K, V, S, A> {
    /// Moves all entries out, in parallel. The map keeps its memory for new ones.
    ///
    /// ```
    /// use gomap::Map;
    /// use rayon::prelude::*;
    ///
    /// let mut stock = Map::from([("apples", 3), ("pears", 7)]);
    /// assert_eq!(stock.par_drain().map(|(_, count)| count).sum::<i32>(), 10);
    /// assert!(stock.is_empty());
    /// ```
    pub fn par_drain(&mut self) -> ParDrain<'_, K, V, A> {
        // SAFETY: a table of `K` and `V`; while its header is away, only `entries` leads to the
        // entries.
        unsafe {
            let entries = Entries::new(&self.table);
            let away = Away::new::<K, V>(&mut self.table);
            ParDrain { entries, away }
        }
    }
}

impl<K: Send, V: Send, S, A: Memory + Send + Sync> IntoParallelIterator for Map<K, V, S, A> {
    type Item = (K, V);
    type Iter = IntoParIter<K, V, A>;

    fn into_par_iter(self) -> IntoParIter<K, V, A> {
        // SAFETY: a table of `K` and `V`, which leaves its entries to `entries`.
        unsafe {
            let entries = Entries::new(&self.table);
            let table = self.table.without_entries::<K, V>();
            IntoParIter { entries, table }
        }
    }
}

impl<K: Send, V: Send, A: Memory + Send + Sync> ParallelIterator for IntoParIter<K, V, A> {
    type Item = (K, V);

    fn drive_unindexed<C: UnindexedConsumer<(K, V)>>(self, consumer: C) -> C::Result {
        let result = bridge_unindexed(self.entries, consumer);
        drop(self.table);
        result
    }
}

impl<K: Send, V: Send, A: Memory + Send + Sync> ParallelIterator for ParDrain<'_, K, V, A> {
    type Item = (K, V);

    fn drive_unindexed<C: UnindexedConsumer<(K, V)>>(self, consumer: C) -> C::Result {
        let result = bridge_unindexed(self.entries, consumer);
        drop(self.away);
        result
    }
}

impl<K: Send, V: Send, A: Memory + Send + Sync> UnindexedProducer for Entries<K, V, A> {
    type Item = (K, V);

    fn split(mut self) -> (Self, Option<Self>) {
        let other = self.split_off();
        (self, other)
    }

    fn fold_with<F: Folder<(K, V)>>(mut self, mut folder: F) -> F {
        while !folder.full()
            && let Some(entry) = self.next()
        {
            folder = folder.consume(entry);
        }
        folder
    }
}
