//! All entries of a map, in the order in which they lie.

use core::ptr;

use super::{Bucket, Cell, Cells};
use crate::layout::{Bmap, BmapSlice, Hmap};
use crate::raw::access::oldbucketmask;
use crate::raw::grow::{bucketEvacuated, nbuckets};
use crate::shape::Shape;

/// A walk over every cell that holds an entry: those of the current array, then those of the old one that were not
/// evacuated yet.
///
/// It goes through an array first and then through the list of its overflow buckets: to follow the link of each chain
/// would wait for memory at each. Where buckets hold pointers no list is kept, and links are followed after all.
pub(crate) struct Entries<S: Shape> {
    s: S,
    h: *const Hmap,
    span: Span,
    /// Whether the span is that of the old array.
    old: bool,
    /// The bucket being walked, and its cells to come.
    bucket: Bucket,
    cells: Cells,
}

/// What is to come of an array and its overflow buckets.
struct Span {
    buckets: *mut Bmap,
    /// The chains of the array, and the next of them.
    chains: usize,
    chain: usize,
    /// Overflow buckets.
    list: *const *mut Bmap,
    listed: usize,
}

impl Span {
    /// # Safety
    /// `buckets` is null or has `chains` buckets; `list` is null or the list of its overflow buckets.
    unsafe fn new(buckets: *mut Bmap, chains: usize, list: *const BmapSlice) -> Span {
        let (mut array, mut listed) = (ptr::null(), 0);
        if !list.is_null() {
            // SAFETY: a list of the map (caller).
            unsafe { (array, listed) = ((*list).array.cast_const(), (*list).len) }
        }
        Span {
            buckets,
            chains: if buckets.is_null() { 0 } else { chains },
            chain: 0,
            list: array,
            listed,
        }
    }
}

/// The lists of the overflow buckets of the current array and of the old one; null where none is kept.
///
/// # Safety
/// `s` *fits* `h`.
pub(crate) unsafe fn overflow_lists<S: Shape>(s: S, h: *const Hmap) -> [*const BmapSlice; 2] {
    // SAFETY: a map (caller).
    unsafe {
        let extra = (*h).extra;
        if s.pointers() || extra.is_null() {
            return [ptr::null(); 2];
        }
        [(*extra).overflow, (*extra).oldoverflow]
    }
}

impl<S: Shape> Entries<S> {
    /// # Safety
    /// `s` *fits* `h`; the map is not changed before the walk has ended, but for values in cells already passed.
    pub(crate) unsafe fn new(s: S, h: *const Hmap) -> Self {
        // SAFETY: a map (caller), its array and its list.
        unsafe {
            let [list, _] = overflow_lists(s, h);
            Entries {
                s,
                h,
                span: Span::new((*h).buckets, nbuckets(h), list),
                old: false,
                bucket: Bucket(ptr::null_mut()),
                cells: Cells::NONE,
            }
        }
    }

    /// Goes on to the old array, and says whether there is one.
    unsafe fn begin_old(&mut self) -> bool {
        // SAFETY: a map, its old array and its list (`new`).
        unsafe {
            let h = self.h;
            if self.old || (*h).oldbuckets.is_null() {
                return false;
            }
            let [_, list] = overflow_lists(self.s, h);
            self.span = Span::new((*h).oldbuckets, oldbucketmask(h) + 1, list);
            self.old = true;
            true
        }
    }

    /// Goes to the next bucket, and says whether there is one. Of those whose entries were moved, it may be any.
    fn next_bucket(&mut self) -> bool {
        let s = self.s;
        // SAFETY: indices stay within the arrays and lists, links within the chains (`new`).
        unsafe {
            let mut next = Bucket(ptr::null_mut());
            if s.pointers() && !self.bucket.is_null() {
                next = self.bucket.overflow(s);
            }
            while next.is_null() {
                let span = &mut self.span;
                if span.chain < span.chains {
                    let chain = span.chain;
                    span.chain += 1;
                    if !(self.old && bucketEvacuated(s, self.h, chain)) {
                        next = Bucket::at(s, span.buckets, chain);
                    }
                } else if span.listed > 0 {
                    span.listed -= 1;
                    next = Bucket(*span.list);
                    span.list = span.list.add(1);
                } else if !self.begin_old() {
                    return false;
                }
            }
            self.bucket = next;
            self.cells = next.row().live();
        }
        true
    }
}

impl<S: Shape> Iterator for Entries<S> {
    type Item = Cell;

    #[inline]
    fn next(&mut self) -> Option<Cell> {
        loop {
            if let Some(i) = self.cells.next() {
                return Some(Cell {
                    bucket: self.bucket,
                    i,
                });
            }
            if !self.next_bucket() {
                return None;
            }
        }
    }
}
