//! Overflow buckets: where they come from, and how they are counted.

use core::ptr;
use core::sync::atomic::Ordering;

use maptype::{AllocError, MapType};

use crate::bucket::Bucket;
use crate::header::extra;
use crate::header::sizes::bucketMask;
use crate::heap::{self, ALIGN, MAP_EXTRA, allocate, store, store_pointers};
use crate::layout::{BmapSlice, Hmap, MapExtra};
use crate::owned::{
    adopt_list, allocate_bucket, allocate_list, end_of_array, free_list, housekeeping,
    reserve_buckets, reserve_in_list,
};
use crate::shape::Erased;

/// A zeroed `mapextra`.
///
/// # Safety
/// `t` is *valid*.
pub(crate) unsafe fn make_extra(t: &MapType) -> Result<*mut MapExtra, AllocError> {
    // SAFETY: `t` is valid.
    unsafe { Ok(allocate(t, size_of::<MapExtra>(), ALIGN, &MAP_EXTRA)?.cast()) }
}

/// # Safety
/// `extra` is null, or came from [`make_extra`] and nobody will use it again.
pub(crate) unsafe fn free_extra(t: &MapType, extra: *mut MapExtra) {
    if !extra.is_null() {
        // SAFETY: `extra` came from `make_extra`, and is not used again.
        unsafe { heap::free(t, extra.cast(), size_of::<MapExtra>(), ALIGN) }
    }
}

/// Links an empty overflow bucket behind `b`, the last of its chain in the current array: one that
/// was preallocated with the array, or a new one.
///
/// # Safety
/// `h` is *of `t`* with buckets; `b` is a *bucket* of its current array; *exclusive*.
#[cold]
#[inline(never)]
pub(crate) unsafe fn newoverflow(
    t: &MapType,
    h: *mut Hmap,
    b: Bucket,
) -> Result<Bucket, AllocError> {
    let s = Erased(t);
    // SAFETY: `h` is of `t` and has buckets; `b` ends a chain of its current array. All that can
    // fail comes before the first change.
    unsafe {
        debug_assert!(b.overflow(s).is_null(), "the chain ends here");
        housekeeping(t, h);
        if t.bucket.ptrdata == 0 {
            createOverflow(t, h)?;
            reserve_in_list(t, h, 1)?;
        }
        let increment = incrnoverflow(t, h);
        let overflow = match take_preallocated(t, h) {
            Some(bucket) => bucket,
            None => Bucket(allocate_bucket(t, h)?),
        };
        (*h).noverflow = (*h).noverflow.wrapping_add(increment);
        let link = store(b.overflow_slot(s), overflow.0);
        if t.bucket.ptrdata == 0 {
            let list = (*(*h).extra).overflow;
            let entry = store((*list).array.add((*list).len), overflow.0);
            (*list).len += 1;
            store_pointers(t, &[entry, link]);
        } else {
            store_pointers(t, &[link]);
        }
        Ok(overflow)
    }
}

/// Makes sure that the next `n` calls of [`newoverflow`] ask for no memory.
///
/// # Safety
/// `h` is *of `t`* with buckets, in an owned heap; *exclusive*.
pub(crate) unsafe fn reserve_overflow(
    t: &MapType,
    h: *mut Hmap,
    n: usize,
) -> Result<(), AllocError> {
    if n == 0 {
        return Ok(());
    }
    debug_assert!(heap::is_owned(t));
    // SAFETY: `h` is of `t` and has buckets, in an owned heap; *exclusive*.
    unsafe {
        if t.bucket.ptrdata == 0 {
            createOverflow(t, h)?;
            reserve_in_list(t, h, n)?;
        }
        reserve_buckets(t, h, n.saturating_sub(preallocated(t, h)))
    }
}

/// How many preallocated overflow buckets are left.
///
/// # Safety
/// `h` is *of `t`* with buckets, in an owned heap.
unsafe fn preallocated(t: &MapType, h: *const Hmap) -> usize {
    // SAFETY: `h` is of `t`; `nextOverflow` is null or in the array, which has an end as the heap
    // is owned.
    unsafe {
        let next = (*h)
            .extra
            .as_ref()
            .map_or(ptr::null_mut(), |extra| extra.nextOverflow);
        if next.is_null() {
            return 0;
        }
        let end = end_of_array(t, (*h).buckets);
        (end.addr() - next.addr()) / t.bucketsize as usize
    }
}

/// A preallocated overflow bucket, if one is left.
///
/// # Safety
/// As [`newoverflow`].
unsafe fn take_preallocated(t: &MapType, h: *mut Hmap) -> Option<Bucket> {
    let s = Erased(t);
    // SAFETY: `h` is of `t`; `nextOverflow` is null or a preallocated bucket, and the link of the
    // last one is not null.
    unsafe {
        let extra = (*h).extra;
        if extra.is_null() || (*extra).nextOverflow.is_null() {
            return None;
        }
        let bucket = Bucket((*extra).nextOverflow);
        let next = if bucket.overflow(s).is_null() {
            Bucket::at(s, bucket.0, 1).0
        } else {
            *bucket.overflow_slot(s) = ptr::null_mut();
            ptr::null_mut()
        };
        store_pointers(t, &[store(&raw mut (*extra).nextOverflow, next)]);
        Some(bucket)
    }
}

/// What a new overflow bucket adds to `noverflow`. The count has 16 bits: from 2^16 buckets on, one
/// bucket in 2^(B−15) is counted, at random.
///
/// # Safety
/// `h` is *of `t`*.
unsafe fn incrnoverflow(t: &MapType, h: *const Hmap) -> u16 {
    // SAFETY: `h` is of `t`.
    unsafe {
        let counts = (*h).B < 16 || heap::random(t) as usize & bucketMask((*h).B - 15) == 0;
        counts.into()
    }
}

/// Makes sure that a map whose buckets hold no pointers has a list of its overflow buckets: a
/// collector does not follow the links of such buckets. Returns `extra` and the list: callers
/// racing here must use these, not plain reads of the map's fields.
///
/// # Safety
/// `h` is *of `t`* with buckets. Iterators that begin in other threads may do the same at once.
pub(crate) unsafe fn createOverflow(
    t: &MapType,
    h: *mut Hmap,
) -> Result<(*mut MapExtra, *mut BmapSlice), AllocError> {
    // SAFETY: `h` is of `t`; a pointer that was published stays, and one that was not is seen by
    // this thread alone.
    unsafe {
        let mut extra = extra::load(h);
        if extra.is_null() {
            let made = make_extra(t)?;
            extra = extra::publish(&raw mut (*h).extra, made);
            if extra == made {
                heap::store_pointer_barrier(t, &raw mut (*h).extra, extra);
            } else {
                free_extra(t, made);
            }
        }
        let slot: *mut *mut BmapSlice = &raw mut (*extra).overflow;
        let mut list = extra::atomic(slot).load(Ordering::Acquire);
        if list.is_null() {
            let made = allocate_list(t)?;
            list = extra::publish(slot, made);
            if list == made {
                adopt_list(t, h, list);
                heap::store_pointer_barrier(t, slot, list);
            } else {
                free_list(t, made);
            }
        }
        Ok((extra, list))
    }
}
