//! Who may still read a bucket array, in a heap that the map frees itself.
//!
//! An owned bucket array, and all that was allocated for its buckets, is a *generation*. Its header stands in front of
//! the array, so that the structs that Go lays out stay as they are. A growth makes a new generation and links the old
//! one behind it. What the map discards while iterators are alive is *retired*: it stays until the last iterator that
//! could read it has ended.
//!
//! - An iterator is counted in the generation that it began on, and in that of the old chain that it stands in.
//! - An array is read by iterators that are counted in it, and by those that began on its successor while the growth was
//!   under way.
//! - What a generation retired ([`Record`]) is read by iterators that began on it or before.
//! - A typed map's cursor pins the array that it began on ([`pin`]), and reads all newer ones. It may outlive the map, and
//!   then frees that array.

mod frames;
mod iterators;
mod kept;
mod large;
mod lists;
mod pins;
mod slabs;

use core::mem::size_of;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};
use core::{iter, ptr};

use maptype::{AllocError, MapType};

pub(crate) use frames::clear_frames;
use frames::make_frames;
pub(crate) use iterators::{
    EMPTYING, Reader, change_chain, counts, enter, leave, reclaim, watched,
};
pub(crate) use kept::{kept_buckets, kept_slots};
pub(crate) use large::{housekeeping, make_ready, release_passed, take_prepared};
pub(crate) use lists::{adopt_list, allocate_list, free_list, reserve_in_list};
pub(crate) use pins::{arrays, pin, same_size, unpin};
pub(crate) use slabs::{allocate_bucket, discard_overflow, reserve_buckets};

use self::lists::{OverflowList, free_lists};
use self::slabs::{Slab, free_slabs};
use super::dispose::{self, Record};
use super::{ALIGN, DIRTY_BUCKETS, allocate, free, owned};
use crate::bucket::Bucket;
use crate::layout::{Bmap, Hmap};
use crate::shape::Erased;

/// Bytes in front of an owned array: a cache line, so that the array starts on one where the allocation does.
const HEADER: usize = 64;

/// Alignment of owned arrays and slabs. Most buckets are a multiple of that long, and then lie in no more lines than they
/// must.
const ARRAY_ALIGN: usize = 16;

/// The header of an owned bucket array.
#[repr(C)]
pub(crate) struct Generation {
    /// The generation that this one replaced, while it may be read.
    older: *mut Generation,
    /// Memory of the overflow buckets, newest first.
    slabs: *mut Slab,
    /// The lists that `extra.overflow` has pointed to, newest first.
    lists: AtomicPtr<OverflowList>,
    /// Discarded entries that iterators may read.
    pub(super) garbage: *mut Record,
    /// Bytes of the array.
    size: usize,
    /// How often the map was cleared until this array was replaced.
    clears: u64,
    /// Records in `garbage`.
    retired: u32,
    /// Counts of iterators alive.
    iterators: AtomicU32,
    /// Cursors that pin this array, and [`ORPHANED`].
    pins: AtomicU32,
    /// Held while an iterator ends; of the newest generation only.
    lock: AtomicBool,
}

const _: () = assert!(size_of::<Generation>() <= HEADER);

/// Bit of [`Generation::pins`]: the map is gone, and who ends the last pin frees the generation.
const ORPHANED: u32 = 1 << 31;

/// The generation of an owned array.
///
/// # Safety
/// `buckets` came from [`allocate_array`] in an owned heap.
pub(crate) unsafe fn of(buckets: *mut Bmap) -> *mut Generation {
    // SAFETY: the header precedes the array in its allocation.
    unsafe { buckets.byte_sub(HEADER).cast() }
}

/// Where an array ends, preallocated overflow buckets included; null in a traced heap, which does not say.
///
/// # Safety
/// `buckets` came from [`allocate_array`] in the heap of `t`, or in another that is owned as that is.
pub(crate) unsafe fn end_of_array(t: &MapType, buckets: *mut Bmap) -> *mut Bmap {
    if !owned(t) {
        return ptr::null_mut();
    }
    // SAFETY: an owned array has a header (caller).
    unsafe { buckets.byte_add((*of(buckets)).size) }
}

/// An empty array of `n` buckets: the document's `newarray(t.bucket, n)`. It is zeroed, but for dirty cells.
///
/// # Safety
/// `t` is a valid descriptor.
pub(crate) unsafe fn allocate_array(t: &MapType, n: usize) -> Result<*mut Bmap, AllocError> {
    let size = n.checked_mul(t.bucketsize as usize).ok_or(AllocError)?;
    // SAFETY: the header is initialised before anybody sees it: its other fields are null, zero or false.
    unsafe {
        if !owned(t) {
            return Ok(allocate(t, size, ALIGN, t.bucket_type())?.cast());
        }
        let whole = size
            .checked_add(HEADER + large::bytes_behind(t, size))
            .ok_or(AllocError)?;
        if t.dirtycells() && !large::is_large(size) {
            return allocate_dirty(t, n, whole);
        }
        let generation: *mut Generation = allocate(t, whole, ARRAY_ALIGN, t.bucket_type())?.cast();
        (*generation).size = size;
        large::init(t, generation);
        Ok(generation.byte_add(HEADER).cast())
    }
}

/// [`allocate_array`] without zeroing the cells. Of large arrays, which the system zeroes page by page, it would touch all
/// at once.
unsafe fn allocate_dirty(t: &MapType, n: usize, whole: usize) -> Result<*mut Bmap, AllocError> {
    // SAFETY: the header and the frames are initialised before anybody sees them.
    unsafe {
        let generation: *mut Generation = allocate(t, whole, ARRAY_ALIGN, &DIRTY_BUCKETS)?.cast();
        generation.cast::<[u8; HEADER]>().write([0; HEADER]);
        (*generation).size = n * t.bucketsize as usize;
        let buckets = generation.byte_add(HEADER).cast();
        large::make_ready(t, buckets, n);
        make_frames(t, n, buckets);
        Ok(buckets)
    }
}

/// Frees an array that no generation list knows, with its slabs and lists.
///
/// # Safety
/// `generation` is the header of an owned array that nobody will use again; its garbage was taken.
unsafe fn free_generation(t: &MapType, generation: *mut Generation) {
    // SAFETY: everything here was allocated by this module with these sizes.
    unsafe {
        free_slabs(t, (*generation).slabs);
        free_lists(t, *(*generation).lists.get_mut());
        if let Some(large) = large::trailer(t, generation) {
            free_all_from(t, (*large).draining);
            free_array(t, (*large).next);
        }
        let size = (*generation).size;
        let whole = HEADER + size + large::bytes_behind(t, size);
        free(t, generation.cast(), whole, ARRAY_ALIGN);
    }
}

/// Frees an array that was made and then not used.
///
/// # Safety
/// `buckets` came from [`allocate_array`], and nobody will use it again.
pub(crate) unsafe fn free_array(t: &MapType, buckets: *mut Bmap) {
    if owned(t) && !buckets.is_null() {
        // SAFETY: an owned array has a header (caller).
        unsafe { free_generation(t, of(buckets)) }
    }
}

/// Notes that `newer` is about to replace `older` as the map's bucket array.
///
/// # Safety
/// Both are bucket arrays of one map with descriptor `t`; *exclusive*.
pub(crate) unsafe fn succeed(t: &MapType, older: *mut Bmap, newer: *mut Bmap) {
    if owned(t) {
        // SAFETY: owned arrays have headers.
        unsafe {
            (*of(newer)).older = of(older);
            (*of(newer)).clears = (*of(older)).clears;
            large::inherit(t, of(older), of(newer));
        }
    }
}

/// Frees all generations of a map, with everything allocated for them. Those that are pinned are freed with the last pin.
///
/// # Safety
/// `h` is a map of `t` in an owned heap whose entries were disposed of and that no iterator reads; *exclusive*.
pub(crate) unsafe fn free_all(t: &MapType, h: *mut Hmap) {
    // SAFETY: nobody will use the arrays again.
    unsafe {
        if (*h).buckets.is_null() {
            return;
        }
        free_all_from(t, of((*h).buckets));
    }
}

unsafe fn free_all_from(t: &MapType, mut next: *mut Generation) {
    while !next.is_null() {
        let generation = next;
        // SAFETY: the list is of headers that nobody will use again (callers).
        unsafe {
            next = (*generation).older;
            dispose::free_records(t, (*generation).garbage);
            if (*generation).pins.fetch_or(ORPHANED, Ordering::AcqRel) == 0 {
                free_generation(t, generation);
            }
        }
    }
}

unsafe fn generations(h: *const Hmap) -> impl Iterator<Item = *mut Generation> {
    // SAFETY: the map is owned and has buckets (callers).
    let newest = unsafe { of((*h).buckets) };
    core::iter::successors(Some(newest), |&g| {
        // SAFETY: the list is of live headers.
        let older = unsafe { (*g).older };
        (!older.is_null()).then_some(older)
    })
}

/// Whether a bucket lies in an array, or among the overflow buckets that were allocated for it.
///
/// # Safety
/// `generation` is the header of an array of the heap of `t`, for which nobody allocates meanwhile.
unsafe fn holds(t: &MapType, generation: *mut Generation, bucket: *mut Bmap) -> bool {
    // SAFETY: a live header (caller).
    let mut pieces = unsafe { pieces(t, generation) };
    pieces.any(|(start, size)| (start.addr()..start.addr() + size).contains(&bucket.addr()))
}

/// A number that changes when the map is cleared: the count of clears or, in a traced heap, which has no room for one, the
/// seed.
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

/// How many slots iterators keep of discarded entries.
///
/// # Safety
/// `h` is a map in an owned heap, with buckets; *exclusive*.
pub(crate) unsafe fn retired(h: *const Hmap) -> usize {
    // SAFETY: the list is of live headers.
    unsafe {
        generations(h)
            .map(|generation| (*generation).retired as usize)
            .sum()
    }
}

/// Counts a slot that is about to be retired to a generation.
///
/// # Safety
/// `generation` is the header of the current array of a map; *exclusive*.
pub(crate) unsafe fn count_retired(generation: *mut Generation) {
    // SAFETY: a live header (caller).
    unsafe { (*generation).retired += 1 }
}

/// The arrays that were replaced and are kept, newest first, and the binary logarithm of their buckets.
///
/// # Safety
/// `h` is a map of `t` in an owned heap, with buckets; *exclusive*.
pub(crate) unsafe fn replaced(
    t: &MapType,
    h: *const Hmap,
) -> impl Iterator<Item = (*mut Bmap, u8)> {
    let bucketsize = t.bucketsize as usize;
    // SAFETY: each header is followed by its array.
    unsafe {
        generations(h).skip(1).map(move |generation| {
            let buckets = (*generation).size / bucketsize;
            (generation.byte_add(HEADER).cast(), buckets.ilog2() as u8)
        })
    }
}

/// Hides all copies of entries that evacuations left behind from the iterators that may come upon them.
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

/// Lets a map, whose entries were away, keep the arrays that they lay in for as long as iterators read them, behind those
/// that it has got meanwhile.
///
/// # Safety
/// `h` and `emptied` are maps of `t` with buckets; `emptied`, which has no entries, is not used again; *exclusive*.
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

/// The memory of the buckets of an array, and of those that were allocated for it: where pieces start, and their bytes.
///
/// # Safety
/// `generation` is the header of an array of the heap of `t`, for which nobody allocates meanwhile.
unsafe fn pieces(
    t: &MapType,
    generation: *mut Generation,
) -> impl Iterator<Item = (*mut u8, usize)> {
    // SAFETY: a live header, followed by its array.
    unsafe {
        let array: *mut u8 = generation.byte_add(HEADER).cast();
        let (slabs, room) = (
            slabs::in_use((*generation).slabs),
            large::used_room(t, generation),
        );
        iter::once((array, (*generation).size))
            .chain(room)
            .chain(slabs)
    }
}
