//! A bucket of a run-time shape: its cells, and its link to the next.

mod cell;
mod needle;
mod offsets;
mod row;
pub(crate) mod tag;

use core::hint::select_unpredictable;

use maptype::BUCKET_CNT;

pub(crate) use cell::Cell;
pub(crate) use needle::Needle;
pub use needle::tophash;
pub(crate) use offsets::{BLOCK, Offsets, SlotOffsets};
pub(crate) use row::{CellMask, Row};

use crate::layout::{Bmap, DATA_OFFSET, emptyRest, evacuatedEmpty, first_elem};
use crate::prefetch::{LINE, prefetch, prefetch_far};
use crate::shape::Shape;

/// A pointer to a bucket, or null.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bucket(pub(crate) *mut Bmap);

impl Bucket {
    pub(crate) const NULL: Bucket = Bucket(core::ptr::null_mut());

    /// Bucket `index` of the array at `buckets`.
    ///
    /// # Safety
    /// The array has more than `index` buckets of shape `s`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn at<S: Shape>(s: S, buckets: *mut Bmap, index: usize) -> Bucket {
        // SAFETY: the array has more than `index` buckets.
        Bucket(unsafe { buckets.byte_add(index * s.bucketsize()) })
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn is_null(self) -> bool {
        self.0.is_null()
    }

    /// # Safety
    /// `self` is a *bucket* (see [`raw`](crate::raw#safety)).
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn row(self) -> Row {
        // SAFETY: a bucket starts with its tophash row.
        unsafe { Row::load(self.0.cast()) }
    }

    /// # Safety
    /// `self` is a *bucket*; *exclusive*.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn set_row(self, row: Row) {
        // SAFETY: a bucket starts with its tophash row; *exclusive*.
        unsafe { row.store(self.0.cast()) }
    }

    /// # Safety
    /// `self` is a *bucket*; `i < BUCKET_CNT`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn tophash(self, i: usize) -> u8 {
        debug_assert!(i < BUCKET_CNT);
        // SAFETY: `i < BUCKET_CNT`: within the row.
        unsafe { *self.0.cast::<u8>().add(i) }
    }

    /// # Safety
    /// As [`Bucket::tophash`], and *exclusive*.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn set_tophash(self, i: usize, top: u8) {
        debug_assert!(i < BUCKET_CNT);
        // SAFETY: `i < BUCKET_CNT`: within the row; *exclusive*.
        unsafe { *self.0.cast::<u8>().add(i) = top }
    }

    /// Whether the chain has no entry after this bucket: its last cell is `emptyRest`.
    ///
    /// Volatile on purpose: otherwise LLVM extracts the byte from the row loaded before and keeps
    /// that row in a register.
    ///
    /// # Safety
    /// `self` is a *bucket*.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn ends_chain(self) -> bool {
        // SAFETY: within the row.
        let last = unsafe { self.0.cast::<u8>().add(BUCKET_CNT - 1).read_volatile() };
        last == emptyRest
    }

    /// The slot of key `i`.
    ///
    /// # Safety
    /// `self` is a *bucket* that `s` *fits*; `i < BUCKET_CNT`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn key_slot<S: Shape>(self, s: S, i: usize) -> *mut u8 {
        debug_assert!(i < BUCKET_CNT);
        // Two additions: the first tells the compiler that the result is not null.
        // SAFETY: `i < BUCKET_CNT`: within the bucket.
        unsafe { self.0.cast::<u8>().add(DATA_OFFSET).add(i * s.keysize()) }
    }

    /// The slot of elem `i`.
    ///
    /// # Safety
    /// As [`Bucket::key_slot`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn elem_slot<S: Shape>(self, s: S, i: usize) -> *mut u8 {
        debug_assert!(i < BUCKET_CNT);
        let elems = first_elem(s.keysize());
        // SAFETY: `i < BUCKET_CNT`: within the bucket.
        unsafe { self.0.cast::<u8>().add(elems).add(i * s.elemsize()) }
    }

    /// Key `i`, wherever it is stored.
    ///
    /// # Safety
    /// As [`Bucket::key_slot`], and cell `i` holds or held an entry.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn key<S: Shape>(self, s: S, i: usize) -> *mut u8 {
        // SAFETY: cell `i` holds or held an entry: an indirect slot holds a pointer.
        unsafe { stored(self.key_slot(s, i), s.indirectkey()) }
    }

    /// Elem `i`, wherever it is stored.
    ///
    /// # Safety
    /// As [`Bucket::key`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn elem<S: Shape>(self, s: S, i: usize) -> *mut u8 {
        // SAFETY: cell `i` holds or held an entry: an indirect slot holds a pointer.
        unsafe { stored(self.elem_slot(s, i), s.indirectelem()) }
    }

    /// The word that links to the next bucket of the chain.
    ///
    /// # Safety
    /// `self` is a *bucket* that `s` *fits*.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn overflow_slot<S: Shape>(self, s: S) -> *mut *mut Bmap {
        // SAFETY: the last word of a bucket that `s` fits.
        unsafe { self.0.byte_add(s.bucketsize() - size_of::<usize>()).cast() }
    }

    /// The next bucket of the chain; null at its end.
    ///
    /// # Safety
    /// As [`Bucket::overflow_slot`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn overflow<S: Shape>(self, s: S) -> Bucket {
        // SAFETY: a bucket of this size (this method's contract).
        unsafe { self.overflow_of(s.bucketsize()) }
    }

    /// [`Bucket::overflow`] of a bucket of this size.
    ///
    /// # Safety
    /// `self` is a *bucket* of so many bytes.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn overflow_of(self, size: usize) -> Bucket {
        // SAFETY: the last word of the bucket, which is always initialised.
        Bucket(unsafe { *self.0.byte_add(size - size_of::<usize>()).cast() })
    }

    /// The next bucket of the chain; at its end, this one. Chosen without a branch.
    ///
    /// # Safety
    /// As [`Bucket::overflow_slot`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn next_or_same<S: Shape>(self, s: S) -> Bucket {
        // SAFETY: `self` is a bucket that `s` fits.
        let next = unsafe { self.overflow(s) };
        select_unpredictable(next.is_null(), self, next)
    }

    /// Whether the entries of this bucket of an old array have been moved.
    ///
    /// # Safety
    /// `self` is a *bucket*.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn evacuated(self) -> bool {
        // SAFETY: `self` is a bucket.
        let top = unsafe { self.tophash(0) };
        tag::is_evacuated(top)
    }

    /// Marks the cells whose entries were moved as empty: an iterator then skips them.
    ///
    /// # Safety
    /// `self` is a *bucket*; *exclusive*.
    pub(crate) unsafe fn hide_moved(self) {
        // SAFETY: `self` is a bucket; *exclusive*.
        unsafe {
            for i in self.row().occupied_anywhere() {
                if !tag::is_live(self.tophash(i)) {
                    self.set_tophash(i, evacuatedEmpty);
                }
            }
        }
    }

    /// Prefetches the lines that a lookup reads after the tophash row, so that a hit in memory
    /// misses once and not twice.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn prefetch<S: Shape>(self, s: S) {
        let [_, second, last] = self.lines(s);
        prefetch(second);
        prefetch(last);
    }

    /// Prefetches all lines of the bucket.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn prefetch_all<S: Shape>(self, s: S) {
        for line in self.lines(s) {
            prefetch(line);
        }
    }

    /// Prefetches the tophash row.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn prefetch_row(self) {
        prefetch_far(self.0.cast());
    }

    /// Prefetches the slots of cell `i`.
    ///
    /// # Safety
    /// As [`Bucket::key_slot`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn prefetch_cell<S: Shape>(self, s: S, i: usize) {
        // SAFETY: `self` is a bucket that `s` fits; `i < BUCKET_CNT`.
        unsafe {
            let key = self.key_slot(s, i);
            prefetch_far(key);
            if s.keysize() > size_of::<usize>() {
                prefetch_far(key.add(s.keysize() - 1));
            }
            prefetch_far(self.elem_slot(s, i));
        }
    }

    /// Prefetches what the slots of cell `i` point to.
    ///
    /// # Safety
    /// As [`Bucket::key`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn prefetch_stored<S: Shape>(self, s: S, i: usize) {
        // SAFETY: `self` is a bucket that `s` fits; cell `i` holds or held an entry.
        unsafe {
            if s.indirectkey() {
                prefetch_far(self.key(s, i));
            } else {
                s.prefetch_key(self.key_slot(s, i));
            }
            if s.indirectelem() {
                prefetch_far(self.elem(s, i));
            }
        }
    }

    /// Prefetches the link to the next bucket.
    ///
    /// # Safety
    /// As [`Bucket::overflow_slot`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn prefetch_link<S: Shape>(self, s: S) {
        // SAFETY: `self` is a bucket that `s` fits.
        prefetch_far(unsafe { self.overflow_slot(s) }.cast());
    }

    /// An address in the first, the second and the last line of the bucket.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn lines<S: Shape>(self, s: S) -> [*const u8; 3] {
        let last = s.bucketsize() - size_of::<usize>();
        let start: *const u8 = self.0.cast();
        [start, start.wrapping_add(LINE), start.wrapping_add(last)]
    }

    /// The buckets of the chain that starts here.
    ///
    /// # Safety
    /// `self` is null or a *bucket* that `s` *fits*; the chain does not change before the iteration
    /// has passed.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn chain<S: Shape>(self, s: S) -> impl Iterator<Item = Bucket> {
        let mut next = self;
        core::iter::from_fn(move || {
            if next.is_null() {
                return None;
            }
            let bucket = next;
            // SAFETY: a bucket of the chain, which does not change meanwhile.
            next = unsafe { bucket.overflow(s) };
            Some(bucket)
        })
    }
}

/// The value of a slot: in the slot, or where the pointer in it leads.
///
/// # Safety
/// `slot` holds a value, or a pointer to one if `indirect`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn stored(slot: *mut u8, indirect: bool) -> *mut u8 {
    if indirect {
        // SAFETY: an indirect slot holds a pointer.
        unsafe { *slot.cast() }
    } else {
        slot
    }
}
