//! An iterator that a collector can follow.

use core::mem::forget;
use core::ptr;

use maptype::{AllocError, MapType};

use super::region::Region;
use crate::header::{flags, growing};
use crate::heap::Deferred;
use crate::layout::{Bmap, Hiter, Hmap, noCheck, sameSizeGrow};
use crate::raw::{mapiternext, try_mapiterinit};

/// An [`Hiter`] for a traced heap, with what a collector also needs.
///
/// An iterator may be in a chain of the array that the map was growing from; when the growth ends, the
/// `hiter`'s pointer into the middle of that array is the only one left. Collectors that find the start of an object by
/// themselves (Go's, conservative ones) need no more than the `hiter`. For the others this keeps the start.
///
/// Store it where the collector finds it together with its map, and [add it](super::Scan::add_iterator) to every scan
/// of the map until it has ended.
#[repr(C)]
#[derive(Debug)]
pub struct TracedIter {
    /// The iterator. Its `key` and `elem` are to be read before the next safepoint: a scan does not
    /// follow them, and leaves null there.
    pub it: Hiter,
    /// The old array whose chain `it.bptr` is in; null if there is none.
    old: *mut Bmap,
    /// Its `B`.
    old_B: u8,
    /// Whether a scan has set `it.key` to null since the last step.
    scanned: bool,
}

impl TracedIter {
    /// An iterator that was not started.
    pub const fn zeroed() -> TracedIter {
        TracedIter {
            it: Hiter::zeroed(),
            old: ptr::null_mut(),
            old_B: 0,
            scanned: false,
        }
    }

    /// [`try_mapiterinit`].
    ///
    /// # Errors
    /// As [`try_mapiterinit`].
    ///
    /// # Safety
    /// As [`try_mapiterinit`].
    pub unsafe fn init(&mut self, t: *const MapType, h: *mut Hmap) -> Result<(), AllocError> {
        self.old = ptr::null_mut();
        self.scanned = false;
        // SAFETY: the preconditions of `try_mapiterinit`; then `it` is an iterator of a live map.
        unsafe {
            try_mapiterinit(t, h, &raw mut self.it)?;
            self.note_array();
        }
        Ok(())
    }

    /// [`mapiternext`].
    ///
    /// # Safety
    /// As [`mapiternext`].
    pub unsafe fn next(&mut self) {
        let before = (self.it.bucket, self.it.wrapped);
        // SAFETY: the preconditions of `mapiternext`; the map is alive.
        unsafe {
            if self.scanned {
                self.next_after_scan();
            } else {
                mapiternext(&raw mut self.it);
            }
            if before != (self.it.bucket, self.it.wrapped) {
                self.note_array();
            }
        }
    }

    /// The first step after a scan. A null key would be the end; if the step unwinds, it is null as
    /// before.
    ///
    /// # Safety
    /// As [`mapiternext`].
    #[cold]
    unsafe fn next_after_scan(&mut self) {
        let this: *mut TracedIter = self;
        // SAFETY: the preconditions of `mapiternext`; `this` is the only reference to the iterator.
        unsafe {
            let unwound = Deferred(move || (*this).forget_entry());
            (*this).it.key = (*this).it.bptr.cast();
            mapiternext(&raw mut (*this).it);
            forget(unwound);
            (*this).scanned = false;
        }
    }

    /// Whether there is no further entry. A scan does not end an iterator, though `it.key` is null
    /// after it.
    pub fn has_ended(&self) -> bool {
        self.it.h.is_null() || (self.it.key.is_null() && !self.scanned)
    }

    /// Sets the key and the elem to null: a collection may have moved what they point to.
    pub(super) fn forget_entry(&mut self) {
        self.it.key = ptr::null_mut();
        self.it.elem = ptr::null_mut();
        self.scanned = true;
    }

    /// Notes the old array of the chain that the iterator has just entered.
    ///
    /// # Safety
    /// The iterator has ended, or its map is alive; *shared*.
    unsafe fn note_array(&mut self) {
        self.old = ptr::null_mut();
        // SAFETY: an iterator that has not ended has a map, which is alive.
        unsafe {
            if !self.has_ended() && self.it.checkBucket != noCheck && growing(self.it.h) {
                let doubled = flags::load(self.it.h) & sameSizeGrow == 0;
                self.old = (*self.it.h).oldbuckets;
                self.old_B = (*self.it.h).B - doubled as u8;
            }
        }
    }

    /// The arrays that the iterator reads, and the slots that hold them.
    pub(super) fn arrays(&mut self, t: &MapType) -> [(*mut *mut Bmap, Region); 2] {
        let Hiter { buckets, B, .. } = self.it;
        [
            (&raw mut self.it.buckets, Region::new(t, buckets, B)),
            (&raw mut self.old, Region::new(t, self.old, self.old_B)),
        ]
    }
}
