//! Overflow buckets of an owned array, allocated together and freed with it.

use core::iter::successors;
use core::mem::{replace, size_of};
use core::ptr::{self, NonNull};
use core::sync::atomic::Ordering;

use maptype::{AllocError, MapType};

use super::frames::make_frames;
use super::iterators::watched;
use super::{ARRAY_ALIGN, Generation, large, lists, of};
use crate::heap::{ALIGN, DIRTY_BUCKETS, allocate, free, is_owned};
use crate::layout::{Bmap, Hmap};

/// Overflow buckets allocated together.
pub(super) struct Slab {
    pub(super) next: *mut Slab,
    size: usize,
    used: usize,
}

/// Slabs grow up to this many bytes.
const MAX_SLAB: usize = 64 << 10;
const SLAB_HEADER: usize = size_of::<Slab>().next_multiple_of(ARRAY_ALIGN);

/// An empty overflow bucket for the map's array: the document's `newobject(t.bucket)`.
///
/// # Safety
/// `h` is a map of `t` with buckets; *exclusive*.
pub(crate) unsafe fn allocate_bucket(t: &MapType, h: *mut Hmap) -> Result<*mut Bmap, AllocError> {
    // SAFETY: `h` is a map of `t` with buckets; *exclusive*.
    unsafe {
        if !is_owned(t) {
            return Ok(allocate(t, t.bucketsize as usize, ALIGN, t.bucket_type())?.cast());
        }
        let generation = of((*h).buckets);
        let bucket = match large::take_room(t, generation) {
            Some(bucket) => bucket,
            None => take_from_slab(t, generation)?,
        };
        if t.dirtycells() {
            make_frames(t, 1, bucket);
        }
        Ok(bucket)
    }
}

/// Makes sure that the next `n` calls of [`allocate_bucket`] ask for no memory.
///
/// # Safety
/// `h` is a map of `t` with buckets, in an owned heap; *exclusive*.
pub(crate) unsafe fn reserve_buckets(
    t: &MapType,
    h: *mut Hmap,
    n: usize,
) -> Result<(), AllocError> {
    // SAFETY: an owned array has a header.
    unsafe {
        let generation = of((*h).buckets);
        let n = n.saturating_sub(large::room_left(t, generation));
        if n > slab_left(t, (*generation).slabs) {
            (*generation).slabs = allocate_slab(t, (*generation).slabs, n)?;
        }
        Ok(())
    }
}

/// How many buckets a slab has left.
///
/// # Safety
/// `slab` is null or a live slab.
unsafe fn slab_left(t: &MapType, slab: *mut Slab) -> usize {
    // SAFETY: `slab` is null or a live slab.
    let slab = unsafe { slab.as_ref() };
    slab.map_or(0, |slab| (slab.size - slab.used) / t.bucketsize as usize)
}

/// # Safety
/// `generation` is the header of the map's current array; *exclusive*.
unsafe fn take_from_slab(
    t: &MapType,
    generation: *mut Generation,
) -> Result<*mut Bmap, AllocError> {
    let bucketsize = t.bucketsize as usize;
    // SAFETY: a slab has room for whole buckets, which are handed out once.
    unsafe {
        let newest = (*generation).slabs;
        // Older ones have room if they were recycled.
        let mut slab = newest;
        while !slab.is_null() && (*slab).size - (*slab).used < bucketsize {
            slab = (*slab).next;
        }
        if slab.is_null() {
            slab = allocate_slab(t, newest, 1)?;
            (*generation).slabs = slab;
        }
        let bucket = slab.byte_add((*slab).used).cast();
        (*slab).used += bucketsize;
        Ok(bucket)
    }
}

/// A slab of twice the buckets of the one before, and at least `least`.
///
/// # Safety
/// `previous` is null or a live slab of the heap of `t`.
unsafe fn allocate_slab(
    t: &MapType,
    previous: *mut Slab,
    least: usize,
) -> Result<*mut Slab, AllocError> {
    let bucketsize = t.bucketsize as usize;
    // SAFETY: `previous` is null or a live slab; the new one is initialised here.
    unsafe {
        let twice = previous.as_ref().map_or(0, |slab| {
            let room = (slab.size - SLAB_HEADER) / bucketsize;
            (2 * room).min(MAX_SLAB / bucketsize)
        });
        let size = twice.max(least).checked_mul(bucketsize);
        let size = size
            .and_then(|size| size.checked_add(SLAB_HEADER))
            .ok_or(AllocError)?;
        let ty = if t.dirtycells() {
            &raw const DIRTY_BUCKETS
        } else {
            t.bucket_type()
        };
        let slab: *mut Slab = allocate(t, size, ARRAY_ALIGN, ty)?.cast();
        (*slab).next = previous;
        (*slab).size = size;
        (*slab).used = SLAB_HEADER;
        Ok(slab)
    }
}

/// # Safety
/// `slab` is null or heads a list of live slabs that are not used again.
pub(super) unsafe fn free_slabs(t: &MapType, mut slab: *mut Slab) {
    while !slab.is_null() {
        // SAFETY: the list is of live slabs, each freed once.
        unsafe {
            let next = (*slab).next;
            free(t, slab.cast(), (*slab).size, ARRAY_ALIGN);
            slab = next;
        }
    }
}

/// The buckets in use of each slab: where they start, and their bytes.
///
/// # Safety
/// `slab` is null or the first of a list of live slabs.
pub(super) unsafe fn in_use(slab: *mut Slab) -> impl Iterator<Item = (*mut u8, usize)> {
    // SAFETY: `slab` is null or the first of a list of live slabs.
    let slabs = successors(NonNull::new(slab), |slab| unsafe {
        NonNull::new(slab.as_ref().next)
    });
    slabs.map(|slab| {
        // SAFETY: a live slab; the buckets follow its header.
        unsafe {
            let start = slab.as_ptr().cast::<u8>().add(SLAB_HEADER);
            (start, slab.as_ref().used - SLAB_HEADER)
        }
    })
}

/// Reuses overflow buckets that iterators may still be in, once several clears have left many: the
/// iterator may be lost. One that is not continues in another chain, as Go's do where a clear
/// reuses preallocated overflow buckets.
///
/// # Safety
/// As [`discard_overflow`], of the map's current array.
unsafe fn recycle(t: &MapType, generation: *mut Generation) {
    // SAFETY: live slabs; no bucket of theirs is linked.
    unsafe {
        let bytes: usize = in_use((*generation).slabs).map(|(_, used)| used).sum();
        let many = bytes > MAX_SLAB.max(2 * (*generation).size);
        if !many && !lists::are_many(generation) {
            return;
        }
        let mut slab = (*generation).slabs;
        while let Some(current) = slab.as_mut() {
            let used = replace(&mut current.used, SLAB_HEADER) - SLAB_HEADER;
            slab.cast::<u8>().add(SLAB_HEADER).write_bytes(0, used);
            slab = current.next;
        }
        lists::free_lists(
            t,
            (*generation).lists.swap(ptr::null_mut(), Ordering::Relaxed),
        );
    }
}

/// Takes back all overflow buckets and lists of the map's array, unless an iterator may read them.
///
/// # Safety
/// `h` is a map of `t` with buckets, none of which links to an overflow bucket; *exclusive*.
pub(crate) unsafe fn discard_overflow(t: &MapType, h: *mut Hmap) {
    // SAFETY: no bucket of the array links to an overflow bucket.
    unsafe {
        if !is_owned(t) {
            return;
        }
        let generation = of((*h).buckets);
        if watched(t, h) {
            return recycle(t, generation);
        }
        large::discard(t, generation);
        let newest = (*generation).slabs;
        if let Some(slab) = newest.as_mut() {
            free_slabs(t, replace(&mut slab.next, ptr::null_mut()));
            let used = replace(&mut slab.used, SLAB_HEADER) - SLAB_HEADER;
            if !t.dirtycells() {
                newest.cast::<u8>().add(SLAB_HEADER).write_bytes(0, used);
            }
        }
        lists::free_lists(
            t,
            (*generation).lists.swap(ptr::null_mut(), Ordering::Relaxed),
        );
    }
}
