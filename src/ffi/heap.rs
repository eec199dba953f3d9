//! The heap of those who bring none.

use core::ptr;

use maptype::{Era, Heap};

use crate::heap::{Pages, system_heap};

static SYSTEM_HEAPS: [Heap; 3] = [
    system_heap(Era::Go112, Pages::Small),
    system_heap(Era::Go119, Pages::Small),
    system_heap(Era::Go123, Pages::Small),
];

/// The system heap (`malloc`, randomness of the operating system, `abort`) in one of the eras; NULL if there is no such
/// era. Copy it to replace some of its functions; whoever replaces `allocate` replaces `free`, `release` and `populate` too.
#[unsafe(no_mangle)]
pub extern "C" fn gomap_system_heap(era: u8) -> *const Heap {
    SYSTEM_HEAPS
        .get(era as usize)
        .map_or(ptr::null(), |heap| heap)
}
