//! What the fields of a map's header say: whether it grows, how many buckets its arrays have, and
//! which of the old ones are evacuated.
#![allow(non_snake_case, reason = "functions keep the document's names")]

pub(crate) mod extra;
pub(crate) mod flags;
pub(crate) mod sizes;

use self::sizes::{bucketMask, bucketShift};
use crate::bucket::Bucket;
use crate::layout::{Hmap, sameSizeGrow};
use crate::shape::Shape;

/// Whether entries are still on their way from an old array.
///
/// # Safety
/// `h` points to a map.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn growing(h: *const Hmap) -> bool {
    // SAFETY: `h` points to a map.
    unsafe { !(*h).oldbuckets.is_null() }
}

/// The number of buckets of the current array.
///
/// # Safety
/// `h` points to a map.
pub(crate) unsafe fn nbuckets(h: *const Hmap) -> usize {
    // SAFETY: `h` points to a map.
    bucketShift(unsafe { (*h).B })
}

/// The number of buckets of the old array.
///
/// # Safety
/// `h` points to a map that is growing.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn noldbuckets(h: *const Hmap) -> usize {
    // SAFETY: `growing(h)` (this function's contract).
    unsafe { oldbucketmask(h) + 1 }
}

/// The mask of the old array, while the map grows.
///
/// # Safety
/// `h` points to a map that is growing.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn oldbucketmask(h: *const Hmap) -> usize {
    // SAFETY: `h` points to a map.
    unsafe {
        debug_assert!(growing(h));
        mask_before(bucketMask((*h).B), flags::load(h))
    }
}

/// The mask of the old array of a map with these flags that grows to one with this mask.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn mask_before(mask: usize, flags: u8) -> usize {
    let doubles = flags & sameSizeGrow == 0;
    mask >> doubles as u8
}

/// Whether the entries of an old bucket have been moved. The tophash row says so; the memory of the
/// buckets that evacuation has passed may have been given back to the system, and is not read.
///
/// # Safety
/// `s` *fits* `h`, which is growing; the old array has more than `bucket` buckets.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn bucketEvacuated<S: Shape>(s: S, h: *const Hmap, bucket: usize) -> bool {
    // SAFETY: `growing(h)`, and `bucket` is within the old array (this function's contract).
    unsafe {
        debug_assert!(growing(h) && bucket < noldbuckets(h));
        bucket < (*h).nevacuate || Bucket::at(s, (*h).oldbuckets, bucket).evacuated()
    }
}

/// Whether the chain of this hash is still in the old array, where nothing is inserted.
///
/// # Safety
/// `s` *fits* `h`, which has buckets.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn awaits_evacuation<S: Shape>(s: S, h: *const Hmap, hash: usize) -> bool {
    // SAFETY: `h` has buckets; the mask keeps the index within the old array.
    unsafe { growing(h) && !bucketEvacuated(s, h, hash & oldbucketmask(h)) }
}
