//! Arrays kept for cursors that may outlive their map.

use core::sync::atomic::Ordering;

use maptype::MapType;

use super::{HEADER, ORPHANED, count_up, free_generation, generations, of};
use crate::layout::{Bmap, Hmap};

/// Keeps an array, and all newer ones, until [`unpin`] is called or the map is freed; the array
/// itself until then even if the map is freed.
///
/// # Safety
/// `buckets` is an array of a map in an owned heap, of which `t` is a descriptor.
pub(crate) unsafe fn pin(t: &MapType, buckets: *mut Bmap) {
    // SAFETY: an owned array has a header.
    count_up(t, unsafe { &(*of(buckets)).pins });
}

/// Ends a [`pin`]. The array is freed here if its map was freed; otherwise when the map next frees
/// one.
///
/// # Safety
/// The array was pinned in an owned heap of which `t` is a descriptor. This may happen in any
/// thread, at any time.
pub(crate) unsafe fn unpin(t: &MapType, buckets: *mut Bmap) {
    // SAFETY: the pin keeps the header alive; after the last one, nothing else reaches it.
    unsafe {
        let generation = of(buckets);
        if (*generation).pins.fetch_sub(1, Ordering::AcqRel) == ORPHANED | 1 {
            free_generation(t, generation);
        }
    }
}

/// The arrays of a map that are kept, newest first.
///
/// # Safety
/// `h` is a map in an owned heap, with buckets; *shared*.
pub(crate) unsafe fn arrays(h: *const Hmap) -> impl Iterator<Item = *mut Bmap> {
    // SAFETY: each header is followed by its array.
    unsafe { generations(h).map(|generation| generation.byte_add(HEADER).cast()) }
}

/// Whether two arrays of a map have as many buckets.
///
/// # Safety
/// Both are arrays of one map in an owned heap.
pub(crate) unsafe fn same_size(a: *mut Bmap, b: *mut Bmap) -> bool {
    // SAFETY: owned arrays have headers.
    unsafe { (*of(a)).size == (*of(b)).size }
}
