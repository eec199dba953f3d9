//! All entries of a map, in the order in which they lie.

use super::{Bucket, Cell, Row};
use crate::layout::{Bmap, Hmap};
use crate::raw::access::oldbucketmask;
use crate::raw::grow::{bucketEvacuated, nbuckets};
use crate::shape::Shape;

/// A walk over every cell that holds an entry: those of the current array, then those of the old one that were not
/// evacuated yet.
pub(crate) struct Entries<S: Shape> {
    s: S,
    h: *const Hmap,
    /// The array being walked, the chains it has, and the next of them.
    buckets: *mut Bmap,
    chains: usize,
    chain: usize,
    /// The bucket being walked, and its cells to come.
    bucket: Bucket,
    cells: Option<super::Cells>,
    old: bool,
}

impl<S: Shape> Entries<S> {
    /// # Safety
    /// `s` *fits* `h`; the map is not changed before the walk has ended, but for values in cells already passed.
    pub(crate) unsafe fn new(s: S, h: *const Hmap) -> Self {
        // SAFETY: a map (caller).
        let (buckets, chains) = unsafe { ((*h).buckets, nbuckets(h)) };
        Entries {
            s,
            h,
            buckets,
            chains: if buckets.is_null() { 0 } else { chains },
            chain: 0,
            bucket: Bucket(core::ptr::null_mut()),
            cells: None,
            old: false,
        }
    }

    /// Goes to the next bucket, and says whether there is one.
    fn next_bucket(&mut self) -> bool {
        // SAFETY: indices stay within the arrays, links within the chains (`new`).
        unsafe {
            if !self.bucket.is_null() {
                self.bucket = self.bucket.overflow(self.s);
            }
            while self.bucket.is_null() {
                if self.chain == self.chains {
                    if self.old || (*self.h).oldbuckets.is_null() {
                        return false;
                    }
                    self.old = true;
                    self.buckets = (*self.h).oldbuckets;
                    self.chains = oldbucketmask(self.h) + 1;
                    self.chain = 0;
                }
                let chain = self.chain;
                self.chain += 1;
                if !(self.old && bucketEvacuated(self.s, self.h, chain)) {
                    self.bucket = Bucket::at(self.s, self.buckets, chain);
                }
            }
            let row: Row = self.bucket.row();
            self.cells = Some(row.full());
        }
        true
    }
}

impl<S: Shape> Iterator for Entries<S> {
    type Item = Cell;

    fn next(&mut self) -> Option<Cell> {
        loop {
            if let Some(i) = self.cells.as_mut().and_then(Iterator::next) {
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
