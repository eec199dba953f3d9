//! Iterators that take the entries out.

use core::fmt;
use core::iter::FusedIterator;
use core::mem;

use maptype::MapType;

use super::entries::Entries;
use super::iter::iterator;
use super::table::Table;
use super::{Iter, Map, Memory, SystemHeap};
use crate::layout::Hmap;
use crate::raw::forget_entries;
use crate::shape::Shape;

/// The entries of a map that is no more: see `Map::into_iter`.
pub struct IntoIter<K, V, A: Memory = SystemHeap> {
    entries: Entries<K, V, A>,
    /// Dropped after the entries, of which it knows nothing any more.
    _table: Table<A>,
}

/// All keys of a map that is no more: see [`Map::into_keys`].
pub struct IntoKeys<K, V, A: Memory = SystemHeap>(IntoIter<K, V, A>);

/// All values of a map that is no more: see [`Map::into_values`].
pub struct IntoValues<K, V, A: Memory = SystemHeap>(IntoIter<K, V, A>);

/// The entries of a map that will be empty: see [`Map::drain`].
pub struct Drain<'a, K, V, A: Memory = SystemHeap> {
    entries: Entries<K, V, A>,
    /// Dropped after the entries.
    _away: Away<'a, A>,
}

/// A header away from its table, to which it goes back without entries. If this is leaked, so is all that the header
/// leads to, and the map is empty.
pub(super) struct Away<'a, A: Memory> {
    h: Hmap,
    home: &'a mut Table<A>,
    t: *const MapType,
}

// SAFETY: it is a part of the table that it borrows.
unsafe impl<A: Memory + Send> Send for Away<'_, A> {}
// SAFETY: a shared one shows nothing.
unsafe impl<A: Memory + Sync> Sync for Away<'_, A> {}

impl<'a, A: Memory> Away<'a, A> {
    /// # Safety
    /// This is a table of `K` and `V`. The entries are somebody else's from now on, and have ended when this is dropped.
    pub(super) unsafe fn new<K, V>(home: &'a mut Table<A>) -> Self {
        Away {
            h: mem::replace(home.header_mut(), Hmap::zeroed()),
            // SAFETY: the caller's promise.
            t: unsafe { home.unhashed::<K, V>().t() },
            home,
        }
    }
}

impl<A: Memory> Drop for Away<'_, A> {
    fn drop(&mut self) {
        if self.h.count != 0 {
            // SAFETY: the descriptor of the home; the entries have ended.
            unsafe { forget_entries(&*self.t, &mut self.h) }
        }
        mem::swap(self.home.header_mut(), &mut self.h);
    }
}

impl<K, V, S, A: Memory> Map<K, V, S, A> {
    /// All keys, in no particular order. The values are dropped.
    #[inline]
    pub fn into_keys(self) -> IntoKeys<K, V, A> {
        IntoKeys(self.into_iter())
    }

    /// All values, in no particular order. The keys are dropped.
    #[inline]
    pub fn into_values(self) -> IntoValues<K, V, A> {
        IntoValues(self.into_iter())
    }

    /// Takes all entries out, in no particular order; the memory stays, for reuse.
    ///
    /// Entries that the iterator does not come to are dropped with it.
    pub fn drain(&mut self) -> Drain<'_, K, V, A> {
        // SAFETY: the map's types. Nobody else knows of the entries once the header is away.
        unsafe {
            let entries = Entries::new(&self.table);
            Drain {
                entries,
                _away: Away::new::<K, V>(&mut self.table),
            }
        }
    }
}

impl<K, V, S, A: Memory> IntoIterator for Map<K, V, S, A> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V, A>;

    #[inline]
    fn into_iter(self) -> IntoIter<K, V, A> {
        // SAFETY: the map's types. The table will not touch the entries.
        unsafe {
            let entries = Entries::new(&self.table);
            IntoIter {
                entries,
                _table: self.table.without_entries::<K, V>(),
            }
        }
    }
}

iterator!(IntoIter<; A>, (K, V), self => self.entries, entry => entry);
iterator!(Drain<'a; A>, (K, V), self => self.entries, entry => entry);
iterator!(IntoKeys<; A>, K, self => self.0, (key, value) => {
    drop(value);
    key
});
iterator!(IntoValues<; A>, V, self => self.0, (key, value) => {
    drop(key);
    value
});

impl<K, V, A: Memory> IntoIter<K, V, A> {
    /// The entries to come.
    pub(super) fn to_come(&self) -> Iter<'_, K, V> {
        self.entries.to_come()
    }
}

impl<K, V, A: Memory> Drain<'_, K, V, A> {
    /// The entries to come.
    pub(super) fn to_come(&self) -> Iter<'_, K, V> {
        self.entries.to_come()
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

impl<K: fmt::Debug, V: fmt::Debug, A: Memory> fmt::Debug for IntoIter<K, V, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.to_come()).finish()
    }
}

impl<K: fmt::Debug, V: fmt::Debug, A: Memory> fmt::Debug for Drain<'_, K, V, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.to_come()).finish()
    }
}

impl<K, V, A: Memory> IntoKeys<K, V, A> {
    /// The keys to come.
    pub(super) fn to_come(&self) -> impl Iterator<Item = &K> {
        self.0.to_come().map(|(key, _)| key)
    }
}

impl<K: fmt::Debug, V, A: Memory> fmt::Debug for IntoKeys<K, V, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.to_come()).finish()
    }
}

impl<K, V: fmt::Debug, A: Memory> fmt::Debug for IntoValues<K, V, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = self.0.to_come().map(|(_, value)| value);
        f.debug_list().entries(values).finish()
    }
}
