//! A bucket array and all that was allocated for its buckets: its header, and its beginning and
//! end.

use core::mem::size_of;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};

use maptype::{AllocError, MapType};

use super::frames::make_frames;
use super::large;
use super::lists::{OverflowList, free_lists};
use super::records::{Record, free_records};
use super::slabs::{Slab, free_slabs};
use crate::heap::{self, ALIGN, DIRTY_BUCKETS, allocate, free, is_owned};
use crate::layout::{Bmap, Hmap};

/// Bytes in front of an owned array: a cache line, so that the array starts on one where the
/// allocation does.
pub(super) const HEADER: usize = 64;

/// Alignment of owned arrays and slabs. Most bucket sizes are a multiple of it: such buckets span
/// no more lines than they must.
pub(super) const ARRAY_ALIGN: usize = 16;

/// The header of an owned bucket array.
#[repr(C)]
pub(crate) struct Generation {
    /// The generation that this one replaced, while it may be read.
    pub(super) older: *mut Generation,
    /// Memory of the overflow buckets, newest first.
    pub(super) slabs: *mut Slab,
    /// The lists that `extra.overflow` has pointed to, newest first.
    pub(super) lists: AtomicPtr<OverflowList>,
    /// Discarded entries that iterators may read.
    pub(super) garbage: *mut Record,
    /// Bytes of the array.
    pub(super) size: usize,
    /// How often the map was cleared while it had this array.
    pub(super) clears: u64,
    /// Records in `garbage`.
    pub(super) retired: u32,
    /// Counts of iterators alive.
    pub(super) iterators: AtomicU32,
    /// Cursors that pin this array, and [`ORPHANED`].
    pub(super) pins: AtomicU32,
    /// Held while an iterator ends; of the newest generation only.
    pub(super) lock: AtomicBool,
    /// Whether growths must keep what iterators that began here may read.
    pub(super) keeps_whole: AtomicBool,
    /// Once it was replaced, the binary logarithm of its buckets.
    pub(super) b: u8,
}

const _: () = assert!(size_of::<Generation>() <= HEADER);

/// Bit of [`Generation::pins`]: the map was freed, and the last unpin frees the generation.
pub(super) const ORPHANED: u32 = 1 << 31;

/// More iterators of one array than this end the program: nearly all must have been forgotten. It
/// is far enough from [`ORPHANED`] that threads which begin iterators at once do not reach that.
const MOST_ITERATORS: u32 = 1 << 30;

/// The generation of an owned array.
///
/// # Safety
/// `buckets` came from [`allocate_array`] in an owned heap.
pub(crate) unsafe fn of(buckets: *mut Bmap) -> *mut Generation {
    // SAFETY: the header precedes the array in its allocation.
    unsafe { buckets.byte_sub(HEADER).cast() }
}

/// Counts a reader of an array.
pub(super) fn count_up(t: &MapType, count: &AtomicU32) {
    if count.fetch_add(1, Ordering::Relaxed) >= MOST_ITERATORS {
        count.fetch_sub(1, Ordering::Relaxed);
        heap::throw(t, "too many iterators of one map");
    }
}

/// Where an array ends, preallocated overflow buckets included; null in a traced heap, which does
/// not say.
///
/// # Safety
/// `buckets` came from [`allocate_array`] in the heap of `t`, or in another that is owned as that
/// is.
pub(crate) unsafe fn end_of_array(t: &MapType, buckets: *mut Bmap) -> *mut Bmap {
    if !is_owned(t) {
        return ptr::null_mut();
    }
    // SAFETY: an owned array has a header.
    unsafe { buckets.byte_add((*of(buckets)).size) }
}

/// An empty array of `n` buckets: the document's `newarray(t.bucket, n)`. It is zeroed, but for
/// dirty cells.
///
/// # Safety
/// `t` is a valid descriptor.
pub(crate) unsafe fn allocate_array(t: &MapType, n: usize) -> Result<*mut Bmap, AllocError> {
    let size = n.checked_mul(t.bucketsize as usize).ok_or(AllocError)?;
    // SAFETY: the header is initialised before it is shared: its other fields are null, zero or
    // false.
    unsafe {
        if !is_owned(t) {
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

/// [`allocate_array`] without zeroing the cells. Not for large arrays, whose zeroed pages it would
/// all touch.
///
/// # Safety
/// As [`allocate_array`], of an owned heap; `whole` is the size of the allocation.
unsafe fn allocate_dirty(t: &MapType, n: usize, whole: usize) -> Result<*mut Bmap, AllocError> {
    // SAFETY: the header and the frames are initialised before they are shared.
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
/// `generation` is the header of an owned array that is not used again; its garbage was taken.
pub(super) unsafe fn free_generation(t: &MapType, generation: *mut Generation) {
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
/// `buckets` came from [`allocate_array`], and is not used again.
pub(crate) unsafe fn free_array(t: &MapType, buckets: *mut Bmap) {
    if is_owned(t) && !buckets.is_null() {
        // SAFETY: an owned array has a header.
        unsafe { free_generation(t, of(buckets)) }
    }
}

/// Notes that `newer` is about to replace the map's bucket array.
///
/// # Safety
/// `h` is a map of `t` with buckets, `newer` is an array of that heap; *exclusive*.
pub(crate) unsafe fn succeed(t: &MapType, h: *const Hmap, newer: *mut Bmap) {
    if is_owned(t) {
        // SAFETY: owned arrays have headers.
        unsafe {
            let older = of((*h).buckets);
            (*of(newer)).older = older;
            (*older).b = (*h).B;
            large::inherit(t, older, of(newer));
        }
    }
}

/// Frees all generations of a map, with everything allocated for them. Those that are pinned are
/// freed with the last pin.
///
/// # Safety
/// `h` is a map of `t` in an owned heap whose entries were disposed of and that no iterator reads;
/// *exclusive*.
pub(crate) unsafe fn free_all(t: &MapType, h: *mut Hmap) {
    // SAFETY: the arrays are not used again.
    unsafe {
        if (*h).buckets.is_null() {
            return;
        }
        free_all_from(t, of((*h).buckets));
    }
}

/// [`free_all`] of a list of generations.
///
/// # Safety
/// `next` is null or heads a list of headers that are not used again.
pub(super) unsafe fn free_all_from(t: &MapType, mut next: *mut Generation) {
    while !next.is_null() {
        let generation = next;
        // SAFETY: the list is of headers that are not used again.
        unsafe {
            next = (*generation).older;
            free_records(t, (*generation).garbage);
            if (*generation).pins.fetch_or(ORPHANED, Ordering::AcqRel) == 0 {
                free_generation(t, generation);
            }
        }
    }
}

/// The generations of a map, newest first.
///
/// # Safety
/// `h` has buckets, in an owned heap; the list does not change meanwhile.
pub(super) unsafe fn generations(h: *const Hmap) -> impl Iterator<Item = *mut Generation> {
    // SAFETY: `h` has buckets, in an owned heap.
    let newest = unsafe { of((*h).buckets) };
    core::iter::successors(Some(newest), |&g| {
        // SAFETY: the list is of live headers.
        let older = unsafe { (*g).older };
        (!older.is_null()).then_some(older)
    })
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use core::alloc::Layout;

    use alloc::alloc::{alloc_zeroed, dealloc};
    use maptype::{Type, alg};
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::super::{enter, pin};
    use super::*;
    use crate::heap::{Host, host_heap};

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

    /// The counts are set to just below the most: to count so far takes seconds.
    #[test]
    fn a_count_never_reaches_the_bit_beside_it() {
        let heap = host_heap(&Throwing);
        let t = MapType::new(&alg::INT64, &alg::INT64, &heap).unwrap();
        let throws = |f: &mut dyn FnMut()| catch_unwind(AssertUnwindSafe(f)).is_err();
        // SAFETY: the array is this test's own, and is freed once; counts are set where no iterator
        // is.
        unsafe {
            let buckets = allocate_array(&t, 1).unwrap();
            let h = &mut Hmap {
                buckets,
                ..Hmap::zeroed()
            };
            let generation = &*of(buckets);
            let begin = &mut || enter(&t, h);
            let pin = &mut || pin(&t, buckets);
            let counted: [(&AtomicU32, &mut dyn FnMut()); 2] =
                [(&generation.iterators, begin), (&generation.pins, pin)];
            for (count, count_one) in counted {
                count.store(MOST_ITERATORS - 1, Ordering::Relaxed);
                assert!(!throws(count_one));
                for _ in 0..3 {
                    assert!(throws(count_one));
                }
                assert_eq!(count.swap(0, Ordering::Relaxed), MOST_ITERATORS);
            }
            free_array(&t, buckets);
        }
    }
}
