//! Iterators that move the entries out.

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

/// An iterator that owns the entries of a map: see `Map::into_iter`.
///
/// ```
/// use gomap::Map;
///
/// let names = Map::from([(7, "seven".to_string())]);
/// let mut entries = names.into_iter();
/// assert_eq!(entries.next(), Some((7, "seven".to_string())));
/// assert_eq!(entries.next(), None);
/// ```
pub struct IntoIter<K, V, A: Memory = SystemHeap> {
    entries: Entries<K, V, A>,
    /// Dropped after the entries, which it no longer drops itself.
    _table: Table<A>,
}

/// An iterator that owns the keys of a map: see [`Map::into_keys`].
///
/// ```
/// use gomap::Map;
///
/// let stock = Map::from([("apples", 3), ("pears", 7)]);
/// let mut names = stock.into_keys();
/// names.next();
/// assert_eq!(names.len(), 1);
/// ```
pub struct IntoKeys<K, V, A: Memory = SystemHeap>(IntoIter<K, V, A>);

/// An iterator that owns the values of a map: see [`Map::into_values`].
///
/// ```
/// use gomap::Map;
///
/// let stock = Map::from([("apples", 3), ("pears", 7)]);
/// let counts = stock.into_values();
/// assert_eq!(counts.len(), 2);
/// assert_eq!(counts.sum::<i32>(), 10);
/// ```
pub struct IntoValues<K, V, A: Memory = SystemHeap>(IntoIter<K, V, A>);

/// An iterator that empties a map: see [`Map::drain`].
///
/// ```
/// use gomap::Map;
///
/// let mut stock = Map::from([("apples", 3)]);
/// let mut drain = stock.drain();
/// assert_eq!(format!("{drain:?}"), r#"[("apples", 3)]"#);
/// assert_eq!(drain.next(), Some(("apples", 3)));
/// ```
pub struct Drain<'a, K, V, A: Memory = SystemHeap> {
    entries: Entries<K, V, A>,
    /// Dropped after the entries.
    _away: Away<'a, A>,
}

/// The header of a table, moved out of it. When dropped, it goes back to its table without entries.
/// If it is leaked, so is the memory that it leads to, and the map is empty.
pub(super) struct Away<'a, A: Memory> {
    h: Hmap,
    home: &'a mut Table<A>,
    t: *const MapType,
}

// SAFETY: it is a part of the table that it borrows mutably.
unsafe impl<A: Memory + Send> Send for Away<'_, A> {}
// SAFETY: a shared `Away` gives access to nothing.
unsafe impl<A: Memory + Sync> Sync for Away<'_, A> {}

impl<'a, A: Memory> Away<'a, A> {
    /// # Safety
    /// This is a table of `K` and `V`. The caller owns the entries from now on, and has dropped or
    /// moved all of them when this is dropped.
    pub(super) unsafe fn new<K, V>(home: &'a mut Table<A>) -> Self {
        Away {
            h: mem::replace(home.header_mut(), Hmap::zeroed()),
            // SAFETY: `home` is a table of `K` and `V` (this fn's contract).
            t: unsafe { home.unhashed::<K, V>().t() },
            home,
        }
    }
}

impl<A: Memory> Drop for Away<'_, A> {
    fn drop(&mut self) {
        if self.h.count != 0 {
            // SAFETY: `t` is the descriptor of `home`, which is alive; the entries were moved or
            // dropped (`new`).
            unsafe { forget_entries(&*self.t, &mut self.h) }
        }
        mem::swap(self.home.header_mut(), &mut self.h);
    }
}

impl<K, V, S, A: Memory> Map<K, V, S, A> {
    /// All keys, in no particular order. The values are dropped.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let stock = Map::from([("apples", 3), ("pears", 7)]);
    /// let mut names: Vec<&str> = stock.into_keys().collect();
    /// names.sort();
    /// assert_eq!(names, ["apples", "pears"]);
    /// ```
    #[inline]
    pub fn into_keys(self) -> IntoKeys<K, V, A> {
        IntoKeys(self.into_iter())
    }

    /// All values, in no particular order. The keys are dropped.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let stock = Map::from([("apples", 3), ("pears", 7)]);
    /// assert_eq!(stock.into_values().max(), Some(7));
    /// ```
    #[inline]
    pub fn into_values(self) -> IntoValues<K, V, A> {
        IntoValues(self.into_iter())
    }

    /// Moves all entries out, in no particular order. The map keeps its memory for new ones.
    ///
    /// Entries that the iterator does not return are dropped with it.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut stock = Map::from([("apples", 3), ("pears", 7)]);
    /// let total: i32 = stock.drain().map(|(_, count)| count).sum();
    /// assert_eq!(total, 10);
    /// assert!(stock.is_empty() && stock.capacity() != 0);
    /// ```
    pub fn drain(&mut self) -> Drain<'_, K, V, A> {
        // SAFETY: a table of `K` and `V`; while its header is away, only `entries` leads to the
        // entries.
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
        // SAFETY: a table of `K` and `V`, which leaves its entries to `entries`.
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
