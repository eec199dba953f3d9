//! Lookups and insertions of many keys at once.

use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::iter::{self, Fuse, FusedIterator};

use equivalent::Equivalent;

use super::shape::hash_of;
use super::{Map, Memory};
use crate::raw::batch::lookup::Lookup;
use crate::raw::batch::window::Window;
use crate::raw::batch::{self, assign};
use crate::shape::Shape;

/// An iterator over the values of many keys, in the order of the keys: see [`Map::get_many`].
///
/// ```
/// use gomap::Map;
///
/// let squares: Map<u32, u32> = (0..1000).map(|i| (i, i * i)).collect();
/// let mut found = squares.get_many(&[3, 30]);
/// assert_eq!(found.next(), Some(Some(&9)));
/// assert_eq!(found.len(), 1);
/// ```
pub struct GetMany<'m, 'q, K, V, S, A: Memory, Q: ?Sized, I> {
    map: &'m Map<K, V, S, A>,
    keys: Fuse<I>,
    /// `None` if the map is too small for prefetching to pay.
    window: Option<Window<(&'q Q, Lookup)>>,
}

// SAFETY: it holds shared references to a map and to keys, and cells of the map that it only reads.
unsafe impl<K, V, S, A: Memory, Q: Sync + ?Sized, I: Send> Send
    for GetMany<'_, '_, K, V, S, A, Q, I>
where
    Map<K, V, S, A>: Sync,
{
}
// SAFETY: it holds shared references, and a shared `GetMany` reads nothing through them.
unsafe impl<K, V, S, A: Memory, Q: Sync + ?Sized, I: Sync> Sync
    for GetMany<'_, '_, K, V, S, A, Q, I>
where
    Map<K, V, S, A>: Sync,
{
}

impl<K: Eq + Hash, V, S: BuildHasher, A: Memory> Map<K, V, S, A> {
    /// The values of many keys, in the order of the keys; `None` for each key that is absent.
    ///
    /// A few dozen keys are taken from the iterator and hashed before the first is looked up. Where
    /// the map is larger than the caches, that is faster than a [`Map::get`] for each key; where it
    /// is small, it is not.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let squares: Map<u32, u32> = (0..1000).map(|i| (i, i * i)).collect();
    /// let found: Vec<_> = squares.get_many(&[3, 5000, 30]).collect();
    /// assert_eq!(found, [Some(&9), None, Some(&900)]);
    /// ```
    pub fn get_many<'m, 'q, Q, I>(&'m self, keys: I) -> GetMany<'m, 'q, K, V, S, A, Q, I::IntoIter>
    where
        Q: Hash + Equivalent<K> + ?Sized,
        I: IntoIterator<Item = &'q Q>,
    {
        GetMany {
            map: self,
            keys: keys.into_iter().fuse(),
            window: self.outgrew_caches().then(Window::new),
        }
    }
}

impl<K: Eq + Hash, V, S: BuildHasher, A: Memory> Map<K, V, S, A> {
    /// Whether the map is large enough for prefetching to pay.
    pub(super) fn outgrew_caches(&self) -> bool {
        // SAFETY: `h` is this map's header, which is borrowed.
        unsafe { batch::outgrew_caches(self.shape(), self.table.h()) }
    }

    /// [`Map::insert_hashed`] where memory takes longer than a call.
    #[inline(never)]
    fn insert_out_of_line(&mut self, hash: usize, key: K, value: V) {
        self.insert_hashed(hash, key, value);
    }

    /// Inserts many entries.
    #[inline(never)]
    pub(super) fn extend_by_many(&mut self, entries: impl Iterator<Item = (K, V)>) {
        let mut entries = entries.fuse();
        let mut entering = Entering {
            map: self,
            window: Window::new(),
            asking: false,
        };
        loop {
            entering.step(&mut entries);
            if entering.window.len() == 0 {
                return;
            }
            while let Some((hash, key, value)) = entering.window.leave() {
                entering.map.insert_out_of_line(hash, key, value);
            }
        }
    }
}

/// A batch of entries that are being inserted. If their iterator panics, those that it returned
/// before are still inserted.
struct Entering<'m, K: Eq + Hash, V, S: BuildHasher, A: Memory> {
    map: &'m mut Map<K, V, S, A>,
    window: Window<(usize, K, V)>,
    /// Whether a call of the iterator is in progress.
    asking: bool,
}

impl<K: Eq + Hash, V, S: BuildHasher, A: Memory> Entering<'_, K, V, S, A> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn step(&mut self, entries: &mut impl Iterator<Item = (K, V)>) {
        let (s, h) = (self.map.shape(), self.map.table.h());
        let given = iter::from_fn(|| {
            self.asking = true;
            let entry = entries.next();
            self.asking = false;
            entry
        });
        let hashed = given.map(|(key, value)| {
            let hash = hash_of(&self.map.hash_builder, &key);
            // SAFETY: `h` is this map's header, borrowed mutably; it has buckets.
            unsafe { assign::prefetch_row(s, h, hash) };
            (hash, key, value)
        });
        // SAFETY: `h` is this map's header, borrowed mutably; it has buckets.
        let look =
            |&mut (hash, ..): &mut (_, K, V)| unsafe { assign::look_in_typed(s.t(), h, hash) };
        let look_twice = |&mut (hash, ..): &mut (_, K, V)| {
            // SAFETY: `h` is this map's header, borrowed mutably; it has buckets.
            unsafe { assign::look_twice_in_typed(s.t(), h, hash) }
        };
        self.window.step(hashed, look, look_twice);
    }
}

impl<K: Eq + Hash, V, S: BuildHasher, A: Memory> Drop for Entering<'_, K, V, S, A> {
    #[inline]
    fn drop(&mut self) {
        if self.asking {
            for (hash, key, value) in self.window.rest() {
                self.map.insert_out_of_line(hash, key, value);
            }
        }
    }
}

impl<K, V, S, A: Memory, Q: ?Sized, I> GetMany<'_, '_, K, V, S, A, Q, I> {
    /// The number of keys that were taken and whose values are to come.
    fn asked(&self) -> usize {
        self.window.as_ref().map_or(0, Window::len)
    }
}

impl<'m, 'q, K, V, S, A, Q, I> Iterator for GetMany<'m, 'q, K, V, S, A, Q, I>
where
    K: Eq + Hash,
    S: BuildHasher,
    A: Memory,
    Q: Hash + Equivalent<K> + ?Sized,
    I: Iterator<Item = &'q Q>,
{
    type Item = Option<&'m V>;

    #[inline]
    fn next(&mut self) -> Option<Option<&'m V>> {
        let map = self.map;
        let Some(window) = &mut self.window else {
            return self.keys.next().map(|key| map.get(key));
        };
        let (s, h) = (map.shape(), map.table.h());
        let (key, lookup) = loop {
            if let Some(leaves) = window.leave() {
                break leaves;
            }
            let asked = self.keys.by_ref().map(|key| {
                let hash = hash_of(&map.hash_builder, key);
                // SAFETY: `h` is this map's header, which is borrowed and has buckets.
                (key, unsafe { Lookup::begin(s, h, hash) })
            });
            // SAFETY: `lookup` was made for this map, which is borrowed.
            let look = |(_, lookup): &mut (_, Lookup)| unsafe { lookup.look(s) };
            // SAFETY: `lookup` was made for this map, which is borrowed.
            let look_twice = |(_, lookup): &mut (_, Lookup)| unsafe { lookup.look_twice(s) };
            window.step(asked, look, look_twice);
            if window.len() == 0 {
                return None;
            }
        };
        // SAFETY: `lookup` was made for this map, which is borrowed; its keys and values are
        // initialised.
        unsafe {
            let cell = lookup.find(s, h, |slot| key.equivalent(&*slot.cast()));
            Some(cell.map(|cell| &*s.value_of(cell)))
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let asked = self.asked();
        let (low, high) = self.keys.size_hint();
        (
            low.saturating_add(asked),
            high.and_then(|high| high.checked_add(asked)),
        )
    }
}

impl<'q, K, V, S, A, Q, I> ExactSizeIterator for GetMany<'_, 'q, K, V, S, A, Q, I>
where
    K: Eq + Hash,
    S: BuildHasher,
    A: Memory,
    Q: Hash + Equivalent<K> + ?Sized,
    I: ExactSizeIterator<Item = &'q Q>,
{
}

impl<'q, K, V, S, A, Q, I> FusedIterator for GetMany<'_, 'q, K, V, S, A, Q, I>
where
    K: Eq + Hash,
    S: BuildHasher,
    A: Memory,
    Q: Hash + Equivalent<K> + ?Sized,
    I: Iterator<Item = &'q Q>,
{
}

impl<K, V, S, A: Memory, Q: ?Sized, I> fmt::Debug for GetMany<'_, '_, K, V, S, A, Q, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GetMany")
            .field("asked", &self.asked())
            .finish_non_exhaustive()
    }
}
