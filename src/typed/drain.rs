//! Iterators that take the entries out.

use core::fmt;
use core::iter::FusedIterator;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;

use super::cells::Cells;
use super::iter::iterator;
use super::shape::unhashed;
use super::table::Table;
use super::{Iter, Map};

/// The entries of a map that is no more: see `Map::into_iter`.
pub struct IntoIter<K, V> {
    cells: Cells<K, V>,
    /// Its entries are those that are still to come, so it must not end them itself.
    table: ManuallyDrop<Table>,
    entries: PhantomData<(K, V)>,
}

/// All keys of a map that is no more: see [`Map::into_keys`].
pub struct IntoKeys<K, V>(IntoIter<K, V>);

/// All values of a map that is no more: see [`Map::into_values`].
pub struct IntoValues<K, V>(IntoIter<K, V>);

/// The entries of a map that will be empty: see [`Map::drain`].
pub struct Drain<'a, K, V> {
    cells: Cells<K, V>,
    /// All of the map's memory: if this iterator is leaked, so is that, and the map is empty.
    table: ManuallyDrop<Table>,
    home: &'a mut Table,
    entries: PhantomData<(K, V)>,
}

// SAFETY: it owns the entries and the memory.
unsafe impl<K: Send, V: Send> Send for IntoIter<K, V> {}
// SAFETY: a shared one only shows keys and values.
unsafe impl<K: Sync, V: Sync> Sync for IntoIter<K, V> {}
// SAFETY: it owns the entries and the memory.
unsafe impl<K: Send, V: Send> Send for Drain<'_, K, V> {}
// SAFETY: a shared one only shows keys and values.
unsafe impl<K: Sync, V: Sync> Sync for Drain<'_, K, V> {}

impl<K, V, S> Map<K, V, S> {
    /// All keys, in no particular order. The values are dropped.
    #[inline]
    pub fn into_keys(self) -> IntoKeys<K, V> {
        IntoKeys(self.into_iter())
    }

    /// All values, in no particular order. The keys are dropped.
    #[inline]
    pub fn into_values(self) -> IntoValues<K, V> {
        IntoValues(self.into_iter())
    }

    /// Takes all entries out, in no particular order; the memory stays, for reuse.
    ///
    /// Entries that the iterator does not come to are dropped with it.
    pub fn drain(&mut self) -> Drain<'_, K, V> {
        let table = self.table.take();
        Drain {
            // SAFETY: nobody else knows of the entries now.
            cells: unsafe { Cells::new(table.h()) },
            table: ManuallyDrop::new(table),
            home: &mut self.table,
            entries: PhantomData,
        }
    }
}

impl<K, V, S> IntoIterator for Map<K, V, S> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;

    #[inline]
    fn into_iter(self) -> IntoIter<K, V> {
        let table = ManuallyDrop::new(self.table);
        IntoIter {
            // SAFETY: nobody else knows of the entries now.
            cells: unsafe { Cells::new(table.h()) },
            table,
            entries: PhantomData,
        }
    }
}

// The cells hold entries that nobody else will use, each of which comes up once.
iterator!(IntoIter<>, (K, V), self => self.cells, self.cells.by_ref(), cell => {
    // SAFETY: see above.
    unsafe { unhashed::<K, V>().take(cell) }
});
iterator!(Drain<'a>, (K, V), self => self.cells, self.cells.by_ref(), cell => {
    // SAFETY: see above.
    unsafe { unhashed::<K, V>().take(cell) }
});
iterator!(IntoKeys<>, K, self => self.0, (key, value) => {
    drop(value);
    key
});
iterator!(IntoValues<>, V, self => self.0, (key, value) => {
    drop(key);
    value
});

impl<K, V> Drop for IntoIter<K, V> {
    fn drop(&mut self) {
        /// Frees the memory also when the drop of an entry unwinds.
        struct Memory<'i, K, V>(&'i mut ManuallyDrop<Table>, PhantomData<(K, V)>);

        impl<K, V> Drop for Memory<'_, K, V> {
            fn drop(&mut self) {
                // SAFETY: the table is dropped here, once, and its entries have ended.
                unsafe { ManuallyDrop::take(self.0).free_memory::<K, V>() }
            }
        }

        let memory = Memory::<K, V>(&mut self.table, PhantomData);
        // SAFETY: nobody else knows of the entries.
        unsafe { self.cells.drop_entries() };
        drop(memory);
    }
}

impl<K, V> Drop for Drain<'_, K, V> {
    fn drop(&mut self) {
        /// Gives the memory back also when the drop of an entry unwinds.
        struct Memory<'d, K, V> {
            table: &'d mut ManuallyDrop<Table>,
            home: &'d mut Table,
            entries: PhantomData<(K, V)>,
        }

        impl<K, V> Drop for Memory<'_, K, V> {
            fn drop(&mut self) {
                // SAFETY: the table is taken here, once, and its entries have ended.
                unsafe {
                    let mut table = ManuallyDrop::take(self.table);
                    if table.len() != 0 {
                        table.forget_entries::<K, V>();
                    }
                    *self.home = table;
                }
            }
        }

        let memory = Memory::<K, V> {
            table: &mut self.table,
            home: self.home,
            entries: PhantomData,
        };
        // SAFETY: nobody else knows of the entries.
        unsafe { self.cells.drop_entries() };
        drop(memory);
    }
}

impl<K, V> IntoIter<K, V> {
    /// The entries to come.
    pub(super) fn to_come(&self) -> Iter<'_, K, V> {
        Iter {
            cells: self.cells.clone(),
            map: PhantomData,
        }
    }
}

impl<K, V> Drain<'_, K, V> {
    /// The entries to come.
    pub(super) fn to_come(&self) -> Iter<'_, K, V> {
        Iter {
            cells: self.cells.clone(),
            map: PhantomData,
        }
    }
}

impl<K, V> Default for IntoIter<K, V> {
    fn default() -> Self {
        Map::with_hasher(()).into_iter()
    }
}

impl<K, V> Default for IntoKeys<K, V> {
    fn default() -> Self {
        IntoKeys(IntoIter::default())
    }
}

impl<K, V> Default for IntoValues<K, V> {
    fn default() -> Self {
        IntoValues(IntoIter::default())
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for IntoIter<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.to_come()).finish()
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Drain<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.to_come()).finish()
    }
}

impl<K, V> IntoKeys<K, V> {
    /// The keys to come.
    pub(super) fn to_come(&self) -> impl Iterator<Item = &K> {
        self.0.to_come().map(|(key, _)| key)
    }
}

impl<K: fmt::Debug, V> fmt::Debug for IntoKeys<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.to_come()).finish()
    }
}

impl<K, V: fmt::Debug> fmt::Debug for IntoValues<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = self.0.to_come().map(|(_, value)| value);
        f.debug_list().entries(values).finish()
    }
}
