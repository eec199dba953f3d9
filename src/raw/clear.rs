//! Removing all entries at once.

use core::ptr;

use maptype::{AllocError, Era};

use super::flags::{self, Writing};
use super::grow::{drop_oldbuckets, nbuckets, noldbuckets};
use super::make::clearBucketArray;
use super::observe;
use crate::bucket::{Bucket, Entries};
use crate::heap::dispose::{Discarded, Part, dispose_entries};
use crate::heap::{self, generation, heap};
use crate::layout::{Bmap, Hmap, emptyRest, sameSizeGrow};
use crate::shape::Shape;

/// Removes all entries; the bucket array stays. The document's `mapclear`.
///
/// # Safety
/// `s` *fits* `h`, which may be null; *exclusive*.
pub(crate) unsafe fn mapclear<S: Shape>(s: S, h: *mut Hmap) -> Result<(), AllocError> {
    observe::writes_map(s, h);
    // SAFETY: the caller's promise.
    unsafe {
        if h.is_null() || (*h).count == 0 {
            return Ok(());
        }
        Writing::check(s, h);
        let writing = Writing::start(s, h);
        if s.needs_disposal() {
            let mut discarded = Discarded::for_entries(s.t(), h, (*h).count as usize)?;
            let clearing = Clearing { s, h };
            if discarded.retires() {
                for cell in Entries::new(s, h) {
                    discarded.take(Part::Key, cell.key_slot(s));
                    discarded.take(Part::Elem, cell.elem_slot(s));
                }
            } else {
                dispose_entries(s, h);
            }
            drop(clearing);
        } else {
            forget_entries(s, h);
        }
        writing.finish();
        Ok(())
    }
}

/// Clears the memory of a map whose entries are being disposed of, also when their glue unwinds.
struct Clearing<S: Shape> {
    s: S,
    h: *mut Hmap,
}

impl<S: Shape> Drop for Clearing<S> {
    fn drop(&mut self) {
        // SAFETY: the entries were disposed of (`mapclear`).
        unsafe { forget_entries(self.s, self.h) }
    }
}

/// Makes the map empty, whatever its cells hold.
///
/// # Safety
/// `s` *fits* `h`, which has buckets; *exclusive*.
pub(crate) unsafe fn forget_entries<S: Shape>(s: S, h: *mut Hmap) {
    let t = s.t();
    // SAFETY: a map with entries (caller).
    unsafe {
        let read_by_others = !heap::owned(t) || generation::watched(t, h);
        if heap(t).era == Era::Go123 && read_by_others {
            mark_empty(s, (*h).buckets, nbuckets(h));
            if !(*h).oldbuckets.is_null() {
                mark_empty(s, (*h).oldbuckets, noldbuckets(h));
            }
        }
        flags::store(h, flags::load(h) & !sameSizeGrow);
        drop_oldbuckets(t, h);
        (*h).nevacuate = 0;
        (*h).noverflow = 0;
        (*h).count = 0;
        if heap(t).era != Era::Go112 {
            (*h).hash0 = heap::random(t) as u32;
        }
        let extra = (*h).extra;
        if !extra.is_null() {
            heap::store_pointer(t, &raw mut (*extra).overflow, ptr::null_mut());
            heap::store_pointer(t, &raw mut (*extra).oldoverflow, ptr::null_mut());
        }
        let array = clearBucketArray(t, (*h).B, (*h).buckets);
        if !extra.is_null() {
            heap::store_pointer(t, &raw mut (*extra).nextOverflow, array.nextOverflow);
        }
        generation::discard_overflow(t, h);
        generation::reclaim(t, h);
    }
}

/// Lets iterators that still hold these chains find nothing there.
unsafe fn mark_empty<S: Shape>(s: S, buckets: *mut Bmap, n: usize) {
    for index in 0..n {
        // SAFETY: an array of `n` buckets (caller).
        unsafe {
            for b in Bucket::at(s, buckets, index).chain(s) {
                b.0.cast::<[u8; 8]>().write([emptyRest; 8]);
            }
        }
    }
}
