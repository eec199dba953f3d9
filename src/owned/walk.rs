//! All entries of a map, in memory order.

use core::mem;
use core::ptr;

use maptype::{BUCKET_CNT, MapType};

use super::end_of_array;
use crate::bucket::{BLOCK, Bucket, Cell, Offsets, Row, stored};
use crate::header::{self, nbuckets, oldbucketmask};
use crate::layout::{Bmap, BmapSlice, Hmap};
use crate::prefetch::{LINE, prefetch};
use crate::shape::{Erased, Shape};

/// Bytes of the largest block that is prefetched. Where rows are further apart, prefetching gains nothing.
const PREFETCHED: usize = 2048;

/// A walk over every cell that holds an entry: those of the current array, then those of the old one that were not
/// evacuated yet.
///
/// It goes through an array first, the rows of several buckets at once, and then through the list of its overflow buckets:
/// following the link of each chain would miss the cache at each. Where buckets hold pointers no list is kept, and the
/// links of each block are followed after it.
///
/// `repr(C)`: the same layout for every zero-sized `S`.
#[repr(C)]
#[derive(Clone)]
pub(crate) struct LiveCells<S> {
    s: S,
    blocks: Blocks,
}

/// The part of a walk that is not about single cells. One copy of its rare cases serves all shapes.
#[derive(Clone)]
struct Blocks {
    t: *const MapType,
    /// The map, until the walk begins.
    h: *const Hmap,
    current: Span,
    old: Span,
    /// The buckets of `cells`, which are adjacent.
    block: Bucket,
    /// Their cells that are still to come: eight bits for each bucket, the first lowest.
    cells: u64,
    links: Links,
}

/// Overflow buckets to come that no list points to.
#[derive(Clone, Copy)]
struct Links {
    /// The next of a chain, or null.
    next: Bucket,
    /// Buckets of the array whose links were not followed yet, and how many they are.
    heads: Bucket,
    left: usize,
}

impl Links {
    const NONE: Links = Links {
        next: Bucket::NULL,
        heads: Bucket::NULL,
        left: 0,
    };

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn is_empty(&self) -> bool {
        self.next.is_null() && self.left == 0
    }

    /// The next overflow bucket; null if there is none.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn next(&mut self, s: Erased) -> Bucket {
        let mut next = self.next;
        // SAFETY: `left` buckets are adjacent, and links lead to buckets (`LiveCells::new`).
        unsafe {
            while next.is_null() && self.left > 0 {
                next = self.heads.overflow(s);
                self.heads = Bucket::at(s, self.heads.0, 1);
                self.left -= 1;
            }
            if !next.is_null() {
                self.next = next.overflow(s);
            }
        }
        next
    }
}

/// Buckets to come: some that lie side by side, then some that a list points to.
#[derive(Clone, Copy)]
struct Span {
    next: *mut Bmap,
    side_by_side: usize,
    /// The end of the array's allocation, or null.
    end: *mut Bmap,
    list: *const *mut Bmap,
    listed: usize,
}

impl Span {
    const NONE: Span = Span {
        next: ptr::null_mut(),
        side_by_side: 0,
        end: ptr::null_mut(),
        list: ptr::null(),
        listed: 0,
    };

    /// The first `passed` of `n` buckets are left out.
    ///
    /// # Safety
    /// `buckets` is an array of a map that `s` *fits*, of at least `n` buckets; `list` is null or the list of its overflow
    /// buckets.
    unsafe fn new(
        s: Erased,
        buckets: *mut Bmap,
        passed: usize,
        n: usize,
        list: *const BmapSlice,
    ) -> Span {
        let mut span = Span {
            side_by_side: n - passed,
            ..Span::NONE
        };
        // SAFETY: `buckets` is an array of the map, `list` null or its list.
        unsafe {
            span.next = Bucket::at(s, buckets, passed).0;
            if !list.is_null() {
                (span.list, span.listed) = ((*list).array, (*list).len);
                span.end = end_of_array(s.t(), buckets);
            }
        }
        span
    }

    /// The next buckets that lie side by side, at most [`BLOCK`], and how many they are; 0 at the end.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn next(&mut self, s: Erased) -> (Bucket, usize) {
        let n = self.side_by_side.min(BLOCK);
        if n == 0 {
            return self.next_listed(s);
        }
        let first = Bucket(self.next);
        self.side_by_side -= n;
        // SAFETY: at most one past the array.
        self.next = unsafe { self.next.byte_add(n * s.bucketsize()) };
        (first, n)
    }

    /// Prefetches the next block of the array. Hardware prefetchers see lines read in order, but of a block the rows are read
    /// first.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn prefetch<S: Shape>(&self, s: S) {
        let size = BLOCK * s.bucketsize();
        if self.side_by_side >= BLOCK && size <= PREFETCHED {
            for line in (0..size).step_by(LINE) {
                prefetch(self.next.wrapping_byte_add(line));
            }
        }
    }

    /// [`Span::next`] where a whole block lies side by side.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn next_whole<S: Shape>(&mut self, s: S) -> Option<Bucket> {
        if self.side_by_side < BLOCK {
            return None;
        }
        let first = Bucket(self.next);
        self.side_by_side -= BLOCK;
        // SAFETY: at most one past the array.
        self.next = unsafe { self.next.byte_add(BLOCK * s.bucketsize()) };
        Some(first)
    }

    /// As [`Span::next`], of the list: it often has adjacent buckets, at the end of the array.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn next_listed(&mut self, s: Erased) -> (Bucket, usize) {
        let most = self.listed.min(BLOCK);
        if most == 0 {
            return (Bucket::NULL, 0);
        }
        // SAFETY: the list has that many pointers.
        unsafe {
            let first = *self.list;
            let mut n = 1;
            while n < most && self.follows_in_array(s, *self.list.add(n - 1), *self.list.add(n)) {
                n += 1;
            }
            self.listed -= n;
            self.list = self.list.add(n);
            (Bucket(first), n)
        }
    }

    /// Whether `next` follows `bucket`, both in the array. An address right behind is not enough: a separate allocation has
    /// its own provenance.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn follows_in_array(&self, s: Erased, bucket: *mut Bmap, next: *mut Bmap) -> bool {
        self.next <= next && next < self.end && next == bucket.wrapping_byte_add(s.bucketsize())
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn is_empty(&self) -> bool {
        self.side_by_side == 0 && self.listed == 0
    }

    /// Splits the second half off.
    #[cfg(feature = "rayon")]
    fn split_off(&mut self, s: Erased) -> Span {
        let kept = self.side_by_side.div_ceil(2);
        let listed = self.listed.div_ceil(2);
        // SAFETY: within the array, and within the list.
        let rest = unsafe {
            Span {
                next: self.next.byte_add(kept * s.bucketsize()),
                side_by_side: self.side_by_side - kept,
                end: self.end,
                list: self.list.add(listed),
                listed: self.listed - listed,
            }
        };
        (self.side_by_side, self.listed) = (kept, listed);
        rest
    }
}

/// The lists of the overflow buckets of the current array and of the old one; null where none is kept.
///
/// # Safety
/// `s` *fits* `h`.
unsafe fn overflow_lists(s: Erased, exclusive: bool, h: *const Hmap) -> [*const BmapSlice; 2] {
    // SAFETY: `s` fits `h`.
    unsafe {
        if s.pointers() {
            return [ptr::null(); 2];
        }
        if !exclusive {
            return header::extra::lists(h);
        }
        // No raw iterator begins on a typed map while others read it.
        let extra = (*h).extra;
        if extra.is_null() {
            return [ptr::null(); 2];
        }
        [(*extra).overflow, (*extra).oldoverflow]
    }
}

impl Blocks {
    const NONE: Blocks = Blocks {
        t: ptr::null(),
        h: ptr::null(),
        current: Span::NONE,
        old: Span::NONE,
        block: Bucket::NULL,
        cells: 0,
        links: Links::NONE,
    };

    /// Looks up where the buckets are.
    #[inline(never)]
    unsafe fn begin(&mut self, exclusive: bool) {
        let h = mem::replace(&mut self.h, ptr::null());
        // SAFETY: a map (`LiveCells::new`), whose arrays have as many buckets as it says.
        unsafe {
            if (*h).buckets.is_null() {
                return;
            }
            let s = Erased(&*self.t);
            let [list, oldlist] = overflow_lists(s, exclusive, h);
            self.current = Span::new(s, (*h).buckets, 0, nbuckets(h), list);
            if !(*h).oldbuckets.is_null() {
                // What evacuation has passed need not be read, and may have been given back.
                let n = oldbucketmask(h) + 1;
                self.old = Span::new(s, (*h).oldbuckets, (*h).nevacuate, n, oldlist);
            }
        }
    }

    /// [`LiveCells::advance`] in all its cases.
    #[inline(never)]
    fn advance(&mut self, exclusive: bool) -> bool {
        if !self.h.is_null() {
            // SAFETY: the map has not changed since (`LiveCells::new`).
            unsafe { self.begin(exclusive) };
        }
        if self.is_at_end() {
            return false;
        }
        // SAFETY: a walk that is not over nothing has a descriptor (`LiveCells::new`).
        let s = Erased(unsafe { &*self.t });
        while self.cells == 0 {
            let (block, n) = self.next_block(s);
            self.block = block;
            if n == 0 {
                return false;
            }
            // SAFETY: links and spans lead to buckets of the map (`new`).
            self.cells = unsafe { live(s, block, n) };
            self.current.prefetch(s);
        }
        true
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn is_at_end(&self) -> bool {
        self.current.is_empty() && self.old.is_empty() && self.links.is_empty()
    }

    /// The next buckets that lie side by side, and how many they are; 0 at the end.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn next_block(&mut self, s: Erased) -> (Bucket, usize) {
        if s.pointers() {
            // SAFETY: buckets of the map (`new`).
            let linked = unsafe { self.links.next(s) };
            if !linked.is_null() {
                return (linked, 1);
            }
        }
        let (mut block, mut n) = self.current.next(s);
        if n == 0 {
            self.current = mem::replace(&mut self.old, Span::NONE);
            (block, n) = self.current.next(s);
        }
        if s.pointers() {
            (self.links.heads, self.links.left) = (block, n);
        }
        (block, n)
    }

    /// Splits half of the buckets to come off, unless there is but one.
    #[cfg(feature = "rayon")]
    fn split_off(&mut self) -> Option<Self> {
        if self.t.is_null() {
            return None;
        }
        debug_assert!(self.h.is_null(), "the walk has begun");
        // SAFETY: the descriptor of the map (`new`).
        let s = Erased(unsafe { &*self.t });
        let other = Blocks {
            t: self.t,
            current: self.current.split_off(s),
            old: self.old.split_off(s),
            ..Blocks::NONE
        };
        let found = !other.current.is_empty() || !other.old.is_empty();
        found.then_some(other)
    }
}

impl<S> LiveCells<S> {
    /// A walk over nothing.
    pub(crate) const fn none(s: S) -> Self {
        LiveCells {
            s,
            blocks: Blocks::NONE,
        }
    }
}

impl<S: Shape> LiveCells<S> {
    /// # Safety
    /// `s` *fits* `h`, and its descriptor outlives the walk. Until the walk has ended the map gets no entry, and loses
    /// none but those that the walk has passed; the header stays where it is.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn new(s: S, h: *const Hmap) -> Self {
        let blocks = Blocks {
            t: s.t(),
            h,
            ..Blocks::NONE
        };
        LiveCells { s, blocks }
    }

    /// [`LiveCells::new`], of a map whose header will not stay where it is.
    ///
    /// # Safety
    /// As [`LiveCells::new`], of what the header leads to.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn begun(s: S, h: *const Hmap) -> Self {
        // SAFETY: a map that `s` fits.
        unsafe {
            let mut cells = LiveCells::new(s, h);
            cells.blocks.begin(S::EXCLUSIVE);
            cells
        }
    }

    /// Goes to the next block of buckets that has entries, and says whether there is one.
    #[inline(never)]
    fn advance(&mut self) -> bool {
        let (s, blocks) = (self.s, &mut self.blocks);
        while !s.pointers()
            && let Some(block) = blocks.current.next_whole(s)
        {
            // SAFETY: a whole block of buckets of the map (`new`).
            let cells = unsafe { live(s, block, BLOCK) };
            blocks.current.prefetch(s);
            if cells != 0 {
                (blocks.block, blocks.cells) = (block, cells);
                return true;
            }
        }
        blocks.advance(S::EXCLUSIVE)
    }

    /// Splits half of the buckets to come off, unless there is but one.
    #[cfg(feature = "rayon")]
    pub(crate) fn split_off(&mut self) -> Option<Self> {
        let blocks = self.blocks.split_off()?;
        Some(LiveCells { s: self.s, blocks })
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn place(&self, bit: usize) -> LiveCell<S> {
        LiveCell {
            s: self.s,
            block: self.blocks.block,
            bit,
        }
    }
}

/// The cells with an entry of `n` buckets that lie side by side: eight bits for each, the first lowest.
///
/// # Safety
/// `block` is the first of them; they are no more than [`BLOCK`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn live<S: Shape>(s: S, block: Bucket, n: usize) -> u64 {
    // SAFETY: `i < n`: within the block.
    let row = |i| unsafe { Bucket::at(s, block.0, i).row() };
    if n < BLOCK {
        return (0..n).fold(0, |cells, i| {
            cells | row(i).live().bits() << (i * BUCKET_CNT)
        });
    }
    let mut cells = 0;
    for i in (0..BLOCK).step_by(2) {
        cells |= Row::live_of_two(row(i), row(i + 1)) << (i * BUCKET_CNT);
    }
    cells
}

impl<S: Shape> Iterator for LiveCells<S> {
    type Item = LiveCell<S>;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn next(&mut self) -> Option<LiveCell<S>> {
        if self.blocks.cells == 0 && !self.advance() {
            return None;
        }
        let bit = self.blocks.cells.trailing_zeros() as usize;
        self.blocks.cells &= self.blocks.cells - 1;
        Some(self.place(bit))
    }

    #[inline]
    fn fold<B, F: FnMut(B, LiveCell<S>) -> B>(mut self, init: B, mut f: F) -> B {
        let mut result = init;
        while self.blocks.cells != 0 || self.advance() {
            let mut cells = mem::take(&mut self.blocks.cells);
            while cells != 0 {
                result = f(result, self.place(cells.trailing_zeros() as usize));
                cells &= cells - 1;
            }
        }
        result
    }
}

/// A cell with an entry, by its number in a block of adjacent buckets.
#[derive(Clone, Copy)]
pub(crate) struct LiveCell<S> {
    s: S,
    block: Bucket,
    /// Below eight times [`BLOCK`].
    bit: usize,
}

impl<S: Shape> LiveCell<S> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn key_slot(self) -> *mut u8 {
        // SAFETY: the block has a bucket for each eight bits (`LiveCells`).
        unsafe { self.block.0.byte_add(self.s.key_offset(self.bit)).cast() }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn elem_slot(self) -> *mut u8 {
        // SAFETY: the block has a bucket for each eight bits (`LiveCells`).
        unsafe { self.block.0.byte_add(self.s.elem_offset(self.bit)).cast() }
    }

    /// The slot at the offset that a table of this shape has.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn slot_at(self, offsets: &Offsets) -> *mut u8 {
        // SAFETY: the block has a bucket for each eight bits (`LiveCells`).
        unsafe { self.block.0.byte_add(offsets[self.bit].into()).cast() }
    }

    /// The key, wherever it is stored.
    ///
    /// # Safety
    /// The entry is still there.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn key(self) -> *mut u8 {
        // SAFETY: the entry is still there: an indirect slot holds a pointer.
        unsafe { stored(self.key_slot(), self.s.indirectkey()) }
    }

    /// The elem, wherever it is stored.
    ///
    /// # Safety
    /// The entry is still there.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn elem(self) -> *mut u8 {
        // SAFETY: the entry is still there: an indirect slot holds a pointer.
        unsafe { stored(self.elem_slot(), self.s.indirectelem()) }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn cell(self) -> Cell {
        Cell {
            // SAFETY: the block has a bucket for each eight bits (`LiveCells`).
            bucket: unsafe { Bucket::at(self.s, self.block.0, self.bit / BUCKET_CNT) },
            i: self.bit % BUCKET_CNT,
        }
    }
}
