//! Growth ("扩容"): a new array is begun here, and filled by `evacuate`.

use core::ptr;

use maptype::{AllocError, MapType};

use super::access::oldbucketmask;
use super::evacuate::evacuate;
use super::flags;
use super::make::{Array, lay_out, makeBucketArray};
use super::overflow::make_extra;
use super::sizes::{array_len, bucketShift, overLoadFactor};
use crate::bucket::Bucket;
use crate::heap::{self, generation};
use crate::layout::{Hmap, iterator, oldIterator, sameSizeGrow};
use crate::shape::{Erased, Shape};

/// Whether entries are still on their way from an old array.
///
/// # Safety
/// `h` points to a map.
#[inline(always)]
pub(crate) unsafe fn growing(h: *const Hmap) -> bool {
    // SAFETY: the caller's promise.
    unsafe { !(*h).oldbuckets.is_null() }
}

/// The buckets of the old array.
///
/// # Safety
/// `h` points to a map that is growing.
#[inline(always)]
pub(crate) unsafe fn noldbuckets(h: *const Hmap) -> usize {
    // SAFETY: the caller's promise.
    unsafe { oldbucketmask(h) + 1 }
}

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
        if !array.nextOverflow.is_null() && (*h).extra.is_null() {
            let extra = make_extra(t).inspect_err(|_| generation::free_array(t, array.buckets))?;
            heap::store_pointer(t, &raw mut (*h).extra, extra);
        }

        let mut new_flags = flags::load(h) & !(iterator | oldIterator);
        if flags::load(h) & iterator != 0 {
            new_flags |= oldIterator;
        }
        if !bigger {
            new_flags |= sameSizeGrow;
        }
        generation::succeed(t, (*h).buckets, array.buckets);
        (*h).B = B;
        flags::store(h, new_flags);
        heap::store_pointer(t, &raw mut (*h).oldbuckets, (*h).buckets);
        heap::store_pointer(t, &raw mut (*h).buckets, array.buckets);
        (*h).nevacuate = 0;
        (*h).noverflow = 0;
        promote_overflow(t, h);
        if !array.nextOverflow.is_null() {
            heap::store_pointer(t, &raw mut (*(*h).extra).nextOverflow, array.nextOverflow);
        }
        Ok(())
    }
}

/// The array that a growth moves to. A large one may have been made ready.
unsafe fn next_array(t: &MapType, h: *mut Hmap, B: u8) -> Result<Array, AllocError> {
    // SAFETY: a map with buckets (caller).
    unsafe {
        let len = array_len(t, B).ok_or(AllocError)?;
        match generation::take_prepared(t, h, len) {
            Some(prepared) => Ok(lay_out(t, B, len, prepared)),
            None => makeBucketArray(t, B),
        }
    }
}

/// The overflow buckets of the array that was current now belong to the old one.
unsafe fn promote_overflow(t: &MapType, h: *mut Hmap) {
    // SAFETY: a map (caller).
    unsafe {
        let extra = (*h).extra;
        if extra.is_null() || (*extra).overflow.is_null() {
            return;
        }
        if !(*extra).oldoverflow.is_null() {
            heap::throw(t, "oldoverflow is not nil");
        }
        heap::store_pointer(t, &raw mut (*extra).oldoverflow, (*extra).overflow);
        heap::store_pointer(t, &raw mut (*extra).overflow, ptr::null_mut());
    }
}

/// The share of a growth that a write to this bucket does: the old bucket that it needs, and one more.
///
/// # Safety
/// `s` *fits* `h`, which is growing; `bucket` is an index of the current array; *exclusive*.
#[cold]
#[inline(never)]
pub(crate) unsafe fn growWork<S: Shape>(
    s: S,
    h: *mut Hmap,
    bucket: usize,
) -> Result<(), AllocError> {
    // SAFETY: the caller's promise.
    unsafe {
        generation::housekeeping(s.t(), h);
        evacuate(s, h, bucket & oldbucketmask(h))?;
        if growing(h) {
            evacuate(s, h, (*h).nevacuate)?;
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
            generation::release_passed(t, h, mark);
        }
    }
}

/// Whether the entries of an old bucket have been moved. The tophash row says so; of the buckets that evacuation has
/// passed, it may have been given back to the system.
///
/// # Safety
/// `s` *fits* `h`, which is growing; the old array has more than `bucket` buckets.
#[inline(always)]
pub(crate) unsafe fn bucketEvacuated<S: Shape>(s: S, h: *const Hmap, bucket: usize) -> bool {
    // SAFETY: the caller's promise.
    unsafe { bucket < (*h).nevacuate || Bucket::at(s, (*h).oldbuckets, bucket).evacuated() }
}

/// Lets go of the old array.
#[cold]
unsafe fn end_growth(t: &MapType, h: *mut Hmap) {
    // SAFETY: every entry has moved (caller).
    unsafe {
        drop_oldbuckets(t, h);
        if !(*h).extra.is_null() {
            heap::store_pointer(t, &raw mut (*(*h).extra).oldoverflow, ptr::null_mut());
        }
        flags::store(h, flags::load(h) & !sameSizeGrow);
        generation::reclaim(t, h);
    }
}

/// # Safety
/// `h` is *of `t`*; *exclusive*.
pub(crate) unsafe fn drop_oldbuckets(t: &MapType, h: *mut Hmap) {
    // SAFETY: the caller's promise.
    unsafe { heap::store_pointer(t, &raw mut (*h).oldbuckets, ptr::null_mut()) }
}

/// The number of buckets of the current array.
///
/// # Safety
/// `h` points to a map.
pub(crate) unsafe fn nbuckets(h: *const Hmap) -> usize {
    // SAFETY: the caller's promise.
    unsafe { bucketShift((*h).B) }
}
