//! The pieces of memory that hold a generation's buckets: the array, and what was allocated for its
//! overflow buckets.

use core::iter;

use maptype::MapType;

use super::{Generation, HEADER, generations, large, slabs};
use crate::layout::{Bmap, Hmap};

/// The memory of the buckets of an array, and of those that were allocated for it: where pieces
/// start, and their bytes.
///
/// # Safety
/// `generation` is the header of an array of the heap of `t`, for which nothing is allocated
/// meanwhile.
pub(super) unsafe fn pieces(
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

/// Whether a bucket is in an array, or among the overflow buckets that were allocated for it.
///
/// # Safety
/// `generation` is the header of an array of the heap of `t`, for which nothing is allocated
/// meanwhile.
pub(super) unsafe fn holds(t: &MapType, generation: *mut Generation, bucket: *mut Bmap) -> bool {
    // SAFETY: `generation` is a live header.
    let mut pieces = unsafe { pieces(t, generation) };
    pieces.any(|(start, size)| (start.addr()..start.addr() + size).contains(&bucket.addr()))
}

/// The arrays that were replaced and are kept, newest first, and the binary logarithm of their
/// number of buckets.
///
/// # Safety
/// `h` is a map of `t` in an owned heap, with buckets; *exclusive*.
pub(crate) unsafe fn replaced(h: *const Hmap) -> impl Iterator<Item = (*mut Bmap, u8)> {
    // SAFETY: each header is followed by its array.
    unsafe {
        generations(h)
            .skip(1)
            .map(move |generation| (generation.byte_add(HEADER).cast(), (*generation).b))
    }
}
