//! Growth ("扩容"): a new array is begun here, and filled by `evacuate`.

use core::mem::forget;
use core::ptr;

use maptype::{AllocError, MapType};

use super::evacuate::{Hashes, evacuate, evacuate_by, prefetch_evacuation};
use super::make::{Array, lay_out, makeBucketArray};
use super::overflow::make_extra;
use crate::bucket::Bucket;
use crate::header::sizes::{array_len, bucketMask, overLoadFactor};
use crate::header::{bucketEvacuated, growing};
use crate::header::{flags, oldbucketmask};
use crate::heap::{self, Deferred, store, store_pointers};
use crate::layout::{Hmap, MapExtra, iterator, oldIterator, sameSizeGrow};
use crate::owned;
use crate::shape::{Erased, Exclusive, Shape};

/// Begins a growth: to twice the buckets where the load is too high; else to as many, to be rid of overflow buckets
/// that deletions have left nearly empty.
///
/// # Safety
/// `h` is *of `t`* with buckets, not growing; *exclusive*.
#[cold]
#[inline(never)]
pub(crate) unsafe fn hashGrow(t: &MapType, h: *mut Hmap) -> Result<(), AllocError> {
    // SAFETY: the caller's promise.
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
    // SAFETY: the caller's promise. All that can fail comes before the first change.
    unsafe {
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

/// The array that a growth moves to. A large one may have been made ready.
unsafe fn next_array(t: &MapType, h: *mut Hmap, B: u8) -> Result<Array, AllocError> {
    // SAFETY: a map with buckets (caller).
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

/// Makes the new array the map's. The overflow buckets of the array that was current now belong to the old one.
unsafe fn commit(t: &MapType, h: *mut Hmap, array: Array, extra: *mut MapExtra) {
    // SAFETY: a map, and what was allocated for it (caller).
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

/// The share of a growth that a write to this bucket does: the old bucket that it needs, and one
/// more. A chain that there is no memory to move stays in the old array; writes go to it there, and
/// try again. Says whether the chain of this bucket has moved.
///
/// # Safety
/// `s` *fits* `h`, which is growing; `bucket` is an index of the current array; *exclusive*.
#[cold]
#[inline(never)]
pub(crate) unsafe fn growWork<S: Shape>(s: S, h: *mut Hmap, bucket: usize) -> bool {
    // SAFETY: a growing map (caller).
    unsafe {
        let oldbucket = bucket & oldbucketmask(h);
        prefetch_evacuation(s, h, oldbucket);
        owned::housekeeping(s.t(), h);
        let moved = evacuate(s, h, oldbucket).is_ok();
        if growing(h) {
            evacuate(s, h, (*h).nevacuate).ok();
        }
        moved
    }
}

/// Does the share of a growth that a write of this hash owes, if there is one, and returns the
/// bucket that its chain starts with.
///
/// # Safety
/// `s` *fits* `h`, which has buckets; *exclusive*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn home_after_work<S: Shape>(s: S, h: *mut Hmap, hash: usize) -> Bucket {
    // SAFETY: a map with buckets (caller).
    unsafe {
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
    // SAFETY: a growing map, whose old array has a bucket of this number.
    unsafe {
        while growing(h) {
            evacuate_by(Exclusive(t), hashes, h, (*h).nevacuate)?;
        }
        Ok(())
    }
}

/// Buckets that one step may find evacuated already and pass by. It keeps the step bounded.
const SKIP_LIMIT: usize = 1024;

/// Moves the mark over the bucket that was just evacuated, and over those behind it that were before; ends the growth
/// when it reaches the end.
///
/// # Safety
/// `h` is *of `t`*, growing from `newbit` buckets, and bucket `nevacuate` is evacuated; *exclusive*.
pub(crate) unsafe fn advanceEvacuationMark(t: &MapType, h: *mut Hmap, newbit: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        let mut mark = (*h).nevacuate + 1;
        let stop = newbit.min(mark + SKIP_LIMIT);
        while mark != stop && bucketEvacuated(Erased(t), h, mark) {
            mark += 1;
        }
        (*h).nevacuate = mark;
        if mark == newbit {
            end_growth(t, h);
        } else {
            owned::release_passed(t, h, mark);
        }
    }
}

/// Lets go of the old array.
#[cold]
unsafe fn end_growth(t: &MapType, h: *mut Hmap) {
    // SAFETY: every entry has moved (caller).
    unsafe {
        flags::store(h, flags::load(h) & !sameSizeGrow);
        let extra = (*h).extra;
        let oldbuckets = store(&raw mut (*h).oldbuckets, ptr::null_mut());
        if extra.is_null() {
            store_pointers(t, &[oldbuckets]);
        } else {
            let oldoverflow = store(&raw mut (*extra).oldoverflow, ptr::null_mut());
            store_pointers(t, &[oldbuckets, oldoverflow]);
        }
        owned::reclaim(t, h);
    }
}
