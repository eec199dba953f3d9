//! Who may still read a bucket array, in a heap that the map frees itself.
//!
//! An owned bucket array, and all that was allocated for its buckets, is a *generation*. Its header stands in front of
//! the array, so that the structs that Go lays out stay as they are. A growth makes a new generation and links the old
//! one behind it. What the map discards while iterators are alive is *retired*: it stays until the last iterator that
//! could read it has ended.
//!
//! - An iterator is counted in the generation that it began on, and in that of the old chain that
//!   it stands in.
//! - An array is read by iterators that are counted in it, and by those that began on its successor
//!   while the growth was under way.
//! - What a generation retired ([`Record`]) is read by iterators that began on it or before.
//! - A typed map's cursor pins the array that it began on ([`pin`]), and reads all newer ones. It
//!   may outlive the map, and then frees that array.

mod clears;
mod frames;
mod iterators;
mod kept;
mod large;
mod lists;
mod pieces;
mod pins;
mod slabs;

use core::mem::size_of;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};

use maptype::{AllocError, MapType};

pub(crate) use clears::{EMPTYING, clears, count_clear, guard, hide_copies, join, unguard};
pub(crate) use frames::clear_frames;
use frames::make_frames;
pub(crate) use iterators::{
    Reader, change_chain, counts, enter, keep_whole, keeps_whole, leave, reclaim, watched,
};
pub(crate) use kept::{kept_buckets, kept_slots};
pub(crate) use large::{housekeeping, make_ready, release_passed, take_prepared};
pub(crate) use lists::{adopt_list, allocate_list, free_list, reserve_in_list};
pub(crate) use pieces::replaced;
pub(crate) use pins::{arrays, pin, same_size, unpin};
pub(crate) use slabs::{allocate_bucket, discard_overflow, reserve_buckets};

use self::lists::{OverflowList, free_lists};
use self::pieces::{holds, pieces};
use self::slabs::{Slab, free_slabs};
use super::dispose::{self, Record};
use super::{ALIGN, DIRTY_BUCKETS, allocate, free, owned};
use crate::heap;
use crate::layout::{Bmap, Hmap};

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
    /// How often the map was cleared while it had this array.
    clears: u64,
    /// Records in `garbage`.
    retired: u32,
    /// Counts of iterators alive.
    iterators: AtomicU32,
    /// Cursors that pin this array, and [`ORPHANED`].
    pins: AtomicU32,
    /// Held while an iterator ends; of the newest generation only.
    lock: AtomicBool,
    /// Whether growths shall leave alone what iterators that began here may read.
    keeps_whole: AtomicBool,
    /// Once it was replaced, the binary logarithm of its buckets.
    b: u8,
}

const _: () = assert!(size_of::<Generation>() <= HEADER);

/// Bit of [`Generation::pins`]: the map is gone, and who ends the last pin frees the generation.
const ORPHANED: u32 = 1 << 31;

/// So many iterators alive of one array end the program: nearly all must have been forgotten. It is
/// far enough from [`ORPHANED`] that threads which begin iterators at once do not come to it.
const MOST_ITERATORS: u32 = 1 << 30;

/// The generation of an owned array.
///
/// # Safety
/// `buckets` came from [`allocate_array`] in an owned heap.
pub(crate) unsafe fn of(buckets: *mut Bmap) -> *mut Generation {
    // SAFETY: the header precedes the array in its allocation.
    unsafe { buckets.byte_sub(HEADER).cast() }
}

/// Counts one who begins to read an array.
fn count_up(t: &MapType, count: &AtomicU32) {
    if count.fetch_add(1, Ordering::Relaxed) >= MOST_ITERATORS {
        count.fetch_sub(1, Ordering::Relaxed);
        heap::throw(t, "too many iterators of one map");
    }
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

/// Notes that `newer` is about to replace the map's bucket array.
///
/// # Safety
/// `h` is a map of `t` with buckets, `newer` is an array of that heap; *exclusive*.
pub(crate) unsafe fn succeed(t: &MapType, h: *const Hmap, newer: *mut Bmap) {
    if owned(t) {
        // SAFETY: owned arrays have headers.
        unsafe {
            let older = of((*h).buckets);
            (*of(newer)).older = older;
            (*older).b = (*h).B;
            large::inherit(t, older, of(newer));
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

#[cfg(all(test, feature = "std"))]
mod tests {
    use core::alloc::Layout;

    use alloc::alloc::{alloc_zeroed, dealloc};
    use maptype::{Type, alg};
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::heap::{Host, host_heap};
    use crate::layout::Hiter;
    use crate::raw::{makemap_small, mapassign, mapfree, mapiterdone, mapiterinit};

    struct Throwing;

    // SAFETY: memory comes from the global allocator and goes back to it.
    unsafe impl Host for Throwing {
        const OWNED: bool = true;

        fn allocate(&self, layout: Layout, _: &Type) -> *mut u8 {
            // SAFETY: maps ask for no empty memory.
            unsafe { alloc_zeroed(layout) }
        }

        unsafe fn free(&self, memory: *mut u8, layout: Layout) {
            // SAFETY: the memory came from `allocate` with this layout.
            unsafe { dealloc(memory, layout) }
        }

        fn throw(&self, message: &str) -> ! {
            panic!("{message}")
        }
    }

    /// The count is set to just below the most: to count so far takes seconds.
    #[test]
    fn a_count_never_reaches_the_bit_beside_it() {
        let heap = host_heap(&Throwing);
        let t = MapType::new(&alg::INT64, &alg::INT64, &heap).unwrap();
        let throws = |f: &mut dyn FnMut()| catch_unwind(AssertUnwindSafe(f)).is_err();
        // SAFETY: keys and elems are words; the map is this test's own; the count is put back
        // before it matters.
        unsafe {
            let h = makemap_small(&t);
            mapassign(&t, h, (&raw const *h).cast());
            let counts = &*of((*h).buckets);
            let mut it = Hiter::zeroed();

            for count in [&counts.iterators, &counts.pins] {
                count.store(MOST_ITERATORS - 1, Ordering::Relaxed);
            }
            assert!(!throws(&mut || mapiterinit(&t, h, &mut it)));
            assert!(!throws(&mut || pin(&t, (*h).buckets)));
            for _ in 0..3 {
                assert!(throws(&mut || pin(&t, (*h).buckets)));
                assert!(throws(&mut || mapiterinit(&t, h, &mut Hiter::zeroed())));
            }
            for count in [&counts.iterators, &counts.pins] {
                assert_eq!(count.swap(1, Ordering::Relaxed), MOST_ITERATORS);
            }
            mapiterdone(&mut it);
            unpin(&t, (*h).buckets);
            mapfree(&t, h);
        }
    }
}
