//! Clears: how often a map was cleared, and what iterators find while its entries are disposed of.
//!
//! Glue may use the map meanwhile, so its arrays are taken out of the header first. The header then
//! says where they are: iterators may end, and the first array that glue makes the map allocate is
//! linked to them.

use core::ptr;

use maptype::MapType;

use super::iterators::uncount;
use super::pieces::pieces;
use super::{Generation, count_up, generations, of};
use crate::bucket::Bucket;
use crate::header::flags::{self, EMPTYING};
use crate::heap::is_owned;
use crate::layout::{Bmap, Hiter, Hmap};
use crate::shape::Erased;

/// Where the entries of a map without buckets are, while they are being disposed of.
///
/// # Safety
/// `h` points to a map without buckets.
pub(super) unsafe fn contents_of(h: *const Hmap) -> Option<*mut Hmap> {
    // SAFETY: `h` points to a map.
    let (flags, address) = unsafe { (flags::load(h), (*h).nevacuate) };
    (flags & EMPTYING != 0).then(|| ptr::with_exposed_provenance_mut(address))
}

/// A number that changes when the map of an iterator is cleared or freed: a count of the array that
/// it began on or, in a traced heap, which has no room for one, the seed.
///
/// # Safety
/// `it` is on an entry of a map of `t`, which may have been freed since; *shared*.
pub(crate) unsafe fn clears(t: &MapType, it: &Hiter) -> u64 {
    // SAFETY: the header of a freed map is left, and its arrays as long as iterators are counted in
    // them.
    unsafe {
        if !is_owned(t) {
            return (*it.h).hash0.into();
        }
        let freed = (*it.h).buckets.is_null() && contents_of(it.h).is_none();
        if freed {
            u64::MAX
        } else {
            (*of(it.buckets)).clears
        }
    }
}

/// Counts a clear.
///
/// # Safety
/// `h` is a map of `t` with buckets; *exclusive*.
pub(crate) unsafe fn count_clear(t: &MapType, h: *const Hmap) {
    if is_owned(t) {
        // SAFETY: the list is of live headers.
        unsafe { generations(h).for_each(|generation| (*generation).clears += 1) }
    }
}

/// Hides all copies of entries that evacuations left behind from the iterators that may meet them.
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

/// Links the first array of a map to those of its former entries, if these are being disposed of.
///
/// # Safety
/// `h` is a map of `t` without buckets, `first` an array of that heap; *exclusive*.
pub(crate) unsafe fn join(t: &MapType, h: *const Hmap, first: *mut Bmap) {
    // SAFETY: owned arrays have headers.
    unsafe {
        if let Some(contents) = contents_of(h)
            && is_owned(t)
        {
            (*of(first)).older = of((*contents).buckets);
        }
    }
}

/// Keeps the arrays of entries that are being disposed of, as an iterator would.
///
/// # Safety
/// `contents` is a map of `t` with buckets; *exclusive*.
pub(crate) unsafe fn guard(t: &MapType, contents: *const Hmap) {
    // SAFETY: live headers, in an owned heap.
    unsafe {
        for generation in in_use(t, contents) {
            count_up(t, &(*generation).iterators);
        }
        if is_owned(t) {
            (*of((*contents).buckets)).b = (*contents).B;
        }
    }
}

/// Ends a [`guard`].
///
/// # Safety
/// As [`guard`], which was called for these arrays.
pub(crate) unsafe fn unguard(t: &MapType, contents: *const Hmap) {
    // SAFETY: live headers, in which the guard was counted.
    unsafe { in_use(t, contents).for_each(|generation| uncount(generation)) }
}

/// The headers of a map's one or two arrays; none in a traced heap.
///
/// # Safety
/// `h` is a map of `t` with buckets.
unsafe fn in_use(t: &MapType, h: *const Hmap) -> impl Iterator<Item = *mut Generation> {
    // SAFETY: `h` is a map of `t`.
    let arrays = unsafe { [(*h).buckets, (*h).oldbuckets] };
    let owned = is_owned(t);
    let arrays = arrays
        .into_iter()
        .filter(move |array| owned && !array.is_null());
    // SAFETY: owned arrays have headers.
    arrays.map(|array| unsafe { of(array) })
}
