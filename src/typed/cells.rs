//! All entries of a typed map, in the order in which memory has them.

use core::marker::PhantomData;
use core::mem::{self, needs_drop};
use core::ptr;

use maptype::BUCKET_CNT;

use super::Memory;
use super::shape::{Typed, Unhashed, unhashed};
use super::table::NO_BUCKETS;
use crate::bucket::{Bucket, Cell, overflow_lists};
use crate::layout::{Bmap, BmapSlice, Hmap};
use crate::raw::access::oldbucketmask;
use crate::raw::grow::nbuckets;
use crate::shape::Shape;

/// A walk over the cells of a map that hold entries. It knows how many are to come, and ends with the last.
///
/// It goes through the bucket array, the rows of several buckets at once, and then through the overflow buckets in the
/// order in which they were made: to follow the links of each chain would wait for memory at each. Where buckets hold
/// boxes no list of overflow buckets is kept, and links are followed after all.
///
/// It is laid out alike for all types: see [`Cells::typed`].
#[repr(C)]
pub(super) struct Cells<K, V> {
    current: Span,
    old: Span,
    /// Entries to come.
    left: usize,
    /// The buckets of `cells`, which lie side by side.
    block: Bucket,
    /// Their cells to come: eight bits for each bucket, the first lowest.
    cells: u64,
    types: PhantomData<fn() -> (K, V)>,
}

/// Buckets whose rows are read at once.
const BLOCK: usize = u64::BITS as usize / BUCKET_CNT;

impl<K, V> Clone for Cells<K, V> {
    fn clone(&self) -> Self {
        Cells { ..*self }
    }
}

/// Buckets to come: some that lie side by side, then some that a list points to.
#[derive(Clone, Copy)]
struct Span {
    next: *mut Bmap,
    side_by_side: usize,
    list: *const *mut Bmap,
    listed: usize,
}

impl Span {
    const NONE: Span = Span {
        next: NO_BUCKETS,
        side_by_side: 0,
        list: ptr::null(),
        listed: 0,
    };

    /// # Safety
    /// `buckets` has `n` buckets; `list` is null or the list of the array's overflow buckets.
    unsafe fn new(buckets: *mut Bmap, n: usize, list: *const BmapSlice) -> Span {
        let mut span = Span {
            next: buckets,
            side_by_side: n,
            ..Span::NONE
        };
        if !list.is_null() {
            // SAFETY: a list of the map (caller).
            unsafe { (span.list, span.listed) = ((*list).array, (*list).len) }
        }
        span
    }

    /// The next buckets that lie side by side, at most `most`, and how many they are; 0 at the end.
    #[inline(always)]
    fn next<K, V>(&mut self, s: Typed<K, V, Unhashed>, most: usize) -> (Bucket, usize) {
        let n = self.side_by_side.min(most);
        if n != 0 {
            let first = Bucket(self.next);
            self.side_by_side -= n;
            // SAFETY: at most one past the array.
            self.next = unsafe { self.next.byte_add(n * s.bucketsize()) };
            return (first, n);
        }
        if self.listed == 0 {
            return (Bucket(NO_BUCKETS), 0);
        }
        self.listed -= 1;
        // SAFETY: the list has that many pointers.
        unsafe {
            let bucket = Bucket(*self.list);
            self.list = self.list.add(1);
            (bucket, 1)
        }
    }
}

/// All buckets of the current array, and of the old one.
///
/// # Safety
/// `h` heads a map of this shape that has buckets.
unsafe fn spans<K, V>(h: *const Hmap) -> [Span; 2] {
    // SAFETY: a map (caller), whose arrays have as many buckets as it says.
    unsafe {
        let [list, oldlist] = overflow_lists(unhashed::<K, V>(), h);
        let current = Span::new((*h).buckets, nbuckets(h), list);
        if (*h).oldbuckets.is_null() {
            return [current, Span::NONE];
        }
        // What evacuation has passed need not be read, and may have been given back.
        let passed = (*h).nevacuate;
        let old = Bucket::at(unhashed::<K, V>(), (*h).oldbuckets, passed);
        let left = oldbucketmask(h) + 1 - passed;
        [current, Span::new(old.0, left, oldlist)]
    }
}

impl<K, V> Cells<K, V> {
    /// A walk over nothing.
    pub(super) const fn none() -> Self {
        Cells {
            left: 0,
            block: Bucket(NO_BUCKETS),
            cells: 0,
            current: Span::NONE,
            old: Span::NONE,
            types: PhantomData,
        }
    }

    /// # Safety
    /// `h` heads a map of this shape. Until the walk has ended the map gets no entry, and loses none but those that the
    /// walk has passed.
    #[inline]
    pub(super) unsafe fn new(h: *const Hmap) -> Self {
        let mut cells = Cells::none();
        // SAFETY: a map (caller).
        unsafe {
            cells.left = (*h).count.cast_unsigned();
            if cells.left != 0 {
                [cells.current, cells.old] = spans::<K, V>(h);
            }
        }
        cells
    }

    /// Entries to come.
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.left
    }

    /// Goes to the next block of buckets that has entries.
    ///
    /// # Safety
    /// There is one: entries are to come.
    #[inline(never)]
    unsafe fn advance(&mut self) {
        let s = unhashed::<K, V>();
        while self.cells == 0 {
            // SAFETY: links and spans lead to buckets of the map.
            unsafe {
                let most = if s.pointers() { 1 } else { BLOCK };
                let mut n = 1;
                let linked = if s.pointers() && !self.block.is_null() {
                    self.block.overflow(s)
                } else {
                    Bucket(NO_BUCKETS)
                };
                self.block = linked;
                if linked.is_null() {
                    (self.block, n) = self.current.next(s, most);
                }
                if n == 0 {
                    self.current = mem::replace(&mut self.old, Span::NONE);
                    debug_assert!(self.current.side_by_side != 0, "the count is right");
                }
                for i in 0..n {
                    let row = Bucket::at(s, self.block.0, i).row();
                    self.cells |= row.live().bits() << (i * BUCKET_CNT);
                }
            }
        }
    }

    /// The cell of a bit of `cells`.
    #[inline(always)]
    fn cell(block: Bucket, bit: usize) -> Cell {
        // SAFETY: the block has a bucket for each eight bits.
        let bucket = unsafe { Bucket::at(unhashed::<K, V>(), block.0, bit / BUCKET_CNT) };
        let i = bit % BUCKET_CNT;
        Cell { bucket, i }
    }

    /// Takes and drops all entries to come. If the drop of one unwinds, the others are dropped all the same.
    ///
    /// # Safety
    /// `s` is the shape of the map. Nobody will use the entries again.
    pub(super) unsafe fn drop_entries<A: Memory>(&mut self, s: Typed<K, V, Unhashed, A>) {
        if !needs_drop::<K>() && !needs_drop::<V>() && !s.indirectkey() && !s.indirectelem() {
            self.left = 0;
            return;
        }
        let mut rest = Rest(self, s);
        rest.drop_all();
    }
}

/// A walk whose owner may not name the types of the map.
impl Cells<(), ()> {
    pub(super) fn untyped<K, V>(cells: Cells<K, V>) -> Self {
        // SAFETY: the layout is the same.
        unsafe { ptr::from_ref(&cells).cast::<Self>().read() }
    }

    /// The walk, for what depends on the types.
    ///
    /// # Safety
    /// They are the types of the map.
    #[inline(always)]
    pub(super) unsafe fn typed<K, V>(&mut self) -> &mut Cells<K, V> {
        // SAFETY: the layout is the same.
        unsafe { &mut *ptr::from_mut(self).cast() }
    }
}

impl<K, V> Iterator for Cells<K, V> {
    type Item = Cell;

    #[inline(always)]
    fn next(&mut self) -> Option<Cell> {
        if self.left == 0 {
            return None;
        }
        if self.cells == 0 {
            // SAFETY: entries are to come.
            unsafe { self.advance() }
        }
        let bit = self.cells.trailing_zeros() as usize;
        self.cells &= self.cells - 1;
        self.left -= 1;
        Some(Self::cell(self.block, bit))
    }

    #[inline]
    fn fold<B, F: FnMut(B, Cell) -> B>(mut self, init: B, mut f: F) -> B {
        let mut result = init;
        while self.left != 0 {
            if self.cells == 0 {
                // SAFETY: entries are to come.
                unsafe { self.advance() }
            }
            let mut cells = mem::take(&mut self.cells);
            self.left -= cells.count_ones() as usize;
            while cells != 0 {
                result = f(
                    result,
                    Self::cell(self.block, cells.trailing_zeros() as usize),
                );
                cells &= cells - 1;
            }
        }
        result
    }

    #[inline(always)]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

/// Entries that will be dropped, even if the drop of one of them unwinds.
struct Rest<'c, K, V, A: Memory>(&'c mut Cells<K, V>, Typed<K, V, Unhashed, A>);

impl<K, V, A: Memory> Rest<'_, K, V, A> {
    fn drop_all(&mut self) {
        for cell in self.0.by_ref() {
            // SAFETY: each entry comes up once (`drop_entries`).
            drop(unsafe { self.1.take(cell) });
        }
    }
}

impl<K, V, A: Memory> Drop for Rest<'_, K, V, A> {
    fn drop(&mut self) {
        self.drop_all();
    }
}

/// A walk that can be split: it knows not how many entries are to come, but when none are.
#[cfg(feature = "rayon")]
pub(super) struct Parts<K, V> {
    spans: [Span; 2],
    /// The bucket to go on with, where links are followed.
    linked: Bucket,
    types: PhantomData<fn() -> (K, V)>,
}

// SAFETY: what may be done with the entries in another thread is said by the iterators that contain it.
#[cfg(feature = "rayon")]
unsafe impl<K, V> Send for Parts<K, V> {}

#[cfg(feature = "rayon")]
impl<K, V> Parts<K, V> {
    /// # Safety
    /// As [`Cells::new`].
    pub(super) unsafe fn new(h: *const Hmap) -> Self {
        // SAFETY: a map (caller).
        let spans = unsafe {
            if (*h).count == 0 {
                [Span::NONE; 2]
            } else {
                spans::<K, V>(h)
            }
        };
        Parts {
            spans,
            linked: Bucket(NO_BUCKETS),
            types: PhantomData,
        }
    }

    /// Splits half of the buckets off, unless there is but one.
    pub(super) fn split(&mut self) -> Option<Self> {
        let mut other = Parts {
            spans: [Span::NONE; 2],
            linked: Bucket(NO_BUCKETS),
            types: PhantomData,
        };
        for (mine, theirs) in self.spans.iter_mut().zip(&mut other.spans) {
            *theirs = mine.split_off(unhashed::<K, V>());
        }
        let found = other.spans.iter().any(|span| !span.is_empty());
        found.then_some(other)
    }

    /// The next bucket.
    pub(super) fn next_bucket(&mut self) -> Option<Bucket> {
        let s = unhashed::<K, V>();
        let [current, old] = &mut self.spans;
        let bucket = if self.linked.is_null() {
            match current.next(s, 1) {
                (bucket, 1) => bucket,
                _ => old.next(s, 1).0,
            }
        } else {
            self.linked
        };
        if bucket.is_null() {
            return None;
        }
        if s.pointers() {
            // SAFETY: links and spans lead to buckets of the map.
            self.linked = unsafe { bucket.overflow(s) };
        }
        Some(bucket)
    }
}

#[cfg(feature = "rayon")]
impl Span {
    fn is_empty(&self) -> bool {
        self.side_by_side == 0 && self.listed == 0
    }

    /// Splits the second half off.
    fn split_off<K, V>(&mut self, s: Typed<K, V, Unhashed>) -> Span {
        let kept = self.side_by_side.div_ceil(2);
        let listed = self.listed.div_ceil(2);
        // SAFETY: within the array, and within the list.
        let rest = unsafe {
            Span {
                next: self.next.byte_add(kept * s.bucketsize()),
                side_by_side: self.side_by_side - kept,
                list: self.list.add(listed),
                listed: self.listed - listed,
            }
        };
        (self.side_by_side, self.listed) = (kept, listed);
        rest
    }
}
