//! Removing the entries that a closure picks, while walking over them.

use core::fmt;
use core::iter::FusedIterator;
use core::marker::PhantomData;

use maptype::MapType;

use super::shape::{Typed, Unhashed};
use super::table::{NO_BUCKETS, Table};
use super::{Map, Memory, SystemHeap};
use crate::bucket::{Bucket, Cell, CellMask};
use crate::header::{bucketEvacuated, growing, nbuckets, oldbucketmask};
use crate::layout::{Bmap, Hmap};
use crate::raw::delete::{Found, erase};
use crate::shape::{Exclusive, Shape};

/// A walk chain by chain, which knows where the chain of each entry starts. The entry that it
/// returned last may be erased.
struct Chains {
    t: *const MapType,
    h: *mut Hmap,
    /// The number of entries to come.
    left: usize,
    home: Bucket,
    bucket: Bucket,
    row: CellMask,
    array: *mut Bmap,
    index: usize,
    len: usize,
}

impl Chains {
    /// # Safety
    /// `h` heads a typed map of `t`. Until the walk has ended, `t` is alive, and the map only
    /// changes by the erasure of entries that the walk has returned.
    unsafe fn new(t: &MapType, h: *mut Hmap) -> Self {
        // SAFETY: `h` heads a map (this fn's contract).
        unsafe {
            Chains {
                t,
                h,
                left: (*h).count.cast_unsigned(),
                home: Bucket(NO_BUCKETS),
                bucket: Bucket(NO_BUCKETS),
                row: CellMask::NONE,
                array: (*h).buckets,
                index: 0,
                len: nbuckets(h),
            }
        }
    }

    /// Goes to the next bucket; `None` if there is none, as in a damaged map that has fewer entries
    /// than its count says.
    ///
    /// # Safety
    /// The map is as [`Chains::new`] asks.
    #[inline(never)]
    unsafe fn advance(&mut self) -> Option<()> {
        // SAFETY: `t` is alive until the walk has ended (`new`).
        let s = Exclusive(unsafe { &*self.t });
        // SAFETY: the map is as `new` requires (this fn's contract); indices are below the arrays'
        // lengths.
        unsafe {
            if !self.bucket.is_null() {
                self.bucket = self.bucket.overflow(s);
            }
            while self.bucket.is_null() {
                if self.index == self.len {
                    if !growing(self.h) || self.array == (*self.h).oldbuckets {
                        self.left = 0;
                        return None;
                    }
                    self.array = (*self.h).oldbuckets;
                    self.index = 0;
                    self.len = oldbucketmask(self.h) + 1;
                }
                let old = self.array == (*self.h).oldbuckets;
                if !old || !bucketEvacuated(s, self.h, self.index) {
                    self.home = Bucket::at(s, self.array, self.index);
                    self.bucket = self.home;
                }
                self.index += 1;
            }
            self.row = self.bucket.row().live();
            Some(())
        }
    }
}

impl Iterator for Chains {
    type Item = Found;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn next(&mut self) -> Option<Found> {
        if self.left == 0 {
            return None;
        }
        loop {
            if let Some(i) = self.row.next() {
                self.left -= 1;
                let cell = Cell {
                    bucket: self.bucket,
                    i,
                };
                let home = self.home;
                return Some(Found { cell, home });
            }
            // SAFETY: the map is as `new` requires (its contract).
            unsafe { self.advance()? }
        }
    }
}

/// An iterator that moves the entries that a closure picks out of a map: see [`Map::extract_if`].
///
/// ```
/// use gomap::Map;
///
/// let mut squares: Map<u32, u32> = (0..10).map(|i| (i, i * i)).collect();
/// let mut even = squares.extract_if(|_, square| *square % 2 == 0);
/// assert!(even.next().is_some());
/// assert_eq!(squares.len(), 9);
/// ```
#[must_use = "iterators do nothing unless consumed; to drop the entries, use `retain`"]
pub struct ExtractIf<'a, K, V, F, A: Memory = SystemHeap> {
    pick: F,
    picked: Picked<'a, K, V, A>,
}

/// The part of [`ExtractIf`] that maps and sets share: the closure is passed to each step.
pub(super) struct Picked<'a, K, V, A: Memory> {
    chains: Chains,
    s: Typed<K, V, Unhashed, A>,
    table: PhantomData<(&'a mut Table<A>, &'a mut (K, V))>,
}

// SAFETY: `Picked` is a mutable borrow of the map.
unsafe impl<K: Send, V: Send, A: Memory + Send> Send for Picked<'_, K, V, A> {}
// SAFETY: a shared `Picked` gives no access to the map.
unsafe impl<K: Sync, V: Sync, A: Memory + Sync> Sync for Picked<'_, K, V, A> {}

impl<K, V, S, A: Memory> Map<K, V, S, A> {
    /// Moves the entries for which `pick` returns `true` out of the map, in no particular order.
    /// Entries that the iterator does not reach stay in the map.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut squares: Map<u32, u32> = (0..10).map(|i| (i, i * i)).collect();
    /// let even: Vec<_> = squares.extract_if(|_, square| *square % 2 == 0).collect();
    /// assert_eq!((even.len(), squares.len()), (5, 5));
    /// ```
    pub fn extract_if<F>(&mut self, pick: F) -> ExtractIf<'_, K, V, F, A>
    where
        F: FnMut(&K, &mut V) -> bool,
    {
        ExtractIf {
            pick,
            picked: self.picked(),
        }
    }

    pub(super) fn picked(&mut self) -> Picked<'_, K, V, A> {
        // SAFETY: `h` heads this map of `K` and `V`, borrowed mutably; `Picked::next` erases only
        // returned entries.
        unsafe {
            let h = self.table.h_mut();
            let s = self.table.unhashed::<K, V>();
            Picked {
                chains: Chains::new(s.t(), h),
                s,
                table: PhantomData,
            }
        }
    }

    /// Keeps only the entries for which `keep` returns `true`. It visits them in no particular
    /// order.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut squares: Map<u32, u32> = (0..10).map(|i| (i, i * i)).collect();
    /// squares.retain(|&i, _| i < 3);
    /// assert_eq!(squares, Map::from([(0, 0), (1, 1), (2, 4)]));
    /// ```
    pub fn retain<F>(&mut self, mut keep: F)
    where
        F: FnMut(&K, &mut V) -> bool,
    {
        self.extract_if(|key, value| !keep(key, value))
            .for_each(drop);
    }
}

impl<K, V, A: Memory> Picked<'_, K, V, A> {
    /// Moves out the next entry for which `pick` returns `true`.
    pub(super) fn next(&mut self, mut pick: impl FnMut(&K, &mut V) -> bool) -> Option<(K, V)> {
        let s = self.s;
        while let Some(found) = self.chains.next() {
            // SAFETY: `found` is an entry of the map, which is borrowed mutably; it is moved out
            // before its cell is emptied.
            unsafe {
                if pick(&*s.key_of(found.cell), &mut *s.value_of(found.cell)) {
                    let entry = s.take(found.cell);
                    erase(s, self.chains.h, found);
                    return Some(entry);
                }
            }
        }
        None
    }

    /// The most entries that are to come.
    pub(super) fn most(&self) -> usize {
        self.chains.left
    }
}

impl<K, V, F: FnMut(&K, &mut V) -> bool, A: Memory> Iterator for ExtractIf<'_, K, V, F, A> {
    type Item = (K, V);

    #[inline]
    fn next(&mut self) -> Option<(K, V)> {
        self.picked.next(&mut self.pick)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.picked.most()))
    }
}

impl<K, V, F: FnMut(&K, &mut V) -> bool, A: Memory> FusedIterator for ExtractIf<'_, K, V, F, A> {}

impl<K, V, F, A: Memory> fmt::Debug for ExtractIf<'_, K, V, F, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtractIf").finish_non_exhaustive()
    }
}
