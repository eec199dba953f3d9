//! Growth ("扩容"): a new array is begun here, and filled by `evacuate`.

use core::mem::forget;
use core::ptr;

use maptype::{AllocError, MapType};

use super::evacuate::{Hashes, evacuate, evacuate_by, prefetch_evacuation};
use super::make::{Array, lay_out, makeBucketArray};
use super::overflow::make_extra;
use crate::bucket::Bucket;
use crate::header::growing;
use crate::header::sizes::{array_len, bucketMask, overLoadFactor};
use crate::header::{flags, oldbucketmask};
use crate::heap::{self, Deferred, store, store_pointers};
use crate::layout::{Hmap, MapExtra, iterator, oldIterator, sameSizeGrow};
use crate::owned;
use crate::shape::{Exclusive, Shape};

/// Begins a growth: to twice the buckets where the load is too high; otherwise to as many, to drop
/// overflow buckets that deletions have left nearly empty.
///
/// # Safety
/// `h` is *of `t`* with buckets, not growing; *exclusive*.
#[cold]
#[inline(never)]
pub(crate) unsafe fn hashGrow(t: &MapType, h: *mut Hmap) -> Result<(), AllocError> {
    // SAFETY: `h` is of `t`, has buckets and does not grow.
    unsafe { begin_growth(t, h, overLoadFactor((*h).count + 1, (*h).B)) }
}

/// Begins a growth: to twice the buckets, or to as many.
///
/// # Safety
/// As [`hashGrow`].
pub(crate) unsafe fn begin_growth(
    t: &MapType,
    h: *mut Hmap,
    bigger: bool,
) -> Result<(), AllocError> {
    // SAFETY: `h` is of `t`, has buckets and does not grow; *exclusive*. All that can fail comes
    // before the first change.
    unsafe {
        debug_assert!(!growing(h) && !(*h).buckets.is_null());
        let B = (*h).B + bigger as u8;
        let array = next_array(t, h, B)?;
        let unused = Deferred(|| owned::free_array(t, array.buckets));
        let mut extra = (*h).extra;
        if !array.nextOverflow.is_null() && extra.is_null() {
            extra = make_extra(t)?;
        }
        forget(unused);

        let mut new_flags = flags::load(h) & !(iterator | oldIterator);
        if flags::load(h) & iterator != 0 {
            new_flags |= oldIterator;
        }
        if !bigger {
            new_flags |= sameSizeGrow;
        }
        owned::succeed(t, h, array.buckets);
        (*h).B = B;
        flags::store(h, new_flags);
        (*h).nevacuate = 0;
        (*h).noverflow = 0;
        commit(t, h, array, extra);
        Ok(())
    }
}

/// The array that a growth moves to. A large one may have been prepared.
///
/// # Safety
/// As [`hashGrow`].
unsafe fn next_array(t: &MapType, h: *mut Hmap, B: u8) -> Result<Array, AllocError> {
    // SAFETY: `h` is of `t`, and has buckets.
    unsafe {
        let len = array_len(t, B).ok_or(AllocError)?;
        if let Some(prepared) = owned::take_prepared(t, h, len) {
            return Ok(lay_out(t, B, len, prepared));
        }
        let array = makeBucketArray(t, B)?;
        if !t.dirtycells() {
            owned::make_ready(t, array.buckets, len);
        }
        Ok(array)
    }
}

/// Makes the new array current, and the current one old, with its overflow buckets.
///
/// # Safety
/// `h` is *of `t`*; `array` and `extra` were made for it; *exclusive*.
unsafe fn commit(t: &MapType, h: *mut Hmap, array: Array, extra: *mut MapExtra) {
    // SAFETY: fields of `h` and of its `extra`; *exclusive*.
    unsafe {
        let arrays = [
            store(&raw mut (*h).oldbuckets, (*h).buckets),
            store(&raw mut (*h).buckets, array.buckets),
        ];
        if extra.is_null() {
            return store_pointers(t, &arrays);
        }
        let (overflow, mut oldoverflow) = ((*extra).overflow, (*extra).oldoverflow);
        if !overflow.is_null() {
            if !oldoverflow.is_null() {
                heap::throw(t, "oldoverflow is not nil");
            }
            oldoverflow = overflow;
        }
        let mut nextOverflow = (*extra).nextOverflow;
        if !array.nextOverflow.is_null() {
            nextOverflow = array.nextOverflow;
        }
        let [old, new] = arrays;
        let stores = [
            old,
            new,
            store(&raw mut (*h).extra, extra),
            store(&raw mut (*extra).oldoverflow, oldoverflow),
            store(&raw mut (*extra).overflow, ptr::null_mut()),
            store(&raw mut (*extra).nextOverflow, nextOverflow),
        ];
        store_pointers(t, &stores);
    }
}

/// The growth work of a write to this bucket: evacuates the old bucket that it needs, and one more.
/// Returns whether the chain of this bucket has moved. Without memory it stays in the old array;
/// writes use it there, and try again.
///
/// # Safety
/// `s` *fits* `h`, which is growing; `bucket` is an index of the current array; *exclusive*.
#[cold]
#[inline(never)]
pub(crate) unsafe fn growWork<S: Shape>(s: S, h: *mut Hmap, bucket: usize) -> bool {
    // SAFETY: `s` fits `h`, which grows; the mask keeps the index within the old array;
    // *exclusive*.
    unsafe {
        debug_assert!(growing(h) && bucket <= bucketMask((*h).B));
        let oldbucket = bucket & oldbucketmask(h);
        prefetch_evacuation(s, h, oldbucket);
        owned::housekeeping(s.t(), h);
        let moved = evacuate(s, h, oldbucket).is_ok();
        // A chain that could not be moved is not tried again: it must not move after this was said.
        if growing(h) && (moved || (*h).nevacuate != oldbucket) {
            evacuate(s, h, (*h).nevacuate).ok();
        }
        moved
    }
}

/// Does the growth work of a write of this hash, if the map grows, and returns the first bucket of
/// its chain.
///
/// # Safety
/// `s` *fits* `h`, which has buckets; *exclusive*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn home_after_work<S: Shape>(s: S, h: *mut Hmap, hash: usize) -> Bucket {
    // SAFETY: `s` fits `h`, which has buckets; the masks keep the indices within their arrays;
    // *exclusive*.
    unsafe {
        debug_assert!(!(*h).buckets.is_null());
        let index = hash & bucketMask((*h).B);
        if growing(h) && !growWork(s, h, index) {
            return Bucket::at(s, (*h).oldbuckets, index & oldbucketmask(h));
        }
        Bucket::at(s, (*h).buckets, index)
    }
}

/// Moves all that is still in the old array of a typed map.
///
/// # Errors
/// There is no memory to go on. What was moved stays where it is now.
///
/// # Safety
/// `h` is a typed map of `t`, and `hashes` are those of its keys; *exclusive*.
pub(crate) unsafe fn finish_growth(
    t: &MapType,
    hashes: &dyn Hashes,
    h: *mut Hmap,
) -> Result<(), AllocError> {
    // SAFETY: while `h` grows, `nevacuate` is within the old array; *exclusive*.
    unsafe {
        while growing(h) {
            evacuate_by(Exclusive(t), hashes, h, (*h).nevacuate)?;
        }
        Ok(())
    }
}
