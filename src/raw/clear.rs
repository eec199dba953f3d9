//! Removing all entries at once.

use core::ptr;

use maptype::{AllocError, Era, MapType};

use super::flags::{self, Writing};
use super::grow::{nbuckets, noldbuckets};
use super::make::{clearBucketArray, lay_out};
use super::observe;
use super::sizes::array_len;
use crate::bucket::{Bucket, Entries};
use crate::heap::dispose::{Discarded, Part, dispose_entries};
use crate::heap::{self, Deferred, generation, heap, store, store_pointers};
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
        let hash0 = next_seed(s.t(), h);
        if s.needs_disposal() {
            let mut discarded = Discarded::for_entries(s.t(), h, (*h).count as usize)?;
            let clearing = Deferred(|| make_empty(s, h, hash0));
            if discarded.retires() {
                for place in Entries::new(s, h) {
                    discarded.take(Part::Key, place.key_slot());
                    discarded.take(Part::Elem, place.elem_slot());
                }
            } else {
                dispose_entries(s, h);
            }
            drop(clearing);
        } else {
            make_empty(s, h, hash0);
        }
        writing.finish();
        Ok(())
    }
}

/// The seed of the map once it is empty.
unsafe fn next_seed(t: &MapType, h: *const Hmap) -> u32 {
    // SAFETY: a map (caller).
    unsafe {
        match heap(t).era {
            Era::Go112 => (*h).hash0,
            Era::Go119 | Era::Go123 => heap::random(t) as u32,
        }
    }
}

/// Makes the map empty, whatever its cells hold.
///
/// # Safety
/// `s` *fits* `h`, which has buckets; *exclusive*.
pub(crate) unsafe fn forget_entries<S: Shape>(s: S, h: *mut Hmap) {
    // SAFETY: the caller's promise.
    unsafe { make_empty(s, h, next_seed(s.t(), h)) }
}

/// [`forget_entries`] with the seed to come, even if a barrier unwinds.
unsafe fn make_empty<S: Shape>(s: S, h: *mut Hmap, hash0: u32) {
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
        let len = array_len(t, (*h).B).unwrap_or_else(|| nbuckets(h));
        let header = Deferred(|| reset_header(t, h, hash0, len));
        clearBucketArray(t, len, (*h).buckets);
        drop(header);
        generation::discard_overflow(t, h);
        generation::reclaim(t, h);
    }
}

/// Resets all but the array.
unsafe fn reset_header(t: &MapType, h: *mut Hmap, hash0: u32, len: usize) {
    // SAFETY: a map whose array has `len` buckets, all empty (caller).
    unsafe {
        flags::store(h, flags::load(h) & !sameSizeGrow);
        (*h).nevacuate = 0;
        (*h).noverflow = 0;
        (*h).count = 0;
        (*h).hash0 = hash0;
        let array = lay_out(t, (*h).B, len, (*h).buckets);
        let oldbuckets = store(&raw mut (*h).oldbuckets, ptr::null_mut());
        let extra = (*h).extra;
        if extra.is_null() {
            return store_pointers(t, &[oldbuckets]);
        }
        let stores = [
            oldbuckets,
            store(&raw mut (*extra).overflow, ptr::null_mut()),
            store(&raw mut (*extra).oldoverflow, ptr::null_mut()),
            store(&raw mut (*extra).nextOverflow, array.nextOverflow),
        ];
        store_pointers(t, &stores);
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
