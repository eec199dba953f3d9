//! Clears: how often a map was cleared, and what becomes of arrays that iterators still read.

use maptype::MapType;

use super::iterators::reclaim;
use super::{generations, of, pieces};
use crate::bucket::Bucket;
use crate::heap::owned;
use crate::layout::Hmap;
use crate::shape::Erased;

/// A number that changes when the map is cleared: the count of clears or, in a traced heap, which
/// has no room for one, the seed.
///
/// # Safety
/// `h` is a map of `t`, or what is left of one that was freed; *shared*.
pub(crate) unsafe fn clears(t: &MapType, h: *const Hmap) -> u64 {
    // SAFETY: an owned array has a header.
    unsafe {
        match (owned(t), (*h).buckets.is_null()) {
            (false, _) => (*h).hash0.into(),
            (true, true) => 0,
            (true, false) => (*of((*h).buckets)).clears,
        }
    }
}

/// Counts a clear.
///
/// # Safety
/// `h` is a map of `t` with buckets; *exclusive*.
pub(crate) unsafe fn count_clear(t: &MapType, h: *mut Hmap) {
    if owned(t) {
        // SAFETY: an owned array has a header.
        unsafe { (*of((*h).buckets)).clears += 1 }
    }
}

/// Hides all copies of entries that evacuations left behind from the iterators that may come upon
/// them.
///
/// # Safety
/// `h` is a map of `t` in an owned heap, with buckets; *exclusive*.
pub(crate) unsafe fn hide_copies(t: &MapType, h: *const Hmap) {
    let s = Erased(t);
    // SAFETY: arrays, slabs and rooms hold whole buckets.
    unsafe {
        for generation in generations(h) {
            for (start, size) in pieces(t, generation) {
                for index in 0..size / t.bucketsize as usize {
                    Bucket::at(s, start.cast(), index).hide_moved();
                }
            }
        }
    }
}

/// Lets a map, whose entries were away, keep the arrays that they lay in for as long as iterators
/// read them, behind those that it has got meanwhile.
///
/// # Safety
/// `h` and `emptied` are maps of `t` with buckets; `emptied`, which has no entries, is not used
/// again; *exclusive*.
pub(crate) unsafe fn bequeath(t: &MapType, emptied: *const Hmap, h: *mut Hmap) {
    if !owned(t) {
        return;
    }
    // SAFETY: the lists are of live headers.
    unsafe {
        (*of((*h).buckets)).clears += (*of((*emptied).buckets)).clears;
        if let Some(oldest) = generations(h).last() {
            (*oldest).older = of((*emptied).buckets);
        }
        reclaim(t, h);
    }
}
