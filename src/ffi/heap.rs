//! The heap of those who bring none.

use core::ptr;

use maptype::{Era, Heap};

use crate::heap::{Pages, keep_freed, system_heap};

/// Sets how many bytes of freed bucket arrays the system heap keeps at most for the arrays to come,
/// and gives back what is more: all of it where `bytes` is 0. They are two megabytes unless the
/// program says otherwise, in sixteen pieces of 16 KiB to 1 MiB at most, and none where valgrind or
/// a sanitizer watches the process. When the library is unloaded, all goes back.
#[unsafe(no_mangle)]
pub extern "C" fn gomap_keep_freed(bytes: usize) {
    keep_freed(bytes);
}

/// Begins the random numbers of the system heap anew, for runs that must repeat: the seeds of its
/// maps, and where iterations begin, follow from `seed` from here on, in this thread and in those
/// that draw their first number after it. (`gomap_set_process_key` decides the rest of the default
/// hash.)
#[unsafe(no_mangle)]
pub extern "C" fn gomap_seed(seed: u64) {
    crate::heap::seed(seed);
}

/// The system heap of each era.
const fn system_heaps(pages: Pages) -> [Heap; 3] {
    [
        system_heap(Era::Go112, pages),
        system_heap(Era::Go119, pages),
        system_heap(Era::Go123, pages),
    ]
}

static SYSTEM_HEAPS: [Heap; 3] = system_heaps(Pages::Huge);
static SYSTEM_HEAPS_WITH_SMALL_PAGES: [Heap; 3] = system_heaps(Pages::Small);

/// The system heap (`malloc`, randomness of the operating system, `abort`) in one of the eras; NULL if there is no such
/// era. Copy it to replace some of its functions; whoever replaces `allocate` replaces `free`, `release` and `populate` too.
///
/// For bucket arrays of four megabytes and more it asks the system for huge pages.
#[unsafe(no_mangle)]
pub extern "C" fn gomap_system_heap(era: u8) -> *const Heap {
    of_era(&SYSTEM_HEAPS, era)
}

/// `gomap_system_heap` without huge pages.
#[unsafe(no_mangle)]
pub extern "C" fn gomap_system_heap_with_small_pages(era: u8) -> *const Heap {
    of_era(&SYSTEM_HEAPS_WITH_SMALL_PAGES, era)
}

fn of_era(heaps: &'static [Heap; 3], era: u8) -> *const Heap {
    heaps.get(era as usize).map_or(ptr::null(), |heap| heap)
}
