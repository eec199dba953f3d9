//! Making maps and bucket arrays ("初始化", "生成buckets").

use core::mem::forget;
use core::ptr;

use maptype::{AllocError, MapType, alg};

use super::overflow::{free_extra, make_extra};
use crate::bucket::Bucket;
use crate::header::sizes::{array_len, bucketShift, hint_to_B};
use crate::heap::{self, ALIGN, Deferred, HMAP, allocate};
use crate::layout::{Bmap, Hmap};
use crate::owned::{allocate_array, clear_frames, free_array, join};
use crate::shape::Erased;

/// Makes a map with room for `hint` entries: in the zeroed `h`, or in memory of the heap if `h` is
/// null.
///
/// A hint that is negative, or whose buckets would not fit the address space, counts as 0. Throws
/// when there is no memory.
///
/// ```
/// use std::ptr::null_mut;
///
/// use gomap::heap::SYSTEM;
/// use gomap::maptype::{MapType, alg};
/// use gomap::raw::{makemap, mapassign, mapfree};
///
/// let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// // SAFETY: the descriptor is valid and outlives the map; keys and elems are `i64`.
/// unsafe {
///     let h = makemap(&t, 100, null_mut());
///     let key = 7i64;
///     *mapassign(&t, h, (&raw const key).cast()).cast::<i64>() = 49;
///     mapfree(&t, h);
/// }
/// ```
///
/// # Safety
/// `t` is *valid*; `h` is null or points to an `Hmap` that holds no map.
pub unsafe fn makemap(t: *const MapType, hint: isize, h: *mut Hmap) -> *mut Hmap {
    // SAFETY: `t` is valid; `h` is null or holds no map.
    unsafe { try_makemap(t, hint, h).unwrap_or_else(|_| heap::out_of_memory(&*t)) }
}

/// [`makemap`] with the hint that 32-bit Go passes in two registers: beyond `isize`, it counts as
/// 0.
///
/// ```
/// # use gomap::{heap::SYSTEM, layout::Hmap, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// let mut map = Hmap::zeroed();
/// let h = makemap64(&t, i64::MAX, &raw mut map);
/// assert_eq!((*h).B, 0);
/// # mapfree_contents(&t, h);
/// # }
/// ```
///
/// # Safety
/// As [`makemap`].
pub unsafe fn makemap64(t: *const MapType, hint: i64, h: *mut Hmap) -> *mut Hmap {
    // SAFETY: `t` is valid; `h` is null or holds no map.
    unsafe { makemap(t, isize::try_from(hint).unwrap_or(0), h) }
}

/// [`makemap`] without a hint, in memory of the heap.
///
/// ```
/// # use gomap::{heap::SYSTEM, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// let h = makemap_small(&t);
/// assert!((*h).buckets.is_null());
/// mapfree(&t, h);
/// # }
/// ```
///
/// # Safety
/// As [`makemap`].
pub unsafe fn makemap_small(t: *const MapType) -> *mut Hmap {
    // SAFETY: `t` is valid.
    unsafe { makemap(t, 0, ptr::null_mut()) }
}

/// [`makemap`], but returns an error instead of throwing.
///
/// ```
/// # use std::ptr::null_mut;
/// # use gomap::{heap::SYSTEM, maptype::{AllocError, MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// let h = try_makemap(&t, 100, null_mut())?;
/// assert_eq!((*h).B, 4); // 6.5 entries for each of 16 buckets
/// mapfree(&t, h);
/// # }
/// # Ok::<(), AllocError>(())
/// ```
///
/// # Errors
/// There is no memory; `h` has not changed.
///
/// # Safety
/// As [`makemap`].
pub unsafe fn try_makemap(
    t: *const MapType,
    hint: isize,
    h: *mut Hmap,
) -> Result<*mut Hmap, AllocError> {
    // SAFETY: `t` is valid; `h` is null or holds no map. What is allocated is freed where a later
    // step fails.
    unsafe {
        let t = &*t;
        let own = h.is_null();
        let h = if own {
            allocate(t, size_of::<Hmap>(), ALIGN, &HMAP)?.cast()
        } else {
            h
        };
        let unmade = Deferred(|| {
            if own {
                heap::free(t, h.cast(), size_of::<Hmap>(), ALIGN);
            } else {
                h.write(Hmap::zeroed());
            }
        });
        init(t, h, hint)?;
        forget(unmade);
        Ok(h)
    }
}

/// # Safety
/// `h` points to an `Hmap` that holds no map.
unsafe fn init(t: &MapType, h: *mut Hmap, hint: isize) -> Result<(), AllocError> {
    // SAFETY: `h` points to an `Hmap` that holds no map.
    unsafe {
        // For the inlined default hash: a descriptor in static memory was made without it.
        alg::init();
        let hash0 = heap::random(t) as u32;
        let B = hint_to_B(t, hint);
        if B == 0 {
            h.write(Hmap::zeroed());
        } else {
            make_array(t, h, B)?;
        }
        (*h).hash0 = hash0;
        Ok(())
    }
}

/// Makes a map of 2^b buckets, without a seed.
///
/// # Safety
/// `t` is *valid*; `h` points to an `Hmap` that holds no map, and is not to be used if this fails.
pub(crate) unsafe fn make_array(t: &MapType, h: *mut Hmap, b: u8) -> Result<(), AllocError> {
    // SAFETY: `t` is valid; `h` holds no map. What was allocated is freed where a later step fails.
    unsafe {
        debug_assert!(!h.is_null());
        let array = makeBucketArray(t, b)?;
        let unused_array = Deferred(|| free_array(t, array.buckets));
        let extra = if array.nextOverflow.is_null() {
            ptr::null_mut()
        } else {
            make_extra(t)?
        };
        let unused_extra = Deferred(move || free_extra(t, extra));
        h.write(Hmap::zeroed());
        (*h).B = b;
        if !extra.is_null() {
            heap::store_pointer(t, &raw mut (*extra).nextOverflow, array.nextOverflow);
        }
        heap::store_pointer(t, &raw mut (*h).buckets, array.buckets);
        heap::store_pointer(t, &raw mut (*h).extra, extra);
        forget((unused_array, unused_extra));
        Ok(())
    }
}

/// Allocates the first bucket of a map that was made without one (`B` is 0).
///
/// # Safety
/// `h` is *of `t`*, has no buckets, *exclusive*.
#[cold]
#[inline(never)]
pub(crate) unsafe fn make_first_bucket(t: &MapType, h: *mut Hmap) -> Result<(), AllocError> {
    // SAFETY: `h` is of `t` and has no buckets; *exclusive*.
    unsafe {
        debug_assert!((*h).buckets.is_null() && (*h).B == 0);
        let bucket = allocate_array(t, 1)?;
        let unused = Deferred(|| free_array(t, bucket));
        join(t, h, bucket);
        heap::store_pointer(t, &raw mut (*h).buckets, bucket);
        forget(unused);
        Ok(())
    }
}

/// A bucket array, and the first of its preallocated overflow buckets (null: there are none).
pub(crate) struct Array {
    pub(crate) buckets: *mut Bmap,
    pub(crate) nextOverflow: *mut Bmap,
}

/// A new array of 2^b buckets. From b = 4 on it has more, for overflow: as many as the median map
/// of that size uses, and what the allocator's size class has room for.
///
/// # Safety
/// `t` is *valid*.
pub(crate) unsafe fn makeBucketArray(t: &MapType, b: u8) -> Result<Array, AllocError> {
    let len = array_len(t, b).ok_or(AllocError)?;
    // SAFETY: `t` is valid; the array has that length.
    unsafe { Ok(lay_out(t, b, len, allocate_array(t, len)?)) }
}

/// The first half of the document's `makeBucketArray` with a `dirtyalloc`: empties an array that is
/// in use, even if the barrier unwinds. It is zeroed, but for dirty cells. [`lay_out`] is the
/// second half.
///
/// # Safety
/// `t` is *valid*; `dirtyalloc` is an array of `len` buckets; *exclusive*.
pub(crate) unsafe fn clearBucketArray(t: &MapType, len: usize, dirtyalloc: *mut Bmap) {
    let size = len * t.bucketsize as usize;
    // SAFETY: `dirtyalloc` has `len` buckets of `t`; *exclusive*.
    unsafe {
        if t.dirtycells() {
            clear_frames(t, len, dirtyalloc);
        } else if t.bucket.ptrdata != 0 {
            heap::memclr_has_pointers(t, dirtyalloc.cast(), size);
        } else {
            ptr::write_bytes(dirtyalloc.cast::<u8>(), 0, size);
        }
    }
}

/// Marks the last preallocated overflow bucket of an empty array by a link that is not null, so
/// that no count of them is kept. Any pointer would do; the array's own address keeps collectors
/// content, and needs no barrier.
///
/// # Safety
/// `buckets` is an empty array of `len` buckets, which is what an array for `b` has.
pub(crate) unsafe fn lay_out(t: &MapType, b: u8, len: usize, buckets: *mut Bmap) -> Array {
    let base = bucketShift(b);
    debug_assert!(len >= base);
    if len == base {
        return Array {
            buckets,
            nextOverflow: ptr::null_mut(),
        };
    }
    let s = Erased(t);
    // SAFETY: `base < len`: both buckets are in the array.
    unsafe {
        let last = Bucket::at(s, buckets, len - 1);
        *last.overflow_slot(s) = buckets;
        Array {
            buckets,
            nextOverflow: Bucket::at(s, buckets, base).0,
        }
    }
}
